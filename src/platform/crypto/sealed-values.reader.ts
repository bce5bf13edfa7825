/** How many stored values rest on which key. */
import type { EntityManager } from 'typeorm';
import type { SealedColumn } from './sealed-column.js';

/** How many values rest on which key; keys without a value are absent. */
export async function countSealedByKey(
  em: EntityManager,
  { table, column }: SealedColumn,
  tenantId: string,
): Promise<ReadonlyMap<string, number>> {
  const rows: { keyId: string; count: number }[] = await em.query(
    `SELECT convert_from(substring(s.${column} FROM 3 FOR get_byte(s.${column}, 1)), 'UTF8') AS "keyId", count(*)::int AS count
     FROM buduan.${table} s WHERE s.tenant_id = $1 AND length(s.${column}) > 2 GROUP BY 1 ORDER BY 1 LIMIT 1000`,
    [tenantId],
  );
  return new Map(rows.map(({ keyId, count }) => [keyId, count]));
}
