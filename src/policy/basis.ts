/** Which wages a contribution base rests on: the previous year's average, a newcomer's wage, last month's, or a window. */
import type { Fen } from '../domain/fen.js';
import { type Day, daysInMonth } from '../domain/month.js';
import type { CellPolicy } from './cell-policy.js';
import type { BaseRule, NewcomerRule } from './parameter-catalogue.js';
import type { Known } from './policy-record.js';
import { type Wages, monthNamed, wageAt } from './wage-series.js';

/** A job at one place; `leftOn` = last day worked. */
export interface EmploymentTerms {
  readonly hiredOn: Day;
  readonly leftOn: Day | null;
  /** Agreed monthly wage at the start, where somebody told it. */
  readonly startWageFen: Fen | null;
}

/** How the basis was found. */
export type BasisKind =
  'annual-average' | 'newcomer-full-month' | 'newcomer-start-wage' | 'same-month' | 'previous-month' | 'window-average';

/** `sumFen / count` is the basis, not yet rounded; `fromIndex`–`lastIndex` are the months it rests on (see monthIndex). */
export interface Basis {
  readonly kind: BasisKind;
  readonly sumFen: number;
  readonly count: number;
  readonly fromIndex: number;
  readonly lastIndex: number;
  /** First month for which this basis holds. */
  readonly effectiveIndex: number;
}

/** The keys of what is missing: policy keys, or `wages.<month>` and `employment.startWage`. */
export interface MissingBasis {
  readonly missing: readonly string[];
}

export interface BasisQuestion {
  readonly policy: CellPolicy;
  readonly employment: EmploymentTerms;
  readonly wages: Wages;
}

/**
 * The basis of a month. Months outside the employment never count: who is hired again is new again
 * (practice; see policy/rules/base.yaml).
 */
export function basisOf(question: BasisQuestion): Basis | MissingBasis {
  const { baseRule } = question.policy;
  if (!baseRule.known) return { missing: [baseRule.key] };
  return byRule(baseRule.value, question);
}

function byRule(rule: BaseRule, question: BasisQuestion): Basis | MissingBasis {
  switch (rule) {
    case 'annual':
      return annualBasis(question);
    case 'previous-month':
      return previousMonthBasis(question);
    case 'monthly':
      return singleMonth(question, { kind: 'same-month', wageIndex: question.policy.monthIndex });
    case 'window':
      return windowBasis(question);
  }
}

/** Average of the wages paid in the calendar year before the year in which the adjustment month last came round. */
function annualBasis(question: BasisQuestion): Basis | MissingBasis {
  const { adjustmentMonth } = question.policy;
  if (!adjustmentMonth.known) return { missing: [adjustmentMonth.key] };
  const adjusted = adjustedIndex(question.policy.monthIndex, adjustmentMonth);
  const yearStart = (Math.floor(adjusted / 12) - 1) * 12;
  const hired = hireIndex(question.employment);
  if (hired > yearStart + 11) return newcomerBasis(question, hired);
  const fromIndex = Math.max(yearStart, hired);
  const lastIndex = Math.min(yearStart + 11, leaveIndex(question.employment));
  return average(question, { kind: 'annual-average', fromIndex, lastIndex, effectiveIndex: Math.max(adjusted, hired) });
}

/** The latest adjustment month up to and including the month asked for. */
export function adjustedIndex(index: number, { value }: Known<number>): number {
  const candidate = Math.floor(index / 12) * 12 + value - 1;
  return candidate > index ? candidate - 12 : candidate;
}

/** The first full month's wage where it is known, else the wage agreed at the start; fixed until the next adjustment. */
function newcomerBasis(question: BasisQuestion, hired: number): Basis | MissingBasis {
  const { newcomerRule } = question.policy;
  if (!newcomerRule.known) return { missing: [newcomerRule.key] };
  const rule: NewcomerRule = newcomerRule.value;
  const full = question.employment.hiredOn.endsWith('-01') ? hired : hired + 1;
  const wage =
    rule === 'first-full-month' && workedFully(question.employment, full) ? wageAt(question.wages, full) : null;
  if (wage !== null) {
    return {
      kind: 'newcomer-full-month',
      sumFen: wage,
      count: 1,
      fromIndex: full,
      lastIndex: full,
      effectiveIndex: hired,
    };
  }
  const missing =
    rule === 'first-full-month' ? [`wages.${monthNamed(full)}`, 'employment.startWage'] : ['employment.startWage'];
  return startWage(question, { hired, missing });
}

