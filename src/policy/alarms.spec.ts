/** Which values raise an alarm, and on which day. */
import { dated, regionText, removeSmallPolicies, smallBook } from '../../test/policy/small-policy.js';
import { day } from '../domain/month.js';
import { alarmsOf } from './alarms.js';

afterAll(removeSmallPolicies);

const ratio = 'unit: ratio';
const yuan = 'unit: yuan/month';

function kindsOn(on: string, files: Readonly<Record<string, string>>): string[] {
  const terms = { on: day(on), withinDays: 30, checkedWithinMonths: 6 };
  return alarmsOf(smallBook(files), terms).map(({ kind, region, parameter }) => `${kind} ${region} ${parameter}`);
}

const rate = (code: string, values: string): Record<string, string> => ({
  [`regions/${code}.yaml`]: regionText(code, `  medical:\n    employer_rate:\n${values}`),
});

it('tells an end a month ahead, and the day after that it is over', () => {
  const files = rate('310000', `      - ${dated('0.09', '2026-01-01', `${ratio}, effective_to: 2026-06-30`)}\n`);
  expect(kindsOn('2026-05-30', files)).toEqual([]);
  expect(kindsOn('2026-05-31', files)).toEqual(['ends-soon 310000 employer_rate']);
  expect(kindsOn('2026-06-30', files)).toEqual(['ends-soon 310000 employer_rate']);
  expect(kindsOn('2026-07-01', files)).toEqual(['expired 310000 employer_rate']);
});

it('takes an older value of the parent for no replacement, and a newer one for one', () => {
  const city = rate('330100', `      - ${dated('0.09', '2025-01-01', `${ratio}, effective_to: 2026-06-30`)}\n`);
  const parent = (from: string): Record<string, string> => rate('330000', `      - ${dated('0.1', from, ratio)}\n`);
  expect(kindsOn('2026-07-01', { ...city, ...parent('1999-01-22') })).toEqual(['expired 330100 employer_rate']);
  expect(kindsOn('2026-07-01', { ...city, ...parent('2026-01-01') })).toEqual([]);
});

it('tells a yearly value once its year is over', () => {
  const floor = `  pension:\n    base_floor:\n      - ${dated('4000', '2025-07-01', yuan)}\n`;
  const files = { 'regions/310000.yaml': regionText('310000', floor) };
  expect(kindsOn('2026-06-30', files)).toEqual([]);
  expect(kindsOn('2026-07-01', files)).toEqual(['year-over 310000 base_floor']);
});

it('keeps an unknown end in sight, and a value nobody looked at for long', () => {
  const files = rate(
    '310000',
    `      - ${dated('0.09', '2026-01-01', `${ratio}, effective_to: unknown, note: nobody said until when`)}\n`,
  );
  expect(kindsOn('2026-07-31', files)).toEqual(['end-unknown 310000 employer_rate']);
  expect(kindsOn('2026-08-01', files)).toEqual([
    'end-unknown 310000 employer_rate',
    'not-checked 310000 employer_rate',
  ]);
});

it('tells an override that hides a newer value of its province', () => {
  const files = {
    ...rate('330100', `      - ${dated('0.09', '2025-01-01', ratio)}\n`),
    ...rate('330000', `      - ${dated('0.1', '2026-01-01', ratio)}\n`),
  };
  expect(kindsOn('2026-02-01', files)).toEqual(['older-than-parent 330100 employer_rate']);
});
