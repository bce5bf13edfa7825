/** What is written once about a case: every move, reminders, answers of employees and decisions of approvers. */
import type { EntityManager } from 'typeorm';
import type { Json } from '../platform/audit/audit-hash.js';
import type { Day } from '../domain/month.js';
import type { CaseState } from './case-states.js';

export interface CaseEventRow {
  readonly caseId: string;
  readonly round: number;
  readonly kind: 'moved' | 'reminder' | 'escalated' | 'line' | 'note';
  readonly fromState: CaseState | null;
  readonly toState: CaseState | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, Json>>;
  readonly onDay: Day;
}

type TenantEvent = CaseEventRow & { readonly tenantId: string };

/** Its number: it grows within the case, and no other event of the tenant's cases has it. */
export async function appendCaseEvent(em: EntityManager, { tenantId, ...event }: TenantEvent): Promise<number> {
  const [eventNo = 0] = await appendCaseEvents(em, tenantId, [event]);
  return eventNo;
}

/** Their numbers, in the order given; one statement. */
export async function appendCaseEvents(
  em: EntityManager,
  tenantId: string,
  events: readonly CaseEventRow[],
): Promise<readonly number[]> {
  const rows = await em.query<{ eventNo: string }[]>(
    `INSERT INTO buduan.case_event (tenant_id, case_id, round, kind, from_state, to_state, actor, reason, detail, on_day)
     SELECT $1, e."caseId", e.round, e.kind, e."fromState", e."toState", e.actor, e.reason, e.detail, e."onDay"
       FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS ("caseId" uuid, round integer, kind text, "fromState" text, "toState" text,
                                                         actor text, reason text, detail jsonb, "onDay" date)) WITH ORDINALITY AS e
      ORDER BY e.ordinality
     RETURNING event_no AS "eventNo"`,
    [tenantId, JSON.stringify(events)],
  );
  return rows.map(({ eventNo }) => Number(eventNo));
}

/** How somebody answered: the way, the language, the hash of the text shown, the address. Never a name or identity number. */
export type AnswerEvidence = Readonly<Record<string, string>>;

interface Signed {
  readonly tenantId: string;
  readonly caseId: string;
  readonly round: number;
  /** Hex. */
  readonly hash: string;
  readonly actor: string;
}

export async function insertConfirmation(
  em: EntityManager,
  signed: Signed & { readonly answer: 'confirmed' | 'declined'; readonly evidence: AnswerEvidence },
): Promise<void> {
  await em.query(
    `INSERT INTO buduan.case_confirmation (tenant_id, case_id, round, answer, hash, actor, evidence)
     VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6, $7)`,
    [
      ...[signed.tenantId, signed.caseId, signed.round, signed.answer, signed.hash, signed.actor],
      JSON.stringify(signed.evidence),
    ],
  );
}

export async function insertApproval(
  em: EntityManager,
  signed: Signed & { readonly decision: 'approved' | 'returned' | 'refused'; readonly reason: string | null },
): Promise<void> {
  await em.query(
    `INSERT INTO buduan.case_approval (tenant_id, case_id, round, decision, hash, actor, reason)
     VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6, $7)`,
    [signed.tenantId, signed.caseId, signed.round, signed.decision, signed.hash, signed.actor, signed.reason],
  );
}
