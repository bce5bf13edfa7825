/** The rows of policy_pack and policy_activation: editions taken in, and which of them each tenant works by. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../../domain/month.js';

export interface StoredPack {
  readonly version: string;
  readonly contentHash: Buffer;
  readonly pulledBy: string;
}

const PACK = `policy_pack.version, policy_pack.content_hash AS "contentHash", policy_pack.pulled_by AS "pulledBy"`;

/** One pull at a time, over all nodes, until the end of the transaction. */
export async function lockPacks(em: EntityManager): Promise<void> {
  await em.query(`SELECT pg_advisory_xact_lock(hashtextextended('buduan.policy_pack', 0))`);
}

/** Every edition, at most 1,000; in no order. */
export async function listPacks(em: EntityManager): Promise<readonly StoredPack[]> {
  return em.query(`SELECT ${PACK} FROM buduan.policy_pack ORDER BY policy_pack.version LIMIT 1000`);
}

export async function findPack(em: EntityManager, version: string): Promise<StoredPack | null> {
  const rows: StoredPack[] = await em.query(`SELECT ${PACK} FROM buduan.policy_pack WHERE policy_pack.version = $1`, [
    version,
  ]);
  return rows[0] ?? null;
}

export async function readArchive(em: EntityManager, version: string): Promise<Buffer | null> {
  const rows: { archive: Buffer }[] = await em.query(
    'SELECT policy_pack.archive FROM buduan.policy_pack WHERE policy_pack.version = $1',
    [version],
  );
  return rows[0]?.archive ?? null;
}

export interface NewPack extends StoredPack {
  readonly keyId: string;
  readonly archive: Buffer;
  readonly source: string;
}

export async function insertPack(em: EntityManager, pack: NewPack): Promise<void> {
  await em.query(
    `INSERT INTO buduan.policy_pack (version, content_hash, key_id, archive, source, pulled_by) VALUES ($1, $2, $3, $4, $5, $6)`,
    [pack.version, pack.contentHash, pack.keyId, pack.archive, pack.source, pack.pulledBy],
  );
}

/** The edition activated last; null = the tenant works by what came with the program. */
export async function activeVersion(em: EntityManager, tenantId: string): Promise<string | null> {
  const rows: { version: string }[] = await em.query(
    `SELECT policy_activation.version FROM buduan.policy_activation
      WHERE policy_activation.tenant_id = $1 ORDER BY policy_activation.activation_no DESC LIMIT 1`,
    [tenantId],
  );
  return rows[0]?.version ?? null;
}

export interface NewActivation {
  readonly tenantId: string;
  readonly version: string;
  readonly beforeVersion: string;
  readonly pulledBy: string;
  readonly approvedBy: string;
  readonly automatic: boolean;
  readonly asOf: Day;
}

export async function insertActivation(em: EntityManager, activation: NewActivation): Promise<void> {
  const { tenantId, version, beforeVersion, pulledBy, approvedBy, automatic, asOf } = activation;
  await em.query(
    `INSERT INTO buduan.policy_activation (tenant_id, version, before_version, pulled_by, approved_by, automatic, as_of)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [tenantId, version, beforeVersion, pulledBy, approvedBy, automatic, asOf],
  );
}
