/** How JSON text is read without rounding: integers beyond 2^53 arrive as `ExactNumber`, never as another number. */
import { parse as parseLossless } from 'lossless-json';
import type { Json } from '../port.js';

/**
 * An integer that a JavaScript number cannot hold, with its digits as sent. It is not a string: an identity number sent
 * this way is refused, because the sender may have rounded it already. Written as JSON it becomes a string.
 */
export class ExactNumber {
  constructor(readonly digits: string) {}

  toJSON(): string {
    return this.digits;
  }

  toString(): string {
    return this.digits;
  }
}

/** Sixteen digits in a row where a JSON number may stand: after a colon, comma, bracket or blank. */
const LONG_NUMBER = /[:,[\s]-?\d{16}/;

/**
 * Reads JSON text. Throws SyntaxError. Texts without a long number take the native parser (measured on 0.7 MB: scan 1.1 ms,
 * native 5.8 ms, lossless 10.6 ms).
 */
export function parseExactJson(text: string): Json {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text) as Json;
  return parseLossless(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue }) as Json;
}

/** Whether a value of a parsed reply is an integer beyond 2^53. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return value instanceof ExactNumber;
}

function exactNumber(digits: string): number | ExactNumber {
  const value = Number(digits);
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? new ExactNumber(digits) : value;
}
