/** The rows of run and run_batch, and the tenant and connections a run belongs to. */
import type { EntityManager } from 'typeorm';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import type { Connection } from '../connectors/port.js';
import { plainArray } from './bulk-parameters.js';

export type RunTrigger = 'cron' | 'webhook' | 'manual' | 'catch-up';

export interface NewRun {
  readonly tenantId: string;
  readonly runId: string;
  readonly mode: 'full' | 'targeted';
  readonly trigger: RunTrigger;
  readonly asOf: Day;
  readonly dryRun: boolean;
  readonly policyVersion: string;
  /** Who holds the run: a process that lost its claim must not end it. */
  readonly claim: string;
  /** Who or what started it: `schedule:<id>`, `webhook`, or a person's name. This one may not approve its plan. */
  readonly startedBy: string;
  /** What it reads and does, where that is not everything: only a request for the same goes on with it. */
  readonly about?: string;
}

export interface RunKey {
  readonly tenantId: string;
  readonly runId: string;
}

export interface ActiveRun {
  readonly runId: string;
  readonly asOf: Day;
  readonly dryRun: boolean;
  readonly policyVersion: string;
  /** What it reads and does; see `NewRun.about`. */
  readonly about: string;
  readonly isYoung: boolean;
  /** Whether it was heard of in the last minute. */
  readonly isAlive: boolean;
}

/** Makes the tenant and its connections known to the database, as the configuration describes them. */
export async function registerConnections(
  em: EntityManager,
  tenant: { readonly tenantId: string; readonly name: string },
  connections: readonly Connection[],
): Promise<void> {
  await em.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $2) ON CONFLICT (tenant_id) DO NOTHING', [
    tenant.tenantId,
    tenant.name,
  ]);
  for (const { connectionId, declaration } of connections) {
    await em.query(
      `INSERT INTO buduan.connection AS c (tenant_id, connection_id, connector_id, version, role) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, connection_id)
       DO UPDATE SET connector_id = excluded.connector_id, version = excluded.version, role = excluded.role
       WHERE (c.connector_id, c.version, c.role) IS DISTINCT FROM (excluded.connector_id, excluded.version, excluded.role)`,
      [tenant.tenantId, connectionId, declaration.id, declaration.version, declaration.role],
    );
  }
}

/** The active full run of a tenant, locked until the end of the transaction. */
export async function findActiveRun(em: EntityManager, tenantId: string): Promise<ActiveRun | null> {
  const rows: ActiveRun[] = await em.query(
    `SELECT run_id AS "runId", as_of::text AS "asOf", dry_run AS "dryRun", policy_version AS "policyVersion",
            coalesce(stats->>'about', 'run') AS about, started_at > now() - interval '24 hours' AS "isYoung", heartbeat_at > now() - interval '60 seconds' AS "isAlive"
     FROM buduan.run WHERE tenant_id = $1 AND mode = 'full' AND state IN ('queued','running') FOR UPDATE`,
    [tenantId],
  );
  return rows[0] ?? null;
}

/** False when another full run of the tenant became active at the same time. */
export async function insertRun(em: EntityManager, run: NewRun): Promise<boolean> {
  const rows: unknown[] = await em.query(
    `INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version, stats, started_by)
     VALUES ($1, $2, $3, $4, 'running', $5, $6, $7, jsonb_build_object('claim', $8::text, 'about', $10::text), $9)
     ON CONFLICT (tenant_id) WHERE mode = 'full' AND state IN ('queued','running') DO NOTHING
     RETURNING run_id`,
    [
      ...[run.tenantId, run.runId, run.mode, run.trigger, run.asOf, run.dryRun],
      ...[run.policyVersion, run.claim, run.startedBy, run.about ?? 'run'],
    ],
  );
  return rows.length === 1;
}

