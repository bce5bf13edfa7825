/** `GET /metrics`: how this node and the tenants of the hub stand, in the text format of Prometheus. */
import { Controller, Get, Header, Inject, UseGuards } from '@nestjs/common';
import { ApiGuard } from '../../platform/http/api-guard.js';
import { HubMetrics } from './hub-metrics.js';

@Controller('metrics')
@UseGuards(ApiGuard)
export class MetricsController {
  constructor(@Inject(HubMetrics) private readonly metrics: HubMetrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  read(): Promise<string> {
    return this.metrics.text();
  }
}
