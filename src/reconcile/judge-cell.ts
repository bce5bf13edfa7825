/** How one cell stands: due or not, paid or not, by whom, on which base, and what is wrong with it. Source of the rules: docs/situations.md. */
import { ZERO_FEN, fen, subtractFen, type Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Month } from '../domain/month.js';
import { NO_FINDINGS, worstSituation, type Cell, type CellFinding, type MonthEvidence } from './cell.js';
import { judgePaidCell } from './judge-paid-cell.js';
import type { Job } from './jobs-of-person.js';
import { withheldFen, type PersonContext } from './person-context.js';
import type { CellPostings, ForeignPosting } from './postings.js';
import type { Wages } from './wages-of-person.js';

/** The cell under judgement, with everything known of it. */
export interface CellView {
  readonly context: PersonContext;
  readonly job: Job;
  readonly jobIndex: number;
  readonly wages: Wages;
  readonly insurance: Insurance;
  readonly insuranceIndex: number;
  readonly month: Month;
  readonly monthIndex: number;
  readonly own: CellPostings | undefined;
  /** What others paid in, for this insurance and month, above zero. */
  readonly foreign: readonly ForeignPosting[];
}

export interface CellPlace {
  readonly jobIndex: number;
  readonly insuranceIndex: number;
  readonly monthIndex: number;
}

const NO_FOREIGN: readonly ForeignPosting[] = [];

export function judgeCell(context: PersonContext, place: CellPlace): Cell | null {
  const view = viewOf(context, place);
  if (view === null) return null;
  const isDue = view.job.due[view.insuranceIndex]?.[view.monthIndex] ?? null;
  const paidFen = view.own === undefined ? 0 : view.own.employeeFen + view.own.employerFen;
  if (isDue === null) return judgeUnknownDue(view, fen(paidFen));
  if (!isDue) return paidFen > 0 ? paidNotDue(view, fen(paidFen)) : judgeBeforeHire(view);
  return paidFen > 0 ? judgePaidCell(view, fen(paidFen)) : judgeUnpaidCell(view);
}

/** The start or stop rule is unknown: money that came settles the month, silence settles nothing. */
function judgeUnknownDue(view: CellView, paidFen: Fen): Cell {
  if (paidFen > 0) return judgePaidCell(view, paidFen);
  return plainCell(view, view.foreign.length > 0 ? 'not-due' : 'inconclusive');
}

function viewOf(context: PersonContext, { jobIndex, insuranceIndex, monthIndex }: CellPlace): CellView | null {
  const { frame, jobs, postings } = context;
  const job = jobs[jobIndex];
  const wages = context.wages[jobIndex];
  const insurance = frame.rules.insurances[insuranceIndex];
  const month = frame.months[monthIndex];
  if (job === undefined || wages === undefined || insurance === undefined || month === undefined) return null;
  const personCell = insuranceIndex * frame.months.length + monthIndex;
  const ownCell = jobIndex * frame.rules.insurances.length * frame.months.length + personCell;
  const foreign = postings.foreign[personCell]?.filter((each) => each.amountFen > 0) ?? NO_FOREIGN;
  return {
    context,
    job,
    jobIndex,
    wages,
    insurance,
    insuranceIndex,
    month,
    monthIndex,
    own: postings.own[ownCell],
    foreign,
  };
}

/** A cell without findings and without money. */
function plainCell(view: CellView, situation: Cell['situation']): Cell {
  return {
    employmentId: view.job.id,
    insurance: view.insurance,
    month: view.month,
    situation,
    findings: NO_FINDINGS,
    lacksCover: false,
    expectedBaseFen: null,
    paidBaseFen: null,
    paidFen: ZERO_FEN,
    isToTopUp: false,
  };
}

function paidNotDue(view: CellView, paidFen: Fen): Cell {
  const finding: CellFinding = {
    situation: 'paid-not-due',
    evidence: { month: view.month, effectFen: subtractFen(ZERO_FEN, paidFen) },
  };
  return { ...plainCell(view, 'paid-not-due'), findings: [finding], paidFen };
}

