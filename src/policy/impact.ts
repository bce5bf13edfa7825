/** Whom a newly published policy touches: which charged months of which persons, and how many fen per insurance and side. */
import { type Fen, ZERO_FEN, addFen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day } from '../domain/month.js';
import type { PolicyBook } from './book.js';
import {
  type ChargedMonth,
  type ContributionFacts,
  type MonthCorrection,
  type UnknownMonth,
  recalculate,
} from './recalculate.js';

/** A policy as known on a day. */
export interface PolicyAt {
  readonly book: PolicyBook;
  readonly knownAt: Day;
}

export interface ChargedPerson extends Omit<ContributionFacts, 'book' | 'knownAt'> {
  readonly personId: string;
  readonly charged: readonly ChargedMonth[];
}

export interface PersonImpact {
  readonly personId: string;
  /** Right by what was known then; the difference is topped up or given back. Nobody's error. */
  readonly months: readonly MonthCorrection[];
  /** Charged otherwise than the policy before said: reconciliation judges them, no recalculation moves them. */
  readonly chargedOtherwise: readonly MonthCorrection[];
  readonly unknown: readonly UnknownMonth[];
}

export interface SideTotals {
  /** Months in which something is to be paid in or given back. */
  readonly months: number;
  /** Sums of the differences; top-ups positive, refunds negative. */
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
}

export interface PolicyImpact {
  readonly persons: readonly PersonImpact[];
  readonly byInsurance: Readonly<Partial<Record<Insurance, SideTotals>>>;
  readonly total: SideTotals;
}

export interface PolicyChange {
  readonly before: PolicyAt;
  readonly after: PolicyAt;
  /** The day on which top-ups would be paid. */
  readonly asOf: Day;
}

/** Persons whom nothing touches are left out. Pure, and independent of the order of persons but for the order of the answer. */
export function impactOf(change: PolicyChange, persons: Iterable<ChargedPerson>): PolicyImpact {
  const touched: PersonImpact[] = [];
  const sums = new Map<Insurance, { months: number; employeeFen: Fen; employerFen: Fen }>();
  for (const person of persons) {
    const impact = impactOnPerson(change, person);
    if (impact === null) continue;
    touched.push(impact);
    for (const { insurance, employee, employer } of impact.months) {
      const sum = sums.get(insurance) ?? { months: 0, employeeFen: ZERO_FEN, employerFen: ZERO_FEN };
      sum.months += 1;
      sum.employeeFen = addFen(sum.employeeFen, employee.differenceFen);
      sum.employerFen = addFen(sum.employerFen, employer.differenceFen);
      sums.set(insurance, sum);
    }
  }
  const all = [...sums.values()];
  return {
    persons: touched,
    byInsurance: Object.fromEntries(sums),
    total: {
      months: all.reduce((count, { months }) => count + months, 0),
      employeeFen: addFen(ZERO_FEN, ...all.map(({ employeeFen }) => employeeFen)),
      employerFen: addFen(ZERO_FEN, ...all.map(({ employerFen }) => employerFen)),
    },
  };
}

/** null where no month of the person changes. */
export function impactOnPerson({ before, after, asOf }: PolicyChange, person: ChargedPerson): PersonImpact | null {
  const { region, employment, wages, insured } = person;
  const facts = { region, employment, wages, insured };
  const { corrections, unknown } = recalculate({
    ...{ before: { ...facts, ...before }, after: { ...facts, ...after } },
    ...{ charged: person.charged, asOf },
  });
  if (corrections.length === 0 && unknown.length === 0) return null;
  return {
    personId: person.personId,
    months: corrections.filter(({ wasChargedRight }) => wasChargedRight),
    chargedOtherwise: corrections.filter(({ wasChargedRight }) => !wasChargedRight),
    unknown,
  };
}
