/** Facts about what an agency's bill charges: held against orders and the bureau, and never a judgement of a month. */
import { fen } from '../domain/fen.js';
import { month } from '../domain/month.js';
import { explainJudgement } from './explain-judgement.js';
import { findings, judge, situation } from '../../test/reconcile/judged-story.js';
import { CONNECTIONS, type Story, type WorldChanges, personOf, worldOf } from '../../test/reconcile/small-world.js';
import type { MonthEvidence } from './cell.js';
import { judgePerson } from './judge-person.js';

const ORDERED: Story = { unpaid: ['2022-12'], orders: [{ insurances: ['pension'], baseFen: fen(1_000_000) }] };
/** Charged month by month, as for everybody whom an agency pays for. */
const CURRENT = {
  ...{ billedMonth: month('2022-12'), employeeFen: fen(80_000), employerFen: fen(140_000) },
  ...{ backPayEmployeeFen: null, backPayEmployerFen: null },
};

const billFindings = (story: Story, world: WorldChanges = {}): readonly string[] =>
  findings(judge(story, world)).filter((each) => each.includes('bill'));

function evidence(story: Story): MonthEvidence | undefined {
  const judged = judge(story);
  const found = judged.outcome === 'judged' ? judged.findings : [];
  return found.find((each) => each.situation.startsWith('bill'))?.detail.months[0];
}

describe('a billed month that was ordered', () => {
  it('says nothing where the amounts are those of the order, and stays under way until the bureau shows it', () => {
    for (const bill of [{}, { orderId: 'O1' }, { state: 'closed' as const, dueFen: fen(9), paidFen: fen(9) }]) {
      const judged = judge({ ...ORDERED, bills: [bill] });
      expect(findings(judged).filter((each) => each.includes('bill'))).toEqual([]);
      expect(situation(judged, '2022-12')).toBe('back-payment-pending');
      const corrections = judged.outcome === 'judged' ? judged.corrections : [];
      expect(corrections.filter(({ kind }) => kind === 'order-state')).toEqual([]);
    }
  });

  it('is a mismatch by one fen, with both figures', () => {
    const story = { ...ORDERED, bills: [{ backPayEmployerFen: fen(140_001) }] };
    expect(billFindings(story)).toEqual(['E1 pension bill-mismatch 2022-12']);
    expect(evidence(story)).toMatchObject({
      ...{ kind: 'amount', effectFen: -1 },
      bill: {
        ...{ connectionId: 'agency', billIds: ['ZD202303'], orderIds: ['O1'] },
        charged: { employeeFen: 80_000, employerFen: 140_001 },
        expected: { employeeFen: 80_000, employerFen: 140_000 },
      },
      words: expect.arrayContaining([expect.objectContaining({ stream: 'bills', employerFen: 140_001 })]),
    });
  });

  it('counts the signed sum of all lines in effect', () => {
    const half = { backPayEmployeeFen: fen(40_000), backPayEmployerFen: fen(70_000) };
    expect(billFindings({ ...ORDERED, bills: [half, { ...half, billId: 'ZD2' }] })).toEqual([]);
    expect(billFindings({ ...ORDERED, bills: [half, { ...half, state: 'pending' }] })).toEqual([
      'E1 pension bill-mismatch 2022-12',
    ]);
    const back = { billId: 'ZD2', backPayEmployeeFen: fen(-80_000), backPayEmployerFen: fen(-140_000) };
    expect(billFindings({ ...ORDERED, bills: [{}, back] })).toEqual([]);
  });

  it('is held against what the bureau received, once it did', () => {
    const paid = { orders: [{ state: 'done' as const }], bills: [{}] };
    expect(billFindings(paid)).toEqual([]);
    const other = { ...paid, bills: [{ backPayEmployeeFen: fen(79_999) }] };
    expect(evidence(other)).toMatchObject({ kind: 'amount', bill: { expected: { employeeFen: 80_000 } } });
  });

  it('is a mismatch where the agency says it paid in another amount than was due, and none where nothing was paid in yet', () => {
    const due = { dueFen: fen(225_000) };
    expect(billFindings({ ...ORDERED, bills: [{ ...due, paidFen: fen(0) }] })).toEqual([]);
    expect(evidence({ ...ORDERED, bills: [{ ...due, paidFen: fen(224_000) }] })).toMatchObject({
      ...{ kind: 'paid-differs', effectFen: 1_000 },
      bill: { paidIn: { dueFen: 225_000, paidFen: 224_000 } },
    });
  });

  it('has nothing to be held against where the order names no base of its own', () => {
    const order = { insurances: ['pension' as const] };
    expect(billFindings({ unpaid: ['2022-12'], orders: [order], bills: [{ backPayEmployeeFen: fen(1) }] })).toEqual([]);
  });
});

