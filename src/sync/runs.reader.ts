/** How runs stand: state, reads and batches, for the command line and for whoever waits for a run. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';

export type RunState =
  'queued' | 'running' | 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'expired' | 'suspended';

export interface RunRead {
  readonly connectionId: string;
  readonly read: string;
  /** `running` in an ended run: broken off inside the hub, taken up by the next run. */
  readonly state: 'running' | 'succeeded' | 'incomplete' | 'failed';
  /** Why it is not complete; null when it is. */
  readonly reason: string | null;
  readonly pages: number;
  readonly rows: number;
  readonly changed: number;
  readonly rejected: number;
  /** Fields missing or unexpected, counted by name. */
  readonly drift: Readonly<Record<string, number>>;
}

export interface RunStatus {
  readonly runId: string;
  readonly mode: 'full' | 'delta' | 'targeted';
  readonly trigger: 'cron' | 'webhook' | 'manual' | 'catch-up';
  readonly state: RunState;
  /** Running, and not heard of for a minute: killed or cut off; the next start takes it over. */
  readonly isStale: boolean;
  readonly asOf: Day;
  readonly dryRun: boolean;
  readonly policyVersion: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** Batches of persons to judge, and how many have been judged. */
  readonly batches: { readonly total: number; readonly done: number };
}

const STATUS = `
  SELECT r.run_id AS "runId", r.mode, r.trigger, r.state, r.as_of::text AS "asOf", r.dry_run AS "dryRun", r.policy_version AS "policyVersion",
         r.started_at AS "startedAt", r.finished_at AS "finishedAt",
         r.state = 'running' AND r.heartbeat_at < now() - interval '60 seconds' AS "isStale",
         (SELECT json_build_object('total', count(*), 'done', count(b.done_at)) FROM buduan.run_batch b
          WHERE b.tenant_id = r.tenant_id AND b.run_id = r.run_id) AS batches
  FROM buduan.run r`;

export async function readRun(
  em: EntityManager,
  key: { readonly tenantId: string; readonly runId: string },
): Promise<RunStatus | null> {
  const rows: RunStatus[] = await em.query(`${STATUS} WHERE r.tenant_id = $1 AND r.run_id = $2`, [
    key.tenantId,
    key.runId,
  ]);
  return rows[0] ?? null;
}

/** Whether a full run of the tenant is under way and was heard of in the last minute. */
export async function isFullRunAlive(em: EntityManager, tenantId: string): Promise<boolean> {
  const rows: unknown[] = await em.query(
    `SELECT 1 FROM buduan.run r WHERE r.tenant_id = $1 AND r.mode = 'full' AND r.state IN ('queued','running')
        AND r.heartbeat_at > now() - interval '60 seconds'`,
    [tenantId],
  );
  return rows.length > 0;
}

/** The newest runs of a tenant, newest first. */
export async function readLatestRuns(
  em: EntityManager,
  tenantId: string,
  limit: number,
): Promise<readonly RunStatus[]> {
  return em.query(`${STATUS} WHERE r.tenant_id = $1 ORDER BY r.started_at DESC, r.run_id DESC LIMIT $2`, [
    tenantId,
    limit,
  ]);
}

/** The reads of a run, by connection and in the order in which they began. */
export async function readRunReads(
  em: EntityManager,
  key: { readonly tenantId: string; readonly runId: string },
): Promise<readonly RunRead[]> {
  return em.query(
    `SELECT s.connection_id AS "connectionId", s.read_name AS read, s.state, s.page_count AS pages, s.row_count::float8 AS rows,
            s.changed_count::float8 AS changed, s.rejected_count::float8 AS rejected, s.drift,
            CASE WHEN s.state = 'running' THEN 'broken-off' ELSE s.reason END AS reason
     FROM buduan.stream_run s WHERE s.tenant_id = $1 AND s.run_id = $2 ORDER BY s.connection_id, s.started_at, s.stream_run_id`,
    [key.tenantId, key.runId],
  );
}
