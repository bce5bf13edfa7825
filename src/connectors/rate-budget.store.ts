/** The rows of rate_budget: from when on each window of a budget is free, in database time. */
import type { EntityManager } from 'typeorm';

/** A limit as a pace: one departure every `intervalMs`, of which `burst` may be saved up. */
export interface BucketTerms {
  readonly window: 'second' | 'minute';
  readonly intervalMs: number;
  readonly burst: number;
}

export interface LeaseOrder {
  readonly budgetKey: string;
  readonly buckets: readonly BucketTerms[];
  /** Departures wanted, ≥ 1. */
  readonly count: number;
}

export interface Lease {
  /** Per bucket, how many ms the last of the departures lies ahead; negative where it may have left already. */
  readonly lastAheadMs: readonly number[];
  /** How long nothing may depart at all. */
  readonly pauseMs: number;
}

/**
 * Books departures in every window, in the order of the windows' names: two nodes wait for each other, never in a circle.
 * Its commit does not wait for the disk: what a power cut takes of it is a second of pace.
 */
export async function leaseDepartures(em: EntityManager, { budgetKey, buckets, count }: LeaseOrder): Promise<Lease> {
  const rows: { window: string; aheadMs: number }[] = await em.query(
    `WITH leased AS (
       INSERT INTO buduan.rate_budget AS b (budget_key, window_name, free_from, leased)
       SELECT $1, t.window_name, clock_timestamp() + ($5::int - t.burst) * t.step, $5::int * t.step
       FROM unnest($2::text[], $3::float8[], $4::int[]) AS raw(window_name, interval_ms, burst)
       CROSS JOIN LATERAL (SELECT raw.window_name, raw.burst, raw.interval_ms * interval '1 millisecond' AS step) t
       ORDER BY t.window_name
       ON CONFLICT (budget_key, window_name)
       DO UPDATE SET free_from = greatest(b.free_from + excluded.leased, excluded.free_from), leased = excluded.leased
       RETURNING b.window_name, b.free_from)
     SELECT leased.window_name AS window, extract(epoch FROM leased.free_from - clock_timestamp())::float8 * 1000 AS "aheadMs"
     FROM leased CROSS JOIN set_config('synchronous_commit', 'off', true)
     UNION ALL
     SELECT p.window_name, extract(epoch FROM p.free_from - clock_timestamp())::float8 * 1000 FROM buduan.rate_budget p
     WHERE p.budget_key = $1 AND p.window_name = 'pause'`,
    [
      budgetKey,
      buckets.map((bucket) => bucket.window),
      buckets.map((bucket) => bucket.intervalMs),
      buckets.map((bucket) => bucket.burst),
      count,
    ],
  );
  const aheadOf = (name: string): number => rows.find((row) => row.window === name)?.aheadMs ?? 0;
  return { lastAheadMs: buckets.map(({ window }) => aheadOf(window)), pauseMs: Math.max(0, aheadOf('pause')) };
}

/** How many ms ahead of now each window of a budget is booked, negative where it is not; a window never used is absent. */
export async function readBooked(em: EntityManager, budgetKey: string): Promise<ReadonlyMap<string, number>> {
  const rows: { window: string; aheadMs: number }[] = await em.query(
    `SELECT b.window_name AS window, extract(epoch FROM b.free_from - clock_timestamp())::float8 * 1000 AS "aheadMs"
     FROM buduan.rate_budget b WHERE b.budget_key = $1 ORDER BY b.window_name`,
    [budgetKey],
  );
  return new Map(rows.map(({ window, aheadMs }) => [window, aheadMs]));
}

/** Lets nothing of this budget depart for `ms`, on any node; a longer pause stays. */
export async function pauseBudget(em: EntityManager, budgetKey: string, ms: number): Promise<void> {
  await em.query(
    `INSERT INTO buduan.rate_budget AS b (budget_key, window_name, free_from, leased)
     VALUES ($1, 'pause', clock_timestamp() + $2 * interval '1 millisecond', interval '0')
     ON CONFLICT (budget_key, window_name) DO UPDATE SET free_from = greatest(b.free_from, excluded.free_from)`,
    [budgetKey, ms],
  );
}
