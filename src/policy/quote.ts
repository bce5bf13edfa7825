/** What a month costs on a wage: per insurance range, base, rates and both sides' amounts, each figure with its source. */
import { type Fen, type Ppm, ZERO_FEN, addFen } from '../domain/fen.js';
import { INSURANCES, type Insurance } from '../domain/insurance.js';
import { type Day, type Month, firstDay } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import { type ClampHit, clampWage } from './base.js';
import type { PolicyBook, RegionName } from './book.js';
import type { CellPolicy } from './cell-policy.js';
import { type InsuredTerms, type SideAmount, contributionOf, isDoubtful } from './contribution.js';
import type { Looked } from './policy-record.js';
import { type QuotedFigure, quotedFigure, quotedLook } from './quoted-figure.js';

export interface QuoteQuestion extends InsuredTerms {
  readonly book: PolicyBook;
  readonly region: RegionCode;
  readonly month: Month;
  /** What the base is made from: the month's wage, or the average that the region's base rule takes. */
  readonly wageFen: Fen;
  /** null = the usual four, and those of the others that the region has figures for. */
  readonly insurances: readonly Insurance[] | null;
  /** What was known of the policy on this day. */
  readonly knownAt: Day;
}

export interface QuotedSide {
  /** Rate × base, rounded, and the fixed part; null where something is missing. */
  readonly amountFen: Fen | null;
  readonly ratePpm: Ppm | null;
  /** Fixed part of this month, a yearly amount in its month included. */
  readonly fixedFen: Fen | null;
  readonly rate: QuotedFigure | null;
  /** Fixed amounts that are not zero. */
  readonly fixed: readonly QuotedFigure[];
  readonly missing: readonly string[];
}

export interface QuotedInsurance {
  readonly insurance: Insurance;
  /** A figure whose value is `none`: the region has no floor, no cap. null: nobody gave one. */
  readonly floor: QuotedFigure | null;
  readonly cap: QuotedFigure | null;
  readonly baseRounding: QuotedFigure | null;
  readonly baseFen: Fen | null;
  readonly clamp: ClampHit | null;
  readonly employee: QuotedSide;
  readonly employer: QuotedSide;
  /** A figure that is carried over or rests on one source took part. */
  readonly doubtful: boolean;
}

export interface Quote {
  readonly policyVersion: string;
  readonly region: RegionCode;
  readonly regionName: RegionName;
  readonly month: Month;
  readonly knownAt: Day;
  readonly wageFen: Fen;
  readonly hukou: 'local' | 'other' | null;
  readonly industryClass: number | null;
  readonly insurances: readonly QuotedInsurance[];
  /** Sums of what is known; `complete: false` = the true sum is another. */
  readonly totals: {
    readonly employeeFen: Fen;
    readonly employerFen: Fen;
    readonly bothFen: Fen;
    readonly complete: boolean;
  };
  /** Policy keys a tenant may set, and facts of the person that were not told. */
  readonly missing: readonly string[];
}

const USUAL: readonly Insurance[] = ['pension', 'medical', 'unemployment', 'work-injury'];

/** Pure. Nothing is thrown for what is not known: it is named. */
export function quote(question: QuoteQuestion): Quote {
  const { book, region, month, knownAt, wageFen } = question;
  const asked = question.insurances ?? insurancesOf(question);
  const insurances = asked.map((insurance) => quoteInsurance(question, book.cell(region, insurance, month, knownAt)));
  const sides = insurances.flatMap(({ employee, employer }) => [employee, employer]);
  const employeeFen = sumOf(insurances.map(({ employee }) => employee));
  const employerFen = sumOf(insurances.map(({ employer }) => employer));
  return {
    policyVersion: book.version,
    region,
    regionName: book.regionName(region),
    month,
    knownAt,
    wageFen,
    hukou: question.hukou ?? null,
    industryClass: question.industryClass ?? null,
    insurances,
    totals: {
      employeeFen,
      employerFen,
      bothFen: addFen(employeeFen, employerFen),
      complete: sides.every(({ amountFen }) => amountFen !== null),
    },
    missing: [...new Set(sides.flatMap(({ missing }) => missing))],
  };
}

/** Maternity is part of medical insurance in most regions, and the housing fund has rules of its own: asked where they have figures. */
function insurancesOf({ book, region, month, knownAt }: QuoteQuestion): readonly Insurance[] {
  const on = firstDay(month);
  return INSURANCES.filter(
    (insurance) =>
      USUAL.includes(insurance) ||
      (['base_floor', 'employer_rate', 'rate_range'] as const).some(
        (parameter) =>
          book
            .timelines({ region, insurance, parameter })
            .some(({ records }) => records.some(({ scope }) => scope === insurance)) &&
          book.find({ region, insurance, parameter, on, knownAt }).known,
      ),
  );
}

function quoteInsurance(question: QuoteQuestion, cell: CellPolicy): QuotedInsurance {
  const { book, wageFen } = question;
  const base = clampWage(wageFen, cell);
  const isKnown = !('missing' in base);
  // Rates are worth knowing where the range is not.
  const sides = contributionOf(isKnown ? base.baseFen : ZERO_FEN, cell, question);
  const missingBase = isKnown ? [] : base.missing;
  const side = (amount: SideAmount, fixed: readonly Looked<Fen>[]): QuotedSide =>
    quotedSide(amount, { book, fixed, missingBase });
  const rates = [sides.employee, sides.employer].flatMap((amount) => (amount.known ? [amount] : []));
  return {
    insurance: cell.insurance,
    floor: quotedLook(cell.floorFen, book),
    cap: quotedLook(cell.capFen, book),
    baseRounding: quotedLook(cell.baseRounding, book),
    baseFen: isKnown ? base.baseFen : null,
    clamp: isKnown ? base.clamp : null,
    employee: side(sides.employee, [cell.employeeFixedFen, cell.employeeFixedYearlyFen]),
    employer: side(sides.employer, [cell.employerFixedFen, cell.employerFixedYearlyFen]),
    doubtful:
      rates.some(({ doubtful }) => doubtful) ||
      [cell.floorFen, cell.capFen].some((each) => each.known && isDoubtful(each)),
  };
}

interface SideParts {
  readonly book: PolicyBook;
  readonly fixed: readonly Looked<Fen>[];
  /** Keys without which there is no base. */
  readonly missingBase: readonly string[];
}

function quotedSide(amount: SideAmount, { book, fixed, missingBase }: SideParts): QuotedSide {
  if (!amount.known) {
    const missing = [...missingBase, ...amount.missing];
    return { amountFen: null, ratePpm: null, fixedFen: null, rate: null, fixed: [], missing };
  }
  return {
    amountFen: missingBase.length === 0 ? amount.fen : null,
    ratePpm: amount.ratePpm,
    fixedFen: amount.fixedFen,
    rate: quotedFigure(amount.rate, book),
    fixed: fixed.flatMap((each) => (each.known && each.value !== 0 ? [quotedFigure(each, book)] : [])),
    missing: missingBase,
  };
}

function sumOf(sides: readonly QuotedSide[]): Fen {
  return addFen(ZERO_FEN, ...sides.flatMap(({ amountFen }) => (amountFen === null ? [] : [amountFen])));
}
