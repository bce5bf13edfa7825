/** What the audit trail of a tenant says: its newest events, all links about some objects, and where it ends. */
import type { EntityManager } from 'typeorm';
import type { AuditHead } from './append-audit-event.js';
import { type Json, auditHash } from './audit-hash.js';

export interface AuditEventView {
  readonly eventNo: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: Json;
  /** Hex. */
  readonly hash: string;
}

export interface AuditFilter {
  readonly tenantId: string;
  /** Actions that begin so: `case.` or `case.approved`. */
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  /** Exactly this object: `case/0197…`. */
  readonly object?: string | undefined;
  /** Only events with a smaller number: the next page. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listAuditEvents(em: EntityManager, filter: AuditFilter): Promise<readonly AuditEventView[]> {
  const rows = await em.query<(Omit<AuditEventView, 'eventNo'> & { eventNo: string })[]>(
    `SELECT a.event_no AS "eventNo", a.at, a.actor, a.action, a.object, a.detail, encode(a.hash, 'hex') AS hash
       FROM buduan.audit_event a
      WHERE a.tenant_id = $1 AND ($2::text IS NULL OR starts_with(a.action, $2)) AND ($3::text IS NULL OR a.actor = $3)
        AND ($4::text IS NULL OR a.object = $4) AND ($5::bigint IS NULL OR a.event_no < $5)
      ORDER BY a.event_no DESC LIMIT $6`,
    [filter.tenantId, filter.action, filter.actor, filter.object, filter.before, filter.limit],
  );
  return rows.map((row) => ({ ...row, eventNo: Number(row.eventNo) }));
}

/** `at` of an event `a` as its hash covers it, down to microseconds: a time changed by less than a millisecond is a changed time. */
export const EXACT_AT = `to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS')
  || CASE WHEN to_char(a.at, 'US') LIKE '%000' THEN '' ELSE right(to_char(a.at, 'US'), 3) END || 'Z'`;

/** An event with all that its hash covers. */
export interface AuditLink {
  readonly eventNo: number;
  /** As it was hashed: `2026-11-23T01:02:03.004Z`. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: Json;
  /** Hex. */
  readonly prevHash: string;
  readonly hash: string;
  /** Whether `hash` is that of the fields above. */
  readonly fits: boolean;
}

export interface LinksAsked {
  readonly tenantId: string;
  readonly objects: readonly string[];
  /** Numbers of later events are left out. */
  readonly upTo: number;
  readonly limit: number;
}

/** Every event about one of these objects, oldest first; at most `limit`. */
export async function readAuditLinks(em: EntityManager, asked: LinksAsked): Promise<readonly AuditLink[]> {
  const { tenantId, objects, upTo, limit } = asked;
  const rows = await em.query<LinkRow[]>(
    `SELECT a.event_no AS "eventNo", ${EXACT_AT} AS at, a.actor, a.action, a.object, a.detail, a.prev_hash AS "prevHash", a.hash
       FROM buduan.audit_event a
      WHERE a.tenant_id = $1 AND a.object = ANY ($2::text[]) AND a.event_no <= $3 ORDER BY a.event_no LIMIT $4`,
    [tenantId, objects, upTo, limit],
  );
  return rows.map(({ hash, prevHash, ...row }) => {
    const event = { ...row, eventNo: Number(row.eventNo) };
    const fits = auditHash({ ...event, tenantId, prevHash }).equals(hash);
    return { ...event, prevHash: prevHash.toString('hex'), hash: hash.toString('hex'), fits };
  });
}

interface LinkRow extends Omit<AuditLink, 'eventNo' | 'prevHash' | 'hash' | 'fits'> {
  readonly eventNo: string;
  readonly prevHash: Buffer;
  readonly hash: Buffer;
}

/** null = nothing has happened yet. */
export async function readAuditHead(em: EntityManager, tenantId: string): Promise<AuditHead | null> {
  const [row] = await em.query<{ eventNo: string; hash: Buffer }[]>(
    `SELECT a.event_no AS "eventNo", a.hash FROM buduan.audit_event a
      WHERE a.tenant_id = $1 ORDER BY a.event_no DESC LIMIT 1`,
    [tenantId],
  );
  return row === undefined ? null : { eventNo: Number(row.eventNo), hash: row.hash };
}
