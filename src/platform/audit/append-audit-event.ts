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

/** Appends inside the caller's transaction; see `appendAuditEvents`. */
export async function appendAuditEvent(em: EntityManager, { tenantId, ...event }: AuditEvent): Promise<AuditHead> {
  return appendAuditEvents(em, tenantId, [event]);
}

/**
 * Appends at least one event, in their order, inside the caller's transaction; other writers of the same tenant wait until it
 * ends. Call it last, so that they wait briefly. Returns the new end of the chain.
 */
export async function appendAuditEvents(
  em: EntityManager,
  tenantId: string,
  events: readonly Omit<AuditEvent, 'tenantId'>[],
): Promise<AuditHead> {
  // Two statements: the second must see what the transaction that held the lock has committed.
  await em.query(`SELECT pg_advisory_xact_lock(hashtextextended('buduan.audit_event:' || $1, 0))`, [tenantId]);
  const [last] = await em.query<LastEvent[]>(SELECT_LAST, [tenantId]);
  const at = last?.at_now ?? '';
  let head: AuditHead = { eventNo: Number(last?.event_no ?? 0), hash: last?.hash ?? GENESIS_HASH };
  const rows = events.map(({ actor, action, object, detail = {} }) => {
    const prevHash = head.hash;
    const eventNo = head.eventNo + 1;
    const hash = auditHash({ tenantId, eventNo, at, actor, action, object, detail, prevHash });
    head = { eventNo, hash };
    return { eventNo, actor, action, object, detail, prev: prevHash.toString('hex'), hash: hash.toString('hex') };
  });
  await em.query(INSERT, [tenantId, at, JSON.stringify(rows)]);
  return head;
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
SELECT $1, e."eventNo", $2, e.actor, e.action, e.object, e.detail, decode(e.prev, 'hex'), decode(e.hash, 'hex')
  FROM jsonb_to_recordset($3::jsonb)
    AS e ("eventNo" bigint, actor text, action text, object text, detail jsonb, prev text, hash text)`;
