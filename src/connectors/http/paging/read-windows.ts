/** Which periods a read asks for, one request (or one listing) each. */
import {
  addDays,
  addMonths,
  firstDay,
  lastDay,
  month,
  monthOfDay,
  type Day,
  type Month,
} from '../../../domain/month.js';
import type { Window } from '../read.schema.js';

/** What templates see as `window`. `last` and `lastDay` are included, `until` is not. */
export interface ReadWindow {
  readonly from: Month;
  readonly last: Month;
  readonly until: Month;
  readonly firstDay: Day;
  readonly lastDay: Day;
}

/** The names of a window that templates may use. */
export const WINDOW_VARIABLES: readonly string[] = [
  'window.from',
  'window.last',
  'window.until',
  'window.firstDay',
  'window.lastDay',
];

interface MonthSpan {
  readonly from: Month;
  readonly until: Month;
}

/** Windows in calendar order that cover the wanted months; a calendar year is always asked for whole. Without `window` one for all months. */
export function readWindows(wanted: MonthSpan, spec: Window | undefined): readonly ReadWindow[] {
  if (wanted.from >= wanted.until) return [];
  if (spec === undefined) return [monthsWindow(wanted.from, wanted.until)];
  switch (spec.unit) {
    case 'year':
      return yearWindows(wanted);
    case 'month':
      return monthWindows(wanted, spec.months ?? 1);
    case 'day':
      return dayWindows(wanted, spec.days ?? 1);
  }
}

function yearWindows({ from, until }: MonthSpan): ReadWindow[] {
  const windows: ReadWindow[] = [];
  const lastYear = Number(addMonths(until, -1).slice(0, 4));
  for (let year = Number(from.slice(0, 4)); year <= lastYear; year += 1)
    windows.push(monthsWindow(month(`${year}-01`), month(`${year + 1}-01`)));
  return windows;
}

function monthWindows({ from, until }: MonthSpan, size: number): ReadWindow[] {
  const windows: ReadWindow[] = [];
  for (let start = from; start < until; start = addMonths(start, size)) {
    const end = addMonths(start, size);
    windows.push(monthsWindow(start, end < until ? end : until));
  }
  return windows;
}

function dayWindows({ from, until }: MonthSpan, days: number): ReadWindow[] {
  const windows: ReadWindow[] = [];
  const stop = firstDay(until);
  for (let start = firstDay(from); start < stop; start = addDays(start, days)) {
    const next = addDays(start, days);
    const last = addDays(next < stop ? next : stop, -1);
    windows.push({
      from: monthOfDay(start),
      last: monthOfDay(last),
      until: addMonths(monthOfDay(last), 1),
      firstDay: start,
      lastDay: last,
    });
  }
  return windows;
}

function monthsWindow(from: Month, until: Month): ReadWindow {
  const last = addMonths(until, -1);
  return { from, last, until, firstDay: firstDay(from), lastDay: lastDay(last) };
}
