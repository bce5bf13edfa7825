/** The rows behind a freeze: where the ledger lives, whether anything may leave, and what a restore makes doubtful. */
import type { EntityManager } from 'typeorm';
import { FREEZE_COLUMNS, type FreezeCause, type TenantFreeze } from './push-freeze.reader.js';

/** Where a tenant's ledger lives and lived before, and what keeps its operations from leaving, in one look. */
export interface LedgerStanding {
  /**
   * Server, database and timeline this connection works on. A restored dump is another database, a restored or promoted server
   * another timeline. '-' stands for what the login may not ask. A snapshot of the data folder put back in place looks the same.
   */
  readonly origin: string;
  /** null for a tenant that is not known yet, or whose ledger was never looked at. */
  readonly knownOrigin: string | null;
  readonly freeze: TenantFreeze | null;
}

export async function readStanding(em: EntityManager, tenantId: string): Promise<LedgerStanding> {
  const sql = ORIGIN_OF.get(em.dataSource) ?? (await originSql(em));
  ORIGIN_OF.set(em.dataSource, sql);
  const [row] = await em.query<(Unfrozen | Frozen)[]>(
    `SELECT ${sql} AS origin, tenant.ledger_origin AS "knownOrigin", ${FREEZE_COLUMNS}
       FROM (SELECT) AS here LEFT JOIN buduan.tenant ON tenant.tenant_id = $1`,
    [tenantId],
  );
  if (row === undefined) return { origin: '-', knownOrigin: null, freeze: null };
  const { origin, knownOrigin, ...freeze } = row;
  return { origin, knownOrigin, freeze: freeze.since === null ? null : freeze };
}

type Origins = Pick<LedgerStanding, 'origin' | 'knownOrigin'>;
type Frozen = Origins & TenantFreeze;
type Unfrozen = Origins & { readonly since: null };

/** What may be asked is itself asked once per process. */
const ORIGIN_OF = new WeakMap<EntityManager['dataSource'], string>();

async function originSql(em: EntityManager): Promise<string> {
  const [may] = await em.query<{ system: boolean; checkpoint: boolean }[]>(
    `SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS system, has_function_privilege('pg_control_checkpoint()', 'EXECUTE') AS checkpoint`,
  );
  const server = may?.system === true ? '(SELECT system_identifier::text FROM pg_control_system())' : `'-'`;
  const timeline = may?.checkpoint === true ? '(SELECT timeline_id::text FROM pg_control_checkpoint())' : `'-'`;
  return `concat_ws('/', ${server}, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()), ${timeline})`;
}

export async function setOrigin(em: EntityManager, tenantId: string, origin: string): Promise<void> {
  await em.query('UPDATE buduan.tenant SET ledger_origin = $2 WHERE tenant_id = $1', [tenantId, origin]);
}

/** A restore outweighs a person's word; of two of a kind the newer counts. */
export async function setFreeze(
  em: EntityManager,
  tenantId: string,
  freeze: { readonly cause: FreezeCause; readonly by: string | null; readonly reason: string | null },
): Promise<void> {
  await em.query(
    `UPDATE buduan.tenant
        SET push_frozen_at = clock_timestamp(), push_frozen_by = $3, push_frozen_reason = $4,
            push_frozen_cause = CASE WHEN push_frozen_cause = 'restored' THEN 'restored' ELSE $2 END
      WHERE tenant_id = $1`,
    [tenantId, freeze.cause, freeze.by, freeze.reason],
  );
}

export async function clearFreeze(em: EntityManager, tenantId: string): Promise<void> {
  await em.query(
    `UPDATE buduan.tenant SET push_frozen_at = NULL, push_frozen_cause = NULL, push_frozen_by = NULL, push_frozen_reason = NULL WHERE tenant_id = $1`,
    [tenantId],
  );
}

/** Whether a whole run that began after `since` has left its plan, with a brake or without. */
export async function hasPlannedSince(em: EntityManager, tenantId: string, since: Date): Promise<boolean> {
  const rows: unknown[] = await em.query(
    `SELECT FROM buduan.run
      WHERE run.tenant_id = $1 AND run.mode = 'full' AND NOT run.dry_run AND run.started_at > $2 AND run.stats ? 'plan' LIMIT 1`,
    [tenantId, since],
  );
  return rows.length > 0;
}

/**
 * What moves money and would leave now may have left after the backup was made, and a bureau shows it days later: whether it
 * arrived a person has to see. Those with an unknown outcome go on by their write class. Returns how many.
 */
export async function showMoneyToPerson(em: EntityManager, tenantId: string): Promise<number> {
  const rows = await em.query<{ count: number }[]>(
    `WITH doubtful AS (
       SELECT operation.operation_id, operation.state FROM buduan.operation
        WHERE operation.tenant_id = $1 AND operation.moves_money AND operation.state IN ('queued','retry-wait') FOR UPDATE),
     moved AS (
       UPDATE buduan.operation SET state = 'needs-human', outcome_code = 'restored', next_attempt_at = NULL
         FROM doubtful WHERE operation.tenant_id = $1 AND operation.operation_id = doubtful.operation_id
       RETURNING operation.operation_id, doubtful.state AS from_state, operation.fence),
     history AS (
       INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
       SELECT $1, moved.operation_id, moved.from_state, 'needs-human', moved.fence, 'restored' FROM moved)
     SELECT count(*)::int AS count FROM moved`,
    [tenantId],
  );
  return rows[0]?.count ?? 0;
}
