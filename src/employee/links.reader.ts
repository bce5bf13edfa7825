/** What other rooms may ask about links to the page of an employee. */
import type { EntityManager } from 'typeorm';

/** How many links that may still open were signed with which key; keys without one are absent. */
export async function countOpenLinksByKey(em: EntityManager, tenantId: string): Promise<ReadonlyMap<string, number>> {
  const rows: { keyId: string; count: number }[] = await em.query(
    `SELECT l.signed_key AS "keyId", count(*)::int AS count FROM buduan.employee_link l
      WHERE l.tenant_id = $1 AND l.revoked_at IS NULL AND l.expires_at > now() GROUP BY 1 ORDER BY 1 LIMIT 1000`,
    [tenantId],
  );
  return new Map(rows.map(({ keyId, count }) => [keyId, count]));
}
