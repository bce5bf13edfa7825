/** Whether the hub knows which days are worked in China, and says so where nobody can know. */
import { day } from '../../domain/month.js';
import { WorkingDays, daysOfSpan, isWeekday, weekdayRankOf } from './working-days.js';

describe('the working days of China', () => {
  const calendar = new WorkingDays();

  it('leave out weekends and public holidays and count the weekend days that make up for them', () => {
    const worked = (text: string): boolean | null => calendar.isWorkday(day(text));
    expect(worked('2026-11-23')).toBe(true);
    expect(worked('2026-11-21')).toBe(false);
    // National Day of 2026: off from Thursday to Wednesday, worked on Sunday 20 September and Saturday 10 October.
    expect(['2026-10-01', '2026-10-07', '2026-10-08'].map(worked)).toEqual([false, false, true]);
    expect(['2026-09-20', '2026-10-10', '2026-10-11'].map(worked)).toEqual([true, true, false]);
  });

  it('are counted within their month from both ends, over holidays and make-up days', () => {
    const ranks = ['2026-10-08', '2026-10-10', '2026-10-12', '2026-10-30'].map((text) => calendar.rankOf(day(text)));
    expect(ranks).toEqual([
      { fromFirst: 1, fromLast: -18 },
      { fromFirst: 3, fromLast: -16 },
      { fromFirst: 4, fromLast: -15 },
      { fromFirst: 18, fromLast: -1 },
    ]);
    expect(calendar.rankOf(day('2026-10-11'))).toBeNull();
  });

  it('are unknown for a year without a notice, although the package would answer by weekday', () => {
    expect(calendar.knows(2026)).toBe(true);
    expect([2003, 2040].map((year) => calendar.knows(year))).toEqual([false, false]);
    expect(calendar.isWorkday(day('2040-10-01'))).toBeNull();
    expect(calendar.rankOf(day('2040-10-08'))).toBeNull();
    expect(weekdayRankOf(day('2040-10-03'))).toEqual({ fromFirst: 3, fromLast: -21 });
  });

  it('are known for a year that the operator has written down, which also corrects a packaged one', () => {
    const own = new WorkingDays([{ year: 2040, off: ['2040-01-01', '2040-10-01/2040-10-07'], work: ['2040-09-29'] }]);
    const worked = (text: string): boolean | null => own.isWorkday(day(text));
    expect(['2040-09-29', '2040-10-01', '2040-10-07', '2040-10-08'].map(worked)).toEqual([true, false, false, true]);
    expect(worked('2041-01-02')).toBeNull();
    expect(new WorkingDays([{ year: 2026, off: ['2026-10-01'], work: [] }]).isWorkday(day('2026-10-02'))).toBe(true);
  });

  it('count spans with both ends, across months', () => {
    expect(daysOfSpan('2026-09-29/2026-10-02')).toEqual(['2026-09-29', '2026-09-30', '2026-10-01', '2026-10-02']);
    expect(() => daysOfSpan('2026-02-30')).toThrow();
  });

  it('do not depend on the time zone of the process', () => {
    // Saturday and Monday; the package's own function has both wrong west of UTC.
    expect([isWeekday(day('2026-11-21')), isWeekday(day('2026-11-23'))]).toEqual([false, true]);
  });
});
