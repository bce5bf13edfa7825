/** Which editions there are and how each stands for a tenant, for people who look. */
import type { EntityManager } from 'typeorm';

export interface EditionView {
  readonly version: string;
  readonly contentHash: string;
  readonly keyId: string;
  readonly source: string;
  readonly pulledBy: string;
  readonly pulledAt: Date;
  readonly approvedBy: string | null;
  readonly activatedAt: Date | null;
  readonly automatic: boolean | null;
}

/** Newest pulled first, at most 100. */
export async function readEditions(em: EntityManager, tenantId: string): Promise<readonly EditionView[]> {
  return em.query(
    `SELECT p.version, encode(p.content_hash, 'hex') AS "contentHash", p.key_id AS "keyId", p.source, p.pulled_by AS "pulledBy",
            p.pulled_at AS "pulledAt", a.approved_by AS "approvedBy", a.activated_at AS "activatedAt", a.automatic
       FROM buduan.policy_pack p
       LEFT JOIN buduan.policy_activation a ON a.tenant_id = $1 AND a.version = p.version
      ORDER BY p.pulled_at DESC, p.version DESC LIMIT 100`,
    [tenantId],
  );
}
