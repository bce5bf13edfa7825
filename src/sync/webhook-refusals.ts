/** How many calls were refused: counted in memory, written now and then, so that a flood of junk costs the database nothing. */
import type { RefusalReason } from '../connectors/webhook-port.js';
import { dayInZone, type Clock } from '../platform/clock/clock.js';
import type { Database } from '../platform/database/database.js';
import type { Log } from '../platform/log/log.js';
import { addRefusals, type RefusalCount } from './webhook-inbox.store.js';

export type CountedReason = RefusalReason | 'too-large';

interface Counted extends RefusalCount {
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
    const day = dayInZone(this.clock.now());
    const key = JSON.stringify([tenantId, connectionId, day, reason]);
    const calls = (this.counts.get(key)?.calls ?? 0) + 1;
    this.counts.set(key, { tenantId, connectionId, day, reason, calls });
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Writes what was counted; what cannot be written is counted on. */
  async flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const counted = [...this.counts.values()];
    this.counts = new Map();
    for (const tenantId of new Set(counted.map((count) => count.tenantId))) {
      const own = counted.filter((count) => count.tenantId === tenantId);
      try {
        await this.database.inTenant(tenantId, (em) => addRefusals(em, tenantId, own));
        const calls = own.reduce((sum, count) => sum + count.calls, 0);
        this.log.warn({ component: 'webhooks', tenantId, calls }, 'Calls to webhooks were refused.');
      } catch (error) {
        this.log.warn(
          { component: 'webhooks', tenantId, err: error },
          'Refused calls could not be written; they are counted on.',
        );
        for (const count of own) this.countAgain(count);
      }
    }
  }

  private countAgain(count: Counted): void {
    const key = JSON.stringify([count.tenantId, count.connectionId, count.day, count.reason]);
    this.counts.set(key, { ...count, calls: count.calls + (this.counts.get(key)?.calls ?? 0) });
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }
}
