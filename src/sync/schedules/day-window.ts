/** Whether a schedule is meant for a day at all: working days, days of the month, the n-th working day. */
import { type Day, daysInMonth, monthOfDay } from '../../domain/month.js';
import { daySpansOf } from '../../platform/clock/days-of-month.js';
import { type WorkingDays, isWeekday, weekdayRankOf, yearOf } from '../../platform/clock/working-days.js';
import type { Schedule } from './schedule.js';

export type DayWindow = Pick<Schedule, 'days' | 'daysOfMonth' | 'workdaysOfMonth' | 'onUnknownCalendar'>;

/**
 * `rest-day`, `workday`: it is the other kind of day. `other-day`: its number is not named. `unknown-calendar`: nobody has
 * arranged that year yet, and the schedule says to skip then.
 */
export type OtherDay = 'rest-day' | 'workday' | 'other-day' | 'unknown-calendar';

export interface DayVerdict {
  /** null = the schedule is meant for this day. */
  readonly reason: OtherDay | null;
  /** The year of which no calendar is known, where one was asked for: Monday to Friday were taken for working days. */
  readonly unknownYear: number | null;
}

export function judgeDay(window: DayWindow, of: Day, calendar: WorkingDays): DayVerdict {
  const year = yearOf(of);
  const asks = window.days !== 'all' || window.workdaysOfMonth !== undefined;
  if (!isNamed(window, of)) return { reason: 'other-day', unknownYear: null };
  if (!asks) return { reason: null, unknownYear: null };
  const isKnown = calendar.knows(year);
  if (!isKnown && window.onUnknownCalendar === 'skip') return { reason: 'unknown-calendar', unknownYear: year };
  const reason = reasonByCalendar(window, of, calendar);
  return { reason, unknownYear: isKnown ? null : year };
}

function isNamed({ daysOfMonth }: DayWindow, of: Day): boolean {
  if (daysOfMonth === undefined) return true;
  const number = Number(of.slice(8));
  return daySpansOf(daysOfMonth, daysInMonth(monthOfDay(of))).some(({ from, to }) => from <= number && number <= to);
}

function reasonByCalendar({ days, workdaysOfMonth }: DayWindow, of: Day, calendar: WorkingDays): OtherDay | null {
  const isWorkday = calendar.isWorkday(of) ?? isWeekday(of);
  if (days === 'rest-days') return isWorkday ? 'workday' : null;
  if (!isWorkday) return 'rest-day';
  if (workdaysOfMonth === undefined) return null;
  const rank = calendar.rankOf(of) ?? weekdayRankOf(of);
  return rank !== null && workdaysOfMonth.some((each) => each === rank.fromFirst || each === rank.fromLast)
    ? null
    : 'other-day';
}
