/** Which codes of a source are missing in the manifest's tables, found again in the rejected rows. */
import { fieldObject } from '../http/field.schema.js';
import type { AnyManifest } from '../load-any-manifest.js';
import { compileExpand } from '../http/mapping/compile-expand.js';
import { compilePath } from '../http/mapping/compile-path.js';
import { Refusal } from '../http/mapping/refusal.js';
import { scalarText } from '../http/mapping/scalar-text.js';
import type { RejectedRow } from '../port.js';

/** Longer texts are no codes but values that a wrong path found: they are not shown. */
const MAX_CODE_LENGTH = 12;
const MAX_CODES = 20;

export interface UnknownCodes {
  /** `stream.field` → the codes, sorted. */
  readonly byField: ReadonlyMap<string, readonly string[]>;
}

export function unknownCodes(manifest: AnyManifest, readName: string, rejected: readonly RejectedRow[]): UnknownCodes {
  const byField = new Map<string, Set<string>>();
  for (const row of rejected) {
    if (row.reason !== 'unknown-code') continue;
    const name = `${row.stream}.${row.field}`;
    const codes = byField.get(name) ?? new Set<string>();
    byField.set(name, codes);
    for (const code of codesOf(manifest, readName, row)) if (codes.size < MAX_CODES) codes.add(code);
  }
  return { byField: new Map([...byField].map(([name, codes]) => [name, [...codes].sort()])) };
}

function codesOf(manifest: AnyManifest, readName: string, row: RejectedRow): readonly string[] {
  const emit = manifest.reads[readName]?.emit[row.stream];
  const written = emit?.fields[row.field];
  if (emit === undefined || written === undefined) return [];
  const field = fieldObject(written);
  const source = field.as === 'id-number' ? field.idType : field.as === 'month-range' ? undefined : field;
  if (source?.path === undefined) return [];
  const context = { codes: manifest.codes, config: {}, withParent: emit.expand !== undefined, pivotInto: null };
  const get = compilePath(source.path, context);
  const elements = emit.expand === undefined ? [row.raw] : compileExpand(emit.expand, context)(row.raw);
  if (elements instanceof Refusal) return [];
  const known = knownCodes(manifest, field);
  const separators = field.as === 'list' && field.separator !== undefined ? [field.separator].flat() : [];
  return elements
    .flatMap((element) => partsOf(get({ row: element, parent: row.raw }), separators))
    .filter((code) => !known.has(code))
    .map(shown);
}

function knownCodes(manifest: AnyManifest, field: ReturnType<typeof fieldObject>): ReadonlySet<string> {
  const inner = field.as === 'list' ? field.of : field.as === 'id-number' ? field.idType : field;
  if (inner !== undefined && 'codes' in inner) return new Set(Object.keys(manifest.codes[inner.codes] ?? {}));
  return inner !== undefined && 'map' in inner ? new Set(Object.keys(inner.map)) : new Set();
}

function partsOf(value: unknown, separators: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((part: unknown) => partsOf(part, separators));
  let parts = [scalarText(value) ?? ''];
  for (const separator of separators) parts = parts.flatMap((part) => part.split(separator));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function shown(code: string): string {
  return code.length > MAX_CODE_LENGTH || /\d{6}/.test(code) ? `<text of ${code.length} characters>` : code;
}
