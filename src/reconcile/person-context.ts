/** One person's facts arranged by cell: what was withheld, what an open order covers, which months of an employment's past count. */
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Month } from '../domain/month.js';
import type { OrderItem, WageItem } from '../domain/records.js';
import type { JudgeFrame } from './judge-frame.js';
import type { Job } from './jobs-of-person.js';
import type { FactsByStream, Sourced } from './person-facts.js';
import { sortPostings, type PersonPostings } from './postings.js';
import { wagesOf, type Wages } from './wages-of-person.js';

/** `covered` and the postings of others are placed by insurance × months + month. */
export interface PersonContext {
  readonly frame: JudgeFrame;
  readonly facts: FactsByStream;
  readonly jobs: readonly Job[];
  readonly postings: PersonPostings;
  readonly wages: readonly Wages[];
  readonly covered: readonly (boolean | undefined)[];
}

export function contextOf(facts: FactsByStream, jobs: readonly Job[], frame: JudgeFrame): PersonContext {
  return {
    frame,
    facts,
    jobs,
    postings: sortPostings(facts.contributions, jobs, frame),
    wages: jobs.map((job) => wagesOf(job, facts, frame)),
    covered: coveredCells(facts, frame),
  };
}

/** An agency order that may still bring money. */
export function isOpenBackPayment(order: OrderItem): boolean {
  return (
    order.kind === 'back-payment' &&
    (order.state === 'pending' || order.state === 'accepted' || order.state === 'in-progress')
  );
}

function coveredCells(facts: FactsByStream, frame: JudgeFrame): readonly (boolean | undefined)[] {
  const covered: (boolean | undefined)[] = [];
  const cover = (insurance: Insurance, month: Month): void => {
    const place = frame.placeOfMonth.get(month);
    const row = frame.rules.insurances.indexOf(insurance);
    if (place !== undefined && row >= 0) covered[row * frame.months.length + place] = true;
  };
  for (const { value: order } of facts.orders) {
    if (!isOpenBackPayment(order)) continue;
    for (const insurance of order.insurances) for (const month of order.months) cover(insurance, month);
  }
  for (const { value: submission } of facts.submissions) {
    const isOpen =
      submission.state === 'received' || submission.state === 'accepted' || submission.state === 'partially-accepted';
    if (submission.kind === 'back-payment' && isOpen) cover(submission.insurance, submission.effectiveMonth);
  }
  return covered;
}

/** What payroll withheld for one insurance and month, over the payslips of the employment; 0 = nothing. */
export function withheldFen(payslips: readonly Sourced<WageItem>[], insurance: Insurance, month: Month): Fen {
  let sum = 0;
  for (const { value } of payslips)
    if (value.month === month && value.state !== 'reversed') sum += value.withheld?.[insurance] ?? 0;
  return sum as Fen;
}
