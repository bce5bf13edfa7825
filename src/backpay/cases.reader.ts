/** What others may ask of cases: lists by days left, one case with its lines and signatures, its history. Ids and amounts, no names. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type { CaseChannel, CaseContent, CaseTotals } from './case-content.js';
import { totalsOf } from './case-content.js';
import type { CaseState } from './case-states.js';
import { type CaseAdvice, type CaseOrigin, type StoredLine, linesOfCase } from './case.store.js';

export interface CaseSummary {
  readonly caseId: string;
  readonly personId: string;
  readonly idMasked: string;
  readonly employmentId: string;
  readonly state: CaseState;
  readonly round: number;
  readonly origin: CaseOrigin;
  readonly months: readonly string[];
  readonly insurances: readonly string[];
  /** Fen; null while an amount is unknown. */
  readonly employeeFen: number | null;
  readonly employerFen: number | null;
  readonly channel: CaseChannel | null;
  readonly connectionId: string | null;
  readonly region: RegionCode | null;
  /** Last day to apply; null = no limit known. */
  readonly lastDay: Day | null;
  readonly daysLeft: number | null;
  readonly respondBy: Day | null;
  readonly attention: string | null;
  /** Why bureau or agency refused it, or some of its months, in their words; null = they did not, or nobody said. */
  readonly refusal: string | null;
  readonly createdAt: Date;
  readonly movedAt: Date;
}

export interface CaseFilter {
  readonly tenantId: string;
  readonly today: Day;
  readonly states?: readonly CaseState[];
  readonly personId?: string;
  /** 1–1000. */
  readonly limit: number;
}

const SUMMARY = `
  SELECT c.case_id AS "caseId", c.person_id AS "personId", p.id_masked AS "idMasked", c.employment_id AS "employmentId", c.state, c.round, c.origin,
         line.months, line.insurances, line.employee AS "employeeFen", line.employer AS "employerFen",
         c.content->>'channel' AS channel, c.content->>'connectionId' AS "connectionId", c.content->>'region' AS region,
         c.last_day::text AS "lastDay", c.last_day - $2::date AS "daysLeft", c.respond_by::text AS "respondBy", c.attention, c.refusal,
         c.created_at AS "createdAt", c.moved_at AS "movedAt"
    FROM buduan.back_payment_case c
    JOIN buduan.person p ON p.tenant_id = c.tenant_id AND p.person_id = c.person_id
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(DISTINCT l.month ORDER BY l.month), '{}') AS months,
             coalesce(array_agg(DISTINCT l.insurance ORDER BY l.insurance), '{}') AS insurances,
             CASE WHEN bool_and(l.employee_fen IS NOT NULL) THEN sum(l.employee_fen)::float8 END AS employee,
             CASE WHEN bool_and(l.employer_fen IS NOT NULL) THEN sum(l.employer_fen)::float8 END AS employer
        FROM buduan.case_line l WHERE l.tenant_id = c.tenant_id AND l.case_id = c.case_id) AS line
   WHERE c.tenant_id = $1`;

/** The fewest days left first; without a last day at the end. */
export async function listCases(em: EntityManager, filter: CaseFilter): Promise<readonly CaseSummary[]> {
  return em.query(
    `${SUMMARY} AND ($3::text[] IS NULL OR c.state = ANY ($3::text[])) AND ($4::uuid IS NULL OR c.person_id = $4::uuid)
      ORDER BY c.last_day NULLS LAST, c.case_id LIMIT $5`,
    [
      ...[filter.tenantId, filter.today, filter.states ?? null, filter.personId ?? null],
      Math.min(Math.max(filter.limit, 1), 1000),
    ],
  );
}

export async function countCases(
  em: EntityManager,
  tenantId: string,
): Promise<readonly { readonly state: CaseState; readonly count: number }[]> {
  return em.query(
    `SELECT c.state, count(*)::int AS count FROM buduan.back_payment_case c WHERE c.tenant_id = $1 GROUP BY c.state ORDER BY c.state`,
    [tenantId],
  );
}

