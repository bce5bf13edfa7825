/** On which days a schedule is meant to run, by the calendar of China. */
import { addDays, day } from '../../domain/month.js';
import { WorkingDays } from '../../platform/clock/working-days.js';
import { type DayWindow, judgeDay } from './day-window.js';

const calendar = new WorkingDays();
const window = (given: Partial<DayWindow>): DayWindow => ({ days: 'all', onUnknownCalendar: 'run', ...given });

/** The days of a month on which it runs, by number. */
function runsOn(given: Partial<DayWindow>, month: string): number[] {
  return Array.from({ length: 31 }, (_, at) => addDays(day(`${month}-01`), at))
    .filter((of) => of.startsWith(month) && judgeDay(window(given), of, calendar).reason === null)
    .map((of) => Number(of.slice(8)));
}

describe('a schedule', () => {
  it('of the third working day runs once a month, whatever holidays and make-up days stand before it', () => {
    const third = { days: 'workdays' as const, workdaysOfMonth: [3] };
    // October 2026: 8 and 9 are worked, Saturday 10 makes up. May 2026: off to the 5th. February 2026: a plain month.
    expect(['2026-10', '2026-05', '2026-02'].map((month) => runsOn(third, month))).toEqual([[10], [8], [4]]);
    expect(runsOn({ workdaysOfMonth: [1, -1] }, '2026-02')).toEqual([2, 28]);
  });

  it('of working days runs on make-up Saturdays and Sundays and not on holidays; of rest days the other way round', () => {
    const worked = runsOn({ days: 'workdays' }, '2026-02');
    expect(worked).toEqual([2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 24, 25, 26, 27, 28]);
    expect([...worked, ...runsOn({ days: 'rest-days' }, '2026-02')].sort((a, b) => a - b)).toHaveLength(28);
  });

  it('of days of the month runs on those, L being the last, and with working days only where both hold', () => {
    expect(runsOn({ daysOfMonth: '1-3,15,27-L' }, '2026-02')).toEqual([1, 2, 3, 15, 27, 28]);
    expect(runsOn({ daysOfMonth: 'L' }, '2028-02')).toEqual([29]);
    expect(runsOn({ daysOfMonth: 31 }, '2026-04')).toEqual([]);
    expect(runsOn({ days: 'workdays', daysOfMonth: '1-15' }, '2026-10')).toEqual([8, 9, 10, 12, 13, 14, 15]);
  });

  it('in a year without a calendar takes Monday to Friday and says so, or is skipped', () => {
    // National Day 2040 is a Monday; nobody has said yet which days are off around it.
    expect(judgeDay(window({ days: 'workdays' }), day('2040-10-01'), calendar)).toEqual({
      reason: null,
      unknownYear: 2040,
    });
    expect(judgeDay(window({ days: 'workdays' }), day('2040-10-06'), calendar)).toEqual({
      reason: 'rest-day',
      unknownYear: 2040,
    });
    expect(runsOn({ workdaysOfMonth: [3] }, '2040-10')).toEqual([3]);
    const careful = { days: 'workdays', onUnknownCalendar: 'skip' } as const;
    expect(judgeDay(window(careful), day('2040-10-08'), calendar)).toEqual({
      reason: 'unknown-calendar',
      unknownYear: 2040,
    });
  });

  it('that asks for no calendar is not concerned by a year without one', () => {
    expect(judgeDay(window({ onUnknownCalendar: 'skip' }), day('2040-10-08'), calendar)).toEqual({
      reason: null,
      unknownYear: null,
    });
  });
});
