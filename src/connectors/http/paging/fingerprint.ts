/** Whether a page was seen before: a short print of its rows. */
import { createHash } from 'node:crypto';

/** Bytes kept of the digest: a hundred thousand pages collide with a chance below 10^-18. */
const PRINT_LENGTH = 16;

/**
 * The same rows in the same order have the same print. Made of the number of rows, whose they are, and the whole first and
 * last row: hashing every byte of a page would cost a tenth of the whole read.
 */
export function fingerprint(rows: readonly unknown[], ownerOf: (row: unknown) => string | null): string {
  const hash = createHash('sha1');
  hash.update(`${rows.length}\n${rows.map((row) => ownerOf(row) ?? '').join('\n')}\n`);
  hash.update(textOf([rows[0] ?? null, rows.at(-1) ?? null]));
  return hash.digest('base64').slice(0, PRINT_LENGTH);
}

/** Rows nested thousands deep can be read and not be written again: their owners have to do. */
function textOf(rows: readonly unknown[]): string {
  try {
    return JSON.stringify(rows);
  } catch (error) {
    if (error instanceof RangeError) return 'nested too deep';
    throw error;
  }
}
