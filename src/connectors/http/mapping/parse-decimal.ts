/** How a decimal text becomes a whole number of small units (fen, ppm, hundredths) exactly, without floats. */
import { parseYuan } from '../../../domain/fen.js';

const DECIMAL_PATTERN = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/;
const ZERO = 48;
const DOT = 46;

/** Digits that stay safely below 2^53 with two decimals. */
const MAX_PLAIN_LENGTH = 15;

/** `parseYuan` of the domain with a short way for `1234.50` and `1234`, the only forms most systems send. */
export function parseYuanText(text: string): number | null {
  const length = text.length;
  if (length === 0 || length > MAX_PLAIN_LENGTH) return parseYuan(text);
  let amount = 0;
  let decimals = -1;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === DOT && decimals < 0 && index > 0) {
      decimals = 0;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || decimals === 2) return parseYuan(text);
    amount = amount * 10 + digit;
    if (decimals >= 0) decimals += 1;
  }
  if (decimals < 0) return amount * 100;
  if (decimals === 2) return amount;
  return decimals === 1 ? amount * 10 : null;
}

/**
 * Whole units of 10^-`digits`: parseScaled("21.5", 2) = 2150. Surplus digits must be zero unless `rounding` allows them
 * to be rounded half up. Null for anything else and beyond the safe integers.
 */
export function parseScaled(text: string, digits: number, rounding: 'exact' | 'half-up' = 'exact'): number | null {
  const match = DECIMAL_PATTERN.exec(text);
  if (!match) return null;
  const [, sign, whole = '', decimals = ''] = match;
  const surplus = decimals.slice(digits);
  if (rounding === 'exact' && /[^0]/.test(surplus)) return null;
  const kept = Number(`${whole.replaceAll(',', '')}${decimals.slice(0, digits).padEnd(digits, '0')}`);
  const amount = rounding === 'half-up' && surplus.charCodeAt(0) >= ZERO + 5 ? kept + 1 : kept;
  if (!Number.isSafeInteger(amount)) return null;
  return sign === '-' && amount !== 0 ? -amount : amount;
}
