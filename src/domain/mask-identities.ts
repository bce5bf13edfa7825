/** How texts that people or offices wrote are freed of identity numbers before they leave the hub. Pure. */
import { maskIdentityNumber } from './identity-number.js';

const D = '[0-9\uFF10-\uFF19]';
const EDGE = '[0-9A-Za-z\uFF10-\uFF19]';
/** 18 characters, also in groups; the old 15 digits; foreigners' 3 letters and 12 digits. A hash has no such edges. */
const NUMBERS = new RegExp(
  `(?<!${EDGE})(?:${D}{6}[ -]?${D}{8}[ -]?${D}{3}[ -]?[0-9\uFF10-\uFF19Xx\uFF38\uFF58]|${D}{15}|[A-Za-z]{3}\\d{12})(?!${EDGE})`,
  'g',
);

/** The same value, in whose texts and keys at any depth of an identity number only the first and last four are left. */
export function maskIdentities<T>(value: T): T {
  return masked(value) as T;
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(NUMBERS, maskIdentityNumber);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(masked);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [masked(key), masked(part)]));
}
