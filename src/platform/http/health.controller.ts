/** `GET /health/live` and `GET /health/ready`, for whoever restarts nodes and leads callers to them. */
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { AllowAnybody } from '../access/permission.js';
import { HttpRefusal } from './http-refusal.js';
import { type Degradation, Readiness } from './readiness.js';

const PROBE = 'whoever restarts nodes has no key, and learns nothing of any tenant';

type ReadyAnswer =
  { readonly status: 'ready' } | { readonly status: 'degraded'; readonly reasons: readonly Degradation[] };

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

  /** 503 `not-ready` with what is missing; 200 also while things go badly that a probe cannot mend, then with what they are. */
  @Get('ready')
  @AllowAnybody(PROBE)
  @Header('cache-control', 'no-store')
  async ready(): Promise<ReadyAnswer> {
    const faults = await this.readiness.faults();
    if (faults.length === 0) {
      const reasons = await this.readiness.degradations();
      return reasons.length === 0 ? { status: 'ready' } : { status: 'degraded', reasons };
    }
    throw new HttpRefusal(503, {
      code: 'not-ready',
      next: 'retry',
      message: `This node is not ready: ${faults.join(', ')}.`,
    });
  }
}
