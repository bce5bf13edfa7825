/** Facts about which lines of an agency's bill are a case's own, and when they say that it is paid. */
import { fen } from '../domain/fen.js';
import { day, month } from '../domain/month.js';
import type { ShownBill } from '../reconcile/back-payment.reader.js';
import { billAttention, billedLine, isAboutBill } from './billed-lines.js';
import type { CaseContent } from './case-content.js';
import type { StoredLine } from './case.store.js';
import { refsBefore } from './shown-applications.js';

const CELL = { insurance: 'pension', month: month('2022-12') } as const;
const LINE: StoredLine = {
  ...CELL,
  ...{
    baseFen: 1_000_000,
    employeeFen: 80_000,
    employerFen: 140_000,
    lateFeeFen: 900,
    state: 'accepted',
    reason: null,
  },
};
const BILL: ShownBill = {
  ...CELL,
  ...{ connectionId: 'agency', billId: 'ZD202303', orderId: null, billedMonth: month('2023-03'), isInEffect: true },
  ...{ employeeFen: fen(80_000), employerFen: fen(140_000), paidIn: null },
};
const content = { connectionId: 'agency', lines: [CELL] } as unknown as CaseContent;
const SENT = { content, remoteRef: null, pastRefs: [] as readonly string[], submittedOn: day('2023-03-20') };

interface Told {
  readonly sent?: Partial<typeof SENT> | { readonly remoteRef: string };
  readonly shown?: readonly { readonly state: 'accepted' | 'failed' | 'cancelled' }[];
  readonly told?: readonly string[];
}

function outcome(bills: readonly Partial<ShownBill>[], { sent, shown = [], told = ['agency'] }: Told = {}): string {
  const inputs = { bills: bills.map((each) => ({ ...BILL, ...each })), billsTold: new Set(told) };
  return billedLine(inputs, { row: { ...SENT, ...sent }, shown }, LINE).outcome;
}

it('a line in effect of the agreed amounts says that the month is paid', () => {
  expect(outcome([{}])).toBe('charged');
  expect(outcome([{}], { shown: [{ state: 'accepted' }] })).toBe('charged');
  expect(outcome([{ employeeFen: fen(30_000), employerFen: fen(0) }, { employeeFen: fen(50_000) }])).toBe('charged');
});

it('a line that is not in effect, not believed, of another connection, month or insurance says nothing', () => {
  expect(outcome([])).toBe('nothing');
  expect(outcome([{}], { told: [] })).toBe('nothing');
  const others: Partial<ShownBill>[] = [
    { isInEffect: false },
    { connectionId: 'other' },
    { month: month('2022-11') },
    { insurance: 'medical' },
  ];
  for (const other of others) expect(outcome([other])).toBe('nothing');
});

it('an order that was refused is not settled by a bill', () => {
  for (const state of ['failed', 'cancelled'] as const) {
    expect(outcome([{}], { shown: [{ state }] })).toBe('nothing');
    expect(outcome([{}], { shown: [{ state }, { state: 'accepted' }] })).toBe('charged');
  }
});

it('a bill of a month before the application, and one that was shown before it left, are not its own', () => {
  expect(outcome([{ billedMonth: month('2023-02') }])).toBe('nothing');
  const pastRefs = refsBefore({ applications: [], bills: [BILL, { ...BILL, orderId: 'O1', billId: 'ZD1' }] }, SENT);
  expect(pastRefs).toEqual(['O1', 'bill ZD202303']);
  expect(outcome([{}, { orderId: 'O1' }], { sent: { pastRefs } })).toBe('nothing');
  expect(outcome([{ orderId: 'O2' }], { sent: { pastRefs } })).toBe('charged');
  expect(outcome([{ orderId: 'O2' }], { sent: { remoteRef: 'O3' } })).toBe('nothing');
  expect(outcome([{ orderId: 'O3' }], { sent: { remoteRef: 'O3' } })).toBe('charged');
});

it('one fen more, or a payment of another amount than was due, is told with both figures', () => {
  const paidIn = { dueFen: fen(220_000), paidFen: fen(219_999) };
  expect(outcome([{ employeeFen: fen(80_001) }])).toBe('differs');
  expect(outcome([{ paidIn }])).toBe('differs');
  expect(outcome([{ paidIn: { ...paidIn, paidFen: paidIn.dueFen } }])).toBe('charged');
  const inputs = { bills: [{ ...BILL, employerFen: fen(140_001), paidIn }], billsTold: new Set(['agency']) };
  const told = billedLine(inputs, { row: SENT, shown: [] }, LINE);
  const bills = told.outcome === 'nothing' ? [] : [{ ...CELL, ...told }];
  const text = billAttention([LINE], bills);
  expect(text).toBe(
    'the bill differs: pension 2022-12 charges 800.00 + 1400.01 (employee + employer), agreed 800.00 + 1400.00, paid in 2199.99 of 2200.00 that were due',
  );
  expect([isAboutBill(text), isAboutBill('some months were refused'), isAboutBill(null)]).toEqual([true, false, false]);
  // Also of a line that the agency had said was paid: it may have taken that back.
  expect(billAttention([{ ...LINE, state: 'paid' }], bills)).toBe(text);
  for (const state of ['verified', 'rejected'] as const) expect(billAttention([{ ...LINE, state }], bills)).toBeNull();
});
