/**
 * A second calculation of bases, amounts, late fees and back-payments, written apart from src/policy: it reads the same files by itself,
 * asks them by plain scans, counts days by itself, and calculates in exact fractions. Where the two differ, one of them is wrong.
 */
import { type Fraction, amountOf, dayNumber, dayText, decimal, lastOf, roundTo, shift } from './oracle-arithmetic.js';
import { type Row, readRows } from './oracle-rows.js';

/** What may change a rate. */
interface Insured {
  readonly hukou: 'local' | 'other' | null;
  readonly industryClass: number | null;
  readonly housingFundRatePpm: number | null;
}

export interface OracleCase extends Insured {
  readonly region: string;
  readonly insurance: string;
  readonly month: string;
  readonly knownAt: string;
  readonly hiredOn: string;
  readonly leftOn: string | null;
  readonly startWageFen: number | null;
  readonly wages: ReadonlyMap<string, number>;
}

/** Unpaid months, and one wage for all of them. */
export interface OracleBackPayment extends Insured {
  readonly region: string;
  readonly gaps: readonly { readonly month: string; readonly insurance: string }[];
  /** The day of asking, of paying and of what was known. */
  readonly asOf: string;
  readonly wageFen: number;
}

/** Fen, or null where something is not known. */
export interface OracleAnswer {
  readonly baseFen: bigint | null;
  readonly provisional: boolean;
  readonly employeeFen: bigint | null;
  readonly employerFen: bigint | null;
}

export interface OracleGap extends Omit<OracleAnswer, 'provisional'> {
  readonly lateFeeFen: bigint | null;
}

/** Where a question is asked. */
interface At {
  readonly region: string;
  readonly insurance: string;
  readonly month: string;
  readonly knownAt: string;
}

type Told = { readonly value: string; readonly carried: boolean } | null;

const YEARLY = new Set(['base_floor', 'base_cap', 'reference_avg_wage']);

export class Oracle {
  readonly #rows: ReadonlyMap<string, readonly Row[]>;
  readonly #lists = new Map<string, readonly Row[][]>();
  readonly #trustedMonths: number;

  constructor(policyDir: string, overlayFiles: readonly string[]) {
    const { rows, trustedMonths } = readRows(policyDir, overlayFiles);
    this.#rows = rows;
    this.#trustedMonths = trustedMonths;
  }

  answer(asked: OracleCase): OracleAnswer {
    const limits = [this.#ask(asked, 'base_floor'), this.#ask(asked, 'base_cap')];
    const base = this.#held(asked, () => this.#basis(asked));
    return {
      baseFen: base,
      provisional: base !== null && limits.some((limit) => limit?.carried === true),
      ...this.#sides(asked, base, asked),
    };
  }

  /** In the order of the gaps. */
  backPayment({ gaps, region, asOf, wageFen, ...insured }: OracleBackPayment): OracleGap[] {
    return gaps.map(({ month, insurance }) => {
      const at: At = { region, insurance, month, knownAt: asOf };
      const baseFen = this.#held(at, () => ({ top: BigInt(wageFen), of: 1n }));
      const sides = this.#sides(at, baseFen, insured);
      const { employeeFen, employerFen } = sides;
      const principal = employeeFen === null || employerFen === null ? null : employeeFen + employerFen;
      return { baseFen, ...sides, lateFeeFen: principal === null ? null : this.#lateFee(at, principal, asOf) };
    });
  }

  /** Rounded once, then held between floor and cap; where they are one amount the wage is not asked for. */
  #held(at: At, basis: () => Fraction | null): bigint | null {
    const floor = this.#ask(at, 'base_floor');
    const cap = this.#ask(at, 'base_cap');
    const rounding = this.#ask(at, 'base_rounding');
    if (floor === null || cap === null || rounding === null) return null;
    const low = floor.value === 'none' ? null : amountOf(floor.value);
    const high = cap.value === 'none' ? null : amountOf(cap.value);
    if (low !== null && low === high) return low;
    const exact = basis();
    if (exact === null) return null;
    const whole = roundTo(exact, rounding.value);
    if (low !== null && whole < low) return low;
    return high !== null && whole > high ? high : whole;
  }

  #basis(asked: OracleCase): Fraction | null {
    const hired = asked.hiredOn.slice(0, 7);
    switch (this.#ask(asked, 'base_rule')?.value) {
      case undefined:
        return null;
      case 'monthly':
        return paid(asked.wages.get(asked.month));
      case 'previous-month':
        if (asked.month > hired) return paid(asked.wages.get(shift(asked.month, -1)));
        return asked.startWageFen === null ? this.#newcomer(asked) : paid(asked.startWageFen);
      case 'window':
        return this.#window(asked, hired);
      default:
        return this.#lastYear(asked, hired);
    }
  }

