/** What a month is assessed at while nobody has declared it: the month before, times the law's multiple (社会保险法 art. 62). */
import { type Fen, applyRate } from '../domain/fen.js';
import type { PolicyBook } from './book.js';
import type { CellPolicy } from './cell-policy.js';

export type AssessedMonth =
  | { readonly known: true; readonly fen: Fen }
  /** `last-month`: nothing was paid the month before; the bureau then goes by the size of the business. */
  | { readonly known: false; readonly missing: readonly string[] };

/** Settled once the declaration is made up; rounded as the employer's side. */
export function assessUndeclaredMonth(lastMonthFen: Fen | null, cell: CellPolicy, book: PolicyBook): AssessedMonth {
  const multiple = book.find({ ...cell, parameter: 'undeclared_month_multiple', on: cell.firstDay });
  const { employerRounding } = cell;
  if (lastMonthFen === null) return { known: false, missing: ['last-month'] };
  if (!multiple.known || !employerRounding.known) {
    return { known: false, missing: [multiple, employerRounding].flatMap((each) => (each.known ? [] : [each.key])) };
  }
  return { known: true, fen: applyRate(lastMonthFen, multiple.value, employerRounding.value) };
}
