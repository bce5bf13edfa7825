/** How many calls were refused: counted in memory, written now and then, so that a flood of junk costs the database nothing. */
import type { RefusalReason } from '../connectors/webhook-port.js';
import { dayInZone, type Clock } from '../platform/clock/clock.js';
import type { Database } from '../platform/database/database.js';
import type { Log } from '../platform/log/log.js';
import { addRefusals, type RefusalCount } from './webhook-inbox.store.js';

export type CountedReason = RefusalReason | 'too-large';

interface Counted extends Omit<RefusalCount, 'day'> {
  readonly tenantId: string;
}

const FLUSH_MS = 5_000;

export class WebhookRefusals {
  private counts = new Map<string, Counted>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Never waits. The connection must be one of the configuration: names out of a URL have no end. */
  count(tenantId: string, connectionId: string, reason: CountedReason): void {
    this.add({ tenantId, connectionId, reason, calls: 1 });
  }

  /** Writes what was counted; what cannot be written is counted on. */
  async flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const counted = [...this.counts.values()];
    this.counts = new Map();
    // Asked once and not for each call: telling the day took a quarter of the time of a flood. Seconds around midnight may count
    // to the day after.
    const day = dayInZone(this.clock.now());
    for (const tenantId of new Set(counted.map((count) => count.tenantId))) {
      const own = counted.filter((count) => count.tenantId === tenantId);
      try {
        await this.database.inTenant(tenantId, (em) =>
          addRefusals(
            em,
            tenantId,
            own.map((count) => ({ ...count, day })),
          ),
        );
        const calls = own.reduce((sum, count) => sum + count.calls, 0);
        this.log.warn({ component: 'webhooks', tenantId, calls }, 'Calls to webhooks were refused.');
      } catch (error) {
        this.log.warn(
          { component: 'webhooks', tenantId, err: error },
          'Refused calls could not be written; they are counted on.',
        );
        for (const count of own) this.add(count);
      }
    }
  }

  private add(count: Counted): void {
    const key = JSON.stringify([count.tenantId, count.connectionId, count.reason]);
    this.counts.set(key, { ...count, calls: count.calls + (this.counts.get(key)?.calls ?? 0) });
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }
}
