import { type BrakeInput, pulledBrakes } from './brakes.js';

const NOTHING = { worse: 0, rebased: 0, moneyFen: {} };

function input(parts: Partial<BrakeInput>): BrakeInput {
  return {
    rules: {
      worseStatus: { persons: 20, percent: 2 },
      bases: { persons: 0, percent: 10 },
      moneyTimesMedian: 3,
      firstRun: 'preview',
    },
    plan: NOTHING,
    window: NOTHING,
    persons: 500,
    moneyDaysFen: {},
    newConnections: [],
    operations: 10,
    ...parts,
  };
}

const reasons = (parts: Partial<BrakeInput>): string[] => pulledBrakes(input(parts)).map(({ reason }) => reason);

describe('the brakes', () => {
  it('let twenty persons get a worse status in a small company, and not one more', () => {
    expect(reasons({ plan: { ...NOTHING, worse: 20 } })).toEqual([]);
    expect(reasons({ plan: { ...NOTHING, worse: 21 } })).toEqual(['worse-status']);
  });

  it('let two per cent of a large company get a worse status', () => {
    expect(reasons({ persons: 5000, plan: { ...NOTHING, worse: 100 } })).toEqual([]);
    expect(reasons({ persons: 5000, plan: { ...NOTHING, worse: 101 } })).toEqual(['worse-status']);
  });

  it('let a small company change as many bases as the floor says, and not all of them', () => {
    const rules = { ...input({}).rules, bases: { persons: 5, percent: 10 } };
    expect(reasons({ rules, persons: 12, plan: { ...NOTHING, rebased: 5 } })).toEqual([]);
    expect(reasons({ rules, persons: 12, plan: { ...NOTHING, rebased: 6 } })).toEqual(['bases']);
  });

  it('hold a plan that changes the bases of more than a tenth of all persons', () => {
    expect(reasons({ plan: { ...NOTHING, rebased: 50 } })).toEqual([]);
    expect(reasons({ plan: { ...NOTHING, rebased: 51 } })).toEqual(['bases']);
  });

  it('count the day before, so that many small plans are one large one', () => {
    const pulled = pulledBrakes(input({ plan: { ...NOTHING, worse: 1 }, window: { ...NOTHING, worse: 20 } }));
    expect(pulled).toEqual([{ reason: 'worse-status', about: [], own: 1, total: 21, limit: 20 }]);
  });

  it('do not hold a plan that worsens nobody because earlier ones did', () => {
    expect(reasons({ window: { ...NOTHING, worse: 400 } })).toEqual([]);
  });

  it('hold money beyond three times the usual day, each kind by its own days', () => {
    const moneyDaysFen = { declaration: [900, 100, 200], 'back-payment': [10, 10, 10] };
    const plan = { ...NOTHING, moneyFen: { declaration: 600, 'back-payment': 31 } };
    expect(pulledBrakes(input({ moneyDaysFen, plan }))).toEqual([
      { reason: 'money', about: ['back-payment'], own: 31, total: 31, limit: 30 },
    ]);
    const more = { ...NOTHING, moneyFen: { declaration: 601 } };
    expect(reasons({ moneyDaysFen, plan: more })).toEqual(['money']);
  });

  it('do not call money unusual while nobody knows what is usual', () => {
    expect(
      reasons({ moneyDaysFen: { declaration: [1, 1] }, plan: { ...NOTHING, moneyFen: { declaration: 9e9 } } }),
    ).toEqual([]);
  });

  it('hold whatever rests on a new connection, unless the tenant wants otherwise', () => {
    const { rules } = input({});
    expect(reasons({ newConnections: ['payroll'] })).toEqual(['first-run']);
    expect(reasons({ newConnections: ['payroll'], rules: { ...rules, firstRun: 'send' } })).toEqual([]);
    expect(reasons({ newConnections: ['payroll'], operations: 0 })).toEqual([]);
  });
});
