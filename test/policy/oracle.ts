/**
 * A second calculation of bases and amounts, written apart from src/policy: it reads the same files by itself, asks them by plain scans, and
 * counts in exact fractions. Where the two differ, one of them is wrong.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A fraction of fen; `of` > 0. */
interface Fraction {
  readonly top: bigint;
  readonly of: bigint;
}

interface Row {
  readonly overlay: boolean;
  readonly value: string;
  readonly since: string;
  readonly last: string | null;
  readonly heardOn: string;
  readonly checkedOn: string;
}

export interface OracleCase {
  readonly region: string;
  readonly insurance: string;
  readonly month: string;
  readonly knownAt: string;
  readonly hiredOn: string;
  readonly leftOn: string | null;
  readonly startWageFen: number | null;
  readonly wages: ReadonlyMap<string, number>;
  readonly hukou: 'local' | 'other' | null;
}

/** Fen, or null where something is not known. */
export interface OracleAnswer {
  readonly baseFen: bigint | null;
  readonly provisional: boolean;
  readonly employeeFen: bigint | null;
  readonly employerFen: bigint | null;
}

type Told = { readonly value: string; readonly carried: boolean } | null;

const YEARLY = new Set(['base_floor', 'base_cap', 'reference_avg_wage']);

export class Oracle {
  readonly #rows = new Map<string, Row[]>();
  readonly #trustedMonths: number;

  constructor(policyDir: string, overlayFile: string | null) {
    this.#trustedMonths = read(join(policyDir, 'PACK.yaml')).verified_for_months;
    for (const name of readdirSync(join(policyDir, 'regions'))) {
      const file = read(join(policyDir, 'regions', name));
      this.#add(file.region, file.parameters, { checkedOn: file.verified_on, overlay: false });
    }
    for (const name of readdirSync(join(policyDir, 'rules'))) {
      const file = read(join(policyDir, 'rules', name));
      for (const [code, scopes] of Object.entries(file.regions))
        this.#add(code, scopes, { checkedOn: file.verified_on, overlay: false });
    }
    if (overlayFile === null) return;
    const file = read(overlayFile);
    for (const [code, scopes] of Object.entries(file.regions))
      this.#add(code, scopes, { checkedOn: file.confirmedOn, overlay: true });
  }

  answer(asked: OracleCase): OracleAnswer {
    const floor = this.#ask(asked, 'base_floor');
    const cap = this.#ask(asked, 'base_cap');
    const base = floor === null || cap === null ? null : this.#base(asked, floor.value, cap.value);
    return {
      baseFen: base,
      provisional: base !== null && ((floor?.carried ?? false) || (cap?.carried ?? false)),
      employeeFen:
        base === null
          ? null
          : this.#side(asked, base, ['employee_rate', 'employee_rounding', 'employee_fixed', 'employee_fixed_yearly']),
      employerFen: base === null ? null : this.#employer(asked, base),
    };
  }

