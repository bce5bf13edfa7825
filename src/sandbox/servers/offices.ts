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

/**
 * `{workingDays?, silent?, stuckOrders?, bills?: null | {afterDays?, inEffect?, namesOrder?, offFen?}, holdMoney?, refuse?: [LINE…],
 * takeBack?: LINE, bounce?: LINE, arrive?: LINE}` with LINE `{index, insurance, month, reason?, posted?}`; what is absent stays.
 */
export function steerOffices(backPayments: BackPayments, body: Row): Reply {
  const { workingDays, silent, stuckOrders, bills, holdMoney, refuse } = body;
  const { habits } = backPayments;
  for (const act of ACTS) {
    if (body[act] === undefined) continue;
    const said = body[act] as Row;
    const line = lineOf(said);
    if (line === null || !backPayments[act](line.index, { ...line, posted: said['posted'] !== false }))
      return json({ error: `${act} needs index, insurance and month of a month for which that can be` }, 400);
  }
  if (typeof workingDays === 'number') habits.workingDays = workingDays;
  if (typeof silent === 'boolean') habits.silent = silent;
  if (typeof stuckOrders === 'boolean') habits.stuckOrders = stuckOrders;
  if (bills !== undefined) habits.bills = bills === null ? null : { ...DEFAULT_BILLS, ...habits.bills, ...bills };
  if (typeof holdMoney === 'boolean') habits.holdMoney = holdMoney;
  if (Array.isArray(refuse)) {
    const lines = (refuse as readonly Row[]).map(lineOf);
    const known = lines.filter((line) => line !== null);
    if (known.length < lines.length)
      return json({ error: 'refuse needs index, insurance and month of each line' }, 400);
    habits.refuse = known;
  }
  return json(habits);
}

/** What happens once to one line. */
const ACTS = ['takeBack', 'bounce', 'arrive'] as const;

function lineOf({ index, insurance, month: text, reason }: Row): OfficeHabits['refuse'][number] | null {
  const place = (INSURANCES as readonly unknown[]).indexOf(insurance);
  const month = parseMonthNo(String(text));
  if (place < 0 || month === null || typeof index !== 'number') return null;
  return { index, insurance: place as InsuranceNo, month, reason: typeof reason === 'string' ? reason : null };
}
