/** What a JSON scalar says as text: strings as they are, numbers as written, numbers too large for JavaScript by their digits. */
import { isExactNumber } from '../exact-json.js';

/** Text of a string, number, boolean or exact-number marker; undefined for lists, maps and null. */
export function scalarText(raw: unknown): string | undefined {
  switch (typeof raw) {
    case 'string':
      return trimmed(raw);
    case 'number':
      return String(raw);
    case 'boolean':
      return raw ? 'true' : 'false';
    case 'object':
      return exactNumberText(raw);
    default:
      return undefined;
  }
}

/** Digits of a number that a JavaScript number cannot hold: the reply reader's marker, or lossless-json's own. */
export function exactNumberText(raw: unknown): string | undefined {
  if (isExactNumber(raw)) return raw.digits;
  if (typeof raw !== 'object' || raw === null) return undefined;
  const marker = raw as { readonly isLosslessNumber?: unknown; readonly value?: unknown };
  return marker.isLosslessNumber === true && typeof marker.value === 'string' ? marker.value : undefined;
}

/** `trim()` that leaves the usual, already clean text alone. */
export function trimmed(text: string): string {
  if (text === '') return text;
  const last = text.length - 1;
  return isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(last)) ? text : text.trim();
}

function isPlain(code: number): boolean {
  return (code > 32 && code < 160) || (code > 0x3000 && code < 0xfe00);
}
