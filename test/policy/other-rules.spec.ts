/** The cases of other-rules.yaml hold, and every worked example of the collection has a case in this folder. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { addFen, formatYuan, parseRatio, type Ppm } from '../../src/domain/fen.js';
import { addDays, day, month } from '../../src/domain/month.js';
import { NATION, region } from '../../src/domain/region.js';
import { flexibleContribution } from '../../src/policy/flexible-worker.js';
import { lateFeeBySegments } from '../../src/policy/late-fee.js';
import { assessUndeclaredMonth } from '../../src/policy/undeclared-month.js';
import { composeWage } from '../../src/policy/wage-composition.js';
import { caseBook } from './books.js';
import { yuanOf } from './read-cases.js';

type Amounts = Readonly<Record<string, string>>;

interface OtherRules {
  readonly wages: readonly { readonly name: string; readonly items: Amounts; readonly expect: Amounts }[];
  readonly flexible: readonly { name: string; region: string; month: string; choice: string; expect: Amounts }[];
  readonly undeclared: readonly { name: string; region: string; month: string; lastMonth: string; expect: string }[];
  readonly shortfalls: readonly { name: string; principal: string; days: Amounts }[];
}

const FOLDER = fileURLToPath(new URL('./', import.meta.url));
const cases = parse(readFileSync(`${FOLDER}other-rules.yaml`, 'utf8')) as OtherRules;
const book = caseBook();
const knownAt = day('2026-11-23');

const inYuan = (amounts: Amounts): Amounts =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, formatYuan(yuanOf(amount))]));

it.each(cases.wages.map((each) => [each.name, each] as const))('%s', (_name, { items, expect: wanted }) => {
  const composed = composeWage(Object.entries(items).map(([kind, amount]) => ({ kind, fen: yuanOf(amount) })));
  if (!composed.known) throw new Error(`No article for ${composed.unknownKinds.join(', ')}.`);
  const { wageFen, excludedFen } = composed;
  expect({ wage: formatYuan(wageFen), excluded: formatYuan(excludedFen) }).toEqual(inYuan(wanted));
});

it.each(cases.flexible.map((each) => [each.name, each] as const))('%s', (_name, asked) => {
  const cell = book.cell(region(asked.region), 'pension', month(asked.month), knownAt);
  const paid = flexibleContribution(cell, parseRatio(asked.choice) as Ppm, book);
  if (!paid.known) throw new Error(`Missing: ${paid.missing.join(', ')}.`);
  expect({
    base: formatYuan(paid.baseFen),
    pay: formatYuan(paid.payFen),
    account: formatYuan(paid.accountFen),
    pool: formatYuan(paid.poolFen),
  }).toEqual(inYuan(asked.expect));
  expect(addFen(paid.accountFen, paid.poolFen)).toBe(paid.payFen);
});

it('a flexible worker pays an unknown amount where no source gives the rate, and the key is named', () => {
  const cell = book.cell(region('310000'), 'pension', month('2026-03'), knownAt);
  expect(flexibleContribution(cell, 600_000 as Ppm, book)).toMatchObject({
    known: false,
    missing: expect.arrayContaining(['310000.pension.flexible_rate']),
  });
});

it.each(cases.undeclared.map((each) => [each.name, each] as const))('%s', (_name, asked) => {
  const cell = book.cell(region(asked.region), 'pension', month(asked.month), knownAt);
  const assessed = assessUndeclaredMonth(yuanOf(asked.lastMonth), cell, book);
  expect(assessed.known && formatYuan(assessed.fen)).toBe(asked.expect);
  expect(assessUndeclaredMonth(null, cell, book)).toEqual({ known: false, missing: ['last-month'] });
});

it.each(cases.shortfalls.map((each) => [each.name, each] as const))('%s', (_name, { principal, days }) => {
  const from = day('2026-01-01');
  for (const [count, wanted] of Object.entries(days)) {
    const paidOn = addDays(from, Number(count));
    const rates = book.segments(
      { region: NATION, insurance: 'pension', parameter: 'late_fee_daily_rate', knownAt },
      { from, until: paidOn },
    );
    const rounding = { stepFen: 1, mode: 'half-up' } as const;
    const terms = { principalFen: yuanOf(principal), from, paidOn, rounding, cappedAtPrincipal: false };
    const fee = lateFeeBySegments({ ...terms, paymentDay: 'not-counted' }, rates);
    expect(fee.known && `${fee.days} ${formatYuan(fee.fen)}`).toBe(`${count} ${wanted}`);
  }
});

it('every worked example of the collection has a case here', () => {
  const texts = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
  const all = texts.map((name) => readFileSync(`${FOLDER}${name}`, 'utf8')).join('\n');
  const examples = [
    1, 3, 4, 5, 8, 9, 10, 11, 14, 16, 17, 19, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 36, 37,
  ]
    .concat([38, 41, 42, 44])
    .map((number) => `W${String(number).padStart(2, '0')}`);
  expect(examples).toHaveLength(31);
  expect(examples.filter((example) => !new RegExp(`\\b${example}\\b`).test(all))).toEqual([]);
});
