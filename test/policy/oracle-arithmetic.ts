/** The oracle's own arithmetic: exact fractions of fen, and days counted by the rules of the calendar instead of by a library. */

/** `of` > 0. */
export interface Fraction {
  readonly top: bigint;
  readonly of: bigint;
}

export function decimal(text: string): Fraction {
  const [whole = '0', digits = ''] = text.split('.');
  return { top: BigInt(whole + digits), of: 10n ** BigInt(digits.length) };
}

/** An amount of yuan with at most two decimals, in fen. */
export function amountOf(text: string): bigint {
  const { top, of } = decimal(text);
  return (top * 100n) / of;
}

/** `half-up 0.01` and its kin, for amounts that are not below zero. */
export function roundTo({ top, of }: Fraction, rounding: string): bigint {
  const [mode, step = '0.01'] = rounding.split(' ');
  const unit = amountOf(step);
  const steps = top / (of * unit);
  const rest = top % (of * unit);
  const twice = rest * 2n;
  const half = of * unit;
  switch (mode) {
    case 'down':
      return steps * unit;
    case 'up':
      return (rest > 0n ? steps + 1n : steps) * unit;
    case 'half-up':
      return (twice >= half ? steps + 1n : steps) * unit;
    case 'half-even':
      return (twice > half || (twice === half && steps % 2n === 1n) ? steps + 1n : steps) * unit;
    default:
      throw new Error(`The oracle does not know the rounding ${String(mode)}.`);
  }
}

/** `2023-01` and 2 make `2023-03`. */
export function shift(month: string, by: number): string {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + by;
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;
}

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function lengthOf(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (LENGTHS[month - 1] ?? 0);
}

/** The last day of a month. */
export function lastOf(month: string): string {
  return `${month}-${lengthOf(Number(month.slice(0, 4)), Number(month.slice(5)))}`;
}

/** Days since the year 0, counted by the leap rule of the Gregorian calendar. */
export function dayNumber(day: string): number {
  const year = Number(day.slice(0, 4));
  const before = year - 1;
  let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  for (let month = 1; month < Number(day.slice(5, 7)); month += 1) days += lengthOf(year, month);
  return days + Number(day.slice(8));
}

/** The day of a number: the inverse of `dayNumber`. */
export function dayText(number: number): string {
  let year = Math.floor(number / 365.2425) + 1;
  while (dayNumber(`${String(year).padStart(4, '0')}-01-01`) > number) year -= 1;
  let rest = number - dayNumber(`${String(year).padStart(4, '0')}-01-01`);
  let month = 1;
  while (rest >= lengthOf(year, month)) {
    rest -= lengthOf(year, month);
    month += 1;
  }
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(rest + 1).padStart(2, '0')}`;
}
