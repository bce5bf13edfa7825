/** What a value's fingerprint is: SHA-256 over JSON with sorted keys, the same for equal values on every machine. */
import { createHash } from 'node:crypto';
import { HubError } from '../../domain/hub-error.js';

const MAX_DEPTH = 64;

/**
 * JSON without blanks, keys in code-unit order, properties that are undefined left out. Only plain objects, arrays, strings,
 * finite numbers, booleans and null are accepted; anything else throws `not-canonical`, because it would hash as something else.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/** SHA-256 over the canonical JSON: 32 bytes. */
export function hashOf(value: unknown): Buffer {
  return createHash('sha256').update(canonicalJson(value)).digest();
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw notCanonical('a value nested too deep');
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw notCanonical('a number that is not finite');
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value)
        ? `[${value.map((part) => write(part, depth + 1)).join(',')}]`
        : writeObject(value, depth);
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
      throw notCanonical(`a ${typeof value}`);
  }
}

function writeObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw notCanonical('an object of a class');
  const fields = value as Readonly<Record<string, unknown>>;
  const parts: string[] = [];
  for (const key of Object.keys(fields).sort()) {
    if (fields[key] !== undefined) parts.push(`${JSON.stringify(key)}:${write(fields[key], depth + 1)}`);
  }
  return `{${parts.join(',')}}`;
}

function notCanonical(what: string): HubError {
  return new HubError({
    code: 'not-canonical',
    next: 'bug',
    message: `A value to be hashed holds ${what}; expected plain JSON.`,
  });
}
