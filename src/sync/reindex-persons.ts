/** How persons move under the current key of the blind index, some at a time, while the hub goes on finding and making them. */
import type { EntityManager } from 'typeorm';
import type { IdentityNumber } from '../domain/identity-number.js';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import type { BatchDone, BatchOrder } from '../platform/crypto/reseal.js';
import { replaceIndexes, takeOtherwiseIndexed } from './person-index.store.js';

/** The current key must be the one under which persons are made; `keys rotate` moves there first. */
export async function reindexBatch(
  em: EntityManager,
  vault: IdentityVault,
  { tenantId, after, limit }: BatchOrder,
): Promise<BatchDone> {
  const keyId = vault.currentIndexKeyId;
  const persons = await takeOtherwiseIndexed(em, { tenantId, keyId, after: after?.[0] ?? null, limit });
  if (persons.length === 0) return { count: 0, after: null };
  const indexed = persons.map(({ personId, idType, sealed }) => {
    const number = vault.open(tenantId, 'person', 'id_number_enc', personId, sealed);
    const identity = { type: idType, number } as IdentityNumber;
    return { personId, index: vault.blindIndex(tenantId, identity, keyId).toString('hex') };
  });
  await replaceIndexes(em, { tenantId, keyId }, indexed);
  return { count: persons.length, after: [indexed.at(-1)?.personId ?? ''] };
}