export interface CaseView extends CaseSummary {
  /** What employee and approver sign; null while it is not complete. */
  readonly hash: string | null;
  readonly content: CaseContent | null;
  readonly totals: CaseTotals | null;
  readonly lines: readonly StoredLine[];
  readonly advice: CaseAdvice;
  readonly proposedBy: string;
  readonly requestedBy: string | null;
  readonly confirmedBy: string | null;
  readonly approvedBy: string | null;
  readonly submittedOn: Day | null;
  readonly remoteRef: string | null;
}

type Details = Omit<CaseView, keyof CaseSummary | 'totals' | 'lines'>;

/** null = the tenant has no such case. */
export async function readCase(
  em: EntityManager,
  asked: { readonly tenantId: string; readonly caseId: string; readonly today: Day },
): Promise<CaseView | null> {
  const [summary]: CaseSummary[] = await em.query(`${SUMMARY} AND c.case_id = $3`, [
    asked.tenantId,
    asked.today,
    asked.caseId,
  ]);
  const [details]: Details[] = await em.query(
    `SELECT encode(c.content_hash, 'hex') AS hash, c.content, c.advice, c.proposed_by AS "proposedBy", c.requested_by AS "requestedBy",
            c.confirmed_by AS "confirmedBy", c.approved_by AS "approvedBy", c.submitted_on::text AS "submittedOn", c.remote_ref AS "remoteRef"
       FROM buduan.back_payment_case c WHERE c.tenant_id = $1 AND c.case_id = $2`,
    [asked.tenantId, asked.caseId],
  );
  if (summary === undefined || details === undefined) return null;
  const totals = details.content === null ? null : totalsOf(details.content.lines);
  return { ...summary, ...details, totals, lines: await linesOfCase(em, asked.tenantId, asked.caseId) };
}

export interface CaseEventView {
  readonly kind: 'moved' | 'reminder' | 'escalated' | 'line' | 'note';
  readonly round: number;
  readonly from: CaseState | null;
  readonly to: CaseState | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly detail: unknown;
  /** The day by which the case was moved; `at` is the time of writing. */
  readonly onDay: Day;
  readonly at: Date;
}

/** Oldest first; at most 1,000. */
export async function readCaseHistory(
  em: EntityManager,
  tenantId: string,
  caseId: string,
): Promise<readonly CaseEventView[]> {
  return em.query(
    `SELECT e.kind, e.round, e.from_state AS "from", e.to_state AS "to", e.actor, e.reason, e.detail, e.on_day::text AS "onDay", e.at
       FROM buduan.case_event e WHERE e.tenant_id = $1 AND e.case_id = $2 ORDER BY e.event_no LIMIT 1000`,
    [tenantId, caseId],
  );
}

/** A case that is to leave, with what its approval was bound to. */
export interface ApprovedCase {
  readonly caseId: string;
  readonly personId: string;
  readonly content: CaseContent;
  readonly hash: string;
  readonly approvedBy: string;
  readonly runId: string;
  readonly round: number;
}

/** null = it is not to leave (any more). */
export async function readApprovedCase(
  em: EntityManager,
  tenantId: string,
  caseId: string,
): Promise<ApprovedCase | null> {
  const rows: ApprovedCase[] = await em.query(
    `SELECT c.case_id AS "caseId", c.person_id AS "personId", c.content, encode(c.approved_hash, 'hex') AS hash, c.approved_by AS "approvedBy",
            c.run_id AS "runId", c.round
       FROM buduan.back_payment_case c
      WHERE c.tenant_id = $1 AND c.case_id = $2 AND c.state = 'submitting' AND c.approved_hash = c.content_hash`,
    [tenantId, caseId],
  );
  return rows[0] ?? null;
}

/** Whose case it is; null = the tenant has no such case. */
export async function findPersonOfCase(em: EntityManager, tenantId: string, caseId: string): Promise<string | null> {
  const rows: { personId: string }[] = await em.query(
    'SELECT c.person_id AS "personId" FROM buduan.back_payment_case c WHERE c.tenant_id = $1 AND c.case_id = $2',
    [tenantId, caseId],
  );
  return rows[0]?.personId ?? null;
}
