/** How does the agency list its bills: one row per month and insurance, with what was paid back, late fees, its own fee, due and paid? */
import type { BackPayments } from '../back-payments.js';
import { memberId, orderNo } from '../ids.js';
import { monthText, type MonthNo } from '../world/calendar.js';
import { billsOf, chargeOf, countBills, type BillLine } from '../world/bills.js';
import type { Life } from '../world/life.js';
import type { World } from '../world/world.js';
import { numberOf } from './agency-orders.js';
import { yuan } from './serve.js';

const INSURANCE_WORDS: readonly string[] = ['养老', '医疗', '失业'];
const SERVICE_FEE_FEN = 3000;
/** Months of late fee at 0.05 % a day, as if each had thirty days. */
const LATE_FEE_PPM = 15_000;

export function billRows(world: World, life: Life, since: MonthNo): readonly string[] {
  if (countBills(life, since) === 0) return [];
  return billsOf(life, world.chargedBases(life)).map((line) => rowOf(life, line));
}

/** Of the orders taken while the sandbox runs, as the habits of its office say. */
export function takenBillRows(
  parts: { readonly world: World; readonly backPayments: BackPayments },
  index: number,
  since: MonthNo,
): readonly string[] {
  const { world, backPayments } = parts;
  const { bills } = backPayments.habits;
  if (bills === null) return [];
  const life = world.lifeOf(index);
  return backPayments.ofEmployee('agency', index).flatMap((order) =>
    order.lines
      .filter(({ month, billedMonth }) => billedMonth !== null && month >= since)
      .map(({ insurance, month, baseFen, billedMonth }) => {
        const { employeeFen, employerFen } = chargeOf(life, { insurance, month }, baseFen);
        return rowOf(life, {
          ...{ insurance, month, baseFen, employeeFen, employerFen: employerFen + bills.offFen },
          ...{ billedMonth: billedMonth ?? month, state: bills.inEffect ? '已生效' : '未生效' },
          isOff: bills.offFen !== 0,
          order: bills.namesOrder ? numberOf(order) : null,
        });
      }),
  );
}

export function countTakenBills(backPayments: BackPayments, until: number, since: MonthNo): number {
  if (backPayments.habits.bills === null) return 0;
  return backPayments
    .all('agency')
    .flatMap(({ index, lines }) => (index < until ? lines : []))
    .filter(({ month, billedMonth }) => billedMonth !== null && month >= since).length;
}

function rowOf({ index }: Life, line: BillLine): string {
  const { employeeFen, employerFen } = line;
  const lateFeeFen = Math.round(((employeeFen + employerFen) * LATE_FEE_PPM) / 1_000_000);
  const dueFen = employeeFen + employerFen + lateFeeFen + SERVICE_FEE_FEN;
  const isPaid = line.state === '已对账' || line.state === '完成对账';
  return JSON.stringify({
    memberId: memberId(index),
    billNo: `ZD${monthText(line.billedMonth, '')}`,
    billMonth: monthText(line.billedMonth, ''),
    state: line.state,
    orderNo: line.order === null ? null : orderNo(index, line.order),
    insurance: INSURANCE_WORDS[line.insurance],
    month: monthText(line.month, ''),
    base: yuan(line.baseFen),
    orgAmount: '0.00',
    personAmount: '0.00',
    orgOverdue: yuan(employerFen),
    personOverdue: yuan(employeeFen),
    orgLateFee: yuan(lateFeeFen),
    personLateFee: '0.00',
    serviceFee: yuan(SERVICE_FEE_FEN),
    due: yuan(dueFen),
    paid: isPaid ? yuan(dueFen) : '0.00',
    difference: isPaid ? '0.00' : yuan(dueFen),
  });
}
