/**
 * How the items of one person in one stream are stored: JSON text of compact tuples, one per line, sorted, hashed.
 * The first entry of a body is the version of the encoding; the first of a tuple is the item's key. Lines are whole
 * items, so bodies are compared and merged as lines, without being parsed. Inside a tuple `false` stands for a field the
 * source does not have and `null` for one it knows to be empty.
 */
import { hash } from 'node:crypto';
import { HubError } from '../domain/hub-error.js';
import type { Stream, StreamItems } from '../domain/records.js';
import { decodeTuple } from './record-tuples.js';

const VERSION = 1;
/** What stands before the first line, between two, and after the last. */
export const BODY_HEAD = `[${VERSION},\n`;
export const LINE_SEPARATOR = ',\n';
export const BODY_TAIL = ']';
const BACKSLASH = 92;

/** One encoded item: a JSON array without line breaks that begins with the item's key. */
export type ItemLine = string;

/** Puts lines of distinct items into one body. The order of the lines does not matter. */
export function joinLines(lines: readonly ItemLine[]): string {
  return `${BODY_HEAD}${[...lines].sort().join(LINE_SEPARATOR)}${BODY_TAIL}`;
}

/** The lines of a body, in stored order. Throws `record-body-version` for an encoding this version does not know. */
export function splitLines(body: string): readonly ItemLine[] {
  if (!body.startsWith(BODY_HEAD)) throw unknownVersion();
  const lines = body.slice(BODY_HEAD.length, -1);
  return lines === '' ? [] : lines.split(LINE_SEPARATOR);
}

/** The key of an item, still quoted as in the line; equal items have equal keys. */
export function keyOfLine(line: ItemLine): string {
  let end = line.indexOf('"', 2);
  while (line.charCodeAt(end - 1) === BACKSLASH && isEscaped(line, end)) end = line.indexOf('"', end + 1);
  return line.slice(1, end + 1);
}

/** One line per key; of two lines with one key the later wins. */
export function latestByKey(lines: readonly ItemLine[]): readonly ItemLine[] {
  const byKey = new Map<string, ItemLine>();
  for (const line of lines) byKey.set(keyOfLine(line), line);
  return byKey.size === lines.length ? lines : [...byKey.values()];
}

/** Keys of items, quoted, each between commas: `,"a","b",`. Inside a quoted key no quote follows a comma. */
export type KeyList = string;
export const NO_KEYS: KeyList = ',';

export function keysOf(lines: readonly ItemLine[]): KeyList {
  let keys = NO_KEYS;
  for (const line of lines) keys += `${keyOfLine(line)},`;
  return keys;
}

/** The keys of `list` without those of `others`. Keys that stand together in both, as a page's do, go with one cut. */
export function withoutKeysOf(list: KeyList, others: KeyList): KeyList {
  const at = list.indexOf(others);
  if (at >= 0) return list.slice(0, at) + list.slice(at + others.length - 1);
  const named = new Set(splitKeys(others));
  const left = splitKeys(list).filter((key) => !named.has(key));
  return left.length === 0 ? NO_KEYS : `,${left.join(',')},`;
}

/** SHA-256 of a body in hex. Bodies are canonical, so equal items give equal hashes whatever order they came in. */
export function contentHash(body: string | Buffer): string {
  return hash('sha256', body, 'hex');
}

export interface MergedBody {
  readonly body: string;
  /** Keys of `stored` that the arriving body did not name. */
  readonly unnamed: KeyList;
}

/**
 * What is stored, overlaid item by item with the items of another body. Items that are stored as they arrive and stand
 * together there, as a year's months or the rest of a page do, are found as one piece of text: a tenth of the time of a
 * comparison by key.
 */
export function mergeBodies(stored: string, arriving: string): MergedBody {
  const piece = arriving.slice(BODY_HEAD.length, -1);
  const at = piece === '' ? -1 : stored.indexOf(piece, BODY_HEAD.length);
  const end = at + piece.length;
  if (at >= 0 && isLineStart(stored, at) && (end === stored.length - 1 || stored.startsWith(LINE_SEPARATOR, end))) {
    const before = stored.slice(BODY_HEAD.length, Math.max(at - LINE_SEPARATOR.length, BODY_HEAD.length));
    const after = stored.slice(end + LINE_SEPARATOR.length, -1);
    const unnamed = [before, after].flatMap((text) => (text === '' ? [] : text.split(LINE_SEPARATOR)));
    return { body: stored, unnamed: keysOf(unnamed) };
  }
  return overlay(stored, splitLines(arriving));
}

function isLineStart(body: string, at: number): boolean {
  return at === BODY_HEAD.length || body.startsWith(LINE_SEPARATOR, at - LINE_SEPARATOR.length);
}

function overlay(stored: string, arriving: readonly ItemLine[]): MergedBody {
  const byKey = new Map<string, ItemLine>();
  for (const line of splitLines(stored)) byKey.set(keyOfLine(line), line);
  const unnamed = new Set(byKey.keys());
  for (const line of arriving) {
    const key = keyOfLine(line);
    byKey.set(key, line);
    unnamed.delete(key);
  }
  return {
    body: joinLines([...byKey.values()]),
    unnamed: unnamed.size === 0 ? NO_KEYS : `,${[...unnamed].join(',')},`,
  };
}

/** A body without the items of these keys. */
export function withoutItems(body: string, keys: KeyList): string {
  const dropped = new Set(splitKeys(keys));
  return joinLines(splitLines(body).filter((line) => !dropped.has(keyOfLine(line))));
}

/** The items of a body, in stored order. Throws `record-body-version` or `record-body-unknown-code`. */
export function decodeItems<S extends Stream>(stream: S, body: string): readonly StreamItems[S][] {
  const [version, ...tuples] = JSON.parse(body) as [number, ...unknown[][]];
  if (version !== VERSION) throw unknownVersion();
  return tuples.map((tuple) => decodeTuple(stream, tuple));
}

/** Whether the quote at `at` is preceded by an odd number of backslashes. */
function isEscaped(line: string, at: number): boolean {
  let count = 0;
  while (line.charCodeAt(at - 1 - count) === BACKSLASH) count += 1;
  return count % 2 === 1;
}

function splitKeys(keys: KeyList): readonly string[] {
  return keys.length < 3 ? [] : `${keys.slice(2, -2)}`.split('","').map((key) => `"${key}"`);
}

function unknownVersion(): HubError {
  return new HubError({
    code: 'record-body-version',
    next: 'bug',
    message: `A stored record is encoded in another version than ${VERSION}; it was written by a newer version. Upgrade this node.`,
  });
}
