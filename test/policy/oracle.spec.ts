/** The engine and an independent calculation agree to the fen on random people, places, months and days of knowledge. */
import { DEMO_OVERLAY, POLICY_DIR } from './books.js';
import { dayNumber, dayText, roundTo } from './oracle-arithmetic.js';
import { runOracle } from './oracle-run.js';

it('agrees with the oracle on 20,000 random cases: bases, amounts, late fees, back-payments', () => {
  const run = runOracle({ cases: 20_000, seed: 20_261_124, policyDir: POLICY_DIR, demoOverlay: DEMO_OVERLAY });
  expect(run.first).toEqual([]);
  expect(run).toMatchObject({ cases: 20_000, disagreements: 0 });
  expect(run.known).toBeGreaterThan(9000);
  expect(run.backPayments).toBe(1000);
  expect(run.lateFees).toBeGreaterThan(600);
});

describe("the oracle's arithmetic", () => {
  it('counts days as the calendar does', () => {
    for (const [from, until, days] of [
      ['2011-06-21', '2011-07-01', 10],
      ['2024-02-28', '2024-03-01', 2],
      ['2023-02-28', '2023-03-01', 1],
      ['1999-12-31', '2001-01-01', 367],
    ] as const)
      expect(dayNumber(until) - dayNumber(from)).toBe(days);
    for (const day of ['2000-01-01', '2000-02-29', '2000-12-31', '2023-12-31', '2024-12-31', '2400-12-31'])
      expect(dayText(dayNumber(day))).toBe(day);
  });

  it('rounds by every mode', () => {
    const five = { top: 25n, of: 10n };
    const modes = ['half-up 0.01', 'half-even 0.01', 'up 0.01', 'down 0.01', 'up 1', 'half-up 0.1'];
    expect(modes.map((mode) => roundTo(five, mode))).toEqual([3n, 2n, 3n, 2n, 100n, 0n]);
  });
});
