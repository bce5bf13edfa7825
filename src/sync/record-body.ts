/**
 * How the items of one person in one stream are stored: JSON text of compact tuples, one per line, sorted, hashed.
 * The first entry of a body is the version of the encoding; the first of a tuple is the item's key. Lines are whole
 * items, so bodies are compared and merged as lines, without being parsed. Inside a tuple `false` stands for a field the
 * source does not have and `null` for one it knows to be empty.
 */
import { hash } from 'node:crypto';
import { HubError } from '../domain/hub-error.js';
import type { Stream, StreamItems } from '../domain/records.js';
import type { StreamRecord } from '../connectors/port.js';
import { decodeTuple, encodeTuple } from './record-tuples.js';

const VERSION = 1;
const HEAD = `[${VERSION},\n`;
const SEPARATOR = ',\n';

/** One encoded item: a JSON array without line breaks that begins with the item's key. */
export type ItemLine = string;

export function encodeRecord(record: StreamRecord): ItemLine {
  return encodeTuple(record);
}

/** Puts lines of distinct items into one body. The order of the lines does not matter. */
export function joinLines(lines: readonly ItemLine[]): string {
  return `${HEAD}${(isSorted(lines) ? lines : [...lines].sort()).join(SEPARATOR)}]`;
}

/** The lines of a body, in stored order. Throws `record-body-version` for an encoding this version does not know. */
export function splitLines(body: string): readonly ItemLine[] {
  if (!body.startsWith(HEAD)) throw unknownVersion();
  const lines = body.slice(HEAD.length, -1);
  return lines === '' ? [] : lines.split(SEPARATOR);
}

/** The key of an item, still quoted as in the line; equal items have equal keys. */
export function keyOfLine(line: ItemLine): string {
  let end = line.indexOf('"', 2);
  while (line[end - 1] === '\\' && isEscaped(line, end)) end = line.indexOf('"', end + 1);
  return line.slice(1, end + 1);
}

/** One line per key; of two lines with one key the later wins. */
export function latestByKey(lines: readonly ItemLine[]): readonly ItemLine[] {
  if (lines.length < 2) return lines;
  const byKey = new Map<string, ItemLine>();
  for (const line of lines) byKey.set(keyOfLine(line), line);
  return byKey.size === lines.length ? lines : [...byKey.values()];
}

/** SHA-256 of a body in hex. Bodies are canonical, so equal items give equal hashes whatever order they came in. */
export function contentHash(body: string): string {
  return hash('sha256', body, 'hex');
}

export interface MergedBody {
  readonly body: string;
  /** Keys of `stored` that `arriving` did not name, quoted as in the lines. */
  readonly unnamedKeys: readonly string[];
}

/** What is stored, overlaid item by item with what arrives. */
export function mergeLines(stored: string, arriving: readonly ItemLine[]): MergedBody {
  const byKey = new Map<string, ItemLine>();
  for (const line of splitLines(stored)) byKey.set(keyOfLine(line), line);
  const unnamed = new Set(byKey.keys());
  for (const line of arriving) {
    const key = keyOfLine(line);
    byKey.set(key, line);
    unnamed.delete(key);
  }
  return { body: joinLines([...byKey.values()]), unnamedKeys: [...unnamed] };
}

/** A body without the items of these keys. */
export function withoutKeys(body: string, keys: readonly string[]): string {
  const dropped = new Set(keys);
  return joinLines(splitLines(body).filter((line) => !dropped.has(keyOfLine(line))));
}

/** The items of a body, in stored order. Throws `record-body-version` or `record-body-unknown-code`. */
export function decodeItems<S extends Stream>(stream: S, body: string): readonly StreamItems[S][] {
  const [version, ...tuples] = JSON.parse(body) as [number, ...unknown[][]];
  if (version !== VERSION) throw unknownVersion();
  return tuples.map((tuple) => decodeTuple(stream, tuple));
}

function isSorted(lines: readonly ItemLine[]): boolean {
  for (let index = 1; index < lines.length; index += 1) {
    if ((lines[index - 1] ?? '') > (lines[index] ?? '')) return false;
  }
  return true;
}

/** Whether the quote at `at` is preceded by an odd number of backslashes. */
function isEscaped(line: string, at: number): boolean {
  let count = 0;
  while (line[at - 1 - count] === '\\') count += 1;
  return count % 2 === 1;
}

function unknownVersion(): HubError {
  return new HubError({
    code: 'record-body-version',
    next: 'bug',
    message: `A stored record is encoded in another version than ${VERSION}; it was written by a newer version. Upgrade this node.`,
  });
}
