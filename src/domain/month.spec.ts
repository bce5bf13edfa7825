/** That months and days are counted as the calendar has them. */
import fc from 'fast-check';
import {
  type Day,
  type Month,
  addDays,
  addMonths,
  closedMonths,
  day,
  dayInMonth,
  daysBetween,
  daysInMonth,
  firstDay,
  isInDays,
  isInMonths,
  lastDay,
  month,
  monthFromIndex,
  monthIndex,
  monthOfDay,
  monthsBetween,
  monthsOf,
  parseDay,
  parseMonth,
} from './month.js';

const FIRST = monthIndex('1900-01' as Month);
const LAST = monthIndex('2999-12' as Month);
const someMonth = fc.integer({ min: FIRST, max: LAST }).map(monthFromIndex);
/** May be the last that can be written. */
const someDay = fc.tuple(someMonth, fc.integer({ min: 1, max: 31 })).map(([of, at]) => dayInMonth(of, at));
const nearIndex = fc.integer({ min: FIRST + 700, max: LAST - 700 }).map(monthFromIndex);

describe('months', () => {
  it('come back from their index, and follow each other as their texts do', () => {
    fc.assert(
      fc.property(someMonth, someMonth, (a, b) => {
        expect(parseMonth(monthFromIndex(monthIndex(a)))).toBe(a);
        expect(Math.sign(monthIndex(a) - monthIndex(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
    expect(monthIndex(month('2023-01'))).toBe(24276);
  });

  it('are counted forwards and back to where one began', () => {
    fc.assert(
      fc.property(nearIndex, fc.integer({ min: -600, max: 600 }), (from, count) => {
        expect(addMonths(addMonths(from, count), -count)).toBe(from);
        expect(monthsBetween(from, addMonths(from, count))).toBe(count);
      }),
    );
    expect([addMonths(month('2022-12'), 1), addMonths(month('2023-01'), -1)]).toEqual(['2023-01', '2022-12']);
  });

  it('of a range are all its months, its end excluded', () => {
    fc.assert(
      fc.property(nearIndex, fc.integer({ min: 0, max: 60 }), (from, count) => {
        const until = addMonths(from, count);
        const months = monthsOf(from, until);
        expect(months).toHaveLength(count);
        expect(months.every((one) => isInMonths({ from, until }, one))).toBe(true);
        expect(isInMonths({ from, until }, until)).toBe(false);
        expect(isInMonths({ from, until: null }, addMonths(until, 1))).toBe(true);
        expect(isInMonths({ from, until: null }, addMonths(from, -1))).toBe(false);
      }),
    );
    expect(monthsOf(month('2023-03'), month('2023-01'))).toEqual([]);
  });

  it('are closed when they are over on the day: the running month never is, not even on its last day', () => {
    expect(closedMonths(day('2023-03-20'), 6)).toEqual([
      '2022-09',
      '2022-10',
      '2022-11',
      '2022-12',
      '2023-01',
      '2023-02',
    ]);
    expect(closedMonths(day('2023-03-31'), 1)).toEqual(['2023-02']);
    expect(closedMonths(day('2023-04-01'), 1)).toEqual(['2023-03']);
    expect(closedMonths(day('2023-04-01'), 0)).toEqual([]);
  });

  it.each([
    '2023-13',
    '2023-00',
    '2023-1',
    '23-01',
    '2023/01',
    '202301',
    '1899-12',
    '3000-01',
    ' 2023-01',
    '2023-01\n',
    '２０２３-０１',
  ])('are not written %p', (text) => {
    expect(parseMonth(text)).toBeNull();
    expect(() => month(text)).toThrow(expect.objectContaining({ code: 'not-a-month', next: 'fix-config' }));
  });
});

describe('days', () => {
  it('are those that the calendar has, in every month of eleven centuries', () => {
    for (let index = FIRST; index <= LAST; index += 1) {
      const of = monthFromIndex(index);
      const year = Number(of.slice(0, 4));
      const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
      const expected = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][index % 12] ?? 0;
      if (daysInMonth(of) !== expected) throw new Error(`${of} has ${expected} days`);
      if (lastDay(of) !== `${of}-${expected}` || parseDay(`${of}-${expected + 1}`) !== null)
        throw new Error(`the end of ${of}`);
    }
    expect([parseDay('2024-02-29'), parseDay('2023-02-29'), parseDay('1900-02-29'), parseDay('2000-02-29')]).toEqual([
      '2024-02-29',
      null,
      null,
      '2000-02-29',
    ]);
  });

  it('are counted forwards and back to where one began, and follow each other as their texts do', () => {
    const near = fc.tuple(nearIndex, fc.integer({ min: 1, max: 31 })).map(([of, at]) => dayInMonth(of, at));
    fc.assert(
      fc.property(near, fc.integer({ min: -20_000, max: 20_000 }), (from, count) => {
        const until = addDays(from, count);
        expect(parseDay(until)).toBe(until);
        expect(daysBetween(from, until)).toBe(count);
        expect(addDays(until, -count)).toBe(from);
        expect(count > 0).toBe(until > from);
      }),
    );
  });

  it('lie in their month, which begins and ends with its first and last day', () => {
    fc.assert(
      fc.property(someDay, (at) => {
        const of = monthOfDay(at);
        expect(parseMonth(of)).toBe(of);
        expect(firstDay(of) <= at && at <= lastDay(of)).toBe(true);
      }),
    );
  });

  it('of a half-open range include its first and not its last', () => {
    const range = { from: day('2023-03-01'), until: day('2023-03-20') };
    expect([
      isInDays(range, day('2023-03-01')),
      isInDays(range, day('2023-03-20')),
      isInDays(range, day('2023-02-28')),
    ]).toEqual([true, false, false]);
    expect(isInDays({ from: range.from, until: null }, day('2999-12-31'))).toBe(true);
  });

  it('are taken back to the last of a shorter month', () => {
    expect([
      dayInMonth(month('2023-02'), 31),
      dayInMonth(month('2024-02'), 30),
      dayInMonth(month('2023-04'), 31),
      dayInMonth(month('2023-04'), 9),
    ]).toEqual(['2023-02-28', '2024-02-29', '2023-04-30', '2023-04-09']);
  });

  it.each(['2023-02-30', '2023-04-31', '2023-01-32', '2023-01-00', '2023-1-1', '20230101', '2023-01-01T00:00:00Z', ''])(
    'are not written %p',
    (text) => {
      expect(parseDay(text)).toBeNull();
      expect(() => day(text)).toThrow(expect.objectContaining({ code: 'not-a-day' }));
    },
  );

  it('never leave the years that can be written', () => {
    expect(() => addDays('2999-12-31' as Day, 1)).toThrow(expect.objectContaining({ code: 'not-a-day' }));
    expect(() => addMonths('1900-01' as Month, -1)).toThrow(expect.objectContaining({ code: 'not-a-month' }));
  });
});
