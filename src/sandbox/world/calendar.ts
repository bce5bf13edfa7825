/** How does the world count months and days? As plain numbers, because it counts millions of them. */

/** Months since year 0: 2023-01 → 24276, as `monthIndex` of the domain. */
export type MonthNo = number;
/** `MonthNo × 32 + day of month`: compares in calendar order. 0 = no day. */
export type DayNo = number;

export function monthNo(year: number, monthOfYear: number): MonthNo {
  return year * 12 + monthOfYear - 1;
}

export function dayNo(month: MonthNo, dayOfMonth: number): DayNo {
  return month * 32 + dayOfMonth;
}

export function monthOf(day: DayNo): MonthNo {
  return day >> 5;
}

export function daysIn(month: MonthNo): number {
  const monthOfYear = (month % 12) + 1;
  if (monthOfYear === 2) return isLeapYear(Math.floor(month / 12)) ? 29 : 28;
  return monthOfYear === 4 || monthOfYear === 6 || monthOfYear === 9 || monthOfYear === 11 ? 30 : 31;
}

export function lastDayOf(month: MonthNo): DayNo {
  return dayNo(month, daysIn(month));
}

/** Wages are known from here … */
export const WAGES_FROM = monthNo(2021, 1);
/** … contributions from here (the first of six closed months) … */
export const WINDOW_FROM = monthNo(2022, 9);
/** … and the world's open month is this one: nothing of it has been paid yet. */
export const OPEN_MONTH = monthNo(2023, 3);
export const WINDOW_MONTHS = OPEN_MONTH - WINDOW_FROM;

/** 2023-01 → `2023-01` with separator `-`, `202301` without. */
export function monthText(month: MonthNo, separator: string): string {
  const monthOfYear = (month % 12) + 1;
  return `${Math.floor(month / 12)}${separator}${monthOfYear < 10 ? '0' : ''}${monthOfYear}`;
}

export function dayText(day: DayNo, separator: string): string {
  const dayOfMonth = day & 31;
  return `${monthText(monthOf(day), separator)}${separator}${dayOfMonth < 10 ? '0' : ''}${dayOfMonth}`;
}

/** `202301` → MonthNo; null for anything that is no month. */
export function parseMonthNo(text: string): MonthNo | null {
  const match = /^(\d{4})-?(\d{2})$/.exec(text);
  const monthOfYear = Number(match?.[2]);
  return match && monthOfYear >= 1 && monthOfYear <= 12 ? monthNo(Number(match[1]), monthOfYear) : null;
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
