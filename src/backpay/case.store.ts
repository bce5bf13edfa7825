/** The rows of cases: every method is one statement over one case or one person. */
import type { EntityManager } from 'typeorm';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { CaseContent } from './case-content.js';
import { DEAD_STATES, type CaseState, isOneOf } from './case-states.js';

export type CaseOrigin = 'finding' | 'hr' | 'employee';

/** What the policy said when the case was proposed, for people and for the evidence. */
export interface CaseAdvice {
  readonly verdict: 'eligible' | 'refused' | 'unknown';
  readonly text: { readonly zh: readonly string[]; readonly en: readonly string[] };
  /** Keys a tenant may set, and facts of the person that were not told. */
  readonly missing: readonly string[];
  /** `insurance.parameter=value (status)` of figures that nobody confirmed. */
  readonly doubtful: readonly string[];
}

/** A case as stored, locked by whoever moves it. */
export interface CaseRow {
  readonly caseId: string;
  readonly personId: string;
  readonly employmentId: string;
  readonly state: CaseState;
  readonly round: number;
  readonly origin: CaseOrigin;
  readonly content: CaseContent | null;
  /** Hex. */
  readonly contentHash: string | null;
  readonly inputsHash: string;
  readonly advice: CaseAdvice;
  readonly lastDay: Day | null;
  readonly respondBy: Day | null;
  readonly proposedBy: string;
  readonly requestedBy: string | null;
  readonly confirmedBy: string | null;
  readonly approvedBy: string | null;
  readonly approvedHash: string | null;
  readonly submittedOn: Day | null;
  readonly remoteRef: string | null;
  /** Numbers of applications for its months that were shown before it left: not its own. */
  readonly pastRefs: readonly string[];
  /** Numbers of applications for its months, of any round, that bureau or agency refused. */
  readonly refusedRefs: readonly string[];
  readonly attention: string | null;
  /** Why bureau or agency refused it, or some of its months; in their words. */
  readonly refusal: string | null;
}

export interface CellKey {
  readonly insurance: Insurance;
  readonly month: Month;
}

const ROW = `c.case_id AS "caseId", c.person_id AS "personId", c.employment_id AS "employmentId", c.state, c.round, c.origin, c.content,
  encode(c.content_hash, 'hex') AS "contentHash", encode(c.inputs_hash, 'hex') AS "inputsHash", c.advice, c.last_day::text AS "lastDay",
  c.respond_by::text AS "respondBy", c.proposed_by AS "proposedBy", c.requested_by AS "requestedBy", c.confirmed_by AS "confirmedBy",
  c.approved_by AS "approvedBy", encode(c.approved_hash, 'hex') AS "approvedHash", c.submitted_on::text AS "submittedOn",
  c.remote_ref AS "remoteRef", c.past_refs AS "pastRefs", c.refused_refs AS "refusedRefs", c.attention, c.refusal`;

/** Cases of one person are made and moved one after the other. False = no such person. */
export async function lockPerson(em: EntityManager, tenantId: string, personId: string): Promise<boolean> {
  return (await lockPersonsOfCases(em, tenantId, [personId])).length === 1;
}

/** In the order in which everybody locks persons. Those that exist. */
export async function lockPersonsOfCases(
  em: EntityManager,
  tenantId: string,
  personIds: readonly string[],
): Promise<readonly string[]> {
  const rows: { personId: string }[] = await em.query(
    `SELECT p.person_id AS "personId" FROM buduan.person p WHERE p.tenant_id = $1 AND p.person_id = ANY ($2::uuid[])
      ORDER BY p.person_id FOR NO KEY UPDATE`,
    [tenantId, personIds],
  );
  return rows.map(({ personId }) => personId);
}

export async function lockCase(em: EntityManager, tenantId: string, caseId: string): Promise<CaseRow | null> {
  const rows: CaseRow[] = await em.query(
    `SELECT ${ROW} FROM buduan.back_payment_case c WHERE c.tenant_id = $1 AND c.case_id = $2 FOR UPDATE`,
    [tenantId, caseId],
  );
  return rows[0] ?? null;
}

