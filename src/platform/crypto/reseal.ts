/** How a batch of stored values moves under the current key: opened and sealed again inside one transaction. */
import type { EntityManager } from 'typeorm';
import { type IdentityVault, envelopeHeader } from './identity-vault.js';
import { replaceEnvelopes, takeStale } from './reseal.store.js';
import type { SealedColumn } from './sealed-column.js';

export interface BatchOrder {
  readonly tenantId: string;
  /** Where the batch before ended; null = from the beginning. */
  readonly after: readonly string[] | null;
  /** Values at most. */
  readonly limit: number;
}

export interface BatchDone {
  readonly count: number;
  /** null = nothing is left beyond. */
  readonly after: readonly string[] | null;
}

/** Throws `seal-broken` for a value that no key of the ring opens; nothing of the batch is changed then. */
export async function resealBatch(
  em: EntityManager,
  vault: IdentityVault,
  { column, tenantId, after, limit }: BatchOrder & { readonly column: SealedColumn },
): Promise<BatchDone> {
  const header = envelopeHeader(vault.currentKeyId);
  const stale = await takeStale(em, column, { tenantId, header, after, limit: Math.min(limit, column.most ?? limit) });
  if (stale.length === 0) return { count: 0, after: null };
  const rows = stale.map(({ key, envelope }) => {
    const rowId = column.rowIdOf(key);
    const plain = vault.open(tenantId, column.table, column.column, rowId, envelope);
    return { key, envelope: vault.seal(tenantId, column.table, column.column, rowId, plain) };
  });
  await replaceEnvelopes(em, column, { tenantId, rows });
  return { count: rows.length, after: rows.at(-1)?.key ?? null };
}
