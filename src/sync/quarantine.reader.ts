/** What waits in quarantine, and why; never the raw row. */
import type { EntityManager } from 'typeorm';
import type { Stream } from '../domain/records.js';

export interface QuarantineEntry {
  readonly quarantineId: string;
  readonly connectionId: string;
  readonly read: string;
  readonly stream: Stream;
  readonly ownerKey: string | null;
  /** Closed code, for example `identity-check-character` or `unlinked`. */
  readonly reason: string;
  readonly field: string;
  readonly firstSeenAt: Date;
  readonly lastRunId: string;
}

const ENTRY = `
  SELECT q.quarantine_id AS "quarantineId", q.connection_id AS "connectionId", q.read_name AS read, q.stream, q.owner_key AS "ownerKey",
         q.reason, q.field, q.created_at AS "firstSeenAt", q.last_run_id AS "lastRunId"
  FROM buduan.quarantined_row q`;

/** Rows that wait, oldest first, after `after` (exclusive; null = from the first). */
export async function readQuarantine(
  em: EntityManager,
  tenantId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<readonly QuarantineEntry[]> {
  return em.query(
    `${ENTRY} WHERE q.tenant_id = $1 AND q.resolved_at IS NULL AND q.quarantine_id > $2 ORDER BY q.quarantine_id LIMIT $3`,
    [tenantId, page.after ?? '00000000-0000-0000-0000-000000000000', page.limit],
  );
}

/** Those of the named rows that still wait. */
export async function readQuarantineEntries(
  em: EntityManager,
  tenantId: string,
  quarantineIds: readonly string[],
): Promise<readonly QuarantineEntry[]> {
  return em.query(
    `${ENTRY} WHERE q.tenant_id = $1 AND q.quarantine_id = ANY ($2::uuid[]) AND q.resolved_at IS NULL ORDER BY q.quarantine_id`,
    [tenantId, quarantineIds],
  );
}

/** How many rows wait, by connection, stream and reason. */
export async function countQuarantine(
  em: EntityManager,
  tenantId: string,
): Promise<
  readonly { readonly connectionId: string; readonly stream: Stream; readonly reason: string; readonly rows: number }[]
> {
  return em.query(
    `SELECT q.connection_id AS "connectionId", q.stream, q.reason, count(*)::int AS rows FROM buduan.quarantined_row q
     WHERE q.tenant_id = $1 AND q.resolved_at IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [tenantId],
  );
}
