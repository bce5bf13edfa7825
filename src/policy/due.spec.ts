/** Which months an employment makes due, and until when they may be filed. */
import { demoBook, shippedBook } from '../../test/policy/books.js';
import { day, month } from '../domain/month.js';
import { region } from '../domain/region.js';
import type { PolicyBook } from './book.js';
import { filingWindowOf, isMonthDue } from './due.js';

const demo = demoBook();
const KNOWN = day('2023-03-20');

function dueIn(book: PolicyBook, when: string, [hiredOn, leftOn]: readonly [string, string | null]): string {
  const cell = book.cell(region('110000'), 'pension', month(when), KNOWN);
  const answer = isMonthDue(cell, { hiredOn: day(hiredOn), leftOn: leftOn === null ? null : day(leftOn) });
  return answer.known ? `${answer.due ? 'due' : 'not due'}: ${answer.reason}` : answer.missing.join(', ');
}

it('is due when employed on the last day of the month', () => {
  expect(dueIn(demo, '2023-02', ['2020-05-05', null])).toBe('due: employed');
  expect(dueIn(demo, '2023-02', ['2020-05-05', '2023-02-28'])).toBe('due: employed');
  expect(dueIn(demo, '2023-02', ['2023-02-28', null])).toBe('due: employed');
});

it('is not due before hiring, after leaving, or in the month left', () => {
  expect(dueIn(demo, '2023-02', ['2023-03-01', null])).toBe('not due: before-hire');
  expect(dueIn(demo, '2023-02', ['2020-05-05', '2023-01-31'])).toBe('not due: after-leaving');
  expect(dueIn(demo, '2023-02', ['2020-05-05', '2023-02-27'])).toBe('not due: left-during');
});

it('is unknown for a month of hiring where nobody knows the cut-off day, and says what to set', () => {
  expect(dueIn(shippedBook(), '2023-02', ['2023-02-10', null])).toBe('110000.pension.hire_cut_off_day');
  expect(dueIn(shippedBook(), '2023-02', ['2023-02-01', null])).toBe('due: employed');
});

it("may be filed until the tenant's day of the following month", () => {
  const cell = demo.cell(region('440300'), 'pension', month('2023-02'), KNOWN);
  expect(filingWindowOf(cell)).toEqual({ known: true, from: null, until: '2023-03-25' });
});

it('has an undated filing day in Shanghai, none in Shenzhen, as far as the pack knows', () => {
  const book = shippedBook();
  expect(filingWindowOf(book.cell(region('310000'), 'pension', month('2023-01'), KNOWN))).toEqual({
    known: true,
    from: '2023-02-05',
    until: '2023-02-26',
  });
  expect(filingWindowOf(book.cell(region('440300'), 'pension', month('2023-01'), KNOWN))).toEqual({
    known: false,
    missing: ['440300.pension.filing_until_day'],
  });
});
