/** All SQL about links to the page of an employee. */
import type { EntityManager } from 'typeorm';

export interface LinkRow {
  readonly linkId: string;
  readonly personId: string;
  /** null = made to ask for a back-payment, and not asked yet. */
  readonly caseId: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly failures: number;
  readonly retryAt: Date | null;
  /** Which key signed its address. */
  readonly keyId: string;
}

interface LinkKey {
  readonly tenantId: string;
  readonly linkId: string;
}

const ROW = `l.link_id AS "linkId", l.person_id AS "personId", l.case_id AS "caseId", l.created_by AS "createdBy",
  l.created_at AS "createdAt", l.expires_at AS "expiresAt", l.revoked_at AS "revokedAt", l.failures, l.retry_at AS "retryAt",
  l.signed_key AS "keyId"`;

export async function insertLink(
  em: EntityManager,
  link: LinkKey & Pick<LinkRow, 'personId' | 'caseId' | 'createdBy' | 'createdAt' | 'expiresAt' | 'keyId'>,
): Promise<void> {
  await em.query(
    `INSERT INTO buduan.employee_link (tenant_id, link_id, person_id, case_id, created_by, created_at, expires_at, signed_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[link.tenantId, link.linkId, link.personId, link.caseId],
      ...[link.createdBy, link.createdAt, link.expiresAt, link.keyId],
    ],
  );
}

interface CaseLinks {
  readonly tenantId: string;
  readonly personId: string;
  readonly caseId: string | null;
}

/** Until the caller's commit nobody else makes a link for the same purpose. */
export async function lockLinksOf(em: EntityManager, { tenantId, personId, caseId }: CaseLinks): Promise<void> {
  await em.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `employee-link/${tenantId}/${personId}/${caseId ?? ''}`,
  ]);
}

/** Of those for the same purpose, also when it does not open any more. */
export async function selectLatestLink(em: EntityManager, of: CaseLinks): Promise<LinkRow | null> {
  const rows = await em.query<LinkRow[]>(
    `SELECT ${ROW} FROM buduan.employee_link l
      WHERE l.tenant_id = $1 AND l.person_id = $2 AND l.case_id IS NOT DISTINCT FROM $3::uuid
      ORDER BY l.created_at DESC, l.link_id LIMIT 1`,
    [of.tenantId, of.personId, of.caseId],
  );
  return rows[0] ?? null;
}

/** Those for the same purpose that still open; the ids of what was ended. */
export async function revokeFormer(
  em: EntityManager,
  of: CaseLinks,
  by: { readonly by: string; readonly at: Date },
): Promise<readonly string[]> {
  const [rows] = await em.query<[{ linkId: string }[], number]>(
    `UPDATE buduan.employee_link l SET revoked_at = $4, revoked_by = $5
      WHERE l.tenant_id = $1 AND l.person_id = $2 AND l.case_id IS NOT DISTINCT FROM $3::uuid AND l.revoked_at IS NULL
      RETURNING l.link_id AS "linkId"`,
    [of.tenantId, of.personId, of.caseId, by.at, by.by],
  );
  return rows.map(({ linkId }) => linkId);
}

/** Whether it was not revoked before. */
export async function revokeOne(
  em: EntityManager,
  link: LinkKey,
  by: { readonly by: string; readonly at: Date },
): Promise<boolean> {
  const [, count] = await em.query<[unknown, number]>(
    `UPDATE buduan.employee_link l SET revoked_at = $3, revoked_by = $4
      WHERE l.tenant_id = $1 AND l.link_id = $2 AND l.revoked_at IS NULL`,
    [link.tenantId, link.linkId, by.at, by.by],
  );
  return count === 1;
}

/** With `lock`, one attempt after the other: guesses at the same time are counted one by one. */
export async function selectLink(
  em: EntityManager,
  { tenantId, linkId }: LinkKey,
  { lock }: { readonly lock: boolean },
): Promise<LinkRow | null> {
  const rows = await em.query<LinkRow[]>(
    `SELECT ${ROW} FROM buduan.employee_link l WHERE l.tenant_id = $1 AND l.link_id = $2 ${lock ? 'FOR UPDATE' : ''}`,
    [tenantId, linkId],
  );
  return rows[0] ?? null;
}

export async function updateFailure(
  em: EntityManager,
  link: LinkKey,
  { failures, retryAt }: Pick<LinkRow, 'failures' | 'retryAt'>,
): Promise<void> {
  await em.query(
    'UPDATE buduan.employee_link l SET failures = $3, retry_at = $4 WHERE l.tenant_id = $1 AND l.link_id = $2',
    [link.tenantId, link.linkId, failures, retryAt],
  );
}

/** Former mistakes stay counted: who knows the answer once needs no more tries. */
export async function updateOpened(em: EntityManager, link: LinkKey, at: Date): Promise<void> {
  await em.query(
    'UPDATE buduan.employee_link l SET opened_at = $3, retry_at = NULL WHERE l.tenant_id = $1 AND l.link_id = $2',
    [link.tenantId, link.linkId, at],
  );
}

export async function updateCaseOfLink(em: EntityManager, link: LinkKey, caseId: string): Promise<void> {
  await em.query(
    'UPDATE buduan.employee_link l SET case_id = $3 WHERE l.tenant_id = $1 AND l.link_id = $2 AND l.case_id IS NULL',
    [link.tenantId, link.linkId, caseId],
  );
}
