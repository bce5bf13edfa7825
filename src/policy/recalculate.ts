/** Which months must be corrected when wages, terms or the law turn out otherwise, how, and by how much on each side. */
import { type Fen, ZERO_FEN, addFen, subtractFen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import { type BaseResult, type KnownBase, expectedBase } from './base.js';
import type { EmploymentTerms } from './basis.js';
import type { PolicyBook } from './book.js';
import type { CellPolicy } from './cell-policy.js';
import { type Contribution, type InsuredTerms, contributionOf } from './contribution.js';
import { type LateFee, lateFeeOf } from './late-fee.js';
import { type CorrectionText, correctionText } from './recalculation-sentences.js';
import type { Wages } from './wage-series.js';

/** How far a month has come: not yet declared, declared and waiting for payment, or paid. */
export type ChargeState = 'not-declared' | 'declared' | 'paid';

/** What was declared or paid for one month and insurance: the signed sums, and the base they rest on. */
export interface ChargedMonth {
  readonly month: Month;
  readonly insurance: Insurance;
  readonly state: ChargeState;
  readonly baseFen: Fen;
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
}

/** Everything a month's amounts follow from. */
export interface ContributionFacts {
  readonly book: PolicyBook;
  readonly knownAt: Day;
  readonly region: RegionCode;
  readonly employment: EmploymentTerms;
  readonly wages: Wages;
  readonly insured: InsuredTerms;
}

export interface RecalculationQuestion {
  readonly before: ContributionFacts;
  readonly after: ContributionFacts;
  readonly charged: readonly ChargedMonth[];
  /** The day on which top-ups would be paid. */
  readonly asOf: Day;
}

/** 办法: overwrite by the channel of the declaration; void it and declare anew; apply to the collector with documents. */
export type CorrectionWay = 'overwrite' | 'void-and-redo' | 'apply-with-documents';

/** What makes the month another one: the wages, floor or cap, or a rate or fixed part. The first that differs. */
export type CorrectionReason = 'wages' | 'range' | 'rates';

/** `differenceFen` > 0: to be topped up; < 0: to be given back. */
export interface SideCorrection {
  readonly chargedFen: Fen;
  readonly rightFen: Fen;
  readonly differenceFen: Fen;
}

export interface MonthCorrection {
  readonly month: Month;
  readonly insurance: Insurance;
  readonly state: ChargeState;
  readonly way: CorrectionWay;
  readonly reason: CorrectionReason;
  /** What was right by the facts before; null where it could not be known. */
  readonly baseBeforeFen: Fen | null;
  readonly chargedBaseFen: Fen;
  readonly base: KnownBase;
  readonly employee: SideCorrection;
  readonly employer: SideCorrection;
  /** Whether the month had been charged exactly as the facts before said: then the top-up is normal work and nobody's error. */
  readonly wasChargedRight: boolean;
  /** On a paid month's top-up; null where nothing is to be paid in, or the policy waives it for what a late notice causes. */
  readonly lateFee: LateFee | null;
  /** What to do, and why, for people. */
  readonly text: CorrectionText;
}

/** A month whose right base or amounts nobody can tell. */
export interface UnknownMonth {
  readonly month: Month;
  readonly insurance: Insurance;
  readonly missing: readonly string[];
}

export interface Recalculation {
  readonly corrections: readonly MonthCorrection[];
  readonly unknown: readonly UnknownMonth[];
}

/**
 * Only months that the change touches: where the facts before and after lead to the same base and amounts nothing is said, whatever was
 * charged (a wrong charge is a finding, not a recalculation). Pure; in the order of `charged`.
 */
export function recalculate(question: RecalculationQuestion): Recalculation {
  const corrections: MonthCorrection[] = [];
  const unknown: UnknownMonth[] = [];
  for (const charged of question.charged) {
    const before = computed(question.before, charged);
    const after = computed(question.after, charged);
    if (isSame(before, after)) continue;
    const { month, insurance } = charged;
    if (!after.base.known) unknown.push({ month, insurance, missing: after.base.missing });
    else if (after.amounts === null) unknown.push({ month, insurance, missing: missingOf(after.sides) });
    else {
      const right = { base: after.base, amounts: after.amounts, cell: after.cell };
      const correction = correctionOf(question, charged, { before, right });
      if (isNeeded(correction)) corrections.push(correction);
    }
  }
  return { corrections, unknown };
}

/** Sums over months, insurances or persons. */
export function sumCorrections(corrections: readonly Pick<MonthCorrection, 'employee' | 'employer'>[]): {
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
} {
  return {
    employeeFen: addFen(ZERO_FEN, ...corrections.map(({ employee }) => employee.differenceFen)),
    employerFen: addFen(ZERO_FEN, ...corrections.map(({ employer }) => employer.differenceFen)),
  };
}

interface Amounts {
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
}

interface Computed {
  readonly cell: CellPolicy;
  readonly base: BaseResult;
  readonly sides: Contribution | null;
  /** null where the base or a side is unknown. */
  readonly amounts: Amounts | null;
}

interface RightMonth {
  readonly cell: CellPolicy;
  readonly base: KnownBase;
  readonly amounts: Amounts;
}

function computed(facts: ContributionFacts, { month, insurance }: ChargedMonth): Computed {
  const { book, region, knownAt, employment, wages, insured } = facts;
  const cell = book.cell(region, insurance, month, knownAt);
  const base = expectedBase({ region, insurance, month, knownAt, employment, wages }, book);
  const sides = base.known ? contributionOf(base.baseFen, cell, insured) : null;
  const areKnown = sides?.employee.known === true && sides.employer.known;
  const amounts = areKnown ? { employeeFen: sides.employee.fen, employerFen: sides.employer.fen } : null;
  return { cell, base, sides, amounts };
}

/** Somebody may have declared the right base already. */
function isNeeded({ chargedBaseFen, base, employee, employer }: MonthCorrection): boolean {
  return chargedBaseFen !== base.baseFen || employee.differenceFen !== 0 || employer.differenceFen !== 0;
}

function isSame(before: Computed, after: Computed): boolean {
  if (!before.base.known || !after.base.known) return before.base.known === after.base.known;
  return before.base.baseFen === after.base.baseFen && isSameAmount(before.amounts, after.amounts);
}

function isSameAmount(left: Amounts | null, right: Amounts | null): boolean {
  return left?.employeeFen === right?.employeeFen && left?.employerFen === right?.employerFen;
}

function correctionOf(
  { asOf, after: facts }: RecalculationQuestion,
  charged: ChargedMonth,
  { before, right }: { readonly before: Computed; readonly right: RightMonth },
): MonthCorrection {
  const { month, insurance, state } = charged;
  const reason = reasonOf(before, right);
  const employee = sideOf(charged.employeeFen, right.amounts.employeeFen);
  const employer = sideOf(charged.employerFen, right.amounts.employerFen);
  const way = wayOf(state);
  const correction: Omit<MonthCorrection, 'text'> = {
    month,
    insurance,
    state,
    way,
    reason,
    baseBeforeFen: before.base.known ? before.base.baseFen : null,
    chargedBaseFen: charged.baseFen,
    base: right.base,
    employee,
    employer,
    wasChargedRight:
      before.base.known && before.base.baseFen === charged.baseFen && isSameAmount(before.amounts, charged),
    lateFee: topUpFee(addFen(employee.differenceFen, employer.differenceFen), right.cell, {
      ...{ book: facts.book, paidOn: asOf },
      isCharged: state === 'paid' && !isWaived(reason, right.cell),
    }),
  };
  return { ...correction, text: correctionText(correction) };
}

/** Practice, by a tax bureau's questions and answers of 2026-02-12 whose region is not stated (rule R15 of the collection, P14). */
function wayOf(state: ChargeState): CorrectionWay {
  switch (state) {
    case 'not-declared':
      return 'overwrite';
    case 'declared':
      return 'void-and-redo';
    case 'paid':
      return 'apply-with-documents';
  }
}

function reasonOf(before: Computed, right: RightMonth): CorrectionReason {
  if (!before.base.known) return before.base.missing.some(isOfPerson) ? 'wages' : 'range';
  const [from, to] = [before.base.basis, right.base.basis];
  if (from !== null && to !== null && BigInt(from.sumFen) * BigInt(to.count) !== BigInt(to.sumFen) * BigInt(from.count))
    return 'wages';
  return before.base.baseFen === right.base.baseFen ? 'rates' : 'range';
}

function isOfPerson(key: string): boolean {
  return key.startsWith('wages.') || key.startsWith('employment.');
}

function sideOf(chargedFen: Fen, rightFen: Fen): SideCorrection {
  return { chargedFen, rightFen, differenceFen: subtractFen(rightFen, chargedFen) };
}

/** Nobody was late where the law itself came late. */
function isWaived(reason: CorrectionReason, { lateFeeWaivedForTopUps: waived }: CellPolicy): boolean {
  return reason !== 'wages' && waived.known && waived.value;
}

interface TopUpFee {
  readonly book: PolicyBook;
  readonly paidOn: Day;
  readonly isCharged: boolean;
}

function topUpFee(topUpFen: Fen, cell: CellPolicy, { book, paidOn, isCharged }: TopUpFee): LateFee | null {
  return isCharged && topUpFen > 0 ? lateFeeOf(topUpFen, cell, { paidOn, book }) : null;
}

function missingOf(sides: Contribution | null): string[] {
  if (sides === null) return [];
  return [sides.employee, sides.employer].flatMap((side) => (side.known ? [] : side.missing));
}
