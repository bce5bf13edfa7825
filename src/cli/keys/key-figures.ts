/** How much rests on which key, over all tenants that the database knows. */
import { BACKPAY_SEALED_COLUMNS } from '../../backpay/sealed-columns.js';
import { countOpenLinksByKey } from '../../employee/links.reader.js';
import type { IdentityVault, KeyKind } from '../../platform/crypto/identity-vault.js';
import { readKeyUses, readTenantIds } from '../../platform/crypto/key-moves.js';
import { type SealedColumn, sealedPlaceName } from '../../platform/crypto/sealed-column.js';
import { countSealedByKey } from '../../platform/crypto/sealed-values.reader.js';
import type { Database } from '../../platform/database/database.js';
import { countByIndexKey } from '../../sync/persons.reader.js';
import { SYNC_SEALED_COLUMNS } from '../../sync/sealed-columns.js';

/** Of every room. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [...SYNC_SEALED_COLUMNS, ...BACKPAY_SEALED_COLUMNS];

/** `used`: something may rest on it. `closed`: nothing new does. `retired`: nothing does, and the configuration may drop it. */
export type KeyState = 'used' | 'closed' | 'retired' | 'unused';

export interface KeyFigure {
  readonly kind: KeyKind;
  readonly keyId: string;
  /** Whether the configuration of this process names it as current. */
  readonly isCurrent: boolean;
  readonly isHeld: boolean;
  readonly state: KeyState;
  /** Values by what they are, without zeros. */
  readonly values: Readonly<Record<string, number>>;
}

export async function readKeyFigures(database: Database, vault: IdentityVault): Promise<readonly KeyFigure[]> {
  const values = await countValues(database);
  const uses = await readKeyUses(database);
  const held = vault.checkValues();
  const unnoted = held.filter((key) => !uses.some(({ kind, keyId }) => kind === key.kind && keyId === key.keyId));
  const figure = (kind: KeyKind, keyId: string, state: KeyState): KeyFigure => ({
    ...{ kind, keyId, state },
    isCurrent: keyId === (kind === 'identity' ? vault.currentKeyId : vault.currentIndexKeyId),
    isHeld: held.some((key) => key.kind === kind && key.keyId === keyId),
    values: Object.fromEntries(values.get(placeOf(kind, keyId)) ?? []),
  });
  return [
    ...uses.map(({ kind, keyId, closedAt, retiredAt }) =>
      figure(kind, keyId, retiredAt !== null ? 'retired' : closedAt !== null ? 'closed' : 'used'),
    ),
    ...unnoted.map(({ kind, keyId }) => figure(kind, keyId, 'unused')),
  ];
}

/** By kind and key, then by what it is. */
async function countValues(database: Database): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const sums = new Map<string, Map<string, number>>();
  const add = (kind: KeyKind, what: string, counts: ReadonlyMap<string, number>): void => {
    for (const [keyId, count] of counts) {
      const sum = sums.get(placeOf(kind, keyId)) ?? new Map<string, number>();
      sums.set(placeOf(kind, keyId), sum.set(what, (sum.get(what) ?? 0) + count));
    }
  };
  for (const tenantId of await readTenantIds(database)) {
    await database.inTenant(tenantId, async (em) => {
      for (const column of SEALED_COLUMNS)
        add('identity', sealedPlaceName(column), await countSealedByKey(em, column, tenantId));
      add('blind-index', 'persons', await countByIndexKey(em, tenantId));
      add('blind-index', 'links', await countOpenLinksByKey(em, tenantId));
    });
  }
  return sums;
}

function placeOf(kind: KeyKind, keyId: string): string {
  return `${kind} ${keyId}`;
}
