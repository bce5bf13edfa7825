/** All SQL about keys of the API. */
import type { EntityManager } from 'typeorm';
import type { Scope } from './permission.js';

/** Everything but the hash. */
export interface ApiKeyView {
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
}

export interface NewApiKey {
  readonly tenantId: string;
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly secretHash: Buffer;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const VIEW = `k.key_id AS "keyId", k.name, k.scopes, k.created_by AS "createdBy", k.created_at AS "createdAt",
  k.expires_at AS "expiresAt", k.revoked_at AS "revokedAt", k.revoked_by AS "revokedBy", k.last_used_at AS "lastUsedAt"`;

export async function insertApiKey(em: EntityManager, key: NewApiKey): Promise<void> {
  await em.query(
    `INSERT INTO buduan.api_key (tenant_id, key_id, name, scopes, secret_hash, created_by, created_at, expires_at)
     VALUES ($1, $2, $3, string_to_array($4, ','), $5, $6, $7, $8)`,
    [
      ...[key.tenantId, key.keyId, key.name, key.scopes.join(','), key.secretHash],
      ...[key.createdBy, key.createdAt, key.expiresAt],
    ],
  );
}

/** Newest first. */
export async function selectApiKeys(
  em: EntityManager,
  tenantId: string,
  limit: number,
): Promise<readonly ApiKeyView[]> {
  return em.query<ApiKeyView[]>(
    `SELECT ${VIEW} FROM buduan.api_key k WHERE k.tenant_id = $1 ORDER BY k.created_at DESC, k.key_id LIMIT $2`,
    [tenantId, limit],
  );
}

/** With its hash; null = there is none. */
export async function selectApiKey(
  em: EntityManager,
  key: { readonly tenantId: string; readonly keyId: string },
): Promise<(ApiKeyView & { readonly secretHash: Buffer }) | null> {
  const rows = await em.query<(ApiKeyView & { secretHash: Buffer })[]>(
    `SELECT ${VIEW}, k.secret_hash AS "secretHash" FROM buduan.api_key k WHERE k.tenant_id = $1 AND k.key_id = $2`,
    [key.tenantId, key.keyId],
  );
  return rows[0] ?? null;
}

/** Whether it was live until now. */
export async function updateRevoked(
  em: EntityManager,
  revoked: { readonly tenantId: string; readonly keyId: string; readonly by: string; readonly at: Date },
): Promise<boolean> {
  const [, count] = await em.query<[unknown, number]>(
    `UPDATE buduan.api_key k SET revoked_at = $3, revoked_by = $4
      WHERE k.tenant_id = $1 AND k.key_id = $2 AND k.revoked_at IS NULL`,
    [revoked.tenantId, revoked.keyId, revoked.at, revoked.by],
  );
  return count === 1;
}

/** Written at most once a minute per key: a busy caller must not cost a write per request. */
export async function updateLastUsed(
  em: EntityManager,
  used: { readonly tenantId: string; readonly keyId: string; readonly at: Date },
): Promise<void> {
  await em.query(
    `UPDATE buduan.api_key k SET last_used_at = $3
      WHERE k.tenant_id = $1 AND k.key_id = $2 AND (k.last_used_at IS NULL OR k.last_used_at < $3::timestamptz - interval '1 minute')`,
    [used.tenantId, used.keyId, used.at],
  );
}
