/** How the wages of an employment are handed to a base rule: by month, whatever the caller's shape. */
import type { Fen } from '../domain/fen.js';
import { type Month, monthFromIndex, monthIndex } from '../domain/month.js';

/** Total wages before deductions by month: a map, or a run of months from `fromIndex` (see monthIndex), null = no wage told. */
export type Wages = ReadonlyMap<Month, Fen> | WageRun;

export interface WageRun {
  readonly fromIndex: number;
  readonly fen: readonly (Fen | null)[];
}

const FIRST_INDEX = 1900 * 12;
/** Every month of 1900–2099, ready: asked for millions of times a run (a table that grows by holes is four times slower). */
const MONTH_NAMES: readonly Month[] = Array.from({ length: 200 * 12 }, (_, place) =>
  monthFromIndex(FIRST_INDEX + place),
);

/** The month of an index (see monthIndex). */
export function monthNamed(index: number): Month {
  return MONTH_NAMES[index - FIRST_INDEX] ?? monthFromIndex(index);
}

/** The wage of a month, or null where none was told. */
export function wageAt(wages: Wages, index: number): Fen | null {
  if ('fromIndex' in wages) return wages.fen[index - wages.fromIndex] ?? null;
  return wages.get(monthNamed(index)) ?? null;
}

/** The compact shape, for callers that ask for many months of one person. */
export function wageRunOf(wages: ReadonlyMap<Month, Fen>): WageRun {
  const indexes = [...wages.keys()].map((month) => monthIndex(month));
  if (indexes.length === 0) return { fromIndex: 0, fen: [] };
  const fromIndex = Math.min(...indexes);
  const fen = Array.from(
    { length: Math.max(...indexes) - fromIndex + 1 },
    (_, place) => wages.get(monthNamed(fromIndex + place)) ?? null,
  );
  return { fromIndex, fen };
}
