/** Whether the life of a case is what docs/back-payment.md says, and whatever bureau and agency show leads only along its table. */
import fc from 'fast-check';
import { month } from '../domain/month.js';
import { canMove } from '../domain/state-machine.js';
import type { ShownApplication } from '../reconcile/back-payment.reader.js';
import { type ShownLine, caseTarget, judgeLine, pathTo, refusalOf } from './case-result.js';
import { CASE_MACHINE, CASE_STATES, DEAD_STATES, OPEN_STATES, SENT_STATES, type CaseState } from './case-states.js';

const anyState = fc.constantFrom(...CASE_STATES);
const walk = fc.array(fc.nat(), { minLength: 1, maxLength: 40 });

/** The states that a random walk along the table passes. */
function walked(picks: readonly number[]): CaseState[] {
  const passed: CaseState[] = [CASE_MACHINE.initial];
  for (const pick of picks) {
    const next = CASE_MACHINE.moves[passed.at(-1) ?? 'detected'];
    const chosen = next[pick % Math.max(next.length, 1)];
    if (chosen === undefined) break;
    passed.push(chosen);
  }
  return passed;
}

/** The newest place of a state before another; -1 = it was not passed. */
const lastBefore = (passed: readonly CaseState[], at: number, states: readonly CaseState[]): number =>
  passed.slice(0, at).findLastIndex((state) => states.includes(state));

it('nothing leaves without a confirmation and an approval given after the last change', () => {
  fc.assert(
    fc.property(walk, (picks) => {
      const passed = walked(picks);
      passed.forEach((state, at) => {
        if (state !== 'submitting') return;
        const proposed = lastBefore(passed, at, ['proposed']);
        const confirmed = lastBefore(passed, at, ['confirmed']);
        const approved = lastBefore(passed, at, ['approved']);
        expect(proposed).toBeLessThan(confirmed);
        expect(confirmed).toBeLessThan(approved);
      });
    }),
    { numRuns: 1_000 },
  );
});

it('what ended without paying never moves again; what left is not withdrawn, expired or proposed anew', () => {
  fc.assert(
    fc.property(anyState, anyState, (from, to) => {
      if ((DEAD_STATES as readonly CaseState[]).includes(from)) expect(canMove(CASE_MACHINE, from, to)).toBe(false);
      if ((SENT_STATES as readonly CaseState[]).includes(from) && ['withdrawn', 'expired', 'proposed'].includes(to))
        expect(canMove(CASE_MACHINE, from, to)).toBe(false);
    }),
  );
});

it('every case that has not left can be withdrawn and can expire', () => {
  for (const state of OPEN_STATES)
    expect([state, canMove(CASE_MACHINE, state, 'withdrawn'), canMove(CASE_MACHINE, state, 'expired')]).toEqual([
      state,
      true,
      true,
    ]);
});

const shownState = fc.constantFrom(
  ...(['received', 'accepted', 'partially-accepted', 'rejected', 'paid'] as const),
  ...(['pending', 'in-progress', 'done', 'failed', 'cancelled'] as const),
);
const look = fc.record({
  shown: fc.array(fc.array(shownState, { maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  paid: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  isConclusive: fc.boolean(),
});

describe('a line that was said to be paid', () => {
  const paid = { insurance: 'pension', month: month('2023-01'), state: 'paid', reason: null } as const;
  const judge = (...states: readonly ShownApplication['state'][]) =>
    judgeLine(
      paid,
      states.map((state) => ({ state, reason: 'returned' })),
      { isPaid: false },
    );

  it('stays so in silence and while anything of it goes on, and is taken back by a refusal alone', () => {
    for (const states of [[], ['received'], ['accepted'], ['pending', 'failed'], ['rejected', 'paid']] as const)
      expect([states, judge(...states).state]).toEqual([states, 'paid']);
    for (const state of ['rejected', 'failed', 'cancelled'] as const)
      expect(judge(state)).toMatchObject({ state: 'rejected', reason: 'returned' });
  });

  it('reopens its case when all that is left of it is refused; before it was paid the case is rejected', () => {
    const refused = [judge('rejected')];
    expect(caseTarget(refused, { isConclusive: true })).toBe('rejected');
    expect(pathTo('paid', 'rejected', refused)).toEqual(['reopened']);
    expect(pathTo('accepted', 'rejected', refused)).toEqual(['rejected']);
    expect(caseTarget([judge('rejected'), judge()], { isConclusive: true })).toBe('paid');
  });
});

describe('the words of a refusal', () => {
  const line = { insurance: 'pension', month: month('2023-01'), state: 'rejected', reason: 'no contract' } as const;
  const judge = (shown: Parameters<typeof judgeLine>[1], isPaid = false) => judgeLine(line, shown, { isPaid });

  it('stay with the line when the office says no more, and give way to newer ones', () => {
    expect(judge([])).toMatchObject({ state: 'rejected', reason: 'no contract' });
    expect(judge([{ state: 'failed', reason: null }])).toMatchObject({ reason: 'no contract' });
    expect(judge([{ state: 'rejected', reason: 'too late' }])).toMatchObject({ reason: 'too late' });
    // What goes on elsewhere says nothing of why this was refused.
    expect(judge([{ state: 'accepted', reason: 'all well' }])).toMatchObject({ reason: 'no contract' });
  });

  it('go when the money came all the same', () => {
    expect(judge([], true)).toMatchObject({ state: 'verified', reason: null });
  });

  it('are told once for a case, however many lines have the same', () => {
    const other = { ...line, reason: 'too late' };
    expect(refusalOf([line, line, other, { state: 'paid', reason: null }])).toBe('no contract；too late');
    expect(refusalOf([{ state: 'rejected', reason: null }])).toBeNull();
  });
});

const OPEN_LINE = { state: 'open', reason: null } as const;

it('whatever is shown, in whatever order, moves a case only along the table, and to verified only on the books of a complete read', () => {
  fc.assert(
    fc.property(fc.array(look, { minLength: 1, maxLength: 8 }), (looks) => {
      let state: CaseState = 'submitting';
      let lines: readonly Pick<ShownLine, 'state' | 'reason'>[] = Array.from({ length: 3 }, () => OPEN_LINE);
      for (const { shown, paid, isConclusive } of looks) {
        if (!(SENT_STATES as readonly CaseState[]).includes(state)) return;
        const judged: ShownLine[] = lines.map((line, place) =>
          judgeLine(
            { insurance: 'pension', month: month(`2023-0${place + 1}`), ...line },
            (shown[place] ?? []).map((each) => ({ state: each, reason: each })),
            { isPaid: paid[place] === true },
          ),
        );
        lines = judged.map(({ state: at, reason }) => ({ state: at, reason }));
        for (const line of lines) expect(line.reason !== null).toBe(line.state === 'rejected');
        const target = caseTarget(judged, { isConclusive });
        for (const to of target === null ? [] : pathTo(state, target, judged)) {
          expect([state, to, canMove(CASE_MACHINE, state, to)]).toEqual([state, to, true]);
          state = to;
        }
        if (target === 'verified')
          expect(isConclusive && lines.every((line) => ['verified', 'rejected'].includes(line.state))).toBe(true);
      }
    }),
    { numRuns: 600 },
  );
});
