/** How a running hub notices that a day made cases due: every tenant is looked at once a minute, on every node that works. */
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../backpay/backpay-settings.js';
import { CaseDeadlines } from '../../backpay/case-deadlines.js';
import { RepeatedLook } from '../../platform/clock/repeated-look.js';
import type { OpenHub } from '../open-hub.js';

const NAME = 'case-deadlines';
const EVERY_MS = 60_000;

export class CaseTicks extends RepeatedLook {
  constructor(private readonly hub: OpenHub) {
    super({ name: NAME, everyMs: EVERY_MS });
  }

  protected async lookAtAll(): Promise<void> {
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
