/** What counts as wage: articles 4–10 of the order of 1990 count, article 11 does not. */
import { fen } from '../domain/fen.js';
import { type PaidItem, composeWage } from './wage-composition.js';
import { WAGE_ITEMS, WAGE_ITEM_KINDS } from './wage-items.js';

const paid = (lines: Readonly<Record<string, number>>): PaidItem[] =>
  Object.entries(lines).map(([kind, yuan]) => ({ kind, fen: fen(yuan * 100) }));

it('counts wage, bonus, allowance and overtime, and leaves out missed meals and the one-child subsidy', () => {
  const composed = composeWage(
    paid({
      'time-wage': 10_000,
      'production-bonus': 3000,
      allowance: 2000,
      'overtime-pay': 1000,
      'travel-meal-and-moving': 600,
      'one-child-fee': 5,
    }),
  );
  expect(composed).toMatchObject({ known: true, wageFen: 1_600_000, excludedFen: 60_500 });
  if (!composed.known) throw new Error('Every line has an article.');
  expect(composed.explanation.zh).toEqual(
    expect.arrayContaining([
      '计入工资总额 16,000.00 元，不计入 605.00 元（国家统计局令第1号《关于工资总额组成的规定》）',
      '加班加点工资 1,000.00：计入，第9条',
      '独生子女补贴 5.00：不计入，第11条第14项',
    ]),
  );
  expect(composed.explanation.en).toContain('overtime pay 1,000.00: counts, art. 9');
});

it('guesses nothing about a line that nobody mapped to an article', () => {
  expect(composeWage(paid({ 'time-wage': 10_000, 'phone-money': 200, 'car-money': 100 }))).toEqual({
    known: false,
    unknownKinds: ['car-money', 'phone-money'],
  });
});

it('takes back what a correction of a counted item takes back', () => {
  expect(composeWage(paid({ 'time-wage': 10_000, 'overtime-pay': -500 }))).toMatchObject({ wageFen: 950_000 });
});

it('has every clause of article 11 once, and each of the six parts of article 4', () => {
  const excluded = WAGE_ITEM_KINDS.map((kind) => WAGE_ITEMS[kind]).filter(({ counts }) => !counts);
  expect(excluded.map(({ article, clause }) => `${article}.${String(clause)}`)).toEqual(
    Array.from({ length: 14 }, (_, place) => `11.${place + 1}`),
  );
  const parts = new Set(WAGE_ITEM_KINDS.map((kind) => WAGE_ITEMS[kind].article as number));
  expect([...parts]).toEqual([5, 6, 7, 8, 9, 10, 11]);
});
