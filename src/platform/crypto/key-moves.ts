/** How the hub goes over from one key to the next: begin with the new, close the old, let it go when nothing rests on it. */
import type { Database } from '../database/database.js';
import type { IdentityVault, KeyKind } from './identity-vault.js';
import {
  type KeyUse,
  closeKey,
  insertKeyUse,
  lockKeys,
  moveMain,
  retireKey,
  selectKeyUses,
  selectTenantIds,
} from './key-use.store.js';

export type { KeyUse } from './key-use.store.js';

type KeyDatabase = Pick<Database, 'acrossTenants'>;

/** A handful, oldest first. */
export async function readKeyUses(database: KeyDatabase): Promise<readonly KeyUse[]> {
  return database.acrossTenants((em) => selectKeyUses(em));
}

/** Every tenant that the database knows, also those that no configuration names any more: their rows are sealed too. */
export async function readTenantIds(database: KeyDatabase): Promise<readonly string[]> {
  return database.acrossTenants((em) => selectTenantIds(em));
}

/**
 * From its commit on new persons are made under the current key of the blind index, by every node; one that does not hold that
 * key is refused. Does nothing where it is so already.
 */
export async function moveToCurrent(database: KeyDatabase, vault: IdentityVault): Promise<void> {
  const current = vault.checkValues().filter(({ kind, keyId }) => keyId === currentOf(vault, kind));
  const uses = await readKeyUses(database);
  const isThere = current.every(({ kind, keyId }) =>
    uses.some((use) => use.kind === kind && use.keyId === keyId && (kind === 'identity' || use.isMain)),
  );
  if (isThere) return;
  await database.acrossTenants(async (em) => {
    await lockKeys(em);
    for (const key of current) await insertKeyUse(em, key, false);
    await moveMain(em, vault.currentIndexKeyId);
  });
}

/** Keys other than the current ones on which something may rest. */
export async function formerKeys(database: KeyDatabase, vault: IdentityVault): Promise<readonly KeyUse[]> {
  return (await readKeyUses(database)).filter(
    ({ kind, keyId, retiredAt }) => retiredAt === null && keyId !== currentOf(vault, kind),
  );
}

/** After its commit nothing new rests on them: what was being stored has been stored, and whoever still would is refused. */
export async function closeKeys(database: KeyDatabase, keys: readonly KeyUse[]): Promise<void> {
  const open = keys.filter(({ closedAt }) => closedAt === null);
  if (open.length === 0) return;
  await database.acrossTenants(async (em) => {
    await lockKeys(em);
    for (const key of open) await closeKey(em, key);
  });
}

/** Of closed keys on which nothing rests. */
export async function retireKeys(database: KeyDatabase, keys: readonly KeyUse[]): Promise<void> {
  await database.acrossTenants(async (em) => {
    for (const key of keys) await retireKey(em, key);
  });
}

export function currentOf(vault: IdentityVault, kind: KeyKind): string {
  return kind === 'identity' ? vault.currentKeyId : vault.currentIndexKeyId;
}