  #base(asked: OracleCase, floor: string, cap: string): bigint | null {
    const rounding = this.#ask(asked, 'base_rounding');
    if (rounding === null) return null;
    const low = floor === 'none' ? null : yuan(floor);
    const high = cap === 'none' ? null : yuan(cap);
    if (low !== null && low === high) return low;
    const basis = this.#basis(asked);
    if (basis === null) return null;
    const exact = roundTo(basis, rounding.value);
    if (low !== null && exact < low) return low;
    return high !== null && exact > high ? high : exact;
  }

  #basis(asked: OracleCase): Fraction | null {
    const rule = this.#ask(asked, 'base_rule')?.value;
    const hired = asked.hiredOn.slice(0, 7);
    if (rule === 'previous-month') {
      if (asked.month > hired) return paid(asked.wages.get(shift(asked.month, -1)));
      return asked.startWageFen === null ? this.#newcomer(asked) : paid(asked.startWageFen);
    }
    if (rule !== 'annual') throw new Error(`The oracle does not know the rule ${String(rule)}.`);
    const turn = this.#ask(asked, 'adjustment_month');
    if (turn === null) return null;
    const year = Number(asked.month.slice(0, 4)) - (Number(asked.month.slice(5)) >= Number(turn.value) ? 1 : 2);
    if (hired > `${year}-12`) return this.#newcomer(asked);
    let top = 0n;
    let of = 0n;
    for (const [month, fen] of asked.wages) {
      const isCounted =
        month.startsWith(`${year}-`) && month >= hired && (asked.leftOn === null || month <= asked.leftOn.slice(0, 7));
      if (!isCounted) continue;
      top += BigInt(fen);
      of += 1n;
    }
    return of === 0n ? null : { top, of };
  }

  #newcomer(asked: OracleCase): Fraction | null {
    if (this.#ask(asked, 'newcomer_rule') === null) return null;
    const hired = asked.hiredOn.slice(0, 7);
    const full = asked.hiredOn.slice(8) === '01' ? hired : shift(hired, 1);
    const isFull = asked.leftOn === null || asked.leftOn.slice(0, 7) > full || asked.leftOn === lastOf(full);
    return (isFull ? paid(asked.wages.get(full)) : null) ?? paid(asked.startWageFen ?? undefined);
  }

  #employer(asked: OracleCase, base: bigint): bigint | null {
    const local = this.#ask(asked, 'employer_rate_local_hukou');
    if (local !== null && asked.hukou === null) return null;
    const rate = local !== null && asked.hukou === 'local' ? 'employer_rate_local_hukou' : 'employer_rate';
    return this.#side(asked, base, [rate, 'employer_rounding', 'employer_fixed', 'employer_fixed_yearly']);
  }

  #side(asked: OracleCase, base: bigint, names: readonly string[]): bigint | null {
    const [rate, rounding, fixed, yearly] = names.map((name) => this.#ask(asked, name)?.value);
    if (rate === undefined || rounding === undefined || fixed === undefined || yearly === undefined) return null;
    if (yuan(yearly) !== 0n) throw new Error('The oracle has no yearly fixed amounts.');
    const share = decimal(rate);
    return roundTo({ top: base * share.top, of: share.of }, rounding) + yuan(fixed);
  }

  /** City, province, nation; overlay before pack; the insurance before `social`. Ended values count only when nothing else does. */
  #ask(asked: OracleCase, parameter: string): Told {
    const on = `${asked.month}-01`;
    let ended: Row | null = null;
    for (const rows of this.#known(asked, parameter)) {
      const begun = rows.filter((row) => row.since <= on);
      if (begun.length === 0) continue;
      const row = begun.reduce((latest, other) => (other.since > latest.since ? other : latest));
      if (row.last === null || row.last >= on) {
        const isNewest = rows.length === begun.length;
        return row.value === 'unknown'
          ? null
          : { value: row.value, carried: isNewest && this.#isStale(row, parameter, asked.month) };
      }
      if (ended === null || row.last > (ended.last ?? '')) ended = row;
    }
    return ended === null || ended.value === 'unknown' ? null : { value: ended.value, carried: true };
  }

  /** The rows that had been heard of, nearest place first. */
  #known(asked: OracleCase, parameter: string): Row[][] {
    const scopes = asked.insurance === 'housing-fund' ? [asked.insurance] : [asked.insurance, 'social'];
    const places = chain(asked.region).flatMap((code) =>
      [true, false].flatMap((overlay) => scopes.map((scope) => ({ code, overlay, scope }))),
    );
    return places.map(({ code, overlay, scope }) =>
      (this.#rows.get(`${code} ${scope} ${parameter}`) ?? []).filter(
        (row) => row.overlay === overlay && row.heardOn <= asked.knownAt,
      ),
    );
  }

  #isStale(row: Row, parameter: string, month: string): boolean {
    if (row.overlay || row.last !== null) return false;
    if (YEARLY.has(parameter)) return month >= shift(row.since.slice(0, 7), 12);
    return month > shift(row.checkedOn.slice(0, 7), this.#trustedMonths);
  }

  #add(code: string, scopes: Scopes, origin: { readonly checkedOn: string; readonly overlay: boolean }): void {
    for (const [scope, parameters] of Object.entries(scopes)) {
      for (const [parameter, dated] of Object.entries(parameters)) {
        const rows = dated.map((text) => {
          const since = text.effective_from === 'undated' ? '0000-00-00' : (text.effective_from ?? '');
          return {
            overlay: origin.overlay,
            value: text.value ?? '',
            since,
            last: text.effective_to === undefined || text.effective_to === 'unknown' ? null : text.effective_to,
            heardOn: origin.overlay ? '' : (text.published_on ?? since),
            checkedOn: text.verified_on ?? origin.checkedOn,
          };
        });
        const key = `${code} ${scope} ${parameter}`;
        this.#rows.set(key, [...(this.#rows.get(key) ?? []), ...rows]);
      }
    }
  }
}

type Scopes = Readonly<
  Record<string, Readonly<Record<string, readonly Readonly<Record<string, string | undefined>>[]>>>
>;
interface PolicyFile {
  readonly region: string;
  readonly verified_on: string;
  readonly confirmedOn: string;
  readonly verified_for_months: number;
  readonly parameters: Scopes;
  readonly regions: Readonly<Record<string, Scopes>>;
}

function read(file: string): PolicyFile {
  return parse(readFileSync(file, 'utf8')) as PolicyFile;
}

function chain(code: string): string[] {
  return [...new Set([code, `${code.slice(0, 4)}00`, `${code.slice(0, 2)}0000`, '100000'])];
}

function paid(fen: number | undefined): Fraction | null {
  return fen === undefined ? null : { top: BigInt(fen), of: 1n };
}

function shift(month: string, by: number): string {
  const moved = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + by, 1));
  return moved.toISOString().slice(0, 7);
}

function lastOf(month: string): string {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).toISOString().slice(0, 10);
}

function decimal(text: string): Fraction {
  const [whole = '0', digits = ''] = text.split('.');
  return { top: BigInt(whole + digits), of: 10n ** BigInt(digits.length) };
}

function yuan(text: string): bigint {
  const { top, of } = decimal(text);
  return (top * 100n) / of;
}

/** `half-up 0.01`: positive amounts only, as in every case asked. */
function roundTo({ top, of }: Fraction, rounding: string): bigint {
  const [mode, step = '0.01'] = rounding.split(' ');
  if (mode !== 'half-up') throw new Error(`The oracle does not know the rounding ${String(mode)}.`);
  const unit = yuan(step);
  return ((2n * top + of * unit) / (2n * of * unit)) * unit;
}