function startWage(
  question: BasisQuestion,
  { hired, missing }: { hired: number; missing: readonly string[] },
): Basis | MissingBasis {
  const agreed = question.employment.startWageFen;
  if (agreed === null) return { missing };
  return {
    kind: 'newcomer-start-wage',
    sumFen: agreed,
    count: 1,
    fromIndex: hired,
    lastIndex: hired,
    effectiveIndex: hired,
  };
}

/** Shenzhen: the wage of the month before; in the month of hiring, the wage agreed (else that month's own). */
function previousMonthBasis(question: BasisQuestion): Basis | MissingBasis {
  const hired = hireIndex(question.employment);
  if (question.policy.monthIndex > hired)
    return singleMonth(question, { kind: 'previous-month', wageIndex: question.policy.monthIndex - 1 });
  const agreed = startWage(question, { hired, missing: [] });
  return 'kind' in agreed ? agreed : newcomerBasis(question, hired);
}

/** Tenants without longer history: the average of the last `base_window_months` months before the month. */
function windowBasis(question: BasisQuestion): Basis | MissingBasis {
  const { baseWindowMonths } = question.policy;
  if (!baseWindowMonths.known) return { missing: [baseWindowMonths.key] };
  const hired = hireIndex(question.employment);
  if (question.policy.monthIndex <= hired) return newcomerBasis(question, hired);
  const fromIndex = Math.max(question.policy.monthIndex - baseWindowMonths.value, hired);
  return average(question, {
    kind: 'window-average',
    fromIndex,
    lastIndex: question.policy.monthIndex - 1,
    effectiveIndex: question.policy.monthIndex,
  });
}

function singleMonth(
  question: BasisQuestion,
  { kind, wageIndex }: { kind: BasisKind; wageIndex: number },
): Basis | MissingBasis {
  const wage = wageAt(question.wages, wageIndex);
  if (wage === null) return { missing: [`wages.${monthNamed(wageIndex)}`] };
  return {
    kind,
    sumFen: wage,
    count: 1,
    fromIndex: wageIndex,
    lastIndex: wageIndex,
    effectiveIndex: question.policy.monthIndex,
  };
}

/** Paid months only: a month without a wage neither adds nor divides. */
function average(
  question: BasisQuestion,
  range: Pick<Basis, 'kind' | 'fromIndex' | 'lastIndex' | 'effectiveIndex'>,
): Basis | MissingBasis {
  const { kind, fromIndex, lastIndex, effectiveIndex } = range;
  const { wages } = question;
  let sumFen = 0;
  let count = 0;
  for (let index = fromIndex; index <= lastIndex; index += 1) {
    const wage = wageAt(wages, index);
    if (wage === null) continue;
    sumFen += wage;
    count += 1;
  }
  if (count === 0) return { missing: [`wages.${monthNamed(fromIndex)}..${monthNamed(lastIndex)}`] };
  return { kind, sumFen, count, fromIndex, lastIndex, effectiveIndex };
}

function workedFully(employment: EmploymentTerms, index: number): boolean {
  if (employment.leftOn === null) return true;
  const month = monthNamed(index);
  return employment.leftOn >= `${month}-${String(daysInMonth(month)).padStart(2, '0')}`;
}

function hireIndex({ hiredOn }: EmploymentTerms): number {
  return indexOfDay(hiredOn);
}

function leaveIndex({ leftOn }: EmploymentTerms): number {
  return leftOn === null ? Number.MAX_SAFE_INTEGER : indexOfDay(leftOn);
}

/** Month index of a day, from its digits: this runs for every cell. */
function indexOfDay(day: Day): number {
  const zero = 48;
  const year =
    (day.charCodeAt(0) - zero) * 1000 +
    (day.charCodeAt(1) - zero) * 100 +
    (day.charCodeAt(2) - zero) * 10 +
    day.charCodeAt(3) -
    zero;
  return year * 12 + (day.charCodeAt(5) - zero) * 10 + (day.charCodeAt(6) - zero) - 1;
}
