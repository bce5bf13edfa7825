/** How much each side owes for a month on a given base: rate, fixed parts, household registration, industry class. */
import { type Fen, type Ppm, addFen, applyRate } from '../domain/fen.js';
import type { CellPolicy } from './cell-policy.js';
import type { Rounding } from './parameter-catalogue.js';
import type { Known, Looked } from './policy-record.js';

/** What may change a rate. Absent or null = not told. */
export interface InsuredTerms {
  readonly hukou?: 'local' | 'other' | null;
  /** Industry class of the employer, 1–8; for work injury. */
  readonly industryClass?: number | null;
  /** The housing fund's rate as the employer chose it. */
  readonly housingFundRatePpm?: Ppm | null;
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
export function contributionOf(baseFen: Fen, cell: CellPolicy, terms: InsuredTerms): Contribution {
  return {
    employee: sideAmount(baseFen, cell, {
      rate: cell.insurance === 'housing-fund' ? chosenRateOf(cell, cell.employeeRatePpm, terms) : cell.employeeRatePpm,
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
  return (cell.monthIndex % 12) + 1 === cell.fixedYearlyMonth.value ? amountFen : (0 as Fen);
}

/** With a separate rate for the region's own residents, nothing is known of a person whose registration nobody told. */
function employerRateOf(cell: CellPolicy, terms: InsuredTerms): Looked<Ppm> {
  if (cell.insurance === 'work-injury') return classRateOf(cell, terms.industryClass ?? null);
  if (cell.insurance === 'housing-fund') return chosenRateOf(cell, cell.employerRatePpm, terms);
  const local = cell.employerRateLocalHukouPpm;
  if (!local.known) return cell.employerRatePpm;
  if (terms.hukou === null || terms.hukou === undefined) return { known: false, key: 'employment.hukou' };
  return terms.hukou === 'local' ? local : cell.employerRatePpm;
}

/** Where only the classes have rates and nobody told the class, the class is what is missing. */
function classRateOf(cell: CellPolicy, industryClass: number | null): Looked<Ppm> {
  if (industryClass !== null) {
    const rate = cell.employerClassRatesPpm[industryClass - 1];
    return rate ?? { known: false, key: keyOf(cell, `employer_rate_class${industryClass}`) };
  }
  const hasClasses = cell.employerClassRatesPpm.some((rate) => rate.known);
  return !cell.employerRatePpm.known && hasClasses
    ? { known: false, key: 'employment.industryClass' }
    : cell.employerRatePpm;
}

/** An employer chooses the housing fund's rate inside the region's range (住房公积金管理条例 art. 18); both sides pay the same. */
function chosenRateOf(
  cell: CellPolicy,
  fixedByRegion: Looked<Ppm>,
  { housingFundRatePpm: chosen }: InsuredTerms,
): Looked<Ppm> {
  const range = cell.rateRangePpm;
  if (chosen === null || chosen === undefined) {
    return fixedByRegion.known || !range.known ? fixedByRegion : { known: false, key: 'employment.housingFundRate' };
  }
  if (!range.known) return range;
  const { least, most } = range.value;
  return chosen < least || chosen > most
    ? { known: false, key: 'employment.housingFundRate' }
    : { ...range, value: chosen };
}

/** Carried over, or one source without a document: shown as such, and never money without a person's look. */
export function isDoubtful(known: Known<unknown>): boolean {
  return known.status === 'provisional' || known.record.status === 'unverified';
}

function keyOf(cell: CellPolicy, parameter: string): string {
  return `${cell.region}.${cell.insurance}.${parameter}`;
}
