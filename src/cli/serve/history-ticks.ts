/** How a hub that runs for years stays as large as its work: what has ended and nobody refers to goes after the time hub.yaml says. */
import { RepeatedLook } from '../../platform/clock/repeated-look.js';
import { forgetPlans } from '../../push/forget-plans.js';
import { forgetHistory } from '../../sync/forget-history.js';
import type { OpenHub } from '../open-hub.js';

const NAME = 'history';
const EVERY_MS = 600_000;

/** Every node looks; of two that do at once each takes other rows. */
export class HistoryTicks extends RepeatedLook {
  constructor(private readonly hub: Pick<OpenHub, 'config' | 'database' | 'log'>) {
    super({ name: NAME, everyMs: EVERY_MS });
  }

  protected async lookAtAll(): Promise<void> {
    const { config, database, log } = this.hub;
    const { signal } = this.stopping;
    for (const { id: tenantId, history } of config.tenants) {
      const rule = { tenantId, keepDays: history.keepDays };
      try {
        // A plan refers to its run, so it goes first.
        const plans = await forgetPlans(database, rule, signal);
        const { runs, occurrences } = await forgetHistory(database, rule, signal);
        if (plans + runs + occurrences > 0)
          log.info({ component: 'history', tenantId, plans, runs, occurrences }, 'Old history was removed.');
      } catch (error) {
        log.warn(
          { component: 'history', tenantId, err: error },
          'Old history could not be removed; the next look tries again.',
        );
      }
    }
  }
}
