/** Which months a run asks the sources for: the closed look-back months, the open month, and the wages behind the bases. */
import { type Day, type Month, addMonths, closedMonths, month, monthOfDay } from '../domain/month.js';
import type { Stream } from '../domain/records.js';

/** Months from `from` (included) to `until` (excluded). */
export interface ClosedWindow {
  readonly from: Month;
  readonly until: Month;
}

/** The look-back months that are over on `asOf`, and the month of `asOf`: windowOf(2023-03-20, 6) = 2022-09 … 2023-03. */
export function windowOf(asOf: Day, lookBackMonths: number): ClosedWindow {
  const open = monthOfDay(asOf);
  return { from: closedMonths(asOf, lookBackMonths)[0] ?? open, until: addMonths(open, 1) };
}

/**
 * The window of a read by what it feeds. Wages reach back to the January of the year before the one that lies six months
 * before the look-back: an annual base rests on the previous calendar year and may have begun in the July before.
 */
export function readWindow(streams: readonly Stream[], lookBack: ClosedWindow): ClosedWindow {
  if (!streams.includes('wages')) return lookBack;
  const year = Number(addMonths(lookBack.from, -6).slice(0, 4)) - 1;
  return { from: month(`${year}-01`), until: lookBack.until };
}
