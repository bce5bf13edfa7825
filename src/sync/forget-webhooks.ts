/** How the inbox stays small: deliveries that nobody needs any more are removed, a bounded portion at a time. */
import { RepeatedLook } from '../platform/clock/repeated-look.js';
import { removeInPortions } from '../platform/database/in-portions.js';
import type { SyncTools } from './sync-tools.js';
import { forgetDeliveries, forgetRefusals, type KeepRule } from './forget-webhooks.store.js';

export interface ForgetWebhooksOptions {
  readonly tenants: readonly KeepRule[];
  readonly tools: Pick<SyncTools, 'database' | 'log'>;
}

const LOOK_MS = 60_000;
const LOOK_NAME = 'webhook-inbox';

/** Every node looks; of two that do at once each takes other rows. */
export class ForgetWebhooks extends RepeatedLook {
  constructor(private readonly options: ForgetWebhooksOptions) {
    super({ name: LOOK_NAME, everyMs: LOOK_MS });
  }

  protected async lookAtAll(): Promise<void> {
    const { tenants, tools } = this.options;
    for (const rule of tenants) {
      const { tenantId } = rule;
      try {
        const deliveries = await this.forget(rule);
        if (deliveries > 0)
          tools.log.info({ component: 'webhooks', tenantId, deliveries }, 'Old webhooks were removed.');
      } catch (error) {
        const told = { component: 'webhooks', tenantId, err: error };
        tools.log.warn(told, 'Old webhooks could not be removed; the next look tries again.');
      }
    }
  }

  private async forget(rule: KeepRule): Promise<number> {
    const { database } = this.options.tools;
    const of = { tenantId: rule.tenantId, signal: this.stopping.signal };
    const forgotten = await removeInPortions(database, of, (em, limit) => forgetDeliveries(em, rule, limit));
    await database.inTenant(rule.tenantId, (em) => forgetRefusals(em, rule), { flush: 'later' });
    return forgotten;
  }
}