/** Newest last; persons without any are absent. Their persons are locked already. */
export async function lockCasesOfPersons(
  em: EntityManager,
  tenantId: string,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, readonly CaseRow[]>> {
  const rows: CaseRow[] = await em.query(
    `SELECT ${ROW} FROM buduan.back_payment_case c WHERE c.tenant_id = $1 AND c.person_id = ANY ($2::uuid[])
      ORDER BY c.created_at, c.case_id FOR UPDATE`,
    [tenantId, personIds],
  );
  const byPerson = new Map<string, CaseRow[]>();
  for (const row of rows) byPerson.set(row.personId, [...(byPerson.get(row.personId) ?? []), row]);
  return byPerson;
}

/** Which of them have a case in one of these states. */
export async function findPersonsWithCases(
  em: EntityManager,
  tenantId: string,
  { personIds, states }: { readonly personIds: readonly string[]; readonly states: readonly CaseState[] },
): Promise<readonly string[]> {
  const rows: { personId: string }[] = await em.query(
    `SELECT DISTINCT c.person_id AS "personId" FROM buduan.back_payment_case c
      WHERE c.tenant_id = $1 AND c.person_id = ANY ($2::uuid[]) AND c.state = ANY ($3::text[]) ORDER BY 1`,
    [tenantId, personIds, states],
  );
  return rows.map(({ personId }) => personId);
}

export interface NewCase {
  readonly caseId: string;
  readonly personId: string;
  readonly employmentId: string;
  readonly origin: CaseOrigin;
  readonly proposedBy: string;
  readonly inputsHash: string;
  readonly advice: CaseAdvice;
  readonly runId: string;
}

/** In state `detected`, round 1, without content. */
export async function insertCase(em: EntityManager, tenantId: string, made: NewCase): Promise<CaseRow> {
  await em.query(
    `INSERT INTO buduan.back_payment_case (tenant_id, case_id, person_id, employment_id, state, round, origin, proposed_by, inputs_hash, advice, run_id)
     VALUES ($1, $2, $3, $4, 'detected', 1, $5, $6, decode($7, 'hex'), $8, $9)`,
    [
      ...[tenantId, made.caseId, made.personId, made.employmentId, made.origin, made.proposedBy, made.inputsHash],
      ...[JSON.stringify(made.advice), made.runId],
    ],
  );
  const { runId: _, ...given } = made;
  return { ...given, ...NEW_CASE };
}

const NEW_CASE = {
  state: 'detected',
  round: 1,
  content: null,
  contentHash: null,
  lastDay: null,
  respondBy: null,
  requestedBy: null,
  confirmedBy: null,
  approvedBy: null,
  approvedHash: null,
  submittedOn: null,
  remoteRef: null,
  pastRefs: [],
  refusedRefs: [],
  attention: null,
  refusal: null,
} as const;

/** A column and its new value; absent = stays. */
export interface CaseChange {
  readonly round?: number;
  readonly content?: CaseContent | null;
  readonly contentHash?: string | null;
  readonly inputsHash?: string;
  readonly advice?: CaseAdvice;
  readonly lastDay?: Day | null;
  readonly respondBy?: Day | null;
  readonly proposedBy?: string;
  readonly requestedBy?: string | null;
  readonly confirmedBy?: string | null;
  readonly confirmedHash?: string | null;
  readonly approvedBy?: string | null;
  readonly approvedHash?: string | null;
  readonly submittedOn?: Day | null;
  readonly remoteRef?: string | null;
  readonly pastRefs?: readonly string[];
  readonly refusedRefs?: readonly string[];
  readonly attention?: string | null;
  readonly refusal?: string | null;
}

/** Nothing that was asked, answered or approved counts any more. */
export const UNSIGNED = {
  respondBy: null,
  requestedBy: null,
  confirmedBy: null,
  confirmedHash: null,
  approvedBy: null,
  approvedHash: null,
} as const satisfies CaseChange;

const COLUMNS: Readonly<Record<keyof CaseChange, { readonly column: string; readonly cast: string }>> = {
  round: { column: 'round', cast: '$::integer' },
  content: { column: 'content', cast: '$::jsonb' },
  contentHash: { column: 'content_hash', cast: `decode($::text, 'hex')` },
  inputsHash: { column: 'inputs_hash', cast: `decode($::text, 'hex')` },
  advice: { column: 'advice', cast: '$::jsonb' },
  lastDay: { column: 'last_day', cast: '$::date' },
  respondBy: { column: 'respond_by', cast: '$::date' },
  proposedBy: { column: 'proposed_by', cast: '$::text' },
  requestedBy: { column: 'requested_by', cast: '$::text' },
  confirmedBy: { column: 'confirmed_by', cast: '$::text' },
  confirmedHash: { column: 'confirmed_hash', cast: `decode($::text, 'hex')` },
  approvedBy: { column: 'approved_by', cast: '$::text' },
  approvedHash: { column: 'approved_hash', cast: `decode($::text, 'hex')` },
  submittedOn: { column: 'submitted_on', cast: '$::date' },
  remoteRef: { column: 'remote_ref', cast: '$::text' },
  pastRefs: { column: 'past_refs', cast: `ARRAY(SELECT jsonb_array_elements_text($::jsonb))` },
  refusedRefs: { column: 'refused_refs', cast: `ARRAY(SELECT jsonb_array_elements_text($::jsonb))` },
  attention: { column: 'attention', cast: '$::text' },
  refusal: { column: 'refusal', cast: '$::text' },
};

/** Sets the state and what changes with it; a case that ends without paying lets go of its months. */
export async function updateCase(
  em: EntityManager,
  key: { readonly tenantId: string; readonly caseId: string; readonly from: CaseState; readonly state: CaseState },
  change: CaseChange,
): Promise<void> {
  const names = (Object.keys(change) as (keyof CaseChange)[]).filter((name) => change[name] !== undefined);
  const set = names.map(
    (name, index) => `${COLUMNS[name].column} = ${COLUMNS[name].cast.replace('$', `$${index + 4}`)}`,
  );
  await em.query(
    `UPDATE buduan.back_payment_case SET ${['state = $3', 'moved_at = clock_timestamp()', ...set].join(', ')}
      WHERE tenant_id = $1 AND case_id = $2`,
    [
      ...[key.tenantId, key.caseId, key.state],
      ...names.map((name) => {
        const value = change[name];
        return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? null);
      }),
    ],
  );
  const isLive = !isOneOf(key.state, DEAD_STATES);
  if (isLive === !isOneOf(key.from, DEAD_STATES)) return;
  await em.query(
    `UPDATE buduan.case_line SET live = $3 AND case_line.state <> 'rejected' WHERE case_line.tenant_id = $1 AND case_line.case_id = $2`,
    [key.tenantId, key.caseId, isLive],
  );
}

