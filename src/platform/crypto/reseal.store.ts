/** The statements that find sealed values by their key and replace them, for any column that a room declares. */
import type { EntityManager } from 'typeorm';
import type { SealedColumn } from './sealed-column.js';

export interface SealedRow {
  readonly key: readonly string[];
  readonly envelope: Buffer;
}

export interface StaleOrder {
  readonly tenantId: string;
  /** How envelopes of the current key begin. */
  readonly header: Buffer;
  /** Key of the last row of the batch before; null = from the beginning. */
  readonly after: readonly string[] | null;
  readonly limit: number;
}

/** Values under any other key, locked, in the order of their key. Rows that somebody else holds are passed over: nobody waits for us. */
export async function takeStale(
  em: EntityManager,
  { table, column, key }: SealedColumn,
  { tenantId, header, after, limit }: StaleOrder,
): Promise<readonly SealedRow[]> {
  const names = key.map(({ name }) => `s.${name}`).join(', ');
  const bounds = key.map(({ type }, at) => `$${at + 4}::${type}`).join(', ');
  return em.query(
    `SELECT ARRAY[${key.map(({ name }) => `s.${name}::text`).join(', ')}] AS key, s.${column} AS envelope
     FROM buduan.${table} s
     WHERE s.tenant_id = $1 AND length(s.${column}) > 2 AND substring(s.${column} FROM 1 FOR length($2::bytea)) <> $2
       ${after === null ? '' : `AND (${names}) > (${bounds})`}
     ORDER BY ${names} LIMIT $3 FOR UPDATE OF s SKIP LOCKED`,
    [tenantId, header, limit, ...(after ?? [])],
  );
}

/** Of rows that this transaction holds. */
export async function replaceEnvelopes(
  em: EntityManager,
  { table, column, key }: SealedColumn,
  { tenantId, rows }: { readonly tenantId: string; readonly rows: readonly SealedRow[] },
): Promise<void> {
  const lists = key.map(({ type }, at) => `$${at + 3}::${type}[]`).join(', ');
  const names = key.map(({ name }) => name);
  await em.query(
    `UPDATE buduan.${table} s SET ${column} = decode(t.envelope, 'hex')
     FROM unnest($2::text[], ${lists}) AS t(envelope, ${names.join(', ')})
     WHERE s.tenant_id = $1 AND ${names.map((name) => `s.${name} = t.${name}`).join(' AND ')}`,
    [
      tenantId,
      rows.map(({ envelope }) => envelope.toString('hex')),
      ...names.map((_, at) => rows.map((row) => row.key[at])),
    ],
  );
}
