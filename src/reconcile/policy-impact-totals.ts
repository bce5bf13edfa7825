/** What a change of the policy does to persons, in figures that are stored and shown: months, bases, differences in fen. */
import { type Fen, ZERO_FEN, addFen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Month } from '../domain/month.js';
import type { PersonImpact } from '../policy/impact.js';
import type { MonthCorrection, UnknownMonth } from '../policy/recalculate.js';

/**
 * `top-up`: charged as the edition before said; the difference is paid in, or given back where it is negative. `otherwise`: charged
 * otherwise than that, which reconciliation judges. `unknown`: the new edition lacks a figure.
 */
export type TouchedMonth = {
  readonly month: Month;
  readonly insurance: Insurance;
} & (
  | {
      readonly kind: 'top-up' | 'otherwise';
      readonly chargedBaseFen: Fen;
      readonly baseFen: Fen;
      readonly employeeFen: Fen;
      readonly employerFen: Fen;
    }
  | { readonly kind: 'unknown'; readonly missing: readonly string[] }
);

export interface TouchedPerson {
  readonly personId: string;
  readonly months: readonly TouchedMonth[];
  /** Sums over the months to be topped up. */
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
}

export interface ImpactTotals {
  readonly persons: number;
  /** Months to be topped up or given back. */
  readonly months: number;
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
  /** Months for which the new edition lacks a figure. */
  readonly unknown: number;
}

export const NO_IMPACT: ImpactTotals = {
  persons: 0,
  months: 0,
  employeeFen: ZERO_FEN,
  employerFen: ZERO_FEN,
  unknown: 0,
};

/** All employments of one person together; null where none is touched. */
export function touchedPerson(personId: string, impacts: readonly (PersonImpact | null)[]): TouchedPerson | null {
  const found = impacts.filter((impact) => impact !== null);
  if (found.length === 0) return null;
  const topUps = found.flatMap(({ months }) => months);
  return {
    personId,
    months: found.flatMap(({ months, chargedOtherwise, unknown }) => [
      ...months.map((month) => changed(month, 'top-up')),
      ...chargedOtherwise.map((month) => changed(month, 'otherwise')),
      ...unknown.map((month) => unknownMonth(month)),
    ]),
    employeeFen: addFen(ZERO_FEN, ...topUps.map(({ employee }) => employee.differenceFen)),
    employerFen: addFen(ZERO_FEN, ...topUps.map(({ employer }) => employer.differenceFen)),
  };
}

export function addTouched(totals: ImpactTotals, touched: readonly TouchedPerson[]): ImpactTotals {
  const months = touched.flatMap((person) => person.months);
  return {
    persons: totals.persons + touched.length,
    months: totals.months + months.filter(({ kind }) => kind === 'top-up').length,
    employeeFen: addFen(totals.employeeFen, ...touched.map(({ employeeFen }) => employeeFen)),
    employerFen: addFen(totals.employerFen, ...touched.map(({ employerFen }) => employerFen)),
    unknown: totals.unknown + months.filter(({ kind }) => kind === 'unknown').length,
  };
}

function changed(correction: MonthCorrection, kind: 'top-up' | 'otherwise'): TouchedMonth {
  const { month, insurance, chargedBaseFen, base, employee, employer } = correction;
  return {
    month,
    insurance,
    kind,
    chargedBaseFen,
    baseFen: base.baseFen,
    employeeFen: employee.differenceFen,
    employerFen: employer.differenceFen,
  };
}

function unknownMonth({ month, insurance, missing }: UnknownMonth): TouchedMonth {
  return { month, insurance, kind: 'unknown', missing };
}
