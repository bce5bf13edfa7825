/** Whom a connection knows: the owner keys of its live persons, in a stable order, for reads that ask by person. */
import type { SyncTools } from './sync-tools.js';

/** Owner keys after `after` (exclusive; null = from the first), ascending, at most `limit`. */
export async function listLiveOwners(
  tools: Pick<SyncTools, 'database'>,
  page: {
    readonly tenantId: string;
    readonly connectionId: string;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly string[]> {
  const rows = await tools.database.inTenant(page.tenantId, (em): Promise<{ ownerKey: string }[]> => {
    return em.query(
      `SELECT r.owner_key AS "ownerKey" FROM buduan.source_record r
       WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.stream = 'persons' AND r.gone_at IS NULL AND r.owner_key > $3
       ORDER BY r.owner_key LIMIT $4`,
      [page.tenantId, page.connectionId, page.after ?? '', page.limit],
    );
  });
  return rows.map((row) => row.ownerKey);
}
