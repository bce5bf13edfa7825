/** Which orders does the agency hold for an employee, and in which state does it show them? */
import { WINDOW_FROM, WINDOW_MONTHS, monthOf, type MonthNo } from './calendar.js';
import { draw } from './draw.js';
import { GUANGZHOU, HANGZHOU } from './figures.js';
import { DRAW, lastJob, type Life } from './life.js';

export const ORDER_STATES = {
  待受理: 'pending',
  已受理: 'accepted',
  办理中: 'in-progress',
  办结: 'done',
  失败: 'failed',
  取消: 'cancelled',
} as const;
export type OrderStateWord = keyof typeof ORDER_STATES;
const LIVE_WORDS: readonly OrderStateWord[] = ['待受理', '已受理', '办理中'];

export interface Order {
  /** 0, 1 … within the member. */
  readonly number: number;
  readonly type: '报增' | '补缴';
  /** As the agency shows it before anybody writes. */
  readonly state: OrderStateWord;
  readonly from: MonthNo;
  readonly last: MonthNo;
}

const ORDER_KINDS: ReadonlySet<Life['kind']> = new Set([
  'li',
  'stale-agency',
  'back-payment-pending',
  'back-payment-partial',
  'back-payment-failed',
  'finished-order',
]);

/** The agency knows Guangzhou, Hangzhou, and whoever has an order: about 35 %. */
export function isAtAgency(life: Life): boolean {
  return ORDER_KINDS.has(life.kind) || life.jobs.some((job) => job.branch === GUANGZHOU || job.branch === HANGZHOU);
}

export function ordersOf(life: Life): readonly Order[] {
  if (!isAtAgency(life)) return [];
  const drawn = draw(life.seed, life.index, DRAW.order);
  const live = LIVE_WORDS[drawn % 3] ?? '待受理';
  const from = WINDOW_FROM + life.plantedMonth;
  switch (life.kind) {
    case 'back-payment-pending':
    case 'finished-order':
      return [...enrolment(life, drawn), { number: 1, type: '补缴', state: live, from, last: from }];
    // The order covers the first of two unpaid months only.
    case 'back-payment-partial':
      return [{ number: 1, type: '补缴', state: live, from, last: from }];
    case 'back-payment-failed':
      return [{ number: 1, type: '补缴', state: drawn % 2 === 0 ? '失败' : '取消', from, last: from }];
    default:
      return enrolment(life, drawn);
  }
}

export function isLive(state: OrderStateWord): boolean {
  return LIVE_WORDS.includes(state);
}

/** Months of the window an order covers, as a mask. */
export function orderMask(order: Order): number {
  let mask = 0;
  for (let place = 0; place < WINDOW_MONTHS; place += 1) {
    const month = WINDOW_FROM + place;
    if (month >= order.from && month <= order.last) mask |= 1 << place;
  }
  return mask;
}

/** A fifth of the members have a finished enrolment order of the month they were hired in. */
function enrolment(life: Life, drawn: number): readonly Order[] {
  const month = monthOf(lastJob(life).hired);
  return drawn % 5 === 0 ? [{ number: 0, type: '报增', state: '办结', from: month, last: month }] : [];
}
