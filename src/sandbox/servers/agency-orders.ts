/** How does the agency take orders for back-payment, one month of one insurance each, and list what became of them? */
import type { Application, BackPayments, LineState } from '../back-payments.js';
import { indexOfMemberId, memberId, orderNo } from '../ids.js';
import { OPEN_MONTH, WINDOW_FROM, monthText, parseMonthNo, type MonthNo } from '../world/calendar.js';
import type { InsuranceNo } from '../world/figures.js';
import { isAtAgency, type OrderStateWord } from '../world/orders.js';
import type { World } from '../world/world.js';
import { textField, yuan } from './serve.js';

const INSURANCE_WORDS: readonly string[] = ['养老', '医疗', '失业'];
const STATE_WORDS: Readonly<Record<LineState, OrderStateWord>> = {
  received: '待受理',
  accepted: '办理中',
  rejected: '失败',
  paid: '办结',
};
/** The world's own orders of a member are 0 and 1. */
const FIRST_NUMBER = 2;
const LAST_NUMBER = 9;

interface Refusal {
  readonly code: string;
  readonly message: string;
}

export function takeOrder(backPayments: BackPayments, world: World, item: unknown): Refusal | null {
  const index = indexOfMemberId(textField(item, 'memberId'));
  if (index === null || index >= world.employees || !isAtAgency(world.lifeOf(index)))
    return { code: 'NO_SUCH_MEMBER', message: '人员不存在' };
  const insurance = INSURANCE_WORDS.indexOf(textField(item, 'insurance'));
  const month = parseMonthNo(textField(item, 'month'));
  const base = /^(\d{1,7})\.(\d{2})$/.exec(textField(item, 'base'));
  if (insurance < 0 || month === null || month < WINDOW_FROM || month >= OPEN_MONTH || base === null)
    return { code: 'BAD_ORDER', message: '险种、月份或基数无效' };
  if (numberOf({ place: backPayments.ofEmployee('agency', index).length }) > LAST_NUMBER)
    return { code: 'TOO_MANY', message: '订单过多' };
  // No key is honoured here: the same order again is another order.
  const ref = `agency/${index}/${backPayments.ofEmployee('agency', index).length}`;
  const line = { insurance: insurance as InsuranceNo, month, baseFen: Number(`${base[1]}${base[2]}`) };
  backPayments.take({ system: 'agency', index, ref, lines: [line] });
  return null;
}

export function takenOrderRows(backPayments: BackPayments, index: number, since: MonthNo): readonly string[] {
  return backPayments.ofEmployee('agency', index).flatMap((order) =>
    order.lines
      .filter(({ month }) => month >= since)
      .map(({ insurance, month, baseFen, state, reason }) =>
        JSON.stringify({
          memberId: memberId(index),
          orderNo: orderNo(index, numberOf(order)),
          type: '补缴',
          status: backPayments.habits.stuckOrders && isTaken(state) ? '已受理' : STATE_WORDS[state],
          startMonth: monthText(month, ''),
          endMonth: monthText(month, ''),
          insurances: INSURANCE_WORDS[insurance],
          base: yuan(baseFen),
          ...(reason === null ? {} : { reason }),
        }),
      ),
  );
}

/** Worked on, whatever came of it. */
function isTaken(state: LineState): boolean {
  return state === 'accepted' || state === 'paid';
}

export function countTakenOrders(backPayments: BackPayments, until: number, since: MonthNo): number {
  return backPayments
    .all('agency')
    .filter(({ index, lines }) => index < until && lines.some(({ month }) => month >= since)).length;
}

/** Its number among the member's orders. */
export function numberOf({ place }: Pick<Application, 'place'>): number {
  return FIRST_NUMBER + place;
}
