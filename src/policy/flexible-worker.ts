/** What somebody pays who works on his own account, chooses his base inside the range and bears the whole rate. */
import { type Fen, type Ppm, applyRate, subtractFen } from '../domain/fen.js';
import { clampWage } from './base.js';
import type { PolicyBook } from './book.js';
import type { CellPolicy } from './cell-policy.js';
import type { ParameterName } from './parameter-catalogue.js';

export type FlexibleContribution =
  | {
      readonly known: true;
      readonly baseFen: Fen;
      readonly payFen: Fen;
      /** What goes to the personal account, and what to the pool; together `payFen`. */
      readonly accountFen: Fen;
      readonly poolFen: Fen;
    }
  | { readonly known: false; readonly missing: readonly string[] };

/** `choicePpm` of the region's average wage, held inside floor and cap; rounded as the employee's side. */
export function flexibleContribution(cell: CellPolicy, choicePpm: Ppm, book: PolicyBook): FlexibleContribution {
  const look = <N extends ParameterName>(parameter: N) =>
    book.find({ ...cell, parameter, on: cell.firstDay, knownAt: cell.knownAt });
  const average = look('reference_avg_wage');
  const rate = look('flexible_rate');
  const account = look('flexible_account_rate');
  const { employeeRounding, baseRounding } = cell;
  if (!average.known || !rate.known || !account.known || !employeeRounding.known || !baseRounding.known) {
    const all = [average, rate, account, employeeRounding, baseRounding];
    return { known: false, missing: all.flatMap((each) => (each.known ? [] : [each.key])) };
  }
  const base = clampWage(applyRate(average.value, choicePpm, baseRounding.value), cell);
  if ('missing' in base) return { known: false, missing: base.missing };
  const payFen = applyRate(base.baseFen, rate.value, employeeRounding.value);
  const accountFen = applyRate(base.baseFen, account.value, employeeRounding.value);
  return { known: true, baseFen: base.baseFen, payFen, accountFen, poolFen: subtractFen(payFen, accountFen) };
}
