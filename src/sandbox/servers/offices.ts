/** How are the offices of a running sandbox steered: which day it is, how fast they work, what they refuse? */
import type { BackPayments, BillHabits, OfficeHabits } from '../back-payments.js';
import { monthText, parseMonthNo } from '../world/calendar.js';
import { INSURANCES, type InsuranceNo } from '../world/figures.js';
import { json, type Reply } from './serve.js';

const DEFAULT_BILLS: BillHabits = { afterDays: 2, inEffect: true, namesOrder: true, offFen: 0 };

type Row = Readonly<Record<string, unknown>>;

/** Every application with its lines, and how often each month was paid: more than once is what must never happen. */
export function tellBackPayments(backPayments: BackPayments): unknown {
  const applications = [...backPayments.all('bureau'), ...backPayments.all('agency')];
  return {
    today: backPayments.today,
    applications: applications.map(({ system, index, receivedOn, lines }) => ({
      ...{ system, index, receivedOn },
      lines: lines.map(({ insurance, month, baseFen, state }) => ({
        insurance: INSURANCES[insurance],
        month: monthText(month, '-'),
        baseFen,
        state,
      })),
    })),
    paidTwice: Object.values(backPayments.payments).filter((times) => times > 1).length,
    payments: Object.values(backPayments.payments).reduce((sum, times) => sum + times, 0),
  };
}

/** `{day: "2023-03-23"}`: the offices work until then. */
export function moveDay(backPayments: BackPayments, { day }: Row): Reply {
  if (typeof day !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(day) || day < backPayments.today)
    return json({ error: `day must be a day YYYY-MM-DD from ${backPayments.today} on` }, 400);
  backPayments.workUntil(day);
  return json({ today: backPayments.today });
}

/** `{workingDays?, silent?, stuckOrders?, bills?: null | {afterDays?, inEffect?, namesOrder?, offFen?}, refuse?: [{index, insurance, month, reason?}], takeBack?: {index, insurance, month}}`; what is absent stays. */
export function steerOffices(backPayments: BackPayments, body: Row): Reply {
  const { workingDays, silent, stuckOrders, bills, refuse, takeBack } = body;
  const { habits } = backPayments;
  if (takeBack !== undefined) {
    const line = lineOf(takeBack as Row);
    if (line === null || !backPayments.takeBack(line.index, line))
      return json({ error: 'takeBack needs index, insurance and month of a month that was paid back' }, 400);
  }
  if (typeof workingDays === 'number') habits.workingDays = workingDays;
  if (typeof silent === 'boolean') habits.silent = silent;
  if (typeof stuckOrders === 'boolean') habits.stuckOrders = stuckOrders;
  if (bills !== undefined) habits.bills = bills === null ? null : { ...DEFAULT_BILLS, ...habits.bills, ...bills };
  if (Array.isArray(refuse)) {
    const lines = (refuse as readonly Row[]).map(lineOf);
    const known = lines.filter((line) => line !== null);
    if (known.length < lines.length)
      return json({ error: 'refuse needs index, insurance and month of each line' }, 400);
    habits.refuse = known;
  }
  return json(habits);
}

function lineOf({ index, insurance, month: text, reason }: Row): OfficeHabits['refuse'][number] | null {
  const place = (INSURANCES as readonly unknown[]).indexOf(insurance);
  const month = parseMonthNo(String(text));
  if (place < 0 || month === null || typeof index !== 'number') return null;
  return { index, insurance: place as InsuranceNo, month, reason: typeof reason === 'string' ? reason : null };
}
