/** What did the bureau post for an employee? Several rows per month are possible; what counts is their signed sum. */
import { OPEN_MONTH, WINDOW_FROM, WINDOW_MONTHS, monthOf, type MonthNo } from './calendar.js';
import { type Bases } from './bases.js';
import { chargedBaseFen, dueMask, formerMask, listsUnpaid, unpaidMasks } from './cells.js';
import { draw } from './draw.js';
import {
  BRANCHES,
  HANGZHOU,
  PENSION,
  employeeFen,
  employerFen,
  figuresOf,
  poolOf,
  INSURANCE_NOS,
  type Branch,
  type InsuranceNo,
} from './figures.js';
import { DRAW, firstJob, isDue, lastJob, type Job, type Life } from './life.js';

/** National codes: kind 1 normal, 2 supplement, 18 refund (its amounts are positive, the kind makes them count negative). */
export type PostingKind = '1' | '2' | '18';

export interface Posting {
  readonly month: MonthNo;
  readonly insurance: InsuranceNo;
  readonly kind: PostingKind;
  readonly state: '1' | '2';
  readonly payer: string;
  /** Whose figures and base apply. */
  readonly job: Job;
  /** Added to the employee's amount. */
  readonly offFen: number;
}

/** A posting made while the world runs. */
export interface LatePosting {
  readonly month: MonthNo;
  readonly insurance: InsuranceNo;
}

/** All postings of the window, in a fixed order: by insurance, then month; then those of the story, then the late ones. */
export function postingsOf(life: Life, late: readonly LatePosting[] = []): readonly Posting[] {
  const postings: Posting[] = [];
  const unpaid = unpaidMasks(life);
  const former = formerMask(life);
  const dues = life.jobs.map(dueMask);
  for (const insurance of INSURANCE_NOS) {
    for (let place = 0; place < WINDOW_MONTHS; place += 1) {
      const bit = 1 << place;
      const cell = { insurance, month: WINDOW_FROM + place };
      const isUnpaid = (unpaid[insurance] & bit) !== 0;
      if ((former & bit) !== 0 && !isUnpaid) postings.push(formerPosting(life, cell));
      const due = life.jobs[dues.findIndex((mask) => (mask & bit) !== 0)];
      if (due !== undefined && (!isUnpaid || listsUnpaid(life)))
        postings.push(isUnpaid ? unpaidPosting(due, cell) : ownPosting(life, due, cell));
    }
  }
  postings.push(...storyPostings(life));
  for (const cell of late) postings.push(latePosting(life, cell));
  return postings;
}

/** Base and both amounts of a posting, in fen. */
export function amountsOf(
  life: Life,
  bases: Bases,
  posting: Posting,
): { baseFen: number; employeeFen: number; employerFen: number } {
  const { job, insurance, month } = posting;
  const figures = figuresOf(poolOf(job.branch, life.hukou), insurance, month);
  const right = bases.baseFen(job, insurance, month);
  const baseFen = chargedBaseFen(life, { job, insurance, month }, right);
  return {
    baseFen,
    employeeFen: employeeFen(baseFen, figures) + posting.offFen,
    employerFen: employerFen(baseFen, figures),
  };
}

interface Cell {
  readonly month: MonthNo;
  readonly insurance: InsuranceNo;
}

type Terms = Omit<Posting, keyof Cell>;

/** Written out: a spread here costs three times the rest of a page. */
function posting(cell: Cell, terms: Terms): Posting {
  return {
    month: cell.month,
    insurance: cell.insurance,
    kind: terms.kind,
    state: terms.state,
    payer: terms.payer,
    job: terms.job,
    offFen: terms.offFen,
  };
}

function ownPosting(life: Life, job: Job, cell: Cell): Posting {
  const planted = cell.month === WINDOW_FROM + life.plantedMonth;
  const kind = planted && life.kind === 'finished-order' ? '2' : '1';
  const off = planted && life.kind === 'amount' && cell.insurance === PENSION;
  const offFen = off ? 13 + (draw(life.seed, life.index, DRAW.trace) % 80) : 0;
  return posting(cell, { kind, state: '1', payer: codeOf(job.branch), job, offFen });
}

function unpaidPosting(job: Job, cell: Cell): Posting {
  return posting(cell, { kind: '1', state: '2', payer: codeOf(job.branch), job, offFen: 0 });
}

function formerPosting(life: Life, cell: Cell): Posting {
  return posting(cell, { kind: '1', state: '1', payer: formerPayer(life), job: firstJob(life), offFen: 0 });
}

function formerPayer(life: Life): string {
  const drawn = draw(life.seed, life.index, DRAW.former);
  return life.kind === 'li' || drawn % 4 === 0 ? 'self' : `EX-${1000 + (drawn % 9000)}`;
}

/** Rows that only some stories have: a second payer, a month paid after leaving, a refund with its supplement. */
function storyPostings(life: Life): readonly Posting[] {
  const job = lastJob(life);
  const month = WINDOW_FROM + life.plantedMonth;
  const normal = { kind: '1', state: '1', offFen: 0 } as const;
  switch (life.kind) {
    case 'double-coverage': {
      const elsewhere: Job = { ...job, branch: ((job.branch + 1) % (HANGZHOU + 1)) as Branch };
      return INSURANCE_NOS.map((insurance) => ({
        ...normal,
        month,
        insurance,
        payer: formerPayer(life),
        job: elsewhere,
      }));
    }
    case 'paid-not-due': {
      const after = monthAfterLeaving(job);
      return INSURANCE_NOS.map((insurance) => ({ ...normal, month: after, insurance, payer: codeOf(job.branch), job }));
    }
    case 'refund-supplement': {
      const payer = codeOf(job.branch);
      return INSURANCE_NOS.flatMap((insurance) => [
        { ...normal, month, insurance, payer, job, kind: '18' as const },
        { ...normal, month, insurance, payer, job, kind: '2' as const },
      ]);
    }
    default:
      return [];
  }
}

/** The month after the one of the last day worked: not due by any stop rule. */
function monthAfterLeaving(job: Job): MonthNo {
  return Math.min(monthOf(job.left) + 1, OPEN_MONTH - 1);
}

function latePosting(life: Life, cell: LatePosting): Posting {
  const job = life.jobs.find((candidate) => isDue(candidate, cell.month));
  const own = { ...cell, kind: '2', state: '1', offFen: 0 } as const;
  return job === undefined
    ? { ...own, payer: 'self', job: firstJob(life) }
    : { ...own, payer: codeOf(job.branch), job };
}

function codeOf(branch: Branch): string {
  return BRANCHES[branch].code;
}
