/** Where the rows of a reply are and how they become plain rows: lists, pivoted key–value fields, tables with a header, JSON in text. */
import type { Rows } from '../read.schema.js';
import { compileValuePath } from './compile-path.js';

/** `not-rows`: what stands at the path is no list; the field names the path. */
export type FoundRows =
  { readonly found: true; readonly rows: readonly unknown[] } | { readonly found: false; readonly path: string };
export type RowFinder = (body: unknown) => FoundRows;

type RowsObject = Exclude<Rows, string>;
type Pivot = NonNullable<RowsObject['pivot']>;

/** Compiles the `rows` key of a read. */
export function compileRows(written: Rows): RowFinder {
  const spec: RowsObject = typeof written === 'string' ? { path: written } : written;
  if (spec.header !== undefined && spec.values !== undefined)
    return tableFinder(spec.header, spec.values, spec.none ?? []);
  const find = listFinder(spec.path ?? '.', spec.none ?? []);
  if (spec.pivot === undefined) return find;
  const pivot = compilePivot(spec.pivot);
  return (body) => {
    const found = find(body);
    return found.found ? { found: true, rows: found.rows.map(pivot) } : found;
  };
}

function listFinder(path: string, none: readonly unknown[]): RowFinder {
  const get = compileValuePath(path);
  return (body) => {
    const rows = get(body);
    if (Array.isArray(rows)) return { found: true, rows };
    return rows !== undefined && none.includes(rows) ? { found: true, rows: [] } : { found: false, path };
  };
}

/** `header: [a, b]`, `values: [[1, 2], …]` → rows `{a: 1, b: 2}`. A row of another length stays a list: no path finds its fields. */
function tableFinder(headerPath: string, valuesPath: string, none: readonly unknown[]): RowFinder {
  const header = listFinder(headerPath, none);
  const values = listFinder(valuesPath, none);
  return (body) => {
    const found = values(body);
    if (!found.found || found.rows.length === 0) return found;
    const names = header(body);
    if (!names.found) return names;
    const columns = names.rows.map(String);
    return { found: true, rows: found.rows.map((row) => tableRow(columns, row)) };
  };
}

function tableRow(columns: readonly string[], row: unknown): unknown {
  if (!Array.isArray(row) || row.length !== columns.length) return row;
  const named: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (let index = 0; index < columns.length; index += 1) named[columns[index] ?? ''] = row[index];
  return named;
}

/** `fields: [{code: idNo, value: x}]` into `field` → the row with `field: {idNo: x}`. */
function compilePivot(pivot: Pivot): (row: unknown) => unknown {
  const list = compileValuePath(pivot.path);
  const key = compileValuePath(pivot.key);
  const value = compileValuePath(pivot.value);
  return (row) => {
    const entries = list(row);
    if (!Array.isArray(entries) || !isRow(row)) return row;
    const named: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const entry of entries as readonly unknown[]) {
      const name = key(entry);
      if (typeof name === 'string' || typeof name === 'number') named[name] = value(entry);
    }
    return { ...row, [pivot.into]: named };
  };
}

/** Replaces JSON written as text at the given paths. The row is copied, never changed; undefined = some text is not JSON. */
export function compileEmbeddedJson(
  paths: readonly string[],
): (row: unknown) => { readonly row: unknown; readonly failed: string | null } {
  const places = paths.map((path) => ({ path, get: compileValuePath(path), steps: path.split('.') }));
  return (row) => {
    let parsed = row;
    for (const { path, get, steps } of places) {
      const text = get(parsed);
      if (typeof text !== 'string' || text.trim() === '') continue;
      const read = readJson(text);
      if (read === undefined) return { row, failed: path };
      parsed = withValueAt(parsed, steps, read);
    }
    return { row: parsed, failed: null };
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function withValueAt(root: unknown, steps: readonly string[], value: unknown): unknown {
  const [first, ...rest] = steps;
  if (first === undefined || first === '') return value;
  if (Array.isArray(root))
    return root.map((element: unknown, index) =>
      String(index) === first ? withValueAt(element, rest, value) : element,
    );
  return isRow(root) ? { ...root, [first]: withValueAt(root[first], rest, value) } : root;
}

export function isRow(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
