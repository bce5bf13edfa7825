/** Whom a newly published policy touches: which charged months of which persons, and how many fen per side. */
import { type Fen, subtractFen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import { type BaseResult, type KnownBase, expectedBase } from './base.js';
import type { EmploymentTerms } from './basis.js';
import type { PolicyBook } from './book.js';
import { type Contribution, type InsuredTerms, contributionOf } from './contribution.js';
import type { Wages } from './wage-series.js';

/** A policy as known on a day. */
export interface PolicyAt {
  readonly book: PolicyBook;
  readonly knownAt: Day;
}

/** What was declared or paid for one month and insurance: the signed sums, and the base they rest on. */
export interface ChargedMonth {
  readonly month: Month;
  readonly insurance: Insurance;
  readonly state: 'not-declared' | 'declared' | 'paid';
  readonly baseFen: Fen;
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
}

export interface ChargedPerson {
  readonly personId: string;
  readonly region: RegionCode;
  readonly employment: EmploymentTerms;
  readonly wages: Wages;
  readonly insured: InsuredTerms;
  readonly charged: readonly ChargedMonth[];
}

/** `differenceFen` > 0: to be topped up; < 0: to be given back. */
export interface SideCorrection {
  readonly chargedFen: Fen;
  readonly rightFen: Fen;
  readonly differenceFen: Fen;
}

export interface MonthCorrection {
  readonly month: Month;
  readonly insurance: Insurance;
  readonly chargedBaseFen: Fen;
  readonly base: KnownBase;
  readonly employee: SideCorrection;
  readonly employer: SideCorrection;
  /** Whether the month had been charged exactly as the policy before said: then the top-up is normal work and nobody's error. */
  readonly wasChargedRight: boolean;
}

/** A month whose right base or amounts nobody can tell. */
export interface UnknownMonth {
  readonly month: Month;
  readonly insurance: Insurance;
  readonly missing: readonly string[];
}

export interface PersonImpact {
  readonly personId: string;
  readonly months: readonly MonthCorrection[];
  /** Charged otherwise than the policy before said: reconciliation judges them, no recalculation moves them. */
  readonly chargedOtherwise: readonly MonthCorrection[];
  readonly unknown: readonly UnknownMonth[];
}

export interface PolicyChange {
  readonly before: PolicyAt;
  readonly after: PolicyAt;
  /** The day on which top-ups would be paid. */
  readonly asOf: Day;
}

/** null where no month of the person changes: where both policies lead to the same amounts, whatever was charged. Pure. */
export function impactOnPerson({ before, after }: PolicyChange, person: ChargedPerson): PersonImpact | null {
  const corrections: MonthCorrection[] = [];
  const unknown: UnknownMonth[] = [];
  for (const charged of person.charged) {
    const old = computed(before, person, charged);
    const fresh = computed(after, person, charged);
    if (isSame(old, fresh)) continue;
    const { month, insurance } = charged;
    if (!fresh.base.known || fresh.amounts === null) unknown.push({ month, insurance, missing: missingOf(fresh) });
    else corrections.push(correctionOf(charged, old, { base: fresh.base, amounts: fresh.amounts }));
  }
  const needed = corrections.filter(
    ({ chargedBaseFen, base, employee, employer }) =>
      chargedBaseFen !== base.baseFen || employee.differenceFen !== 0 || employer.differenceFen !== 0,
  );
  if (needed.length === 0 && unknown.length === 0) return null;
  return {
    personId: person.personId,
    months: needed.filter(({ wasChargedRight }) => wasChargedRight),
    chargedOtherwise: needed.filter(({ wasChargedRight }) => !wasChargedRight),
    unknown,
  };
}

interface Amounts {
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
}

interface Computed {
  readonly base: BaseResult;
  readonly sides: Contribution | null;
  readonly amounts: Amounts | null;
}

function computed({ book, knownAt }: PolicyAt, person: ChargedPerson, { month, insurance }: ChargedMonth): Computed {
  const { region, employment, wages, insured } = person;
  const base = expectedBase({ region, insurance, month, knownAt, employment, wages }, book);
  if (!base.known) return { base, sides: null, amounts: null };
  const terms = { ...insured, book };
  const sides = contributionOf(base.baseFen, book.cell(region, insurance, month, knownAt), terms);
  const { employee, employer } = sides;
  const amounts = employee.known && employer.known ? { employeeFen: employee.fen, employerFen: employer.fen } : null;
  return { base, sides, amounts };
}

function isSame(old: Computed, fresh: Computed): boolean {
  if (!old.base.known || !fresh.base.known) return old.base.known === fresh.base.known;
  return old.base.baseFen === fresh.base.baseFen && isSameAmount(old.amounts, fresh.amounts);
}

function isSameAmount(left: Amounts | null, right: Amounts | null): boolean {
  return left?.employeeFen === right?.employeeFen && left?.employerFen === right?.employerFen;
}

function correctionOf(
  charged: ChargedMonth,
  old: Computed,
  right: { readonly base: KnownBase; readonly amounts: Amounts },
): MonthCorrection {
  return {
    month: charged.month,
    insurance: charged.insurance,
    chargedBaseFen: charged.baseFen,
    base: right.base,
    employee: sideOf(charged.employeeFen, right.amounts.employeeFen),
    employer: sideOf(charged.employerFen, right.amounts.employerFen),
    wasChargedRight: old.base.known && old.base.baseFen === charged.baseFen && isSameAmount(old.amounts, charged),
  };
}

function sideOf(chargedFen: Fen, rightFen: Fen): SideCorrection {
  return { chargedFen, rightFen, differenceFen: subtractFen(rightFen, chargedFen) };
}

function missingOf({ base, sides }: Computed): readonly string[] {
  if (!base.known) return base.missing;
  return [sides?.employee, sides?.employer].flatMap((side) => (side === undefined || side.known ? [] : side.missing));
}
