/** How many requests all nodes and threads together may send to one system with one credential, and when the next may leave. */
import type { Database } from '../platform/database/database.js';
import { type BucketTerms, leaseDepartures, pauseBudget, readBooked } from './rate-budget.store.js';

export interface RateLimits {
  readonly requestsPerSecond?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
}

/** Hands out departures; one per (system, credential) in a process. */
export interface RateBudget {
  /** Books the next departure; resolves to how many ms it lies ahead, 0 = now. */
  book(): Promise<number>;
  /** How long the present pause still lasts, in ms, as far as this process knows. */
  pauseMs(): number;
  /** Nothing departs for `ms`, here or elsewhere, because the system asked for it. */
  pause(ms: number): Promise<void>;
}

/** How one window of a budget stands, over all nodes. */
export interface BudgetState {
  readonly window: 'second' | 'minute';
  /** Requests that may leave at once now. */
  readonly remaining: number;
  /** Requests that may leave at once when nothing was sent for a while. */
  readonly most: number;
  /** Until when departures are booked, or the system asked for a pause, in ms from now; 0 = the next may leave at once. */
  readonly bookedMs: number;
}

/** What sharing needs. `nameOf` makes a key of what must not be told. */
export interface BudgetSharing {
  readonly database: Pick<Database, 'atOnce'>;
  readonly nameOf: (secretText: string) => string;
}

export interface SharedBudgetOptions {
  readonly database: Pick<Database, 'atOnce'>;
  /** Equal for everybody who shares the budget; tells nothing about the credential. */
  readonly budgetKey: string;
  readonly limits: RateLimits;
  /** Monotonic, in ms. */
  readonly nowMs: () => number;
}

/** Booked departures are used within this time or given up; what that may add to a window is taken off its limit. */
const SLACK_MS = 100;
/** Smaller limits are paced evenly, one departure per question to the database. */
const PACED_BELOW = 20;

/**
 * A budget kept in the database: departures are leased some at a time, in database time, so that any number of nodes keep one
 * limit. No window of a second or minute sees more than its limit; limits of 20 and more are used to four fifths, for the
 * slack of leases and a burst of a tenth.
 */
export class SharedRateBudget implements RateBudget {
  private readonly buckets: readonly BucketTerms[];
  private readonly leaseSize: number;
  private departuresMs: number[] = [];
  private leasing: Promise<void> | null = null;
  private pausedUntilMs = 0;

  constructor(private readonly options: SharedBudgetOptions) {
    const { requestsPerSecond, requestsPerMinute } = options.limits;
    this.buckets = [
      ...(requestsPerSecond === undefined ? [] : [bucketOf('second', requestsPerSecond, 1_000)]),
      ...(requestsPerMinute === undefined ? [] : [bucketOf('minute', requestsPerMinute, 60_000)]),
    ];
    this.leaseSize = Math.max(1, Math.min(...this.buckets.map((bucket) => Math.floor(SLACK_MS / bucket.intervalMs))));
  }

  async book(): Promise<number> {
    for (;;) {
      const departureMs = this.take();
      if (departureMs !== null) return Math.max(0, departureMs - this.options.nowMs(), this.pauseMs());
      await (this.leasing ??= this.lease().finally(() => (this.leasing = null)));
    }
  }

  pauseMs(): number {
    return Math.max(0, this.pausedUntilMs - this.options.nowMs());
  }

  async pause(ms: number): Promise<void> {
    const { database, budgetKey, nowMs } = this.options;
    this.pausedUntilMs = Math.max(this.pausedUntilMs, nowMs() + ms);
    this.departuresMs = [];
    if (ms > 0) await database.atOnce((em) => pauseBudget(em, budgetKey, ms));
  }

  /** As the database knows it; departures that a node has leased count as sent. */
  async state(): Promise<readonly BudgetState[]> {
    const { database, budgetKey } = this.options;
    const booked = await database.atOnce((em) => readBooked(em, budgetKey));
    const pauseMs = Math.max(0, booked.get('pause') ?? 0);
    return this.buckets.map(({ window, intervalMs, burst }) => {
      const aheadMs = booked.get(window) ?? -burst * intervalMs;
      const free = Math.min(burst, Math.floor(-aheadMs / intervalMs));
      return {
        ...{ window, most: burst },
        remaining: pauseMs > 0 ? 0 : Math.max(0, free),
        bookedMs: Math.max(pauseMs, aheadMs, 0),
      };
    });
  }

  /** The earliest departure that is not too old to be used. */
  private take(): number | null {
    const oldest = this.options.nowMs() - SLACK_MS;
    for (let next = this.departuresMs.shift(); next !== undefined; next = this.departuresMs.shift())
      if (next >= oldest) return next;
    return null;
  }

  private async lease(): Promise<void> {
    const { database, budgetKey, nowMs } = this.options;
    const count = this.leaseSize;
    const lease = await database.atOnce((em) => leaseDepartures(em, { budgetKey, buckets: this.buckets, count }));
    const now = nowMs();
    if (lease.pauseMs > 0) this.pausedUntilMs = Math.max(this.pausedUntilMs, now + lease.pauseMs);
    this.departuresMs = Array.from({ length: count }, (_, at) => {
      const ahead = lease.lastAheadMs.map((lastMs, bucket) => {
        const intervalMs = this.buckets[bucket]?.intervalMs ?? 0;
        return lastMs - (count - 1 - at) * intervalMs;
      });
      return now + Math.max(0, ...ahead);
    });
  }
}

function bucketOf(window: BucketTerms['window'], limit: number, windowMs: number): BucketTerms {
  if (limit < PACED_BELOW) return { window, intervalMs: windowMs / limit, burst: 1 };
  const burst = Math.floor(limit / 10);
  const refill = ((limit - burst) * windowMs) / (windowMs + SLACK_MS);
  return { window, intervalMs: windowMs / Math.min(refill, limit * 0.8), burst };
}
