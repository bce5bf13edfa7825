/** Where an agency's bill charges what nobody ordered, or another amount than ordered or paid. It changes no judgement of a month. Pure. */
import { fen, type Fen } from '../domain/fen.js';
import type { OrderItem } from '../domain/records.js';
import type { BILL_SITUATIONS } from '../domain/situation.js';
import {
  type BilledCell,
  type Charged,
  areBillsComparable,
  billedCells,
  chargedBy,
  paidIn,
  paysBack,
  showsStream,
} from './billed-cells.js';
import type { BillKind, MonthEvidence } from './cell.js';
import type { JudgeFrame } from './judge-frame.js';
import type { Job } from './jobs-of-person.js';
import type { PersonContext } from './person-context.js';
import type { FactsByStream } from './person-facts.js';

export interface BillFinding {
  readonly employmentId: string;
  readonly insurance: BilledCell['insurance'];
  readonly situation: (typeof BILL_SITUATIONS)[number];
  readonly evidence: MonthEvidence;
}

/** False = some agency's bills, or the orders they are held against, were read incompletely or too long ago: findings about bills stay as they are. */
export function areAllBillsTold(facts: FactsByStream, frame: JudgeFrame): boolean {
  return frame.rules.connections.every(
    ({ connectionId, streams }) => !streams.includes('bills') || areBillsComparable(facts, frame, connectionId),
  );
}

/** In order of connection, insurance and month; for bills that are told. Costs nothing for who is on no bill. */
export function findBillFindings(context: PersonContext): readonly BillFinding[] {
  const { facts, frame } = context;
  if (facts.bills.length === 0) return [];
  return billedCells(facts, frame).flatMap((cell) => {
    if (!showsStream(frame, cell.connectionId, 'bills')) return [];
    const found = judgeBilled(context, cell);
    return found === null ? [] : [found];
  });
}

interface Billed {
  readonly cell: BilledCell;
  readonly charged: Charged;
  readonly insuranceIndex: number;
  readonly monthIndex: number;
  readonly jobIndex: number;
  readonly job: Job;
}

function judgeBilled(context: PersonContext, cell: BilledCell): BillFinding | null {
  const { frame, jobs } = context;
  const charged = chargedBy(cell.lines);
  const insuranceIndex = frame.rules.insurances.indexOf(cell.insurance);
  const monthIndex = frame.placeOfMonth.get(cell.month) ?? -1;
  if (charged.employeeFen + charged.employerFen <= 0 || insuranceIndex < 0) return null;
  const jobIndex = jobOf(jobs, { insuranceIndex, monthIndex });
  const job = jobs[jobIndex];
  if (job === undefined) return null;
  const billed: Billed = { cell, charged, insuranceIndex, monthIndex, jobIndex, job };
  return notOrdered(context, billed) ?? otherAmount(context, billed) ?? otherPayment(billed);
}

/** The employment that an agency would charge for: a due one that is paid through one, else any due one, else the latest. */
function jobOf(
  jobs: readonly Job[],
  { insuranceIndex, monthIndex }: Pick<Billed, 'insuranceIndex' | 'monthIndex'>,
): number {
  const isDue = (job: Job): boolean => job.due[insuranceIndex]?.[monthIndex] === true;
  const through = jobs.findIndex((job) => isDue(job) && job.employment.payingParty === 'agency');
  if (through >= 0) return through;
  const due = jobs.findIndex(isDue);
  return due >= 0 ? due : jobs.length - 1;
}

function finding(
  { cell, charged, job }: Billed,
  situation: BillFinding['situation'],
  of: { readonly kind: BillKind; readonly effectFen: Fen; readonly expected: Charged | null },
): BillFinding {
  const { kind, effectFen, expected } = of;
  const ids = (all: readonly (string | null | undefined)[]): readonly string[] =>
    [...new Set(all.filter((each) => each != null))].sort();
  const bill = {
    ...{ connectionId: cell.connectionId, billIds: ids(cell.lines.map(({ billId }) => billId)) },
    orderIds: ids([...cell.lines.map(({ orderId }) => orderId), ...cell.orders.map(({ orderId }) => orderId)]),
    ...{ charged, expected, paidIn: paidIn(cell.lines) },
  };
  const evidence: MonthEvidence = { month: cell.month, effectFen, kind, bill };
  return { employmentId: job.id, insurance: cell.insurance, situation, evidence };
}

/** What is paid back needs an order that did not come to nothing; what is charged month by month a standing one. */
function notOrdered(context: PersonContext, billed: Billed): BillFinding | null {
  const { cell, charged } = billed;
  if (!showsStream(context.frame, cell.connectionId, 'orders')) return null;
  if (cell.orders.some(isAlive)) return null;
  if (!cell.lines.some(paysBack) && isStanding(context, billed)) return null;
  return finding(billed, 'billed-not-ordered', {
    kind: cell.orders.length > 0 ? 'order-failed' : 'no-order',
    effectFen: fen(0 - charged.employeeFen - charged.employerFen),
    expected: null,
  });
}

