/** Whether the keys of this process fit what is stored: asked once whenever a hub opens, before anything is read or sealed. */
import { HubError } from '../../domain/hub-error.js';
import type { Database } from '../database/database.js';
import type { IdentityVault, KeyCheck, KeyKind } from './identity-vault.js';
import { type KeyUse, insertKeyUse, lockKeys, selectKeyUses } from './key-use.store.js';

const PLACE: Readonly<Record<KeyKind, string>> = { identity: 'keys.identity', 'blind-index': 'keys.blindIndex' };

/**
 * Notes the current keys as used. The first hub that opens a database notes all it has: nobody knows yet which of them its
 * rows rest on. Throws `keys-unusable` when a key is missing that something rests on, stands for another key than before, or
 * is to be used although it was retired.
 */
export async function admitKeys(database: Pick<Database, 'acrossTenants'>, vault: IdentityVault): Promise<void> {
  const held = vault.checkValues();
  const known = await database.acrossTenants((em) => selectKeyUses(em));
  refuseUnfit(known, held, vault);
  const fresh = unnoted(known, held, vault);
  if (fresh.length === 0) return;
  await database.acrossTenants(async (em) => {
    await lockKeys(em);
    const now = await selectKeyUses(em);
    refuseUnfit(now, held, vault);
    const hasMain = now.some(({ isMain }) => isMain);
    for (const key of unnoted(now, held, vault)) await insertKeyUse(em, key, !hasMain && key.kind === 'blind-index');
  });
}

/** Of the blind index only the key that persons stand under: `keys rotate` notes the next when it moves to it. */
function unnoted(known: readonly KeyUse[], held: readonly KeyCheck[], vault: IdentityVault): readonly KeyCheck[] {
  const isFirst = !known.some(({ kind }) => kind === 'identity');
  const main = known.find(({ isMain }) => isMain)?.keyId ?? vault.currentIndexKeyId;
  return held.filter(({ kind, keyId }) => {
    if (known.some((use) => use.kind === kind && use.keyId === keyId && use.check !== null)) return false;
    return kind === 'identity' ? isFirst || keyId === vault.currentKeyId : keyId === main;
  });
}

function refuseUnfit(known: readonly KeyUse[], held: readonly KeyCheck[], vault: IdentityVault): void {
  for (const use of known) {
    const { kind, keyId } = use;
    const own = held.find((key) => key.kind === kind && key.keyId === keyId);
    const current = kind === 'identity' ? vault.currentKeyId : vault.currentIndexKeyId;
    if (use.closedAt !== null && keyId === current)
      throw unusable(
        use,
        'was closed by "buduan keys rotate" and seals and finds no more. Name its successor as current',
      );
    if (use.retiredAt !== null) continue;
    if (own === undefined)
      throw unusable(
        use,
        `is missing, and stored values rest on it. Put it back under that id; "buduan keys rotate" frees it`,
      );
    if (use.check !== null && !own.check.equals(use.check))
      throw unusable(use, 'is another key than the one under which values were stored. Put the former back');
  }
}

function unusable({ kind, keyId }: Pick<KeyUse, 'kind' | 'keyId'>, why: string): HubError {
  return new HubError({
    code: 'keys-unusable',
    next: 'fix-config',
    message: `Key ${keyId} of ${PLACE[kind]} ${why}.`,
    detail: { kind, keyId },
  });
}
