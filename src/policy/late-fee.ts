/** What is charged on top of a contribution paid late: principal × daily rate × days, cut where the rate changes. */
import { type Fen, type Ppm, divideRounded, fen } from '../domain/fen.js';
import { type Day, addDays, daysBetween } from '../domain/month.js';
import type { PolicyBook, ValueSegment } from './book.js';
import type { CellPolicy } from './cell-policy.js';
import { arrearsFrom } from './due.js';
import type { PaymentDayRule, Rounding } from './parameter-catalogue.js';

/** Days of arrears at one daily rate. */
export interface LateFeeSegment {
  readonly from: Day;
  readonly until: Day;
  readonly days: number;
  readonly ratePpm: Ppm;
}

export type LateFee =
  | {
      readonly known: true;
      readonly fen: Fen;
      readonly days: number;
      readonly segments: readonly LateFeeSegment[];
      readonly cappedAtPrincipal: boolean;
      /** Whether the fee passed the principal: a person looks (行政强制法 art. 45 may bind). */
      readonly exceedsPrincipal: boolean;
    }
  | { readonly known: false; readonly missing: readonly string[] };

/** Everything a late fee depends on, already decided. */
export interface LateFeeTerms {
  readonly principalFen: Fen;
  /** First day of arrears. */
  readonly from: Day;
  readonly paidOn: Day;
  readonly paymentDay: PaymentDayRule;
  readonly cappedAtPrincipal: boolean;
  readonly rounding: Rounding;
}

/** The late fee of one month and insurance by the policy of its cell. Nothing is due when paid before the arrears began. */
export function lateFeeOf(
  principalFen: Fen,
  cell: CellPolicy,
  { paidOn, book }: { readonly paidOn: Day; readonly book: PolicyBook },
): LateFee {
  const { lateFeePaymentDay, lateFeeCappedAtPrincipal, lateFeeRounding } = cell;
  const arrears = arrearsFrom(cell);
  if (!arrears.known || !lateFeePaymentDay.known || !lateFeeCappedAtPrincipal.known || !lateFeeRounding.known) {
    const keys = [lateFeePaymentDay, lateFeeCappedAtPrincipal, lateFeeRounding].flatMap((each) =>
      each.known ? [] : [each.key],
    );
    return { known: false, missing: [...(arrears.known ? [] : arrears.missing), ...keys] };
  }
  const terms: LateFeeTerms = {
    principalFen,
    from: arrears.from,
    paidOn,
    paymentDay: lateFeePaymentDay.value,
    cappedAtPrincipal: lateFeeCappedAtPrincipal.value,
    rounding: lateFeeRounding.value,
  };
  const until = lastArrearsDay(terms);
  const question = {
    region: cell.region,
    insurance: cell.insurance,
    parameter: 'late_fee_daily_rate',
    knownAt: cell.knownAt,
  } as const;
  return lateFeeBySegments(terms, book.segments(question, { from: arrears.from, until }));
}

/** The same with the rate segments given; each month on its own, rounded once. */
export function lateFeeBySegments(terms: LateFeeTerms, rates: readonly ValueSegment<Ppm>[]): LateFee {
  const missing = rates.flatMap(({ value }) => (value.known ? [] : [value.key]));
  if (missing.length > 0) return { known: false, missing: [...new Set(missing)] };
  const segments: LateFeeSegment[] = rates.flatMap(({ from, until, value }) =>
    value.known ? [{ from, until, days: daysBetween(from, until), ratePpm: value.value }] : [],
  );
  const weighted = segments.reduce((sum, segment) => sum + BigInt(segment.days) * BigInt(segment.ratePpm), 0n);
  const { stepFen, mode } = terms.rounding;
  const exact =
    divideRounded(BigInt(terms.principalFen) * weighted, 1_000_000n * BigInt(stepFen), mode) * BigInt(stepFen);
  const feeFen = fen(Number(exact));
  return {
    known: true,
    fen: terms.cappedAtPrincipal && feeFen > terms.principalFen ? terms.principalFen : feeFen,
    days: segments.reduce((sum, segment) => sum + segment.days, 0),
    segments,
    cappedAtPrincipal: terms.cappedAtPrincipal,
    exceedsPrincipal: feeFen > terms.principalFen,
  };
}

/** The day after the last one that counts. */
function lastArrearsDay({ paidOn, paymentDay }: LateFeeTerms): Day {
  return paymentDay === 'counted' ? addDays(paidOn, 1) : paidOn;
}
