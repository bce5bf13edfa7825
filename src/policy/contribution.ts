/** How much each side owes for a month on a given base: rate, fixed parts, household registration, industry class. */
import { type Fen, type Ppm, addFen, applyRate } from '../domain/fen.js';
import { monthIndex } from '../domain/month.js';
import type { PolicyBook } from './book.js';
import type { CellPolicy } from './cell-policy.js';
import type { PlainParameter, Rounding } from './parameter-catalogue.js';
import type { Known, Looked } from './policy-record.js';

/** What may change a rate. Absent or null = not told. */
export interface InsuredTerms {
  readonly hukou?: 'local' | 'other' | null;
  /** Industry class of the employer, 1–8; for work injury. */
  readonly industryClass?: number | null;
}

/** One side's amount, or the keys of what is missing. */
export type SideAmount =
  | {
      readonly known: true;
      readonly fen: Fen;
      readonly ratePpm: Ppm;
      readonly fixedFen: Fen;
      /** A rate or fixed part that is provisional or unverified took part. */
      readonly doubtful: boolean;
      readonly rate: Known<Ppm>;
    }
  | { readonly known: false; readonly missing: readonly string[] };

export interface Contribution {
  readonly employee: SideAmount;
  readonly employer: SideAmount;
}

/** Both sides of one insurance and month. Each side is rounded once, then its fixed part is added. */
export function contributionOf(
  baseFen: Fen,
  cell: CellPolicy,
  terms: InsuredTerms & { readonly book: PolicyBook },
): Contribution {
  return {
    employee: sideAmount(baseFen, cell, {
      rate: cell.employeeRatePpm,
      fixed: cell.employeeFixedFen,
      fixedYearly: cell.employeeFixedYearlyFen,
      rounding: cell.employeeRounding,
    }),
    employer: sideAmount(baseFen, cell, {
      rate: employerRateOf(cell, terms),
      fixed: cell.employerFixedFen,
      fixedYearly: cell.employerFixedYearlyFen,
      rounding: cell.employerRounding,
    }),
  };
}

interface Side {
  readonly rate: Looked<Ppm>;
  readonly fixed: Looked<Fen>;
  readonly fixedYearly: Looked<Fen>;
  readonly rounding: Looked<Rounding>;
}

function sideAmount(baseFen: Fen, cell: CellPolicy, { rate, fixed, fixedYearly, rounding }: Side): SideAmount {
  if (!rate.known || !fixed.known || !fixedYearly.known || !rounding.known) {
    return {
      known: false,
      missing: [rate, fixed, fixedYearly, rounding].flatMap((each) => (each.known ? [] : [each.key])),
    };
  }
  const yearly = yearlyPart(cell, fixedYearly.value);
  if (yearly === null) return { known: false, missing: [keyOf(cell, 'fixed_yearly_month')] };
  const fixedFen = addFen(fixed.value, yearly);
  return {
    known: true,
    fen: addFen(applyRate(baseFen, rate.value, rounding.value), fixedFen),
    ratePpm: rate.value,
    fixedFen,
    doubtful: isDoubtful(rate) || (fixedFen > 0 && (isDoubtful(fixed) || isDoubtful(fixedYearly))),
    rate,
  };
}

/** The yearly amount in its month, zero in others; null where the month is not known. */
function yearlyPart(cell: CellPolicy, amountFen: Fen): Fen | null {
  if (amountFen === 0) return amountFen;
  if (!cell.fixedYearlyMonth.known) return null;
  return (monthIndex(cell.month) % 12) + 1 === cell.fixedYearlyMonth.value ? amountFen : (0 as Fen);
}

/** With a separate rate for the region's own residents, nothing is known of a person whose registration nobody told. */
function employerRateOf(
  cell: CellPolicy,
  { hukou, industryClass, book }: InsuredTerms & { readonly book: PolicyBook },
): Looked<Ppm> {
  if (cell.insurance === 'work-injury' && typeof industryClass === 'number')
    return classRate(cell, industryClass, book);
  const local = cell.employerRateLocalHukouPpm;
  if (!local.known) return cell.employerRatePpm;
  if (hukou === null || hukou === undefined) return { known: false, key: 'employment.hukou' };
  return hukou === 'local' ? local : cell.employerRatePpm;
}

const CLASS_RATES = [
  'employer_rate_class1',
  'employer_rate_class2',
  'employer_rate_class3',
  'employer_rate_class4',
  'employer_rate_class5',
  'employer_rate_class6',
  'employer_rate_class7',
  'employer_rate_class8',
] as const satisfies readonly PlainParameter[];

function classRate(cell: CellPolicy, industryClass: number, book: PolicyBook): Looked<Ppm> {
  const parameter = CLASS_RATES[industryClass - 1];
  if (parameter === undefined) return { known: false, key: keyOf(cell, `employer_rate_class${industryClass}`) };
  const on = `${cell.month}-01` as typeof cell.knownAt;
  return book.find({ region: cell.region, insurance: cell.insurance, parameter, on, knownAt: cell.knownAt });
}

/** Carried over, or one source without a document: shown as such, and never money without a person's look. */
export function isDoubtful(known: Known<unknown>): boolean {
  return known.status === 'provisional' || known.record.status === 'unverified';
}

function keyOf(cell: CellPolicy, parameter: string): string {
  return `${cell.region}.${cell.insurance}.${parameter}`;
}