  #window(asked: OracleCase, hired: string): Fraction | null {
    const length = this.#ask(asked, 'base_window_months');
    if (length === null) return null;
    if (asked.month <= hired) return this.#newcomer(asked);
    const from = shift(asked.month, -Number(length.value));
    return averageOf(asked.wages, (month) => month >= from && month >= hired && month < asked.month);
  }

  #lastYear(asked: OracleCase, hired: string): Fraction | null {
    const turn = this.#ask(asked, 'adjustment_month');
    if (turn === null) return null;
    const year = Number(asked.month.slice(0, 4)) - (Number(asked.month.slice(5)) >= Number(turn.value) ? 1 : 2);
    if (hired > `${year}-12`) return this.#newcomer(asked);
    const left = asked.leftOn?.slice(0, 7) ?? '9999-12';
    return averageOf(asked.wages, (month) => month.startsWith(`${year}-`) && month >= hired && month <= left);
  }

  #newcomer(asked: OracleCase): Fraction | null {
    const rule = this.#ask(asked, 'newcomer_rule');
    if (rule === null) return null;
    const hired = asked.hiredOn.slice(0, 7);
    const full = asked.hiredOn.slice(8) === '01' ? hired : shift(hired, 1);
    const isFull = asked.leftOn === null || asked.leftOn.slice(0, 7) > full || asked.leftOn === lastOf(full);
    const byMonth = rule.value === 'first-full-month' && isFull ? paid(asked.wages.get(full)) : null;
    return byMonth ?? paid(asked.startWageFen ?? undefined);
  }

  #sides(at: At, base: bigint | null, insured: Insured): Pick<OracleAnswer, 'employeeFen' | 'employerFen'> {
    if (base === null) return { employeeFen: null, employerFen: null };
    const own =
      at.insurance === 'housing-fund' ? this.#chosen(at, 'employee_rate', insured) : this.#rate(at, 'employee_rate');
    return {
      employeeFen: this.#side(at, base, { rate: own, side: 'employee' }),
      employerFen: this.#side(at, base, { rate: this.#employerRate(at, insured), side: 'employer' }),
    };
  }

  #employerRate(at: At, insured: Insured): Fraction | null {
    if (at.insurance === 'housing-fund') return this.#chosen(at, 'employer_rate', insured);
    if (at.insurance === 'work-injury')
      return this.#rate(
        at,
        insured.industryClass === null ? 'employer_rate' : `employer_rate_class${insured.industryClass}`,
      );
    if (this.#ask(at, 'employer_rate_local_hukou') === null) return this.#rate(at, 'employer_rate');
    if (insured.hukou === null) return null;
    return this.#rate(at, insured.hukou === 'local' ? 'employer_rate_local_hukou' : 'employer_rate');
  }

  #chosen(at: At, parameter: string, { housingFundRatePpm }: Insured): Fraction | null {
    if (housingFundRatePpm === null) return this.#rate(at, parameter);
    const range = this.#ask(at, 'rate_range')?.value.split('-').map(decimal);
    if (range?.[0] === undefined || range[1] === undefined) return null;
    const rate = { top: BigInt(housingFundRatePpm), of: 1_000_000n };
    const isInside = !isLess(rate, range[0]) && !isLess(range[1], rate);
    return isInside ? rate : null;
  }

  #side(at: At, base: bigint, { rate, side }: { rate: Fraction | null; side: 'employee' | 'employer' }): bigint | null {
    const rounding = this.#ask(at, `${side}_rounding`);
    const fixed = this.#ask(at, `${side}_fixed`);
    const yearly = this.#ask(at, `${side}_fixed_yearly`);
    if (rate === null || rounding === null || fixed === null || yearly === null) return null;
    let extra = amountOf(fixed.value);
    if (amountOf(yearly.value) > 0n) {
      const when = this.#ask(at, 'fixed_yearly_month');
      if (when === null) return null;
      if (Number(when.value) === Number(at.month.slice(5))) extra += amountOf(yearly.value);
    }
    return roundTo({ top: base * rate.top, of: rate.of }, rounding.value) + extra;
  }

  #rate(at: At, parameter: string): Fraction | null {
    const told = this.#ask(at, parameter);
    return told === null ? null : decimal(told.value);
  }

  /** Principal × the sum over days of the rate of each day, rounded once. */
  #lateFee(at: At, principal: bigint, paidOn: string): bigint | null {
    const names = ['late_fee_start', 'late_fee_payment_day', 'late_fee_capped_at_principal', 'late_fee_rounding'];
    const [start, paymentDay, capped, rounding] = names.map((name) => this.#ask(at, name)?.value);
    if (start === undefined || paymentDay === undefined || capped === undefined || rounding === undefined) return null;
    const first = start === 'first-of-second-month' ? dayNumber(`${shift(at.month, 2)}-01`) : this.#afterFiling(at);
    if (first === null) return null;
    const end = dayNumber(paidOn) + (paymentDay === 'counted' ? 1 : 0);
    const weighted = this.#weightedDays(at, first, end);
    if (weighted === null) return null;
    const fee = roundTo({ top: principal * weighted.top, of: weighted.of }, rounding);
    return capped === 'yes' && fee > principal ? principal : fee;
  }

  #afterFiling(at: At): number | null {
    const offset = this.#ask(at, 'filing_month_offset');
    const until = this.#ask(at, 'filing_until_day');
    if (offset === null || until === null) return null;
    const month = shift(at.month, Number(offset.value));
    const end = Math.min(Number(until.value), Number(lastOf(month).slice(8)));
    return dayNumber(`${month}-${String(end).padStart(2, '0')}`) + 1;
  }

  /** The daily rates of the days from `first` to before `end`, summed; null where one of them is unknown. */
  #weightedDays(at: At, first: number, end: number): Fraction | null {
    const borders = new Set([first, end]);
    for (const row of this.#listsOf(at, 'late_fee_daily_rate').flat()) {
      if (row.since > '1') borders.add(dayNumber(row.since));
      if (row.last !== null) borders.add(dayNumber(row.last) + 1);
    }
    const days = [...borders].filter((border) => border >= first && border <= end).sort((a, b) => a - b);
    let top = 0n;
    for (const [place, from] of days.entries()) {
      const until = days[place + 1];
      if (until === undefined) break;
      const told = this.#askOn(at, 'late_fee_daily_rate', dayText(from));
      if (told === null) return null;
      const rate = decimal(told.value);
      top += (BigInt(until - from) * rate.top * 1_000_000n) / rate.of;
    }
    return { top, of: 1_000_000n };
  }

  #ask(at: At, parameter: string): Told {
    return this.#askOn(at, parameter, `${at.month}-01`);
  }

  /** City, province, nation; overlay before pack; the insurance before `social`. Ended values count only when nothing else does. */
  #askOn(at: At, parameter: string, on: string): Told {
    let ended: Row | null = null;
    for (const list of this.#listsOf(at, parameter)) {
      let row: Row | null = null;
      let hasLater = false;
      for (const other of list) {
        if (other.heardOn > at.knownAt) continue;
        if (other.since > on) hasLater = true;
        else if (row === null || other.since > row.since) row = other;
      }
      if (row === null) continue;
      if (row.last === null || row.last >= on) {
        if (row.value === 'unknown') return null;
        return { value: row.value, carried: !hasLater && this.#isStale(row, parameter, on.slice(0, 7)) };
      }
      if (ended === null || row.last > (ended.last ?? '')) ended = row;
    }
    return ended === null || ended.value === 'unknown' ? null : { value: ended.value, carried: true };
  }

  /** The rows of every place that may answer, nearest first. */
  #listsOf({ region, insurance }: At, parameter: string): readonly Row[][] {
    const key = `${region} ${insurance} ${parameter}`;
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const scopes = insurance === 'housing-fund' ? [insurance] : [insurance, 'social'];
    const lists = chain(region)
      .flatMap((code) => [true, false].flatMap((overlay) => scopes.map((scope) => ({ code, overlay, scope }))))
      .map(({ code, overlay, scope }) =>
        (this.#rows.get(`${code} ${scope} ${parameter}`) ?? []).filter((row) => row.overlay === overlay),
      )
      .filter((list) => list.length > 0);
    this.#lists.set(key, lists);
    return lists;
  }

  #isStale(row: Row, parameter: string, month: string): boolean {
    if (row.overlay || row.last !== null) return false;
    if (YEARLY.has(parameter)) return month >= shift(row.since.slice(0, 7), 12);
    return month > shift(row.checkedOn.slice(0, 7), this.#trustedMonths);
  }
}

function chain(code: string): string[] {
  return [...new Set([code, `${code.slice(0, 4)}00`, `${code.slice(0, 2)}0000`, '100000'])];
}

function paid(fen: number | undefined): Fraction | null {
  return fen === undefined ? null : { top: BigInt(fen), of: 1n };
}

function averageOf(wages: ReadonlyMap<string, number>, isCounted: (month: string) => boolean): Fraction | null {
  let top = 0n;
  let of = 0n;
  for (const [month, fen] of wages) {
    if (!isCounted(month)) continue;
    top += BigInt(fen);
    of += 1n;
  }
  return of === 0n ? null : { top, of };
}

function isLess(left: Fraction, right: Fraction): boolean {
  return left.top * right.of < right.top * left.of;
}