function isAlive({ state }: OrderItem): boolean {
  return state !== 'failed' && state !== 'cancelled';
}

/** Payroll says that an agency pays for the month, or does not say who; or somebody was enrolled and not stopped since. */
function isStanding({ jobs, facts }: PersonContext, { cell, insuranceIndex, monthIndex }: Billed): boolean {
  const isThrough = jobs.some(
    ({ due, employment }) => due[insuranceIndex]?.[monthIndex] !== false && employment.payingParty !== 'self',
  );
  if (isThrough) return true;
  let latest: { readonly from: string; readonly stops: boolean } | null = null;
  for (const { connectionId, value } of facts.orders) {
    const from = [...value.months].sort()[0];
    const isOwn = connectionId === cell.connectionId && value.insurances.includes(cell.insurance) && isAlive(value);
    if (!isOwn || from === undefined || from > cell.month || !STANDING.has(value.kind)) continue;
    if (latest === null || from >= latest.from) latest = { from, stops: value.kind === 'stop' };
  }
  return latest !== null && !latest.stops;
}

const STANDING: ReadonlySet<OrderItem['kind']> = new Set(['enrol', 'keep', 'stop']);

function otherAmount(context: PersonContext, billed: Billed): BillFinding | null {
  const { charged } = billed;
  const expected = expectedCharge(context, billed);
  if (expected === null || isSame(expected, charged) || isAsKnownThen(context, billed)) return null;
  const effectFen = fen(expected.employeeFen + expected.employerFen - charged.employeeFen - charged.employerFen);
  return finding(billed, 'bill-mismatch', { kind: 'amount', effectFen, expected });
}

function isSame(left: Charged, right: Charged): boolean {
  return left.employeeFen === right.employeeFen && left.employerFen === right.employerFen;
}

/** What the bureau received is what had to be charged; before that, what the ordered base makes. null = nothing to hold it against. */
function expectedCharge(context: PersonContext, billed: Billed): Charged | null {
  const { frame, postings } = context;
  const { insuranceIndex, monthIndex, jobIndex } = billed;
  const perJob = frame.rules.insurances.length * frame.months.length;
  const own = postings.own[jobIndex * perJob + insuranceIndex * frame.months.length + monthIndex];
  if (own !== undefined && own.employeeFen + own.employerFen > 0)
    return { employeeFen: fen(own.employeeFen), employerFen: fen(own.employerFen) };
  const baseFen = orderedBase(context, billed);
  const subject = subjectOf(context, billed);
  if (baseFen === null || subject === null) return null;
  const owed = frame.policy.amounts(subject, billed.cell.month, baseFen);
  return owed === null ? null : { employeeFen: owed.employeeFen, employerFen: owed.employerFen };
}

/** An order of one insurance names its base; of several only the right base of each is known, and only for a due month. */
function orderedBase(context: PersonContext, billed: Billed): Fen | null {
  const { cell, job, insuranceIndex, monthIndex } = billed;
  const order = cell.orders.find((each) => each.kind === 'back-payment' && isAlive(each));
  if (order === undefined) return null;
  if (order.insurances.length === 1) return order.baseFen ?? null;
  const subject = job.due[insuranceIndex]?.[monthIndex] === true ? subjectOf(context, billed) : null;
  return subject === null ? null : context.frame.policy.expectedBase(subject, cell.month).baseFen;
}

function subjectOf({ wages }: PersonContext, { job, jobIndex, cell: { insurance } }: Billed) {
  const wagesOfJob = wages[jobIndex];
  return wagesOfJob === undefined ? null : { job, wages: wagesOfJob, insurance };
}

/** Charged on what was known of the range before a late notice: no mistake of the agency's. */
function isAsKnownThen(context: PersonContext, billed: Billed): boolean {
  const { cell, charged } = billed;
  const [baseFen, ...more] = new Set(cell.lines.map((line) => line.baseFen ?? null));
  const subject = subjectOf(context, billed);
  if (baseFen == null || more.length > 0 || subject === null) return false;
  const { policy } = context.frame;
  if (!policy.fitsEarlierKnowledge(subject, cell.month, baseFen)) return false;
  const owed = policy.amounts(subject, cell.month, baseFen);
  return owed !== null && isSame(owed, charged);
}

/** The agency itself says that it paid in another amount than was due. */
function otherPayment(billed: Billed): BillFinding | null {
  const paid = paidIn(billed.cell.lines);
  if (paid === null || paid.paidFen === paid.dueFen) return null;
  const effectFen = fen(paid.dueFen - paid.paidFen);
  return finding(billed, 'bill-mismatch', { kind: 'paid-differs', effectFen, expected: null });
}
