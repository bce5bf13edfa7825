/** Jobs that failed for the last time: which they are, and how they are tried again. */
import type { EntityManager } from 'typeorm';
import type { FactName } from '../../domain/facts.js';

export interface DeadJob {
  readonly jobId: string;
  readonly fact: FactName;
  /** As tellFailure left it: a code and ids, never values. */
  readonly cause: string;
  readonly attempts: number;
  readonly runId: string | null;
  readonly connectionId: string | null;
  readonly at: Date;
}

const DEAD = `j.attempts >= j.max_attempts AND j.locked_at IS NULL AND j.payload->>'tenantId' = $1`;

/** As the login role (`acrossTenants`): the hub's own role sees no table of the job runner. Oldest first. */
export async function listDeadJobs(em: EntityManager, tenantId: string, limit: number): Promise<readonly DeadJob[]> {
  return em.query(
    `SELECT j.id::text AS "jobId", t.identifier AS fact, coalesce(left(j.last_error, 300), '') AS cause, j.attempts::int AS attempts,
            j.payload->>'runId' AS "runId", j.payload->>'connectionId' AS "connectionId", j.updated_at AS at
       FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
      WHERE ${DEAD} ORDER BY j.id LIMIT $2`,
    [tenantId, limit],
  );
}

/** Lets dead jobs run again at once, with all their attempts. Returns how many there were. */
export async function reviveJobs(em: EntityManager, tenantId: string, jobIds: readonly string[]): Promise<number> {
  const rows: { count: number }[] = await em.query(
    `WITH dead AS (
       SELECT array_agg(j.id) AS ids FROM graphile_worker._private_jobs j WHERE ${DEAD} AND j.id = ANY ($2::bigint[]))
     SELECT count(*)::int AS count
       FROM dead, graphile_worker.reschedule_jobs(dead.ids, run_at => now(), attempts => 0)`,
    [tenantId, jobIds],
  );
  return rows[0]?.count ?? 0;
}

/** Jobs of a run that wait or run now. */
export async function countJobsOfRun(em: EntityManager, runId: string): Promise<number> {
  const rows: { count: number }[] = await em.query(
    `SELECT count(*)::int AS count FROM graphile_worker._private_jobs j WHERE j.payload->>'runId' = $1 AND j.attempts < j.max_attempts`,
    [runId],
  );
  return rows[0]?.count ?? 0;
}