/** What changes while the case stays where it is. */
export async function changeCase(
  em: EntityManager,
  tenantId: string,
  { row: { caseId, state }, change }: { readonly row: Pick<CaseRow, 'caseId' | 'state'>; readonly change: CaseChange },
): Promise<void> {
  await updateCase(em, { tenantId, caseId, from: state, state }, change);
}

/** The line as asked for; amounts null while unknown. */
export interface LineRow extends CellKey {
  readonly baseFen: number | null;
  readonly employeeFen: number | null;
  readonly employerFen: number | null;
  readonly lateFeeFen: number | null;
}

export interface CaseLinesKey {
  readonly tenantId: string;
  readonly caseId: string;
  readonly personId: string;
}

export async function deleteLines(em: EntityManager, { tenantId, caseId }: CaseLinesKey): Promise<void> {
  await em.query('DELETE FROM buduan.case_line WHERE tenant_id = $1 AND case_id = $2', [tenantId, caseId]);
}

/** False = a live case of the person holds one of these months already; the caller must roll back. */
export async function insertLines(em: EntityManager, key: CaseLinesKey, lines: readonly LineRow[]): Promise<boolean> {
  const rows: unknown[] = await em.query(
    `INSERT INTO buduan.case_line (tenant_id, case_id, person_id, insurance, month, base_fen, employee_fen, employer_fen, late_fee_fen, live)
     SELECT $1, $2, $3, line.insurance, line.month, line."baseFen", line."employeeFen", line."employerFen", line."lateFeeFen", true
       FROM jsonb_to_recordset($4::jsonb)
         AS line (insurance text, month text, "baseFen" bigint, "employeeFen" bigint, "employerFen" bigint, "lateFeeFen" bigint)
     ON CONFLICT DO NOTHING RETURNING 1`,
    [key.tenantId, key.caseId, key.personId, JSON.stringify(lines)],
  );
  return rows.length === lines.length;
}

