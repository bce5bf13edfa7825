/** Which months are unpaid, and on which base was the rest paid? The planted story of one employee, per insurance and month of the window. */
import { OPEN_MONTH, WINDOW_FROM, WINDOW_MONTHS, monthOf, type MonthNo } from './calendar.js';
import { draw } from './draw.js';
import { figuresOf, poolOf, INSURANCE_NOS, type InsuranceNo } from './figures.js';
import { DRAW, firstJob, isDue, type Job, type Life } from './life.js';

/** Bit w = month w of the window, per insurance. */
export type MonthMasks = readonly [number, number, number];

const NOTHING: MonthMasks = [0, 0, 0];

/** Months the job makes due, as a mask over the window. */
export function dueMask(job: Job): number {
  let mask = 0;
  for (let place = 0; place < WINDOW_MONTHS; place += 1) if (isDue(job, WINDOW_FROM + place)) mask |= 1 << place;
  return mask;
}

/** Months of the window that a former payer covered: before the first job, and between two jobs. */
export function formerMask(life: Life): number {
  const hiredMonth = monthOf(firstJob(life).hired);
  if (hiredMonth < WINDOW_FROM && life.kind !== 'rehire-covered') return 0;
  let mask = 0;
  for (let place = 0; place < WINDOW_MONTHS; place += 1) {
    const month = WINDOW_FROM + place;
    if (month < hiredMonth) mask |= 1 << place;
    else if (life.kind === 'rehire-covered' && !life.jobs.some((job) => isDue(job, month))) mask |= 1 << place;
  }
  return mask;
}

/** Months for which nobody paid although somebody should have (holes before hiring included). */
export function unpaidMasks(life: Life): MonthMasks {
  const at = 1 << life.plantedMonth;
  switch (life.kind) {
    case 'li':
    case 'gap':
    case 'gap-one-insurance':
    case 'gap-suspected':
    case 'gap-before-hire':
    case 'gap-before-hire-march':
    case 'back-payment-pending':
    case 'back-payment-failed':
    case 'withheld-not-remitted':
      return onInsurances(life.plantedInsurances, at);
    case 'back-payment-partial':
      return onInsurances(life.plantedInsurances, at | (at << 1));
    default:
      return NOTHING;
  }
}

/** Whether the bureau lists the unpaid months as charged but unpaid, instead of not at all. */
export function listsUnpaid(life: Life): boolean {
  switch (life.kind) {
    case 'gap':
    case 'gap-one-insurance':
    case 'back-payment-pending':
    case 'back-payment-failed':
      return draw(life.seed, life.index, DRAW.trace) % 2 === 0;
    default:
      return false;
  }
}

/** The base a month was charged on, given the right one. */
export function chargedBaseFen(
  life: Life,
  at: { readonly job: Job; readonly insurance: InsuranceNo; readonly month: MonthNo },
  rightFen: number,
): number {
  if ((life.plantedInsurances & (1 << at.insurance)) === 0 || at.month < WINDOW_FROM + life.plantedMonth)
    return rightFen;
  const figures = figuresOf(poolOf(at.job.branch, life.hukou), at.insurance, at.month);
  switch (life.kind) {
    case 'base-low':
      return Math.round(rightFen * 0.008) * 100;
    case 'base-high':
      return Math.round(rightFen * 0.0108) * 100;
    case 'base-below-floor':
      return figures.floorFen - 10_000;
    case 'base-above-cap':
      return figures.capFen + 50_000;
    default:
      return rightFen;
  }
}

/** Months whose contribution payroll kept back from the wage: everything due and paid, and what was withheld but never remitted. */
export function withheldMask(life: Life, insurance: InsuranceNo): number {
  let due = 0;
  for (const job of life.jobs) due |= dueMask(job);
  return life.kind === 'withheld-not-remitted' ? due : due & ~unpaidMasks(life)[insurance];
}

export function maskOf(month: MonthNo): number {
  return month >= WINDOW_FROM && month < OPEN_MONTH ? 1 << (month - WINDOW_FROM) : 0;
}

function onInsurances(insurances: number, months: number): MonthMasks {
  const [pension, medical, unemployment] = INSURANCE_NOS.map((insurance) => ((insurances >> insurance) & 1) * months);
  return [pension ?? 0, medical ?? 0, unemployment ?? 0];
}
