/** How the audit trail grows: one event at a time per tenant, each carrying the hash of the one before. */
import type { EntityManager } from 'typeorm';
import type { Json } from './audit-hash.js';
import { GENESIS_HASH, auditHash } from './audit-hash.js';

export interface AuditEvent {
  readonly tenantId: string;
  /** Who or what did it: a user id, `cron`, `cli`. */
  readonly actor: string;
  /** What was done, as noun.verb: `operation.approve`. */
  readonly action: string;
  /** To what: kind and id, `operation/0197…`. */
  readonly object: string;
  /** Before, after, why. Ids, counts and hashes; never a name, identity number or secret. */
  readonly detail?: { readonly [key: string]: Json };
}

/** Where the chain of a tenant ends. Kept outside the database, it proves that nothing was cut off. */
export interface AuditHead {
  readonly eventNo: number;
  readonly hash: Buffer;
}

/**
 * Appends inside the caller's transaction; other writers of the same tenant wait until it ends. Call it last, so that they
 * wait briefly.
 */
export async function appendAuditEvent(em: EntityManager, event: AuditEvent): Promise<AuditHead> {
  // Two statements: the second must see what the transaction that held the lock has committed.
  await em.query(`SELECT pg_advisory_xact_lock(hashtextextended('buduan.audit_event:' || $1, 0))`, [event.tenantId]);
  const [last] = await em.query<LastEvent[]>(SELECT_LAST, [event.tenantId]);
  const { actor, action, object, tenantId } = event;
  const prevHash = last?.hash ?? GENESIS_HASH;
  const eventNo = Number(last?.event_no ?? 0) + 1;
  const at = last?.at_now ?? '';
  const detail = event.detail ?? {};
  const hash = auditHash({ tenantId, eventNo, at, actor, action, object, detail, prevHash });
  await em.query(INSERT, [tenantId, eventNo, at, actor, action, object, JSON.stringify(detail), prevHash, hash]);
  return { eventNo, hash };
}

interface LastEvent {
  readonly event_no: string | null;
  readonly hash: Buffer | null;
  readonly at_now: string;
}

/** Always one row: the database's time in whole milliseconds, and the last event where there is one. */
const SELECT_LAST = `
SELECT last.event_no, last.hash, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at_now
  FROM (SELECT 1) AS always
  LEFT JOIN LATERAL (
    SELECT event_no, hash FROM buduan.audit_event WHERE tenant_id = $1 ORDER BY event_no DESC LIMIT 1
  ) AS last ON true`;

const INSERT = `
INSERT INTO buduan.audit_event (tenant_id, event_no, at, actor, action, object, detail, prev_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
