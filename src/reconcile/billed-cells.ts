/** What the bills of agencies charge a person per month and insurance, and which orders they settle. Pure. */
import { fen, type Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Month } from '../domain/month.js';
import type { BillItem, OrderItem } from '../domain/records.js';
import type { JudgeFrame } from './judge-frame.js';
import type { FactsByStream } from './person-facts.js';

/** All lines in effect of one agency for one month of one insurance. */
export interface BilledCell {
  readonly connectionId: string;
  readonly insurance: Insurance;
  readonly month: Month;
  readonly lines: readonly BillItem[];
  /** Those the lines name; where they name none that is listed, those that cover the cell and fit what is charged. */
  readonly orders: readonly OrderItem[];
}

export interface Charged {
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
}

/** A bill that is not in effect yet says nothing. */
export function isInEffect({ state }: Pick<BillItem, 'state'>): boolean {
  return state !== 'pending';
}

/** What the lines charge for the month: current amounts and what is paid back, without late fees and the agency's own fee. */
export function chargedBy(lines: readonly BillItem[]): Charged {
  let employeeFen = 0;
  let employerFen = 0;
  for (const line of lines) {
    employeeFen += line.employeeFen + (line.backPayEmployeeFen ?? 0);
    employerFen += line.employerFen + (line.backPayEmployerFen ?? 0);
  }
  return { employeeFen: fen(employeeFen), employerFen: fen(employerFen) };
}

/** Whether anything is paid back by the line: it needs an order of its own. */
export function paysBack(line: BillItem): boolean {
  return (line.backPayEmployeeFen ?? 0) !== 0 || (line.backPayEmployerFen ?? 0) !== 0;
}

/** Due and paid-in sums of the lines; null where a line does not tell, or where nothing was paid in yet. */
export function paidIn(lines: readonly BillItem[]): { readonly dueFen: Fen; readonly paidFen: Fen } | null {
  let dueFen = 0;
  let paidFen = 0;
  for (const line of lines) {
    if (line.dueFen == null || line.paidFen == null) return null;
    dueFen += line.dueFen;
    paidFen += line.paidFen;
  }
  return paidFen === 0 ? null : { dueFen: fen(dueFen), paidFen: fen(paidFen) };
}

/** Whether a connection's bills of the person may be believed: declared, read completely and lately, no line set aside. */
export function areBillsTold(facts: FactsByStream, frame: JudgeFrame, connectionId: string): boolean {
  return showsStream(frame, connectionId, 'bills') && isTold(facts, frame, { connectionId, stream: 'bills' });
}

/** Whether they can be held against the orders: those of an agency that lists any must be known as well. */
export function areBillsComparable(facts: FactsByStream, frame: JudgeFrame, connectionId: string): boolean {
  const areOrdersTold =
    !showsStream(frame, connectionId, 'orders') || isTold(facts, frame, { connectionId, stream: 'orders' });
  return areOrdersTold && areBillsTold(facts, frame, connectionId);
}

export function showsStream({ connections }: JudgeFrame, connectionId: string, stream: 'bills' | 'orders'): boolean {
  return connections.get(connectionId)?.streams.includes(stream) === true;
}

function isTold(
  facts: FactsByStream,
  { sources }: JudgeFrame,
  { connectionId, stream }: { readonly connectionId: string; readonly stream: 'bills' | 'orders' },
): boolean {
  if (sources.problem(connectionId, stream) !== null) return false;
  return !facts.partials.some((each) => each.stream === stream && each.connectionId === connectionId);
}

/** Cells of the judged months that bills in effect charge, in order of connection, insurance and month. */
export function billedCells(facts: FactsByStream, frame: JudgeFrame): readonly BilledCell[] {
  const byCell = new Map<string, { connectionId: string; lines: BillItem[]; first: BillItem }>();
  for (const { connectionId, value } of facts.bills) {
    if (!isInEffect(value) || !frame.placeOfMonth.has(value.month)) continue;
    const key = `${connectionId}\n${value.insurance}\n${value.month}`;
    const known = byCell.get(key);
    if (known === undefined) byCell.set(key, { connectionId, lines: [value], first: value });
    else known.lines.push(value);
  }
  return [...byCell]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([
        ,
        {
          connectionId,
          lines,
          first: { insurance, month },
        },
      ]) => {
        const cell = { connectionId, insurance, month, lines };
        return { ...cell, orders: ordersFor(facts, cell) };
      },
    );
}

function ordersFor(facts: FactsByStream, cell: Omit<BilledCell, 'orders'>): readonly OrderItem[] {
  const { connectionId, insurance, month, lines } = cell;
  const orders = facts.orders.filter((each) => each.connectionId === connectionId).map(({ value }) => value);
  const named = new Set(lines.map(({ orderId }) => orderId));
  const byName = orders.filter(({ orderId }) => named.has(orderId));
  if (byName.length > 0) return byName;
  const needsOwn = lines.some(paysBack);
  return orders.filter(
    ({ kind, months, insurances }) =>
      (needsOwn ? kind === 'back-payment' : kind !== 'stop') &&
      months.includes(month) &&
      insurances.includes(insurance),
  );
}