describe('a billed month that nobody ordered', () => {
  it('is found where something is paid back without an order for it', () => {
    expect(billFindings({ bills: [{}] })).toEqual(['E1 pension billed-not-ordered 2022-12']);
    expect(evidence({ bills: [{}] })).toMatchObject({ kind: 'no-order', effectFen: -220_000 });
    for (const order of [
      { insurances: ['medical' as const] },
      { months: [month('2022-11')] },
      { kind: 'keep' as const },
    ])
      expect(billFindings({ orders: [order], bills: [{}] })).toEqual(['E1 pension billed-not-ordered 2022-12']);
  });

  it('is found where every order for it came to nothing, and not where one of them goes on', () => {
    for (const state of ['failed', 'cancelled'] as const) {
      const story = { unpaid: ['2022-12'], orders: [{ state }], bills: [{ orderId: 'O1' }] };
      expect(evidence(story)).toMatchObject({ kind: 'order-failed' });
      const second = { orderId: 'O2', insurances: ['pension' as const], baseFen: fen(1_000_000) };
      expect(billFindings({ ...story, orders: [{ state }, second], bills: [{}] })).toEqual([]);
    }
  });

  it('is nothing where it is charged month by month and the employment is, or may be, paid through an agency', () => {
    expect(billFindings({ bills: [CURRENT] })).toEqual([]);
    expect(billFindings({ jobs: [{ payingParty: 'agency' }], ordinary: { payer: 'FESCO' }, bills: [CURRENT] })).toEqual(
      [],
    );
    expect(billFindings({ jobs: [{ payingParty: 'self' }], bills: [CURRENT] })).toEqual([
      'E1 pension billed-not-ordered 2022-12',
    ]);
  });

  it('is nothing after an enrolment that still stands, and found after a stop', () => {
    const enrolled = { orderId: 'E', kind: 'enrol' as const, state: 'done' as const, months: [month('2022-10')] };
    const stopped = { ...enrolled, orderId: 'S', kind: 'stop' as const, months: [month('2022-12')] };
    const self: Story = { jobs: [{ payingParty: 'self' }], bills: [CURRENT] };
    expect(billFindings({ ...self, orders: [enrolled] })).toEqual([]);
    expect(billFindings({ ...self, orders: [enrolled, { ...stopped, state: 'failed' }] })).toEqual([]);
    expect(billFindings({ ...self, orders: [stopped, enrolled] })).toEqual(['E1 pension billed-not-ordered 2022-12']);
  });

  it('is nothing at an agency that lists no orders, before the bill is in effect, and outside the judged months', () => {
    const connections = CONNECTIONS.map((each) =>
      each.connectionId === 'agency' ? { ...each, streams: ['persons', 'bills'] } : each,
    );
    expect(billFindings({ bills: [{}] }, { connections })).toEqual([]);
    expect(billFindings({ bills: [{ state: 'pending' }] })).toEqual([]);
    expect(billFindings({ bills: [{ month: month('2022-08') }] })).toEqual([]);
  });
});

describe('bills that may not be believed', () => {
  it('find nothing, whether they or the orders were read in part, too long ago or never', () => {
    for (const stream of ['bills', 'orders'])
      for (const state of [{ complete: false }, { finishedAt: new Date('2026-11-01') }, null]) {
        const judged = judge({ bills: [{}] }, { reads: { [`agency ${stream}`]: state } });
        expect(findings(judged)).toEqual([]);
        expect(judged).toMatchObject({ status: 'insured', areBillsTold: false });
      }
  });

  it('find nothing while a line of the person waits in quarantine', () => {
    const person = personOf({ bills: [{}] });
    const records = person.records.map((each) => ({ ...each, isPartial: each.stream === 'bills' }));
    expect(findings(judgePerson(person, worldOf()))).toEqual(['E1 pension billed-not-ordered 2022-12']);
    expect(findings(judgePerson({ ...person, records }, worldOf()))).toEqual([]);
  });
});

it('the explanation shows the bill as a source, and whether an open order is on one', () => {
  const explained = (story: Story): string =>
    explainJudgement(personOf(story), worldOf(), month('2022-12')).text.en.join('\n');
  const billed = explained({ ...ORDERED, bills: [{}] });
  expect(billed).toContain('agency A1: bill ZD202303 of 2023-03 in-effect, amount 2,200.00, base 10,000.00');
  expect(billed).toContain('back-payment accepted, billed by ZD202303');
  expect(explained(ORDERED)).toContain('back-payment accepted, on no bill in effect');
  expect(explained({ ...ORDERED, orders: [{ state: 'done' }] })).not.toContain('on no bill');
});
