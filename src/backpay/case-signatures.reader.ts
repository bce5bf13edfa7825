/** Who signed what of a case: every answer of the employee and every decision of an approver, as they were written. */
import type { EntityManager } from 'typeorm';
import type { AnswerEvidence } from './case-log.store.js';

interface Signature {
  readonly round: number;
  /** Hex: of exactly what was signed. */
  readonly hash: string;
  readonly actor: string;
  readonly at: Date;
}

export interface ConfirmationView extends Signature {
  readonly answer: 'confirmed' | 'declined';
  /** From the employee's page: the whole text that was shown, its SHA-256, language, address and browser. */
  readonly evidence: AnswerEvidence;
}

export interface ApprovalView extends Signature {
  readonly decision: 'approved' | 'returned' | 'refused';
  readonly reason: string | null;
}

export interface SignaturesAsked {
  readonly tenantId: string;
  readonly caseId: string;
  readonly limit: number;
}

/** Oldest first. */
export async function readConfirmations(
  em: EntityManager,
  { tenantId, caseId, limit }: SignaturesAsked,
): Promise<readonly ConfirmationView[]> {
  return em.query(
    `SELECT s.round, s.answer, encode(s.hash, 'hex') AS hash, s.actor, s.evidence, s.at
       FROM buduan.case_confirmation s WHERE s.tenant_id = $1 AND s.case_id = $2 ORDER BY s.event_no LIMIT $3`,
    [tenantId, caseId, limit],
  );
}

/** Oldest first. */
export async function readApprovals(
  em: EntityManager,
  { tenantId, caseId, limit }: SignaturesAsked,
): Promise<readonly ApprovalView[]> {
  return em.query(
    `SELECT s.round, s.decision, encode(s.hash, 'hex') AS hash, s.actor, s.reason, s.at
       FROM buduan.case_approval s WHERE s.tenant_id = $1 AND s.case_id = $2 ORDER BY s.event_no LIMIT $3`,
    [tenantId, caseId, limit],
  );
}
