/** Whether a YAML document fits its Zod schema; every misfit is told with its line, what was expected and a near spelling. */
import type { z } from 'zod';
import { ConfigError } from './config-error.js';
import { type DocumentIssue, type DocumentPath, type YamlDocument, formatIssues } from './yaml-document.js';

type RawIssue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** The parsed value, or ConfigError with all misfits at once. */
export function checkSchema<T extends z.ZodType>(document: YamlDocument, schema: T): z.output<T> {
  const result = schema.safeParse(document.value);
  if (result.success) return result.data;
  throw new ConfigError(document.file, formatIssues(document, schemaIssues(document, schema, result.error)));
}

/** The misfits of a failed parse, for callers that collect further issues of their own before throwing. */
export function schemaIssues(document: YamlDocument, schema: z.ZodType, error: z.ZodError): DocumentIssue[] {
  return error.issues.flatMap((issue) => describe({ document, schema, issue, prefix: [] }));
}

interface Misfit {
  readonly document: YamlDocument;
  readonly schema: Schema;
  readonly issue: RawIssue;
  readonly prefix: DocumentPath;
}

function describe(misfit: Misfit): DocumentIssue[] {
  const { document, issue, prefix } = misfit;
  const path = [...prefix, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(misfit, path, key));
    case 'invalid_union':
      return describeUnion(misfit, path, issue);
    case 'invalid_type':
      return [{ path, message: typeMessage(valueAt(document.value, path), issue.expected) }];
    case 'invalid_value':
      return [{ path, message: valueMessage(valueAt(document.value, path), issue.values) }];
    case 'too_small':
    case 'too_big':
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return [{ path, message: issue.message, ...(issue.code === 'invalid_key' ? { at: 'key' as const } : {}) }];
  }
}

/** Of a union the branch that came nearest is told: its tag fits, its misfits lie deepest, then they are the fewest. */
function describeUnion(
  misfit: Misfit,
  path: DocumentPath,
  issue: Extract<RawIssue, { code: 'invalid_union' }>,
): DocumentIssue[] {
  const value = valueAt(misfit.document.value, path);
  if ('options' in issue && issue.options !== undefined) return [{ path, message: valueMessage(value, issue.options) }];
  const branches = issue.errors.filter((branch) => !branch.some((inner) => isTypeMisfit(inner)));
  const nearest = branches.sort(
    (a, b) => wrongTags(a) - wrongTags(b) || depthOf(b) - depthOf(a) || a.length - b.length,
  )[0];
  if (nearest !== undefined) return nearest.flatMap((inner) => describe({ ...misfit, issue: inner, prefix: path }));
  const expected = expectedOf(issue);
  if (expected === '') return [{ path, message: issue.message }];
  return [
    { path, message: `${value === undefined ? 'is missing' : `${kindOf(value)} does not fit`}; expected ${expected}` },
  ];
}

function isTypeMisfit(issue: RawIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** Literals directly inside the value that say "another branch". */
function wrongTags(branch: readonly RawIssue[]): number {
  return branch.filter(
    (issue) => issue.path.length === 1 && issue.code === 'invalid_value' && issue.values.length === 1,
  ).length;
}

function depthOf(branch: readonly RawIssue[]): number {
  return Math.max(0, ...branch.map((issue) => issue.path.length));
}

function expectedOf(issue: Extract<RawIssue, { code: 'invalid_union' }>): string {
  const choices = new Set<string>();
  for (const inner of issue.errors.flat()) {
    if (inner.code === 'invalid_type') choices.add(typeName(inner.expected));
    if (inner.code === 'invalid_value') for (const value of inner.values) choices.add(String(value));
  }
  return [...choices].join(' or ');
}

function unknownKey({ schema }: Misfit, path: DocumentPath, key: string): DocumentIssue {
  const known = [...knownKeysAt(schema, path)];
  const near = nearestWord(key, known);
  const advice =
    near !== null
      ? `did you mean "${near}"?`
      : `expected ${known.length > 0 ? `one of: ${known.join(', ')}` : 'no further keys'}`;
  return { path: [...path, key], at: 'key', message: `unknown key; ${advice}` };
}

/** The candidate within two edits (one for short words) of the word, or null. */
export function nearestWord(word: string, candidates: readonly string[]): string | null {
  const limit = word.length <= 4 ? 1 : Math.min(3, Math.ceil(word.length / 4));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate ?? null;
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours each count one. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const edits = [
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      ];
      if (swapped) edits.push((before[column - 2] ?? 0) + 1);
      current.push(Math.min(...edits));
    }
    before = above;
    above = current;
  }
  return above[to.length] ?? 0;
}

function typeMessage(value: unknown, expected: string): string {
  if (value === undefined) return `is missing; expected ${typeName(expected)}`;
  return `expected ${typeName(expected)}, found ${kindOf(value)}${expected === 'string' && isPlainValue(value) ? '; put it in quotes' : ''}`;
}

function valueMessage(value: unknown, values: readonly unknown[]): string {
  const words = values.map((candidate) => String(candidate));
  if (value === undefined) return `is missing; expected ${words.join(' or ')}`;
  const near = typeof value === 'string' ? nearestWord(value, words) : null;
  return `is not one of the allowed values; ${near === null ? `expected ${words.join(' or ')}` : `did you mean "${near}"?`}`;
}

function isPlainValue(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a map (key: value)',
  record: 'a map (key: value)',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing (null)',
  undefined: 'nothing',
  never: 'nothing here',
};

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing (null)';
  return typeName(Array.isArray(value) ? 'array' : typeof value);
}

function valueAt(root: unknown, path: DocumentPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

/** The keys that object schemas allow at a path, over all branches of unions. */
function knownKeysAt(schema: Schema, path: DocumentPath): ReadonlySet<string> {
  let reached: readonly Schema[] = branchesOf(schema);
  for (const step of path)
    reached = reached.flatMap((candidate) => stepInto(candidate, step)).flatMap((next) => branchesOf(next));
  const keys = new Set<string>();
  for (const candidate of reached) {
    const { def } = (candidate as z.core.$ZodTypes)._zod;
    if (def.type === 'object') for (const key of Object.keys(def.shape)) keys.add(key);
  }
  return keys;
}

/** Wrappers removed, unions opened. */
function branchesOf(schema: Schema): readonly Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'union':
      return def.options.flatMap((option) => branchesOf(option));
    case 'intersection':
      return [...branchesOf(def.left), ...branchesOf(def.right)];
    case 'lazy':
      return branchesOf(def.getter());
    case 'pipe':
      return [...branchesOf(def.in), ...branchesOf(def.out)];
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return branchesOf(def.innerType);
    default:
      return [schema];
  }
}

function stepInto(schema: Schema, step: string | number): readonly Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'array') return [def.element];
  if (def.type === 'record') return [def.valueType];
  if (def.type === 'object') return def.shape[String(step)] === undefined ? [] : [def.shape[String(step)] as Schema];
  return [];
}
