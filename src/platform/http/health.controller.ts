/** `GET /health/live` and `GET /health/ready`, for whoever restarts nodes and leads callers to them. */
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { AllowAnybody } from '../access/permission.js';
import { HttpRefusal } from './http-refusal.js';
import { Readiness } from './readiness.js';

const PROBE = 'whoever restarts nodes has no key, and learns nothing of any tenant';

@Controller('health')
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  /** Whether the process answers; says nothing about what it needs, so that an outage of the database restarts nobody. */
  @Get('live')
  @AllowAnybody(PROBE)
  @Header('cache-control', 'no-store')
  live(): { readonly status: 'live' } {
    return { status: 'live' };
  }

  /** 503 `not-ready` with what is missing. */
  @Get('ready')
  @AllowAnybody(PROBE)
  @Header('cache-control', 'no-store')
  async ready(): Promise<{ readonly status: 'ready' }> {
    const faults = await this.readiness.faults();
    if (faults.length === 0) return { status: 'ready' };
    throw new HttpRefusal(503, {
      code: 'not-ready',
      next: 'retry',
      message: `This node is not ready: ${faults.join(', ')}.`,
    });
  }
}
