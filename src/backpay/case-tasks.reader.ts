/** Which cases wait for a person who carries them to an office, and which receipts a case has. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import type { CaseChannel } from './case-content.js';
import type { ReceiptKind } from './receipt-kind.js';

export interface ReceiptView {
  readonly receiptId: string;
  readonly round: number;
  readonly kind: ReceiptKind;
  readonly bytes: number;
  /** Hex: of the paper as it was attached. */
  readonly sha256: string;
  readonly reference: string | null;
  readonly attachedBy: string;
  readonly at: Date;
}

export const RECEIPT_VIEW = `r.receipt_id AS "receiptId", r.round, r.kind, r.bytes, encode(r.sha256, 'hex') AS sha256, r.reference, r.attached_by AS "attachedBy", r.at`;

/** Oldest first; without the papers themselves. */
export async function readReceipts(
  em: EntityManager,
  { tenantId, caseId, limit }: { readonly tenantId: string; readonly caseId: string; readonly limit: number },
): Promise<readonly ReceiptView[]> {
  return em.query(
    `SELECT ${RECEIPT_VIEW} FROM buduan.case_receipt r WHERE r.tenant_id = $1 AND r.case_id = $2 ORDER BY r.at, r.receipt_id LIMIT $3`,
    [tenantId, caseId, limit],
  );
}

/** An application that a person has to carry to an office, until its receipt is attached. */
export interface CaseTask {
  readonly caseId: string;
  readonly personId: string;
  readonly idMasked: string;
  /** `carry`: nothing takes it by machine. `hand-in`: the form lies filled in the connection's folder. */
  readonly what: 'carry' | 'hand-in';
  readonly channel: CaseChannel;
  /** In whose folder the form lies; null of what is carried. */
  readonly connectionId: string | null;
  /** Who asked the employee; null = any of HR. */
  readonly who: string | null;
  /** The last day to apply; null = no limit is known. */
  readonly byDay: Day | null;
  readonly daysLeft: number | null;
  /** Since when it waits. */
  readonly since: Day;
  readonly employeeFen: number;
  readonly employerFen: number;
}

/** The fewest days left first. `handIn`: connections whose forms a person hands in. */
export async function listCaseTasks(
  em: EntityManager,
  asked: { readonly tenantId: string; readonly today: Day; readonly handIn: readonly string[]; readonly limit: number },
): Promise<readonly CaseTask[]> {
  return em.query(
    `SELECT c.case_id AS "caseId", c.person_id AS "personId", p.id_masked AS "idMasked",
            CASE WHEN c.state = 'approved' THEN 'carry' ELSE 'hand-in' END AS what,
            c.content->>'channel' AS channel, c.content->>'connectionId' AS "connectionId", c.requested_by AS who,
            c.last_day::text AS "byDay", c.last_day - $2::date AS "daysLeft",
            (SELECT max(e.on_day) FROM buduan.case_event e WHERE e.tenant_id = c.tenant_id AND e.case_id = c.case_id
                AND e.to_state IN ('approved','submitting') AND e.round = c.round)::text AS since,
            line.employee::float8 AS "employeeFen", line.employer::float8 AS "employerFen"
       FROM buduan.back_payment_case c
       JOIN buduan.person p ON p.tenant_id = c.tenant_id AND p.person_id = c.person_id
       CROSS JOIN LATERAL (SELECT sum(l.employee_fen) AS employee, sum(l.employer_fen) AS employer
         FROM buduan.case_line l WHERE l.tenant_id = c.tenant_id AND l.case_id = c.case_id) AS line
      WHERE c.tenant_id = $1
        AND ((c.state = 'approved' AND c.content->>'connectionId' IS NULL)
          OR (c.state IN ('submitting','submitted') AND c.content->>'connectionId' = ANY ($3::text[])))
        AND NOT EXISTS (SELECT FROM buduan.case_receipt r WHERE r.tenant_id = c.tenant_id AND r.case_id = c.case_id AND r.round = c.round)
      ORDER BY c.last_day NULLS LAST, c.case_id LIMIT $4`,
    [asked.tenantId, asked.today, asked.handIn, asked.limit],
  );
}
