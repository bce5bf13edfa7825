/** Who is employee i: which jobs, at which wage, with which planted story? A pure function of seed and index. */
import { OPEN_MONTH, WINDOW_FROM, dayNo, daysIn, lastDayOf, monthNo, type DayNo, type MonthNo } from './calendar.js';
import { type Kind } from './discrepancies.js';
import { draw, drawBelow } from './draw.js';
import { BEIJING, GUANGZHOU, HANGZHOU, SHANGHAI, SHENZHEN, type Branch } from './figures.js';

export interface Job {
  readonly branch: Branch;
  readonly hired: DayNo;
  /** Last day worked; 0 = still employed. */
  readonly left: DayNo;
  /** Agreed wage; 0 = payroll does not tell it. */
  readonly startFen: number;
}

export interface Life {
  readonly seed: number;
  readonly index: number;
  readonly kind: Kind;
  /** One or two, in order of time. */
  readonly jobs: readonly Job[];
  readonly hukou: 'local' | 'other';
  /** The monthly wage of January 2021, or at the start for who came later. */
  readonly salaryFen: number;
  /** No raise, bonus or overtime: every full month pays `salaryFen`. */
  readonly flat: boolean;
  /** The month of the window (0–5) the planted story happens in. */
  readonly plantedMonth: number;
  /** Which insurances it touches: bit 0 pension, 1 medical, 2 unemployment. */
  readonly plantedInsurances: number;
}

const ALL = 0b111;
const LI_HIRED = dayNo(OPEN_MONTH, 6);
const LI_WAGE_FEN = 1_800_000;

/** Purposes of draws; each number is used for one question only. */
export const DRAW = {
  branch: 10,
  hire: 11,
  wage: 12,
  raise: 13,
  variation: 14,
  bonus: 15,
  hukou: 16,
  month: 17,
  insurances: 18,
  leave: 19,
  former: 20,
  shownPayroll: 21,
  shownAttendance: 22,
  shownAgency: 23,
  shownBase: 24,
  order: 25,
  worked: 26,
  number: 27,
  name: 28,
  trace: 29,
  fen: 30,
  bill: 31,
} as const;

export function lifeOf(seed: number, index: number, kind: Kind): Life {
  const planted = plantedOf(seed, index, kind);
  const branch = branchOf(seed, index, kind);
  const salaryFen = kind === 'li' ? LI_WAGE_FEN : salaryOf(seed, index, kind);
  const path: Path = { seed, index, kind, branch, salaryFen, plantedMonth: planted.month };
  return {
    seed,
    index,
    kind,
    jobs: jobsOf(path),
    hukou: kind !== 'li' && drawBelow(10, draw(seed, index, DRAW.hukou)) < 4 ? 'local' : 'other',
    salaryFen,
    flat: FLAT_KINDS.has(kind),
    plantedMonth: planted.month,
    plantedInsurances: planted.insurances,
  };
}

/** The job that is or was the last one. */
export function lastJob(life: Life): Job {
  const job = life.jobs[life.jobs.length - 1];
  if (job === undefined) throw new RangeError(`Employee ${life.index} has no job.`);
  return job;
}

export function firstJob(life: Life): Job {
  return life.jobs[0] ?? lastJob(life);
}

/** Whether the job makes the month due: employed on its last day. */
export function isDue(job: Job, month: MonthNo): boolean {
  const last = lastDayOf(month);
  return job.hired <= last && (job.left === 0 || job.left >= last);
}

/** Days of the month on which the job lasted. */
export function daysEmployed(job: Job, month: MonthNo): number {
  const first = Math.max(job.hired, dayNo(month, 1));
  const last = job.left === 0 ? lastDayOf(month) : Math.min(job.left, lastDayOf(month));
  return Math.max(last - first + 1, 0);
}

export function isFullMonth(job: Job, month: MonthNo): boolean {
  return daysEmployed(job, month) === daysIn(month);
}

interface Path {
  readonly seed: number;
  readonly index: number;
  readonly kind: Kind;
  readonly branch: Branch;
  readonly salaryFen: number;
  readonly plantedMonth: number;
}

/** Kinds whose wage must not depend on how a reader splits it over jobs: the correct base is the same by every reading of the rule. */
const FLAT_KINDS: ReadonlySet<Kind> = new Set(['transfer', 'rehire', 'rehire-covered', 'li']);
/** Kinds that need a wage inside every city's range, so that what is planted is the only thing wrong. */
const MIDDLE_WAGE_KINDS: ReadonlySet<Kind> = new Set([
  'base-low',
  'base-high',
  'base-below-floor',
  'base-above-cap',
  'payroll-base',
  'amount',
  'refund-supplement',
  'double-coverage',
]);

function plantedOf(seed: number, index: number, kind: Kind): { month: number; insurances: number } {
  const drawn = draw(seed, index, DRAW.month);
  const one = 1 << drawBelow(3, draw(seed, index, DRAW.insurances));
  switch (kind) {
    case 'li':
      return { month: 4, insurances: ALL };
    case 'gap-suspected':
      return { month: 5, insurances: ALL };
    case 'gap-one-insurance':
      return { month: drawBelow(5, drawn), insurances: one };
    case 'gap-before-hire':
      return { month: drawBelow(3, drawn), insurances: drawn % 2 === 0 ? ALL : one };
    case 'back-payment-partial':
      return { month: drawBelow(4, drawn), insurances: ALL };
    case 'amount':
      return { month: 4 + drawBelow(2, drawn), insurances: 1 };
    case 'base-low':
    case 'base-high':
      return { month: drawBelow(4, drawn), insurances: drawn % 3 === 0 ? 0b001 : 0b011 };
    case 'base-below-floor':
    case 'base-above-cap':
      return { month: 0, insurances: 0b001 };
    case 'payroll-base':
      return { month: 0, insurances: drawn % 2 === 0 ? 0b001 : 0b011 };
    default:
      return { month: drawBelow(5, drawn), insurances: ALL };
  }
}

