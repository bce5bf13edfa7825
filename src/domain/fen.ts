/** How money is counted: whole fen (1/100 yuan) in a branded safe integer, rates in whole ppm, one rounding. */
import { HubError } from './hub-error.js';

declare const fenBrand: unique symbol;
declare const ppmBrand: unique symbol;

/** Money in fen (1 yuan = 100 fen); a safe integer, may be negative (refunds). */
export type Fen = number & { readonly [fenBrand]: true };

/** A rate in parts per million (8 % = 80 000 ppm); a safe integer ≥ 0. */
export type Ppm = number & { readonly [ppmBrand]: true };

/** How a fraction of a unit becomes whole. `half-up` rounds .5 away from zero. */
export type RoundingMode = 'half-up' | 'up' | 'down' | 'half-even';

const PPM_PER_UNIT = 1_000_000n;
const YUAN_PATTERN = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/;

/** Brands a whole number of fen. Throws `not-fen` for fractions and unsafe integers. */
export function fen(amount: number): Fen {
  if (!Number.isSafeInteger(amount)) {
    throw new HubError({ code: 'not-fen', next: 'bug', message: 'An amount of fen must be a whole safe number.' });
  }
  // Adding zero turns -0 into 0: amounts are compared, hashed and printed.
  return (amount + 0) as Fen;
}

/** Brands a whole number of ppm. Throws `not-ppm` for fractions and negatives. */
export function ppm(rate: number): Ppm {
  if (!Number.isSafeInteger(rate) || rate < 0) {
    throw new HubError({
      code: 'not-ppm',
      next: 'bug',
      message: 'A rate must be a whole, non-negative number of ppm.',
    });
  }
  return rate as Ppm;
}

export const ZERO_FEN = fen(0);

export function addFen(...amounts: readonly Fen[]): Fen {
  let sum = 0;
  for (const amount of amounts) sum += amount;
  return fen(sum);
}

export function subtractFen(from: Fen, amount: Fen): Fen {
  return fen(from - amount);
}

/**
 * Reads a decimal yuan string exactly: `"1,234.50"` → 123450. Thousands separators must stand in groups of three.
 * More than two decimals are accepted only when the surplus digits are zero. Returns null for anything else.
 */
export function parseYuan(text: string): Fen | null {
  const match = YUAN_PATTERN.exec(text.trim());
  if (!match) return null;
  const [, sign, whole, decimals = ''] = match;
  if (/[^0]/.test(decimals.slice(2))) return null;
  const amount = Number(`${(whole ?? '').replaceAll(',', '')}${decimals.slice(0, 2).padEnd(2, '0')}`);
  if (!Number.isSafeInteger(amount)) return null;
  return fen(sign === '-' && amount !== 0 ? -amount : amount);
}

/** A yuan float is accepted only where it stands for an exact number of fen (shortest decimal form has ≤ 2 digits). */
export function fenFromFloat(yuan: number): Fen | null {
  return Number.isFinite(yuan) ? parseYuan(String(yuan)) : null;
}

/** Fen as a decimal yuan string with exactly two digits: 123450 → `"1234.50"`. */
export function formatYuan(amount: Fen): string {
  const digits = String(Math.abs(amount)).padStart(3, '0');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Reads a decimal ratio exactly: `"0.0016"` → 1600 ppm. Returns null beyond six decimals or for anything else. */
export function parseRatio(text: string): Ppm | null {
  const match = /^(\d+)(?:\.(\d{1,}))?$/.exec(text.trim());
  if (!match) return null;
  const decimals = match[2] ?? '';
  if (/[^0]/.test(decimals.slice(6))) return null;
  const value = Number(`${match[1] ?? '0'}${decimals.slice(0, 6).padEnd(6, '0')}`);
  return Number.isSafeInteger(value) ? ppm(value) : null;
}

/** Integer division `numerator / denominator` with one rounding; `denominator` > 0. Exact for any size. */
export function divideRounded(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  const negative = numerator < 0n;
  const magnitude = negative ? -numerator : numerator;
  const quotient = magnitude / denominator;
  const remainder = magnitude % denominator;
  const rounded =
    remainder === 0n || !roundsAway({ quotient, remainder, denominator, mode }) ? quotient : quotient + 1n;
  return negative ? -rounded : rounded;
}

interface RoundingCase {
  readonly quotient: bigint;
  readonly remainder: bigint;
  readonly denominator: bigint;
  readonly mode: RoundingMode;
}

function roundsAway({ quotient, remainder, denominator, mode }: RoundingCase): boolean {
  const twice = remainder * 2n;
  switch (mode) {
    case 'up':
      return true;
    case 'down':
      return false;
    case 'half-up':
      return twice >= denominator;
    case 'half-even':
      return twice > denominator || (twice === denominator && quotient % 2n === 1n);
  }
}

/** Rounds fen to a multiple of `stepFen` (1 = fen, 10 = jiao, 100 = yuan); away from or towards zero by `mode`. */
export function roundFen(amount: Fen, stepFen: number, mode: RoundingMode): Fen {
  if (stepFen === 1) return amount;
  return fen(Number(divideRounded(BigInt(amount), BigInt(stepFen), mode)) * stepFen);
}

/**
 * `amount × rate`, rounded once to a multiple of `stepFen`. Uses plain integers while the product stays safe
 * (amount × ppm below 2^53), bigint beyond.
 */
export function applyRate(
  amount: Fen,
  rate: Ppm,
  rounding: { readonly stepFen: number; readonly mode: RoundingMode },
): Fen {
  const product = amount * rate;
  const divisor = 1_000_000 * rounding.stepFen;
  if (Number.isSafeInteger(product) && product >= 0 && rounding.mode === 'half-up') {
    const remainder = product % divisor;
    const quotient = (product - remainder) / divisor;
    return fen((remainder * 2 >= divisor ? quotient + 1 : quotient) * rounding.stepFen);
  }
  const exact = BigInt(amount) * BigInt(rate);
  return fen(Number(divideRounded(exact, PPM_PER_UNIT * BigInt(rounding.stepFen), rounding.mode)) * rounding.stepFen);
}
