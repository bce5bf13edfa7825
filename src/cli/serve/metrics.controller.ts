/** `GET /metrics`: how this node and the tenants of the hub stand, in the text format of Prometheus. */
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { AskedBy, type Caller } from '../../platform/access/caller.js';
import { Allow } from '../../platform/access/permission.js';
import { HubMetrics } from './hub-metrics.js';

@Controller('metrics')
export class MetricsController {
  constructor(@Inject(HubMetrics) private readonly metrics: HubMetrics) {}

  @Get()
  @Allow('it')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  async read(@AskedBy() { tenantId }: Caller): Promise<string> {
    const text = await this.metrics.text();
    return tenantId === null ? text : linesOf(tenantId, text);
  }
}

/** Without what is measured of other tenants; the node itself belongs to nobody. */
function linesOf(tenantId: string, text: string): string {
  const isOthers = (line: string): boolean => {
    const [, tenant] = /^[a-z_0-9]+\{(?:[^}]*,)?tenant="([^"]*)"/.exec(line) ?? [];
    return tenant !== undefined && tenant !== tenantId;
  };
  return text
    .split('\n')
    .filter((line) => !isOthers(line))
    .join('\n');
}
