/** How many jobs of some kinds a tenant still has to run. */
import type { EntityManager } from 'typeorm';
import type { FactName } from '../../domain/facts.js';

export interface WaitingFilter {
  readonly tenantId: string;
  readonly facts: readonly FactName[];
  /** Jobs that are put off for longer do not count. */
  readonly withinSeconds: number;
}

/** As the login role (`acrossTenants`): the hub's own role sees no table of the job runner. */
export async function countWaitingJobs(em: EntityManager, filter: WaitingFilter): Promise<number> {
  const rows: { count: number }[] = await em.query(
    `SELECT count(*)::int AS count
       FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
      WHERE t.identifier = ANY ($2) AND j.payload->>'tenantId' = $1 AND j.attempts < j.max_attempts
        AND j.run_at <= now() + make_interval(secs => $3)`,
    [filter.tenantId, filter.facts, filter.withinSeconds],
  );
  return rows[0]?.count ?? 0;
}
