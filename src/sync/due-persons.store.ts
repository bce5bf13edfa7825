/** Who has to be judged again after the reads of a run, found set by set. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import { plainArray } from './bulk-parameters.js';
import type { RunKey } from './run.store.js';

/** Full runs that only read, or died, before anybody was chosen from what they changed. */
export async function unchosenRuns(em: EntityManager, key: RunKey): Promise<readonly string[]> {
  const rows: { runId: string }[] = await em.query(
    `SELECT r.run_id AS "runId" FROM buduan.run r
     WHERE r.tenant_id = $1 AND r.run_id <> $2 AND r.mode = 'full' AND NOT r.stats ? 'chosen' ORDER BY r.run_id`,
    [key.tenantId, key.runId],
  );
  return rows.map((row) => row.runId);
}

export async function markChosen(em: EntityManager, tenantId: string, runIds: readonly string[]): Promise<void> {
  await em.query(
    `UPDATE buduan.run SET stats = stats || '{"chosen": true}' WHERE tenant_id = $1 AND run_id = ANY($2::uuid[])`,
    [tenantId, plainArray(runIds)],
  );
}

/**
 * Whether a read of these runs ended complete where the last judged run's did not, or the other way round, or for the first
 * time. Of several the newest counts.
 */
export async function isCompletenessChanged(
  em: EntityManager,
  tenantId: string,
  runIds: readonly string[],
): Promise<boolean> {
  const rows: { changed: boolean }[] = await em.query(
    `WITH ended AS (
       SELECT s.connection_id, s.read_name, s.run_id = ANY($2::uuid[]) AS is_new, s.complete, s.finished_at
       FROM buduan.stream_run s JOIN buduan.run r ON r.tenant_id = s.tenant_id AND r.run_id = s.run_id
       WHERE s.tenant_id = $1 AND s.finished_at IS NOT NULL AND (s.run_id = ANY($2::uuid[]) OR r.stats ? 'chosen')),
     newest AS (
       SELECT DISTINCT ON (connection_id, read_name, is_new) * FROM ended
       ORDER BY connection_id, read_name, is_new, finished_at DESC)
     SELECT EXISTS (
       SELECT FROM newest n LEFT JOIN newest former
         ON former.connection_id = n.connection_id AND former.read_name = n.read_name AND NOT former.is_new
       WHERE n.is_new AND former.complete IS DISTINCT FROM n.complete) AS changed`,
    [tenantId, plainArray(runIds)],
  );
  return rows[0]?.changed ?? true;
}

/** Lets the persons whose rows went into or out of quarantine in these runs count as changed by this run. */
export async function touchQuarantined(em: EntityManager, key: RunKey, runIds: readonly string[]): Promise<void> {
  await em.query(
    `UPDATE buduan.source_record r SET changed_run_id = $2
     FROM buduan.quarantined_row q
     WHERE q.tenant_id = $1 AND q.reason <> 'unlinked' AND q.owner_key IS NOT NULL
       AND (q.first_run_id = ANY($3::uuid[]) OR (q.resolved_at IS NOT NULL AND q.last_run_id = ANY($3::uuid[])))
       AND r.tenant_id = $1 AND r.connection_id = q.connection_id AND r.stream = 'persons' AND r.owner_key = q.owner_key
       AND r.person_id IS NOT NULL AND r.changed_run_id <> $2`,
    [key.tenantId, key.runId, plainArray(runIds)],
  );
}

/**
 * Whether rows of some connection and stream wait in quarantine where none did before these runs, or the other way round:
 * such a row may belong to anybody.
 */
export async function isQuarantineChanged(
  em: EntityManager,
  tenantId: string,
  runIds: readonly string[],
): Promise<boolean> {
  const rows: { changed: boolean }[] = await em.query(
    `SELECT EXISTS (
       SELECT FROM buduan.quarantined_row q
       WHERE q.tenant_id = $1 AND q.reason <> 'unlinked' AND (q.resolved_at IS NULL OR q.last_run_id = ANY($2::uuid[]))
       GROUP BY q.connection_id, q.stream
       HAVING bool_or(q.resolved_at IS NULL) <> bool_or(q.first_run_id <> ALL($2::uuid[]))) AS changed`,
    [tenantId, plainArray(runIds)],
  );
  return rows[0]?.changed ?? true;
}

export interface DueRequest {
  readonly tenantId: string;
  readonly after: string;
  readonly limit: number;
  readonly runIds: readonly string[];
  readonly everybody: boolean;
  readonly asOf: Day;
  readonly windowFrom: string;
  readonly policyVersion: string;
}

export interface DueChunk {
  /** Persons to judge, ascending. */
  readonly due: readonly string[];
  /** Last person looked at; null = there are no more. */
  readonly last: string | null;
}

/** Of the next `limit` persons with records: those changed by these runs, or last judged for another date, window or policy. */
export async function duePersons(em: EntityManager, request: DueRequest): Promise<DueChunk> {
  const rows: { due: string[] | null; last: string | null }[] = await em.query(
    `WITH chunk AS (
       SELECT r.person_id, bool_or(r.changed_run_id = ANY($3::uuid[])) AS is_changed
       FROM buduan.source_record r WHERE r.tenant_id = $1 AND r.person_id > $2
       GROUP BY r.person_id ORDER BY r.person_id LIMIT $4)
     SELECT array_agg(c.person_id::text ORDER BY c.person_id) FILTER (
              WHERE $5 OR c.is_changed OR j.person_id IS NULL OR j.as_of <> $6::date OR j.window_from <> $7 OR j.policy_version <> $8) AS due,
            (array_agg(c.person_id::text ORDER BY c.person_id DESC))[1] AS last
     FROM chunk c LEFT JOIN LATERAL (
       SELECT j.person_id, j.as_of, j.window_from, j.policy_version FROM buduan.judgement j
       WHERE j.tenant_id = $1 AND j.person_id = c.person_id OFFSET 0) j ON true`,
    [
      request.tenantId,
      request.after,
      plainArray(request.runIds),
      request.limit,
      request.everybody,
      request.asOf,
      request.windowFrom,
      request.policyVersion,
    ],
  );
  return { due: rows[0]?.due ?? [], last: rows[0]?.last ?? null };
}

/** Persons whom no record names any more (a number was corrected) while something about them is still open. */
export async function bereftPersons(em: EntityManager, tenantId: string): Promise<readonly string[]> {
  const rows: { personId: string }[] = await em.query(
    `SELECT p.person_id AS "personId" FROM (
       SELECT f.person_id FROM buduan.finding f WHERE f.tenant_id = $1 AND f.closed_at IS NULL
       UNION SELECT c.person_id FROM buduan.correction c WHERE c.tenant_id = $1) p
     WHERE NOT EXISTS (SELECT FROM buduan.source_record r WHERE r.tenant_id = $1 AND r.person_id = p.person_id)
     ORDER BY p.person_id`,
    [tenantId],
  );
  return rows.map((row) => row.personId);
}
