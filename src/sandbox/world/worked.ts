/** What does attendance know: who is on its roster, and how many days were worked in a month? */
import { OPEN_MONTH, WAGES_FROM, daysIn, monthOf, type MonthNo } from './calendar.js';
import { draw } from './draw.js';
import { daysEmployed, lastJob, type Life } from './life.js';

export interface WorkedMonth {
  /** In hundredths of a day. */
  readonly requiredHundredths: number;
  readonly workedHundredths: number;
}

export function isInAttendance(life: Life): boolean {
  return life.kind !== 'absent-from-attendance';
}

/** null: no row for that month. */
export function workedIn(life: Life, month: MonthNo): WorkedMonth | null {
  if (month < WAGES_FROM || month >= OPEN_MONTH) return null;
  const requiredHundredths = weekdaysIn(month) * 100;
  let days = 0;
  for (const job of life.jobs) days += daysEmployed(job, month);
  if (days === 0) return workedAfterLeaving(life, month) ? { requiredHundredths, workedHundredths: 1250 } : null;
  const share = Math.round((requiredHundredths * days) / daysIn(month) / 50) * 50;
  const absent = (draw(life.seed, life.index, 2000 + month) % 8) * 25;
  return { requiredHundredths, workedHundredths: Math.max(share - (absent > 100 ? 0 : absent), 0) };
}

/** In the conflict story the two months after leaving show 12.5 days each. */
function workedAfterLeaving(life: Life, month: MonthNo): boolean {
  if (life.kind !== 'conflict') return false;
  const left = monthOf(lastJob(life).left);
  return month === left + 1 || month === left + 2;
}

/** Monday to Friday; public holidays are not modelled. */
function weekdaysIn(month: MonthNo): number {
  const year = Math.floor(month / 12);
  const first = new Date(Date.UTC(year, month % 12, 1)).getUTCDay();
  let count = 0;
  for (let place = 0; place < daysIn(month); place += 1) {
    const weekday = (first + place) % 7;
    if (weekday !== 0 && weekday !== 6) count += 1;
  }
  return count;
}
