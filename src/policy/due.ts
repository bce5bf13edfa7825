/** Whether an employment makes a month due, and until when that month may be filed. */
import { type Day, addDays, addMonths, dayInMonth, firstDay } from '../domain/month.js';
import type { CellPolicy } from './cell-policy.js';
import type { Looked } from './policy-record.js';

/** `draws-pension`: outside the social insurances. `first-job`: a first job is due from the month after hiring. `before-hire` and `after-leaving`: no day of the month was worked. `left-during`: left before the day that counts. `hired-late`: after the cut-off. */
export type DueReason =
  'employed' | 'before-hire' | 'after-leaving' | 'left-during' | 'hired-late' | 'first-job' | 'draws-pension';

export type DueAnswer =
  | { readonly known: true; readonly due: boolean; readonly reason: DueReason }
  | { readonly known: false; readonly missing: readonly string[] };

export interface EmploymentDays {
  readonly hiredOn: Day;
  /** Last day worked; null = still employed. */
  readonly leftOn: Day | null;
  /** The person draws a basic pension: re-hired, but insured no more (劳动合同法 art. 44). Absent = not told. */
  readonly drawsPension?: boolean;
  /** The person never worked before. Absent = not told, and taken as no. */
  readonly isFirstJob?: boolean;
}

/** Whether the month of the cell is due for the employment, by the region's start and stop rules. */
export function isMonthDue(cell: CellPolicy, employment: EmploymentDays): DueAnswer {
  const { hiredOn, leftOn } = employment;
  const { dueRule } = cell;
  const last = cell.lastDay;
  if (hiredOn > last) return { known: true, due: false, reason: 'before-hire' };
  if (leftOn !== null && leftOn < cell.firstDay) return { known: true, due: false, reason: 'after-leaving' };
  if (employment.drawsPension === true) return { known: true, due: false, reason: 'draws-pension' };
  if (leftOn !== null && leftOn < last) {
    if (!dueRule.known) return { known: false, missing: [dueRule.key] };
    if (dueRule.value === 'employed-on-last-day') return { known: true, due: false, reason: 'left-during' };
  }
  return hiredOn < cell.firstDay ? { known: true, due: true, reason: 'employed' } : dueWhenHired(cell, employment);
}

/** The month of hiring. */
function dueWhenHired(
  { month, firstDay: first, firstJobStart, hireCutOffDay }: CellPolicy,
  { hiredOn, isFirstJob }: EmploymentDays,
): DueAnswer {
  if (isFirstJob === true && firstJobStart.known && firstJobStart.value === 'month-after-hiring') {
    return { known: true, due: false, reason: 'first-job' };
  }
  if (hiredOn > first) {
    if (!hireCutOffDay.known) return { known: false, missing: [hireCutOffDay.key] };
    if (hiredOn > dayInMonth(month, hireCutOffDay.value)) return { known: true, due: false, reason: 'hired-late' };
  }
  return { known: true, due: true, reason: 'employed' };
}

export type FilingWindow =
  | {
      readonly known: true;
      /** null where only the last day is known. */
      readonly from: Day | null;
      /** The last day on which the month may be declared and paid. */
      readonly until: Day;
    }
  | { readonly known: false; readonly missing: readonly string[] };

/** When the month of the cell is declared and paid. */
export function filingWindowOf(cell: CellPolicy): FilingWindow {
  const { filingMonthOffset, filingFromDay, filingUntilDay } = cell;
  if (!filingMonthOffset.known || !filingUntilDay.known) {
    return {
      known: false,
      missing: [filingMonthOffset, filingUntilDay].flatMap((each: Looked<number>) => (each.known ? [] : [each.key])),
    };
  }
  const paidIn = addMonths(cell.month, filingMonthOffset.value);
  return {
    known: true,
    from: filingFromDay.known ? dayInMonth(paidIn, filingFromDay.value) : null,
    until: dayInMonth(paidIn, filingUntilDay.value),
  };
}

/** The first day of arrears of a month, by the region's late-fee rule. */
export function arrearsFrom(
  cell: CellPolicy,
): { readonly known: true; readonly from: Day } | { readonly known: false; readonly missing: readonly string[] } {
  const { lateFeeStart } = cell;
  if (!lateFeeStart.known) return { known: false, missing: [lateFeeStart.key] };
  switch (lateFeeStart.value) {
    case 'first-of-second-month':
      return { known: true, from: firstDay(addMonths(cell.month, 2)) };
    case 'day-after-filing-window': {
      const window = filingWindowOf(cell);
      return window.known ? { known: true, from: addDays(window.until, 1) } : window;
    }
  }
}