function branchOf(seed: number, index: number, kind: Kind): Branch {
  if (kind === 'li') return SHENZHEN;
  const drawn = drawBelow(100, draw(seed, index, DRAW.branch));
  if (kind === 'amount') return drawn < 60 ? BEIJING : HANGZHOU;
  if (drawn < 25) return BEIJING;
  if (drawn < 47) return SHANGHAI;
  if (drawn < 65) return GUANGZHOU;
  return drawn < 85 ? SHENZHEN : HANGZHOU;
}

/** 3,000–60,000 yuan: a tenth under the floors, a tenth over the caps; three in ten with fen. */
function salaryOf(seed: number, index: number, kind: Kind): number {
  const drawn = draw(seed, index, DRAW.wage);
  const fraction = drawn / 4_294_967_296;
  const yuan = MIDDLE_WAGE_KINDS.has(kind) ? 12_000 + fraction * 5_000 : spread(fraction);
  const cents = drawBelow(10, draw(seed, index, DRAW.fen)) < 3 ? drawn % 100 : 0;
  return Math.floor(yuan / 10) * 1000 + cents;
}

function spread(fraction: number): number {
  if (fraction < 0.1) return 3_000 + fraction * 30_000;
  if (fraction < 0.9) return 6_000 + Math.pow((fraction - 0.1) / 0.8, 1.8) * 24_000;
  return 30_000 + (fraction - 0.9) * 300_000;
}

function jobsOf(path: Path): readonly Job[] {
  const { kind, branch } = path;
  switch (kind) {
    case 'li':
      return [{ branch, hired: LI_HIRED, left: 0, startFen: LI_WAGE_FEN }];
    case 'gap-before-hire-march':
    case 'joiner-march':
      return [
        {
          branch,
          hired: dayNo(OPEN_MONTH, 1 + drawBelow(15, draw(path.seed, path.index, DRAW.hire))),
          left: 0,
          startFen: path.salaryFen,
        },
      ];
    case 'gap-before-hire':
      return [joined(path, WINDOW_FROM + 3 + drawBelow(3, draw(path.seed, path.index, DRAW.hire)))];
    case 'joiner':
      return [joined(path, WINDOW_FROM + 1 + drawBelow(5, draw(path.seed, path.index, DRAW.hire)))];
    case 'newcomer':
      return [joined(path, monthNo(2022, 1) + drawBelow(8, draw(path.seed, path.index, DRAW.hire)))];
    case 'leaver':
    case 'stale-leaver':
      return [{ ...steady(path), left: leftWithin(path, WINDOW_FROM, 7) }];
    case 'paid-not-due':
    case 'conflict':
      return [{ ...steady(path), left: leftWithin(path, monthNo(2022, 10), 3) }];
    case 'transfer':
      return transferred(path);
    case 'rehire':
      return rehired(path, [monthNo(2022, 3), monthNo(2022, 7)]);
    case 'rehire-covered':
      return rehired(path, [monthNo(2022, 9), monthNo(2022, 12)]);
    default:
      return [steady(path)];
  }
}

/** Hired before the wages known, or on the first day of a month of 2021. */
function steady(path: Path): Job {
  const drawn = draw(path.seed, path.index, DRAW.hire);
  if (drawBelow(10, drawn) === 0) {
    return { branch: path.branch, hired: dayNo(monthNo(2021, 2 + (drawn % 11)), 1), left: 0, startFen: path.salaryFen };
  }
  return {
    branch: path.branch,
    hired: dayNo(monthNo(2008 + (drawn % 13), 1 + (drawn % 12)), 1 + (drawn % 28)),
    left: 0,
    startFen: 0,
  };
}

/**
 * Hired in a given month; inside the month only where no later base is made from that month's part wage: where the average of 2022 or the
 * previous month counts, the first day.
 */
function joined(path: Path, month: MonthNo): Job {
  const midMonth =
    path.branch === BEIJING || path.branch === SHANGHAI || (path.branch !== SHENZHEN && month >= monthNo(2023, 1));
  const dayOfMonth = midMonth ? 1 + (draw(path.seed, path.index, DRAW.trace) % 25) : 1;
  return { branch: path.branch, hired: dayNo(month, dayOfMonth), left: 0, startFen: path.salaryFen };
}

/** Half leave on the last day of a month, half inside one; nobody after 10 March 2023. */
function leftWithin(path: Path, from: MonthNo, months: number): DayNo {
  const drawn = draw(path.seed, path.index, DRAW.leave);
  const month = from + drawBelow(months, drawn);
  if (month >= OPEN_MONTH) return dayNo(OPEN_MONTH, 1 + (drawn % 10));
  return drawn % 2 === 0 ? lastDayOf(month) : dayNo(month, 5 + (drawn % 20));
}

function transferred(path: Path): readonly Job[] {
  const drawn = draw(path.seed, path.index, DRAW.leave);
  const month = WINDOW_FROM + 1 + drawBelow(4, drawn);
  const next = ((path.branch + 1 + (drawn % 4)) % 5) as Branch;
  const first = { ...steady(path), left: lastDayOf(month - 1) };
  return [first, { branch: next, hired: dayNo(month, 1), left: 0, startFen: path.salaryFen }];
}

function rehired(path: Path, [lastMonth, firstMonth]: readonly [MonthNo, MonthNo]): readonly Job[] {
  const first = { ...steady(path), left: lastDayOf(lastMonth) };
  return [first, { branch: path.branch, hired: dayNo(firstMonth, 1), left: 0, startFen: path.salaryFen }];
}
