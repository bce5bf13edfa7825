/** What does the agency bill for an employee's orders, and where does its bill say something else than the orders do? */
import type { Bases } from './bases.js';
import { OPEN_MONTH, WINDOW_FROM, type MonthNo } from './calendar.js';
import { draw } from './draw.js';
import { INSURANCE_NOS, employeeFen, employerFen, figuresOf, poolOf, type InsuranceNo } from './figures.js';
import { DRAW, isDue, lastJob, type Life } from './life.js';
import { isAtAgency, ordersOf } from './orders.js';

export type BillStateWord = '未生效' | '已生效' | '已对账' | '完成对账';

/** Money in fen. */
export interface BillLine {
  readonly insurance: InsuranceNo;
  readonly month: MonthNo;
  readonly billedMonth: MonthNo;
  readonly state: BillStateWord;
  /** The order it settles, where the agency says so. */
  readonly order: number | null;
  readonly baseFen: number;
  readonly employeeFen: number;
  readonly employerFen: number;
  /** Charges some fen more or less than is right. */
  readonly isOff: boolean;
}

/** How the bill of one employee is planted. */
interface Planted {
  readonly state: BillStateWord;
  readonly order: number | null;
  readonly billedMonth: MonthNo;
  /** Added to the employer's amount. */
  readonly offFen: number;
}

/** Whether and how an order for back-payment is billed: by what was planted on the employee. */
function plantedOn(life: Life, month: MonthNo): Planted | null {
  const drawn = draw(life.seed, life.index, DRAW.bill);
  const open = { state: '已生效', billedMonth: OPEN_MONTH, offFen: 0 } as const;
  switch (life.kind) {
    // The order stays where it is; the bill charges its months, in every second one without naming it.
    case 'back-payment-pending':
      return pendingBills(drawn);
    // Every second one charges some fen less than the bureau received.
    case 'finished-order':
      return {
        ...{ state: '完成对账', order: 1, billedMonth: Math.min(month + 1, OPEN_MONTH) },
        offFen: drawn % 2 === 0 ? 0 : -3,
      };
    // Charged although the order failed.
    case 'back-payment-failed':
      return { ...open, order: 1 };
    // Charged although nobody ordered it.
    case 'stale-agency':
      return { ...open, order: null };
    default:
      return null;
  }
}

function pendingBills(drawn: number): Planted {
  const bill = { state: '已生效', billedMonth: OPEN_MONTH, offFen: 0, order: drawn % 2 === 0 ? 1 : null } as const;
  switch ((drawn >>> 4) % 3) {
    case 0:
      return { ...bill, state: '未生效' };
    case 1:
      return { ...bill, state: '已对账', offFen: 7 };
    default:
      return bill;
  }
}

export function billsOf(life: Life, bases: Bases): readonly BillLine[] {
  if (!isAtAgency(life)) return [];
  const month = ordersOf(life).find((order) => order.type === '补缴')?.from ?? WINDOW_FROM + life.plantedMonth;
  const planted = plantedOn(life, month);
  if (planted === null) return [];
  const { offFen, ...bill } = planted;
  return INSURANCE_NOS.map((insurance) => {
    const baseFen = bases.baseFen(lastJob(life), insurance, month);
    const amounts = chargeOf(life, { insurance, month }, baseFen);
    return {
      insurance,
      month,
      baseFen,
      ...bill,
      ...amounts,
      employerFen: amounts.employerFen + offFen,
      isOff: offFen !== 0,
    };
  });
}

/** Lines that `billsOf` will have, without working them out. */
export function countBills(life: Life, since: MonthNo): number {
  if (!isAtAgency(life)) return 0;
  const month = ordersOf(life).find((order) => order.type === '补缴')?.from ?? WINDOW_FROM + life.plantedMonth;
  return month >= since && plantedOn(life, month) !== null ? INSURANCE_NOS.length : 0;
}

/** What the agency charges for a month on this base, where the employee works. */
export function chargeOf(
  life: Life,
  { insurance, month }: Pick<BillLine, 'insurance' | 'month'>,
  baseFen: number,
): Pick<BillLine, 'employeeFen' | 'employerFen'> {
  const job = life.jobs.find((candidate) => isDue(candidate, month)) ?? lastJob(life);
  const figures = figuresOf(poolOf(job.branch, life.hukou), insurance, month);
  return { employeeFen: employeeFen(baseFen, figures), employerFen: employerFen(baseFen, figures) };
}
