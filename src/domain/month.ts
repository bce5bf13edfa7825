/** How calendar months and days are written, compared and counted: branded `YYYY-MM` and `YYYY-MM-DD`, half-open ranges. */
import { HubError } from './hub-error.js';

declare const monthBrand: unique symbol;
declare const dayBrand: unique symbol;

/** A calendar month `YYYY-MM`, years 1900–2999. Strings compare in calendar order. */
export type Month = string & { readonly [monthBrand]: true };

/** A calendar day `YYYY-MM-DD` that exists. Strings compare in calendar order. */
export type Day = string & { readonly [dayBrand]: true };

/** Months from `from` (included) to `until` (excluded); `until: null` = open end. */
export interface MonthRange {
  readonly from: Month;
  readonly until: Month | null;
}

/** Days from `from` (included) to `until` (excluded); `until: null` = open end. */
export interface DayRange {
  readonly from: Day;
  readonly until: Day | null;
}

const MONTH_PATTERN = /^(?:19|2\d)\d{2}-(?:0[1-9]|1[0-2])$/;
const DAY_PATTERN = /^((?:19|2\d)\d{2})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const MS_PER_DAY = 86_400_000;
const FIRST_INDEX = 1900 * 12;
const LAST_INDEX = 2999 * 12 + 11;

export function parseMonth(text: string): Month | null {
  return MONTH_PATTERN.test(text) ? (text as Month) : null;
}

/** Brands a month. Throws `not-a-month`. */
export function month(text: string): Month {
  const parsed = parseMonth(text);
  if (parsed === null) {
    throw new HubError({
      code: 'not-a-month',
      next: 'fix-config',
      message: `"${text.slice(0, 20)}" is not a month; expected YYYY-MM, for example 2023-01.`,
    });
  }
  return parsed;
}

export function parseDay(text: string): Day | null {
  const match = DAY_PATTERN.exec(text);
  if (!match) return null;
  const [, year, monthOfYear, dayOfMonth] = match;
  return Number(dayOfMonth) <= daysInMonth(`${year}-${monthOfYear}` as Month) ? (text as Day) : null;
}

/** Brands a day. Throws `not-a-day`. */
export function day(text: string): Day {
  const parsed = parseDay(text);
  if (parsed === null) {
    throw new HubError({
      code: 'not-a-day',
      next: 'fix-config',
      message: `"${text.slice(0, 20)}" is not a day; expected YYYY-MM-DD, for example 2023-03-20.`,
    });
  }
  return parsed;
}

/** Months since year 0: 2023-01 → 24276. */
export function monthIndex(of: Month): number {
  return Number(of.slice(0, 4)) * 12 + Number(of.slice(5, 7)) - 1;
}

/** The month with that index. Throws `not-a-month` outside 1900-01 … 2999-12. */
export function monthFromIndex(index: number): Month {
  if (!(index >= FIRST_INDEX && index <= LAST_INDEX)) {
    throw new HubError({
      code: 'not-a-month',
      next: 'bug',
      message: 'A calculation left the months 1900-01 to 2999-12.',
      detail: { index },
    });
  }
  const year = Math.floor(index / 12);
  return `${String(year).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}` as Month;
}

export function addMonths(to: Month, count: number): Month {
  return monthFromIndex(monthIndex(to) + count);
}

/** Whole months from `from` to `until`: monthsBetween(2023-01, 2023-03) = 2; negative when `until` is earlier. */
export function monthsBetween(from: Month, until: Month): number {
  return monthIndex(until) - monthIndex(from);
}

/** Every month of a closed-end range, in order. */
export function monthsOf(from: Month, until: Month): Month[] {
  const months: Month[] = [];
  for (let index = monthIndex(from), end = monthIndex(until); index < end; index += 1)
    months.push(monthFromIndex(index));
  return months;
}

/** The `count` calendar months that are over on `asOf`, oldest first: closedMonths(2023-03-20, 6) = 2022-09 … 2023-02. */
export function closedMonths(asOf: Day, count: number): Month[] {
  const open = monthOfDay(asOf);
  return monthsOf(addMonths(open, -count), open);
}

export function isInMonths(range: MonthRange, at: Month): boolean {
  return at >= range.from && (range.until === null || at < range.until);
}

export function isInDays(range: DayRange, at: Day): boolean {
  return at >= range.from && (range.until === null || at < range.until);
}

export function monthOfDay(of: Day): Month {
  return of.slice(0, 7) as Month;
}

export function firstDay(of: Month): Day {
  return `${of}-01` as Day;
}

export function lastDay(of: Month): Day {
  return `${of}-${String(daysInMonth(of)).padStart(2, '0')}` as Day;
}

/** Day `dayOfMonth` of a month, or its last day where the month is shorter. `dayOfMonth` 1–31. */
export function dayInMonth(of: Month, dayOfMonth: number): Day {
  return `${of}-${String(Math.min(dayOfMonth, daysInMonth(of))).padStart(2, '0')}` as Day;
}

export function daysInMonth(of: Month): number {
  return new Date(Date.UTC(Number(of.slice(0, 4)), Number(of.slice(5, 7)), 0)).getUTCDate();
}

/** The day `count` days later, or earlier where negative. Throws `not-a-day` outside 1900-01-01 … 2999-12-31. */
export function addDays(to: Day, count: number): Day {
  return day(new Date(Date.parse(`${to}T00:00:00Z`) + count * MS_PER_DAY).toISOString().slice(0, 10));
}

/** Days from `from` to `until`, `until` excluded; negative when earlier. */
export function daysBetween(from: Day, until: Day): number {
  return Math.round((Date.parse(`${until}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / MS_PER_DAY);
}
