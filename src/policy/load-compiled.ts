/** How a pack that was read once is found again without parsing 80 YAML files: by the digest of exactly those files. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { definitionOf } from './parameter-catalogue.js';
import type { PolicySource } from './parameter.schema.js';
import type { PolicyRecord } from './policy-record.js';
import { typedValue } from './read-records.js';
import type { Region } from './region-tree.js';

/** Everything of a pack, checked. */
export interface PackContent {
  readonly version: string;
  readonly verifiedForMonths: number;
  readonly sources: ReadonlyMap<string, PolicySource>;
  readonly regions: readonly Region[];
  readonly records: readonly PolicyRecord[];
}

/** As written by the build: places relative to the pack, values as text. */
interface CompiledFile {
  readonly form: typeof FORM;
  readonly digest: string;
  readonly version: string;
  readonly verifiedForMonths: number;
  readonly sources: readonly (readonly [string, PolicySource])[];
  readonly regions: readonly Region[];
  readonly records: readonly Omit<PolicyRecord, 'value'>[];
}

/** Raise it when a field of a record or region changes: a compiled file of another form is not read. */
const FORM = 1;

/** Written by the build beside the compiled program; a checkout that was not built has none. */
export const COMPILED_FILE = fileURLToPath(new URL('../policy.compiled.json', import.meta.url));

/** A digest over names and bytes of every file of a pack; null where the folder cannot be read. */
export function digestOf(policyDir: string): string | null {
  try {
    const hash = createHash('sha256');
    for (const file of filesOf(policyDir)) {
      const bytes = readFileSync(join(policyDir, file));
      hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    }
    return hash.digest('hex');
  } catch {
    // Whoever parses the files next says which one is missing and why.
    return null;
  }
}

function filesOf(policyDir: string): readonly string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(join(policyDir, folder))
      .filter((name) => name.endsWith('.yaml') || name === 'regions.json')
      .sort()
      .map((name) => join(folder, name));
  return [...inFolder('.'), ...inFolder('regions'), ...inFolder('rules')];
}

/** The compiled pack of these very files, or null: then the files must be parsed. */
export function compiledPack(
  of: { readonly policyDir: string; readonly digest: string },
  file: string = COMPILED_FILE,
): PackContent | null {
  const compiled = readCompiled(file);
  if (compiled?.form !== FORM || compiled.digest !== of.digest) return null;
  return contentOf(compiled, of.policyDir);
}

function readCompiled(file: string): CompiledFile | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as CompiledFile;
  } catch {
    return null;
  }
}

function contentOf(compiled: CompiledFile, policyDir: string): PackContent {
  return {
    version: compiled.version,
    verifiedForMonths: compiled.verifiedForMonths,
    sources: new Map(compiled.sources),
    regions: compiled.regions,
    records: compiled.records.map((record) => {
      const definition = definitionOf(record.parameter);
      const value = definition === undefined ? undefined : typedValue(record.text, definition).value;
      return { ...record, value, origin: join(policyDir, record.origin) };
    }),
  };
}

/** The text of the compiled file; `content` was read from `policyDir`. */
export function compiledText(
  content: PackContent,
  { policyDir, digest }: { readonly policyDir: string; readonly digest: string },
): string {
  const compiled: CompiledFile = {
    form: FORM,
    digest,
    version: content.version,
    verifiedForMonths: content.verifiedForMonths,
    sources: [...content.sources],
    regions: content.regions,
    records: content.records.map(({ value: _value, ...record }) => ({
      ...record,
      origin: record.origin.replace(join(policyDir, '/'), ''),
    })),
  };
  return JSON.stringify(compiled);
}
