/** What must hold whatever the numbers: inside the range, more wage never less base, parts make the whole, no two values at once. */
import fc from 'fast-check';
import { type Fen, ZERO_FEN, addFen, fen } from '../../src/domain/fen.js';
import { INSURANCES } from '../../src/domain/insurance.js';
import { addDays, addMonths, day, daysBetween, firstDay, month } from '../../src/domain/month.js';
import { NATION, region } from '../../src/domain/region.js';
import { adviseBackPayment } from '../../src/policy/back-payment.js';
import { clampWage, expectedBase } from '../../src/policy/base.js';
import { overlapProblems } from '../../src/policy/check-records.js';
import { contributionOf } from '../../src/policy/contribution.js';
import { lateFeeBySegments } from '../../src/policy/late-fee.js';
import type { PolicyRecord } from '../../src/policy/policy-record.js';
import { caseBook } from './books.js';

const book = caseBook();
const places = ['110000', '310000', '330100', '440100', '440300', '530100', '960000', '970000'].map((code) =>
  region(code),
);
const knownAt = day('2026-11-23');
const ppmTerms = { hukou: 'local', industryClass: 1 } as const;

const cells = fc
  .record({
    place: fc.constantFrom(...places),
    insurance: fc.constantFrom(...INSURANCES),
    at: fc.integer({ min: 0, max: 70 }),
  })
  .map(({ place, insurance, at }) => book.cell(place, insurance, addMonths(month('2020-07'), at), knownAt));
const wages = fc.integer({ min: 0, max: 20_000_000 }).map((amount) => fen(amount));

/** Base and both sides, zero where unknown. */
function amountsOf(wage: Fen, cell: ReturnType<typeof book.cell>): readonly [base: Fen, employee: Fen, employer: Fen] {
  const held = clampWage(wage, cell);
  if ('missing' in held) return [ZERO_FEN, ZERO_FEN, ZERO_FEN];
  const { employee, employer } = contributionOf(held.baseFen, cell, ppmTerms);
  return [held.baseFen, employee.known ? employee.fen : ZERO_FEN, employer.known ? employer.fen : ZERO_FEN];
}

it('a base lies inside its range, and a higher wage never has a lower base or amount', () => {
  fc.assert(
    fc.property(cells, wages, wages, (cell, one, other) => {
      const [low, high] = [amountsOf(fen(Math.min(one, other)), cell), amountsOf(fen(Math.max(one, other)), cell)];
      expect(low.every((amount, place) => amount <= (high[place] ?? 0))).toBe(true);
      const { floorFen, capFen } = cell;
      if (low[0] === 0 || !floorFen.known || !capFen.known) return;
      if (floorFen.value !== null) expect(low[0]).toBeGreaterThanOrEqual(floorFen.value);
      if (capFen.value !== null) expect(high[0]).toBeLessThanOrEqual(capFen.value);
    }),
    { numRuns: 3000, seed: 7 },
  );
});

it('holding a base inside the range twice changes nothing where bases are rounded to the fen', () => {
  fc.assert(
    fc.property(cells, wages, (cell, wage) => {
      const once = clampWage(wage, cell);
      if ('missing' in once || !cell.baseRounding.known || cell.baseRounding.value.stepFen !== 1) return;
      expect(clampWage(once.baseFen, cell)).toMatchObject({ baseFen: once.baseFen });
    }),
    { numRuns: 2000, seed: 7 },
  );
});

it('the same question has the same answer and explanation, whoever asked before', () => {
  const ask = (fresh: typeof book) =>
    expectedBase(
      {
        ...{ region: region('310000'), insurance: 'pension', month: month('2025-09'), knownAt },
        employment: { hiredOn: day('2020-01-01'), leftOn: null, startWageFen: null },
        wages: new Map([[month('2024-05'), fen(1_234_567)]]),
      },
      fresh,
    ).explanation;
  expect(ask(book)).toEqual(ask(book));
  expect({ ...ask(caseBook()), figures: [] }).toEqual({ ...ask(book), figures: [] });
});