export async function takeOverRun(em: EntityManager, key: RunKey, claim: string): Promise<void> {
  await em.query(
    `UPDATE buduan.run SET heartbeat_at = clock_timestamp(), stats = stats || jsonb_build_object('claim', $3::text)
     WHERE tenant_id = $1 AND run_id = $2`,
    [key.tenantId, key.runId, claim],
  );
}

export async function expireRun(em: EntityManager, key: RunKey): Promise<void> {
  await em.query(
    "UPDATE buduan.run SET state = 'expired', finished_at = clock_timestamp() WHERE tenant_id = $1 AND run_id = $2",
    [key.tenantId, key.runId],
  );
}

/** Says that the run lives. False when the claim is somebody else's by now, or the run has ended. */
export async function beat(em: EntityManager, key: RunKey, claim: string): Promise<boolean> {
  const beaten: [unknown[], number] = await em.query(
    `UPDATE buduan.run SET heartbeat_at = clock_timestamp()
     WHERE tenant_id = $1 AND run_id = $2 AND state = 'running' AND stats->>'claim' = $3`,
    [key.tenantId, key.runId, claim],
  );
  return beaten[1] === 1;
}

/** Lets the next start take the run over at once instead of after a minute. */
export async function releaseRun(em: EntityManager, key: RunKey, claim: string): Promise<void> {
  await em.query(
    `UPDATE buduan.run SET heartbeat_at = '-infinity'
     WHERE tenant_id = $1 AND run_id = $2 AND state = 'running' AND stats->>'claim' = $3`,
    [key.tenantId, key.runId, claim],
  );
}

/** Keeps the run from being taken over until the end of the transaction. Throws HubError `run-taken-over` when it was. */
export async function confirmClaim(em: EntityManager, key: RunKey, claim: string): Promise<void> {
  const rows: unknown[] = await em.query(
    `SELECT 1 FROM buduan.run WHERE tenant_id = $1 AND run_id = $2 AND state = 'running' AND stats->>'claim' = $3 FOR SHARE`,
    [key.tenantId, key.runId, claim],
  );
  if (rows.length === 0) {
    throw new HubError({
      code: 'run-taken-over',
      next: 'retry',
      message: `Run ${key.runId} is held by another process now, or has ended. Nothing is lost; look at its status.`,
      detail: { runId: key.runId },
    });
  }
}

/** Ends a run; `stats` are added to those it has. */
export async function endRun(
  em: EntityManager,
  key: RunKey,
  end: { readonly state: 'succeeded' | 'partial' | 'failed'; readonly stats: Readonly<Record<string, unknown>> },
): Promise<void> {
  await em.query(
    `UPDATE buduan.run SET state = $3, finished_at = clock_timestamp(), heartbeat_at = clock_timestamp(), stats = stats || $4::jsonb
     WHERE tenant_id = $1 AND run_id = $2`,
    [key.tenantId, key.runId, end.state, JSON.stringify(end.stats)],
  );
}

export async function insertBatch(
  em: EntityManager,
  key: RunKey,
  batch: { readonly batchNo: number; readonly personIds: readonly string[] },
): Promise<void> {
  await em.query(
    'INSERT INTO buduan.run_batch (tenant_id, run_id, batch_no, person_ids) VALUES ($1, $2, $3, $4::uuid[])',
    [key.tenantId, key.runId, batch.batchNo, plainArray(batch.personIds)],
  );
}

/** Rows of the newest complete walk per connection and read. */
export async function lastTotals(
  em: EntityManager,
  tenantId: string,
): Promise<readonly { readonly connectionId: string; readonly read: string; readonly rows: number }[]> {
  return em.query(
    `SELECT DISTINCT ON (s.connection_id, s.read_name) s.connection_id AS "connectionId", s.read_name AS read, s.row_count::float8 AS rows
     FROM buduan.stream_run s WHERE s.tenant_id = $1 AND s.complete
     ORDER BY s.connection_id, s.read_name, s.finished_at DESC`,
    [tenantId],
  );
}
