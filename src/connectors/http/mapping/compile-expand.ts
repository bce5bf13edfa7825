/** How one row becomes several: the elements of a list, parallel lists zipped together, or one element per month. */
import type { Expand } from '../read.schema.js';
import { compileRange, type FieldContext } from './compile-field.js';
import { compileValuePath, type Scope, type ValueGetter } from './compile-path.js';
import { Refusal, refusal } from './refusal.js';
import { isRow } from './find-rows.js';

/** The elements of a row in order; an absent list has none. A refusal names what is no list or no range. */
export type Expander = (row: unknown) => readonly unknown[] | Refusal;

const NOT_A_LIST = refusal('not-a-list');
const MISSING = refusal('missing-field');

/** More elements in one row are refused: no person has so many. */
const MAX_ELEMENTS = 10_000;

export function compileExpand(expand: Expand, context: FieldContext): Expander {
  switch (expand.type) {
    case 'items':
      return withSkip(itemsExpander(expand), expand.skipWhenEmpty);
    case 'zip':
      return withSkip(zipExpander(expand), expand.skipWhenEmpty);
    case 'months':
      return monthsExpander(expand, context);
  }
}

/** The name a refusal of the expansion is reported under. */
export function expandField(expand: Expand): string {
  return expand.type === 'items' ? expand.path : 'expand';
}

function itemsExpander(expand: Extract<Expand, { type: 'items' }>): Expander {
  const list = compileValuePath(expand.path);
  const { position } = expand;
  return (row) => {
    const elements = list(row);
    if (elements === undefined) return MISSING;
    if (elements === null || elements === false) return [];
    if (!Array.isArray(elements) || elements.length > MAX_ELEMENTS) return NOT_A_LIST;
    if (position === undefined) return elements as readonly unknown[];
    return elements.map((element: unknown, index) => ({
      ...(isRow(element) ? element : { value: element }),
      [position]: index + 1,
    }));
  };
}

function zipExpander(expand: Extract<Expand, { type: 'zip' }>): Expander {
  const arrays = Array.isArray(expand.arrays)
    ? expand.arrays.map((name) => ({ name, get: compileValuePath(name) }))
    : Object.entries(expand.arrays).map(([name, path]) => ({ name, get: compileValuePath(path) }));
  const { position } = expand;
  return (row) => {
    const columns = arrays.map(({ get }) => get(row));
    if (columns[0] === undefined) return MISSING;
    if (columns.some((column) => column !== undefined && column !== null && !Array.isArray(column))) return NOT_A_LIST;
    const length = Math.max(0, ...columns.map((column) => (Array.isArray(column) ? column.length : 0)));
    if (length > MAX_ELEMENTS) return NOT_A_LIST;
    const elements: Record<string, unknown>[] = [];
    for (let index = 0; index < length; index += 1) {
      const element: Record<string, unknown> = {};
      for (let column = 0; column < arrays.length; column += 1) {
        const values = columns[column];
        if (values !== undefined)
          element[arrays[column]?.name ?? ''] = Array.isArray(values)
            ? ((values as readonly unknown[])[index] ?? null)
            : null;
      }
      if (position !== undefined) element[position] = index + 1;
      elements.push(element);
    }
    return elements;
  };
}

function withSkip(expander: Expander, path: string | undefined): Expander {
  if (path === undefined) return expander;
  const get: ValueGetter = compileValuePath(path);
  return (row) => {
    const elements = expander(row);
    return elements instanceof Refusal ? elements : elements.filter((element) => !isNothing(get(element)));
  };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === false || (typeof value === 'string' && value.trim() === '');
}

function monthsExpander(expand: Extract<Expand, { type: 'months' }>, context: FieldContext): Expander {
  const range = compileRange(expand, { ...context, withParent: false });
  return (row) => {
    const scope: Scope = { row, parent: row };
    const months = range(scope);
    return months instanceof Refusal ? months : months.map((month) => ({ [expand.into]: month }));
  };
}
