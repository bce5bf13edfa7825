/** How single values of a tuple are written and read back: text, numbers, words, months, places, money per insurance. */
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Month } from '../domain/month.js';
import type { FenByInsurance } from '../domain/records.js';
import type { RegionCode } from '../domain/region.js';
import { type CodeTable, INSURANCE_CODES, wordOf } from './record-codes.js';
import type { TupleWriter } from './tuple-writer.js';

/** False for a field that was not given, true when there is a value to write. */
function begin<T>(to: TupleWriter, value: T | null | undefined): value is T {
  if (value === undefined) to.ascii(',false');
  else if (value === null) to.ascii(',null');
  else to.ascii(',');
  return value !== undefined && value !== null;
}

/**
 * A field that came to be later, at the end: where it is not given nothing is written, so that what is stored keeps its hash and
 * nobody is judged again for it.
 */
export function writeLast(to: TupleWriter, text: string | null | undefined): void {
  if (text !== undefined) writeText(to, text);
}

export function writeText(to: TupleWriter, text: string | null | undefined): void {
  if (begin(to, text)) to.text(text);
}

export function writeNumber(to: TupleWriter, value: number | null | undefined): void {
  if (begin(to, value)) to.whole(value);
}

export function writeWord<W extends string>(to: TupleWriter, table: CodeTable<W>, word: W | null | undefined): void {
  if (begin(to, word)) to.whole(table.codes[word]);
}

/** Alternating insurance code and fen, in the order of the codes: the order of a source's keys must not change the hash. */
export function writeMoney(to: TupleWriter, amounts: FenByInsurance | undefined): void {
  if (!begin(to, amounts)) return;
  let separator = '[';
  for (const insurance of INSURANCES_BY_CODE) {
    const amount = amounts[insurance];
    if (amount === undefined) continue;
    to.ascii(separator).whole(INSURANCE_CODES.codes[insurance]).ascii(',').whole(amount);
    separator = ',';
  }
  to.ascii(separator === '[' ? '[]' : ']');
}

const INSURANCES_BY_CODE: readonly Insurance[] = [...INSURANCE_CODES.words.values()];

export function unpackMoney(packed: unknown): FenByInsurance {
  const pairs = packed as readonly number[];
  const amounts: Partial<Record<Insurance, Fen>> = {};
  for (let index = 0; index < pairs.length; index += 2)
    amounts[wordOf(INSURANCE_CODES, pairs[index])] = pairs[index + 1] as Fen;
  return amounts;
}

export function unpackWord<W extends string>(table: CodeTable<W>, code: unknown): W | null {
  return code === null ? null : wordOf(table, code);
}

/** 2023-01 → 202301. */
export function writeMonth(to: TupleWriter, of: Month): void {
  to.ascii(',').ascii(of.slice(0, 4)).ascii(of.slice(5));
}

/** Bounded by the months of a thousand years; in practice some dozens. */
const monthNames = new Map<number, Month>();

export function unpackMonth(packed: unknown): Month {
  const code = packed as number;
  const known = monthNames.get(code);
  if (known !== undefined) return known;
  const digits = String(code);
  const name = `${digits.slice(0, 4)}-${digits.slice(4)}` as Month;
  monthNames.set(code, name);
  return name;
}

/** Plain six-digit codes as a number, pools with a suffix as text. */
export function writeRegion(to: TupleWriter, of: RegionCode): void {
  if (of.length === 6 && !of.startsWith('0')) to.ascii(',').ascii(of);
  else writeText(to, of);
}

export function unpackRegion(packed: unknown): RegionCode {
  return String(packed) as RegionCode;
}
