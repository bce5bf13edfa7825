/** Whether a signature is one of those expected, and whether a timestamp is fresh. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Compares texts, not decoded bytes: a base64 or hex text has exactly one right spelling, so that no changed bit of a header
 * passes. Takes as long for a wrong text as for a right one of the same length.
 */
export function isSameText(given: string, expected: string): boolean {
  const left = Buffer.from(given, 'utf8');
  const right = Buffer.from(expected, 'utf8');
  return left.length === right.length && timingSafeEqual(left, right);
}

/** True when any signature given is any of those expected; looks at all of them whatever it finds. */
export function isAnySame(given: readonly string[], expected: readonly string[]): boolean {
  let found = false;
  for (const one of given) for (const other of expected) found = isSameText(one, other) || found;
  return found;
}

/** Live secrets of one name, divided by blanks: the newest and those still valid during a rotation. */
export function liveSecrets(text: string): readonly string[] {
  return text.split(/\s+/).filter((secret) => secret !== '');
}

// Algorithm, key and text stand in the order of node:crypto's own calls.
// eslint-disable-next-line no-restricted-syntax
export function hmacOf(algorithm: string, key: Buffer, signed: Buffer, encode: 'hex' | 'base64'): string {
  return createHmac(algorithm, key).update(signed).digest(encode);
}

/**
 * Milliseconds since 1970 of a timestamp written as 10 digits (seconds) or 13 (ms); null for anything else. Exactly so
 * many digits: schemes that join timestamp and nonce without a divider would let a digit change sides.
 */
export function stampMs(text: string, unit: 'seconds' | 'ms' | 'either'): number | null {
  if (/^\d{10}$/.test(text) && unit !== 'ms') return Number(text) * 1000;
  if (/^\d{13}$/.test(text) && unit !== 'seconds') return Number(text);
  return null;
}

export function isFresh(atMs: number, now: Date, ageSeconds: number): boolean {
  return Math.abs(now.getTime() - atMs) <= ageSeconds * 1000;
}