it('a wage below zero, as a reversal leaves it, never makes a base below zero', () => {
  const none = caseBook().cell(region('960000'), 'pension', month('2025-05'), knownAt);
  const open = { ...none, floorFen: { ...none.floorFen, value: null } } as typeof none;
  expect(clampWage(fen(-500), open)).toEqual({ baseFen: 0, clamp: 'none' });
});

it('a late fee grows with days and principal, and its segments have all the days', () => {
  const starts = fc.integer({ min: 0, max: 9000 }).map((days) => addDays(day('2005-01-01'), days));
  fc.assert(
    fc.property(starts, fc.integer({ min: 0, max: 3000 }), wages, (from, length, principalFen) => {
      const paidOn = addDays(from, length);
      const feeOf = (principal: Fen, until: typeof paidOn) => {
        const question = { region: NATION, insurance: 'pension', parameter: 'late_fee_daily_rate', knownAt } as const;
        const terms = {
          principalFen: principal,
          from,
          paidOn: until,
          paymentDay: 'not-counted',
          cappedAtPrincipal: false,
        } as const;
        const fee = lateFeeBySegments(
          { ...terms, rounding: { stepFen: 1, mode: 'half-up' } },
          book.segments(question, { from, until }),
        );
        if (!fee.known) throw new Error(fee.missing.join(', '));
        return fee;
      };
      const fee = feeOf(principalFen, paidOn);
      expect(fee.days).toBe(daysBetween(from, paidOn));
      expect(fee.segments.reduce((days, segment) => days + segment.days, 0)).toBe(fee.days);
      expect(feeOf(principalFen, addDays(paidOn, 1)).fen).toBeGreaterThanOrEqual(fee.fen);
      expect(feeOf(fen(principalFen + 100), paidOn).fen).toBeGreaterThanOrEqual(fee.fen);
    }),
    { numRuns: 500, seed: 7 },
  );
});

it("a back-payment's totals are the sums of its months and insurances", () => {
  const gaps = fc.uniqueArray(
    fc.record({
      month: fc.integer({ min: 0, max: 30 }).map((at) => addMonths(month('2022-01'), at)),
      insurance: fc.constantFrom(...INSURANCES),
    }),
    { minLength: 1, maxLength: 8, selector: (gap) => `${gap.month} ${gap.insurance}` },
  );
  fc.assert(
    fc.property(fc.constantFrom(...places), gaps, wages, (place, asked, wageFen) => {
      const question = {
        book,
        region: place,
        gaps: asked,
        hiredOn: day('2024-09-01'),
        asOf: day('2024-10-08'),
        wageFen,
      };
      const { cells: advised, totals } = adviseBackPayment({ ...question, ...ppmTerms });
      const sum = (side: 'employee' | 'employer' | 'lateFee'): Fen =>
        addFen(ZERO_FEN, ...advised.flatMap((cell) => (cell[side].known ? [cell[side].fen] : [])));
      expect(advised).toHaveLength(asked.length);
      expect(totals).toEqual({
        employeeFen: sum('employee'),
        employerFen: sum('employer'),
        lateFeeFen: sum('lateFee'),
      });
    }),
    { numRuns: 300, seed: 7 },
  );
});

it('two values of one parameter for one day are refused, and neighbours are not', () => {
  const like = book.find({ region: NATION, insurance: 'pension', parameter: 'employee_rate', on: knownAt, knownAt });
  if (!like.known) throw new Error('The nation has a pension rate.');
  const recordOf = ([start, length]: readonly [number, number]): PolicyRecord => {
    const from = addDays(firstDay(month('2020-01')), start);
    return { ...like.record, effectiveFrom: from, effectiveTo: addDays(from, length), origin: `file:${start}` };
  };
  const period = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 90 }));
  fc.assert(
    fc.property(fc.array(period, { minLength: 2, maxLength: 5 }), (periods) => {
      const overlaps = periods.some(([start, length], place) =>
        periods.some(([other, its], at) => at > place && start <= other + its && other <= start + length),
      );
      expect(overlapProblems(periods.map(recordOf)).length > 0).toBe(overlaps);
    }),
    { numRuns: 1000, seed: 7 },
  );
});
