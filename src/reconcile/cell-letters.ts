/** How judged cells are stored compactly: one letter per month, in the order of the judged window. */
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import { SITUATIONS, type Situation } from '../domain/situation.js';
import type { Cell } from './cell.js';
import type { Inconclusive } from './readiness.js';

const LETTERS = {
  paid: 'P',
  'not-due': '-',
  inconclusive: '?',
  'gap-suspected': 's',
  gap: 'G',
  'gap-before-hire': 'H',
  'back-payment-pending': 'b',
  'base-mismatch': 'B',
  'amount-mismatch': 'A',
  'withheld-not-remitted': 'W',
  'paid-not-due': 'N',
  'double-coverage': 'D',
  conflict: 'C',
  // No cell carries these two: what a bill charges does not judge a month.
  'billed-not-ordered': 'o',
  'bill-mismatch': 'm',
} as const satisfies Record<Situation, string>;

const SITUATION_OF: ReadonlyMap<string, Situation> = new Map(
  SITUATIONS.map((situation) => [LETTERS[situation], situation]),
);

/** One employment and insurance: id, insurance, a letter per month from `window_from` on, the newest expected base in fen. */
export type StoredRow = readonly [
  employmentId: string,
  insurance: Insurance,
  letters: string,
  expectedBaseFen: Fen | null,
];

export interface StoredCells {
  readonly rows: readonly StoredRow[];
  /** Why nothing was concluded; null where it was. */
  readonly why: Inconclusive | null;
}

/** Cells in order of employment, insurance and month. Equal judgements give equal text. */
export function storedCells(cells: readonly Cell[], why: Inconclusive | null): StoredCells {
  const rows: StoredRow[] = [];
  let letters = '';
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index];
    const next = cells[index + 1];
    if (cell === undefined) continue;
    letters += LETTERS[cell.situation];
    if (next !== undefined && next.employmentId === cell.employmentId && next.insurance === cell.insurance) continue;
    rows.push([cell.employmentId, cell.insurance, letters, cell.expectedBaseFen]);
    letters = '';
  }
  return { rows, why };
}

/** The situations of a stored row, oldest month first. Letters of a newer version read as inconclusive. */
export function situationsOf(letters: string): readonly Situation[] {
  return [...letters].map((letter) => SITUATION_OF.get(letter) ?? 'inconclusive');
}
