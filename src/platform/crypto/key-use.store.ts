/** The rows of key_use: which keys stored values rest on. One hub has one list; it belongs to no tenant. */
import { setTimeout as wait } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { HubError } from '../../domain/hub-error.js';
import { type KeyCheck, type KeyKind, envelopeHeader } from './identity-vault.js';

export interface KeyUse {
  readonly kind: KeyKind;
  readonly keyId: string;
  /** null = no hub has shown this key yet. */
  readonly check: Buffer | null;
  readonly isMain: boolean;
  readonly since: Date;
  readonly closedAt: Date | null;
  readonly retiredAt: Date | null;
}

type Named = Pick<KeyUse, 'kind' | 'keyId'>;

/** A page is stored in far less; longer means that somebody holds a transaction open. */
const LOCK_WITHIN_MS = 30_000;
const TRY_AGAIN_MS = 10;

/**
 * Waits for everybody who is storing something, and lets nobody begin before the caller's commit. It asks again and again
 * instead of queueing: a page that stores rows makes its persons in a second transaction, and would wait behind us for itself.
 * Throws `keys-busy` (retry).
 */
export async function lockKeys(em: EntityManager): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += TRY_AGAIN_MS) {
    const rows: { locked: boolean }[] = await em.query(
      `SELECT pg_try_advisory_xact_lock(hashtextextended('buduan.key_use', 0)) AS locked`,
    );
    if (rows[0]?.locked === true) return;
    if (waitedMs >= LOCK_WITHIN_MS)
      throw new HubError({
        code: 'keys-busy',
        next: 'retry',
        message:
          'Something was being stored all the time, so that no key could be moved or closed. Try again when the hub is less busy.',
      });
    await wait(TRY_AGAIN_MS);
  }
}

/** A handful, oldest first. */
export async function selectKeyUses(em: EntityManager): Promise<readonly KeyUse[]> {
  return em.query(
    `SELECT k.kind, k.key_id AS "keyId", k.check_value AS "check", k.is_main AS "isMain", k.since, k.closed_at AS "closedAt",
            k.retired_at AS "retiredAt" FROM buduan.key_use k ORDER BY k.since, k.kind, k.key_id LIMIT 1000`,
  );
}

export async function insertKeyUse(
  em: EntityManager,
  { kind, keyId, check }: KeyCheck,
  isMain: boolean,
): Promise<void> {
  await em.query(
    `INSERT INTO buduan.key_use AS k (kind, key_id, check_value, header, is_main) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (kind, key_id) DO UPDATE SET check_value = coalesce(k.check_value, excluded.check_value)`,
    [kind, keyId, check, envelopeHeader(keyId), isMain],
  );
}

/** From now on new persons are made under this key; call it under `lockKeys`. */
export async function moveMain(em: EntityManager, keyId: string): Promise<void> {
  await em.query(`UPDATE buduan.key_use SET is_main = false WHERE is_main AND key_id <> $1`, [keyId]);
  await em.query(`UPDATE buduan.key_use SET is_main = true WHERE kind = 'blind-index' AND key_id = $1`, [keyId]);
}

/** Nothing new may rest on it; call it under `lockKeys`. */
export async function closeKey(em: EntityManager, { kind, keyId }: Named): Promise<void> {
  await em.query(
    `UPDATE buduan.key_use SET closed_at = now() WHERE kind = $1 AND key_id = $2 AND closed_at IS NULL AND NOT is_main`,
    [kind, keyId],
  );
}

/** Nothing rests on it any more; only of a key that is closed. */
export async function retireKey(em: EntityManager, { kind, keyId }: Named): Promise<void> {
  await em.query(
    `UPDATE buduan.key_use SET retired_at = now() WHERE kind = $1 AND key_id = $2 AND closed_at IS NOT NULL AND retired_at IS NULL`,
    [kind, keyId],
  );
}

/** Every tenant that the database knows, also those that no configuration names any more: their rows are sealed too. */
export async function selectTenantIds(em: EntityManager): Promise<readonly string[]> {
  const rows: { tenantId: string }[] = await em.query(
    `SELECT t.tenant_id AS "tenantId" FROM buduan.tenant t ORDER BY t.tenant_id`,
  );
  return rows.map(({ tenantId }) => tenantId);
}
