/** Whether a tenant's audit trail is whole: nothing changed, left out or put in. */
import type { EntityManager } from 'typeorm';
import type { AuditHead } from './append-audit-event.js';
import { EXACT_AT } from './audit-events.reader.js';
import { GENESIS_HASH, type Json, auditHash } from './audit-hash.js';

export type ChainReport =
  | { readonly intact: true; readonly events: number; readonly head: AuditHead | null }
  | { readonly intact: false; readonly eventNo: number; readonly reason: ChainBreak };

/** `missing`: a number is left out · `unlinked`: it does not carry the hash before it · `changed`: its own hash does not fit · `rewritten`: it is whole but not the one of the kept head · `cut`: the kept head is gone. */
export type ChainBreak = 'missing' | 'unlinked' | 'changed' | 'rewritten' | 'cut';

const EVENTS_PER_READ = 1000;

/**
 * Walks the chain from its beginning in bounded reads. A chain whose newest events were cut off looks whole by itself; pass
 * a head kept elsewhere to notice that.
 */
export async function verifyAuditChain(
  em: EntityManager,
  tenantId: string,
  keptHead?: AuditHead,
): Promise<ChainReport> {
  let head: AuditHead | null = null;
  for (;;) {
    const rows: readonly EventRow[] = await em.query<EventRow[]>(SELECT_NEXT, [
      tenantId,
      head?.eventNo ?? 0,
      EVENTS_PER_READ,
    ]);
    for (const row of rows) {
      const broken = breakAt(row, head, tenantId);
      if (broken !== null) return broken;
      head = { eventNo: Number(row.event_no), hash: row.hash };
      if (head.eventNo === keptHead?.eventNo && !head.hash.equals(keptHead.hash))
        return { intact: false, eventNo: head.eventNo, reason: 'rewritten' };
    }
    if (rows.length < EVENTS_PER_READ) break;
  }
  if (keptHead !== undefined && (head?.eventNo ?? 0) < keptHead.eventNo)
    return { intact: false, eventNo: (head?.eventNo ?? 0) + 1, reason: 'cut' };
  return { intact: true, events: head?.eventNo ?? 0, head };
}

function breakAt(row: EventRow, before: AuditHead | null, tenantId: string): ChainReport | null {
  const eventNo = (before?.eventNo ?? 0) + 1;
  if (Number(row.event_no) !== eventNo) return { intact: false, eventNo, reason: 'missing' };
  if (!row.prev_hash.equals(before?.hash ?? GENESIS_HASH)) return { intact: false, eventNo, reason: 'unlinked' };
  const { at, actor, action, object, detail, prev_hash: prevHash } = row;
  const expected = auditHash({ tenantId, eventNo, at, actor, action, object, detail, prevHash });
  return row.hash.equals(expected) ? null : { intact: false, eventNo, reason: 'changed' };
}

interface EventRow {
  readonly event_no: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: Json;
  readonly prev_hash: Buffer;
  readonly hash: Buffer;
}

const SELECT_NEXT = `
SELECT a.event_no, a.actor, a.action, a.object, a.detail, a.prev_hash, a.hash, ${EXACT_AT} AS at
  FROM buduan.audit_event a
 WHERE a.tenant_id = $1 AND a.event_no > $2
 ORDER BY a.event_no
 LIMIT $3`;
