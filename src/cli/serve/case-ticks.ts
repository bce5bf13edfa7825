/** How a running hub notices that a day made cases due: every tenant is looked at once a minute, on every node that works. */
import type { SchedulerRegistry } from '@nestjs/schedule';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../backpay/backpay-settings.js';
import { CaseDeadlines } from '../../backpay/case-deadlines.js';
import type { OpenHub } from '../open-hub.js';

const NAME = 'case-deadlines';
const EVERY_MS = 60_000;

export class CaseTicks {
  private looking: Promise<void> | null = null;
  private isStopped = false;

  constructor(private readonly hub: OpenHub) {}

  begin(registry: SchedulerRegistry): void {
    registry.addInterval(
      NAME,
      setInterval(() => void this.look(), EVERY_MS),
    );
  }

  /** Never rejects; what failed is tried again at the next look. */
  look(): Promise<void> {
    if (this.isStopped) return Promise.resolve();
    this.looking ??= this.lookAtAll().finally(() => (this.looking = null));
    return this.looking;
  }

  async stop(registry: SchedulerRegistry): Promise<void> {
    this.isStopped = true;
    if (registry.doesExist('interval', NAME)) registry.deleteInterval(NAME);
    await this.looking;
  }

  private async lookAtAll(): Promise<void> {
    const { app, config, log } = this.hub;
    const today = app.get<BackpaySettings>(BACKPAY_SETTINGS).today();
    for (const { id: tenantId } of config.tenants) {
      try {
        await app.get(CaseDeadlines).tick(tenantId, today);
      } catch (error) {
        log.warn(
          { component: 'cases', tenantId, err: error },
          'Due cases could not be looked at; the next look tries again.',
        );
      }
    }
  }
}