/** Due and nothing arrived from whoever pays for this employment. */
function judgeUnpaidCell(view: CellView): Cell {
  const { context, insurance, month } = view;
  if (view.foreign.length > 0) return paidElsewhere(view);
  if (hasUnknownPosting(view)) return plainCell(view, 'inconclusive');
  const withheld = withheldForCell(view);
  const isCovered = context.covered[personCell(view)] === true;
  if (isCovered && withheld === 0) return plainCell(view, 'back-payment-pending');
  const isOver = context.frame.policy.isFilingOver(view.job.employment.region, insurance, month);
  if (!isOver && !isCovered) return lacking(view, 'gap-suspected', { isCovered: true });
  return lacking(view, withheld > 0 ? 'withheld-not-remitted' : 'gap', { isCovered });
}

function lacking(
  view: CellView,
  situation: 'gap' | 'gap-suspected' | 'gap-before-hire' | 'withheld-not-remitted',
  { isCovered }: { readonly isCovered: boolean },
): Cell {
  const base = situation === 'gap-before-hire' ? null : view.context.frame.policy.expectedBase(view, view.month);
  const owed = base?.baseFen == null ? null : view.context.frame.policy.amounts(view, view.month, base.baseFen);
  const evidence: MonthEvidence = {
    month: view.month,
    effectFen: owed === null ? null : fen(owed.employeeFen + owed.employerFen),
    ...(base?.isUnverified === true ? { unverified: true } : {}),
  };
  const findings: CellFinding[] = [{ situation, evidence }];
  const worst = worstSituation(findings, 'gap');
  return { ...plainCell(view, worst), findings, lacksCover: !isCovered, expectedBaseFen: base?.baseFen ?? null };
}

/** Somebody else paid instead: no gap for the person, but payroll and bureau disagree about who owes it. */
function paidElsewhere(view: CellView): Cell {
  const evidence: MonthEvidence = {
    month: view.month,
    effectFen: null,
    kind: view.foreign.some((each) => each.isKnownEmployer) ? 'paid-in-other-region' : 'paid-by-other',
    payers: view.foreign.map((each) => each.payer).sort(),
  };
  return { ...plainCell(view, 'conflict'), findings: [{ situation: 'conflict', evidence }] };
}

/**
 * A month that this employment does not make due. It is a gap before hiring when this is the next employment to begin, no
 * other employment makes the month due and nobody at all paid it.
 */
function judgeBeforeHire(view: CellView): Cell {
  const { context, insurance, month } = view;
  if (!isBeforeThisHire(view) || view.foreign.length > 0 || anyJobPaid(view)) return plainCell(view, 'not-due');
  if (hasUnknownPosting(view)) return plainCell(view, 'inconclusive');
  if (context.covered[personCell(view)] === true) return plainCell(view, 'back-payment-pending');
  const isOver = context.frame.policy.isFilingOver(view.job.employment.region, insurance, month);
  return isOver
    ? lacking(view, 'gap-before-hire', { isCovered: false })
    : lacking(view, 'gap-suspected', { isCovered: true });
}

function isBeforeThisHire({ context, job, jobIndex, insuranceIndex, month, monthIndex }: CellView): boolean {
  if (!job.hasStarted || job.hireMonth <= month) return false;
  for (let index = 0; index < context.jobs.length; index += 1) {
    const other = context.jobs[index];
    if (other === undefined || index === jobIndex) continue;
    if (other.due[insuranceIndex]?.[monthIndex] !== false) return false;
    const beginsFirst = other.hireMonth > month && index < jobIndex;
    const runsInMonth = other.hireMonth === month;
    if (beginsFirst || runsInMonth) return false;
  }
  return true;
}

function anyJobPaid(view: CellView): boolean {
  const { frame, jobs, postings } = view.context;
  const perJob = frame.rules.insurances.length * frame.months.length;
  return jobs.some((_, index) => {
    const cell = postings.own[index * perJob + personCell(view)];
    return cell !== undefined && cell.employeeFen + cell.employerFen > 0;
  });
}

function hasUnknownPosting(view: CellView): boolean {
  return (view.own?.unknownCount ?? 0) > 0 || (view.context.postings.foreignUnknown[personCell(view)] ?? 0) > 0;
}

/** Withheld for this month and not already explained by another employment of the person that was paid. */
function withheldForCell(view: CellView): Fen {
  return anyJobPaid(view) ? ZERO_FEN : withheldFen(view.wages.payslips, view.insurance, view.month);
}

function personCell({ context, insuranceIndex, monthIndex }: CellView): number {
  return insuranceIndex * context.frame.months.length + monthIndex;
}
