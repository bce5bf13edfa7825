/** Which persons a tenant has records of, page by page. */
import type { EntityManager } from 'typeorm';

const FIRST = '00000000-0000-0000-0000-000000000000';

/** The next `limit` person ids after `after` (null = from the first), ascending; empty when there are no more. */
export async function readPersonIds(
  em: EntityManager,
  tenantId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<readonly string[]> {
  const rows: { personId: string }[] = await em.query(
    `SELECT DISTINCT r.person_id AS "personId" FROM buduan.source_record r
      WHERE r.tenant_id = $1 AND r.person_id > $2 ORDER BY r.person_id LIMIT $3`,
    [tenantId, after ?? FIRST, limit],
  );
  return rows.map(({ personId }) => personId);
}
