/** What the agency's bills say of a line of a case that left: charged as agreed, charged otherwise, or nothing yet. Pure. */
import { fen, formatYuan, type Fen } from '../domain/fen.js';
import { type PersonInputs, type ShownApplication, type ShownBill, cellKey } from '../reconcile/back-payment.reader.js';
import type { CaseRow, CellKey, LineState, StoredLine } from './case.store.js';

type Sent = Pick<CaseRow, 'content' | 'remoteRef' | 'pastRefs' | 'submittedOn'>;
type Bills = Pick<PersonInputs, 'bills' | 'billsTold'>;

export type BilledLine =
  | { readonly outcome: 'nothing' }
  /** The agency's word that the month is paid. */
  | { readonly outcome: 'charged'; readonly billIds: readonly string[] }
  /** Both figures stand in `difference`; whoever reads it must ask the agency. */
  | { readonly outcome: 'differs'; readonly billIds: readonly string[]; readonly difference: BillDifference };

export type ToldBill = CellKey & Exclude<BilledLine, { readonly outcome: 'nothing' }>;

export interface BillDifference extends CellKey {
  readonly billed: { readonly employeeFen: Fen; readonly employerFen: Fen };
  readonly agreed: { readonly employeeFen: Fen; readonly employerFen: Fen };
  /** Where the agency says that it paid in another amount than was due. */
  readonly paidIn: ShownBill['paidIn'];
}

const NOTHING = { outcome: 'nothing' } as const;

/**
 * The signed sum of the lines in effect counts. Refused orders are not settled by a bill: the two contradict each other, and
 * reconcile opens a finding. Late fees and the agency's own fee are no part of what was agreed.
 */
export function billedLine(
  inputs: Bills,
  { row, shown }: { readonly row: Sent; readonly shown: readonly Pick<ShownApplication, 'state'>[] },
  line: StoredLine,
): BilledLine {
  const connectionId = row.content?.connectionId;
  if (connectionId == null || !inputs.billsTold.has(connectionId)) return NOTHING;
  if (shown.length > 0 && shown.every(({ state }) => state === 'failed' || state === 'cancelled')) return NOTHING;
  const own = inputs.bills.filter((bill) => bill.isInEffect && isOwn(bill, row, line));
  const { employeeFen, employerFen, insurance, month } = line;
  if (own.length === 0 || employeeFen === null || employerFen === null) return NOTHING;
  const billIds = [...new Set(own.map(({ billId }) => billId))].sort();
  const billed = {
    employeeFen: fen(own.reduce((sum, bill) => sum + bill.employeeFen, 0)),
    employerFen: fen(own.reduce((sum, bill) => sum + bill.employerFen, 0)),
  };
  const paidIn = own.find((bill) => bill.paidIn !== null && bill.paidIn.paidFen !== bill.paidIn.dueFen)?.paidIn ?? null;
  if (billed.employeeFen === employeeFen && billed.employerFen === employerFen && paidIn === null)
    return { outcome: 'charged', billIds };
  const difference = {
    insurance,
    month,
    billed,
    agreed: { employeeFen: fen(employeeFen), employerFen: fen(employerFen) },
    paidIn,
  };
  return { outcome: 'differs', billIds, difference };
}

/** Of its connection and month, of a bill that is not older than the application, and neither named nor shown before it left. */
function isOwn(bill: ShownBill, { content, remoteRef, pastRefs, submittedOn }: Sent, line: CellKey): boolean {
  if (bill.connectionId !== content?.connectionId || cellKey(bill) !== cellKey(line)) return false;
  if (submittedOn === null || bill.billedMonth < submittedOn.slice(0, 7)) return false;
  if (bill.orderId === null) return !pastRefs.includes(billRef(bill));
  return remoteRef === null ? !pastRefs.includes(bill.orderId) : bill.orderId === remoteRef;
}

/** How a bill without an order's number is remembered among what was shown before a case left. */
export function billRef({ billId }: Pick<ShownBill, 'billId'>): string {
  return `bill ${billId}`;
}

const BILL_DIFFERS = 'the bill differs: ';

export function isAboutBill(attention: string | null): boolean {
  return attention?.startsWith(BILL_DIFFERS) === true;
}

/** Both figures of every line that the bureau does not show yet; null = none differs. A line once paid by a bill may be taken back. */
export function billAttention(
  lines: readonly (CellKey & { readonly state: LineState })[],
  bills: readonly ToldBill[],
): string | null {
  const isOpen = ({ insurance, month }: CellKey): boolean =>
    lines.some(
      (line) =>
        line.insurance === insurance && line.month === month && line.state !== 'verified' && line.state !== 'rejected',
    );
  const texts = bills.flatMap((bill) =>
    bill.outcome === 'differs' && isOpen(bill) ? [differenceText(bill.difference)] : [],
  );
  return texts.length === 0 ? null : `${BILL_DIFFERS}${texts.join('; ')}`;
}

function differenceText({ insurance, month, billed, agreed, paidIn }: BillDifference): string {
  const both = (sides: BillDifference['agreed']): string =>
    `${formatYuan(sides.employeeFen)} + ${formatYuan(sides.employerFen)}`;
  const paid =
    paidIn === null ? '' : `, paid in ${formatYuan(paidIn.paidFen)} of ${formatYuan(paidIn.dueFen)} that were due`;
  return `${insurance} ${month} charges ${both(billed)} (employee + employer), agreed ${both(agreed)}${paid}`;
}