/** Months that live cases of the person hold, with the case. */
export async function takenCells(
  em: EntityManager,
  tenantId: string,
  personId: string,
): Promise<readonly (CellKey & { readonly caseId: string })[]> {
  return em.query(
    `SELECT l.case_id AS "caseId", l.insurance, l.month FROM buduan.case_line l
      WHERE l.tenant_id = $1 AND l.person_id = $2 AND l.live ORDER BY l.month, l.insurance`,
    [tenantId, personId],
  );
}

export type LineState = 'open' | 'accepted' | 'rejected' | 'paid' | 'verified';

export interface StoredLine extends LineRow {
  readonly state: LineState;
  /** Why it was refused, in the words of bureau or agency; null = it was not, or nobody said. */
  readonly reason: string | null;
}

export async function linesOfCase(em: EntityManager, tenantId: string, caseId: string): Promise<readonly StoredLine[]> {
  return em.query(
    `SELECT l.insurance, l.month, l.base_fen::float8 AS "baseFen", l.employee_fen::float8 AS "employeeFen", l.employer_fen::float8 AS "employerFen",
            l.late_fee_fen::float8 AS "lateFeeFen", l.state, l.reason
       FROM buduan.case_line l WHERE l.tenant_id = $1 AND l.case_id = $2 ORDER BY l.month, l.insurance`,
    [tenantId, caseId],
  );
}

/** A refused line lets go of its month at once; `reason` stands with it, and goes when it is refused no more. */
export async function moveLine(
  em: EntityManager,
  key: { readonly tenantId: string; readonly caseId: string } & CellKey,
  { state, reason }: { readonly state: LineState; readonly reason: string | null },
): Promise<void> {
  await em.query(
    `UPDATE buduan.case_line SET state = $5, live = live AND $5 <> 'rejected', reason = $6
      WHERE tenant_id = $1 AND case_id = $2 AND insurance = $3 AND month = $4`,
    [key.tenantId, key.caseId, key.insurance, key.month, state, state === 'rejected' ? reason : null],
  );
}

/** Numbers of applications that bureau or agency refused, of any case of the person, sorted. */
export async function refusedRefsOf(em: EntityManager, tenantId: string, personId: string): Promise<readonly string[]> {
  const rows: { ref: string }[] = await em.query(
    `SELECT DISTINCT ref FROM buduan.back_payment_case c CROSS JOIN LATERAL unnest(c.refused_refs) AS ref
      WHERE c.tenant_id = $1 AND c.person_id = $2 ORDER BY ref`,
    [tenantId, personId],
  );
  return rows.map(({ ref }) => ref);
}

/** Months whose money did not stay, or never came, start anew. */
export async function reopenLines(em: EntityManager, tenantId: string, caseId: string): Promise<void> {
  await em.query(
    `UPDATE buduan.case_line SET state = 'open' WHERE tenant_id = $1 AND case_id = $2 AND state IN ('paid','verified','accepted')`,
    [tenantId, caseId],
  );
}
