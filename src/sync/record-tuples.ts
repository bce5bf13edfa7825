/** Which field stands at which place of a stored tuple, for each stream. Version 1 of the encoding. */
import type { Fen, Ppm } from '../domain/fen.js';
import type { Day } from '../domain/month.js';
import type {
  AttendanceItem,
  BillItem,
  ContributionItem,
  EmploymentItem,
  OrderItem,
  PersonItem,
  Stream,
  StreamItems,
  SubmissionItem,
  WageItem,
} from '../domain/records.js';
import type { StreamRecord } from '../connectors/port.js';
import {
  BILL_STATE_CODES,
  HUKOU_CODES,
  INSURANCE_CODES,
  KIND_CODES,
  ORDER_KIND_CODES,
  ORDER_STATE_CODES,
  PAYING_PARTY_CODES,
  STATE_CODES,
  STATUS_CODES,
  SUBMISSION_KIND_CODES,
  SUBMISSION_STATE_CODES,
  WAGE_STATE_CODES,
  wordOf,
} from './record-codes.js';
import {
  unpackMoney,
  unpackMonth,
  unpackRegion,
  unpackWord,
  writeLast,
  writeMoney,
  writeMonth,
  writeNumber,
  writeRegion,
  writeText,
  writeWord,
} from './tuple-values.js';
import type { TupleWriter } from './tuple-writer.js';

/** Writes one record as a line of a body. Returns whether its key is plain (see TupleWriter.text). */
export function writeTuple(to: TupleWriter, record: StreamRecord): boolean {
  to.ascii('[');
  const isPlain = to.text(record.itemKey);
  writeFields(to, record);
  to.ascii(']');
  return isPlain;
}

function writeFields(to: TupleWriter, record: StreamRecord): void {
  switch (record.stream) {
    case 'persons':
      return writePerson(to, record.item);
    case 'employments':
      return writeEmployment(to, record.item);
    case 'wages':
      return writeWage(to, record.item);
    case 'attendance':
      return writeAttendance(to, record.item);
    case 'contributions':
      return writeContribution(to, record.item);
    case 'orders':
      return writeOrder(to, record.item);
    case 'submissions':
      return writeSubmission(to, record.item);
    case 'bills':
      return writeBill(to, record.item);
  }
}

const DECODERS: { readonly [S in Stream]: (tuple: readonly unknown[]) => StreamItems[S] } = {
  persons: decodePerson,
  employments: decodeEmployment,
  wages: decodeWage,
  attendance: decodeAttendance,
  contributions: decodeContribution,
  orders: decodeOrder,
  submissions: decodeSubmission,
  bills: decodeBill,
};

export function decodeTuple<S extends Stream>(stream: S, tuple: readonly unknown[]): StreamItems[S] {
  return DECODERS[stream](tuple);
}

function writePerson(to: TupleWriter, item: PersonItem): void {
  writeText(to, item.name);
  writeText(to, item.mobile);
  writeText(to, item.employeeNo);
  writeWord(to, STATUS_CODES, item.status);
  writeMoney(to, item.bases);
}

function decodePerson(tuple: readonly unknown[]): PersonItem {
  const [, name, mobile, employeeNo, status, bases] = tuple;
  return {
    name: name as string | null,
    ...(mobile === false ? {} : { mobile: mobile as string | null }),
    ...(employeeNo === false ? {} : { employeeNo: employeeNo as string | null }),
    ...(status === false ? {} : { status: status === null ? null : wordOf(STATUS_CODES, status) }),
    ...(bases === false ? {} : { bases: unpackMoney(bases) }),
  };
}

function writeEmployment(to: TupleWriter, item: EmploymentItem): void {
  writeText(to, item.employmentId);
  writeText(to, item.employer);
  writeRegion(to, item.region);
  writeText(to, item.hiredOn);
  writeText(to, item.leftOn);
  writeNumber(to, item.startWageFen);
  writeWord(to, HUKOU_CODES, item.hukou);
  writeWord(to, PAYING_PARTY_CODES, item.payingParty);
}

function decodeEmployment(tuple: readonly unknown[]): EmploymentItem {
  const [, employmentId, employer, place, hiredOn, leftOn, wage, hukou, party] = tuple;
  return {
    employmentId: employmentId as string,
    employer: employer as string,
    region: unpackRegion(place),
    hiredOn: hiredOn as Day,
    leftOn: leftOn as Day | null,
    ...(wage === false ? {} : { startWageFen: wage as Fen | null }),
    ...(hukou === false ? {} : { hukou: unpackWord(HUKOU_CODES, hukou) }),
    ...(party === false ? {} : { payingParty: unpackWord(PAYING_PARTY_CODES, party) }),
  };
}

function writeWage(to: TupleWriter, item: WageItem): void {
  writeMonth(to, item.month);
  writeNumber(to, item.grossFen);
  writeMoney(to, item.withheld);
  writeWord(to, WAGE_STATE_CODES, item.state);
}

function decodeWage(tuple: readonly unknown[]): WageItem {
  const [, at, grossFen, withheld, state] = tuple;
  return {
    month: unpackMonth(at),
    grossFen: grossFen as Fen,
    ...(withheld === false ? {} : { withheld: unpackMoney(withheld) }),
    ...(state === false ? {} : { state: wordOf(WAGE_STATE_CODES, state) }),
  };
}

function writeAttendance(to: TupleWriter, item: AttendanceItem): void {
  writeMonth(to, item.month);
  writeNumber(to, item.requiredDaysHundredths);
  writeNumber(to, item.workedDaysHundredths);
}

function decodeAttendance(tuple: readonly unknown[]): AttendanceItem {
  const [, at, required, worked] = tuple;
  return { month: unpackMonth(at), requiredDaysHundredths: required as number, workedDaysHundredths: worked as number };
}

function writeContribution(to: TupleWriter, item: ContributionItem): void {
  writeMonth(to, item.month);
  writeWord(to, INSURANCE_CODES, item.insurance);
  writeWord(to, KIND_CODES, item.kind);
  writeWord(to, STATE_CODES, item.state);
  writeText(to, item.payer);
  writeRegion(to, item.region);
  writeNumber(to, item.baseFen);
  writeNumber(to, item.employeeFen);
  writeNumber(to, item.employerFen);
  if (item.employeeRatePpm === undefined && item.employerRatePpm === undefined) return;
  writeNumber(to, item.employeeRatePpm);
  writeNumber(to, item.employerRatePpm);
}

function decodeContribution(tuple: readonly unknown[]): ContributionItem {
  const [
    ,
    at,
    insurance,
    kind,
    state,
    payer,
    place,
    baseFen,
    employeeFen,
    employerFen,
    employeeRate = false,
    employerRate = false,
  ] = tuple;
  const item: ContributionItem = {
    month: unpackMonth(at),
    insurance: wordOf(INSURANCE_CODES, insurance),
    kind: wordOf(KIND_CODES, kind),
    state: wordOf(STATE_CODES, state),
    payer: payer as string,
    region: unpackRegion(place),
    baseFen: baseFen as Fen | null,
    employeeFen: employeeFen as Fen,
    employerFen: employerFen as Fen,
  };
  if (employeeRate === false && employerRate === false) return item;
  return {
    ...item,
    ...(employeeRate === false ? {} : { employeeRatePpm: employeeRate as Ppm | null }),
    ...(employerRate === false ? {} : { employerRatePpm: employerRate as Ppm | null }),
  };
}

function writeOrder(to: TupleWriter, item: OrderItem): void {
  writeText(to, item.orderId);
  writeWord(to, ORDER_KIND_CODES, item.kind);
  writeWord(to, ORDER_STATE_CODES, item.state);
  to.ascii(`,[${item.months.map((of) => of.slice(0, 4) + of.slice(5)).join(',')}]`);
  to.ascii(`,[${item.insurances.map((insurance) => INSURANCE_CODES.codes[insurance]).join(',')}]`);
  writeNumber(to, item.baseFen);
  writeLast(to, item.reason);
}

function decodeOrder(tuple: readonly unknown[]): OrderItem {
  const [, orderId, kind, state, months, insurances, base, reason] = tuple;
  return {
    orderId: orderId as string,
    kind: wordOf(ORDER_KIND_CODES, kind),
    state: wordOf(ORDER_STATE_CODES, state),
    months: (months as readonly number[]).map(unpackMonth),
    insurances: (insurances as readonly number[]).map((code) => wordOf(INSURANCE_CODES, code)),
    ...(base === false ? {} : { baseFen: base as Fen | null }),
    ...(reason === undefined ? {} : { reason: reason as string | null }),
  };
}

function writeSubmission(to: TupleWriter, item: SubmissionItem): void {
  writeText(to, item.submissionId);
  writeWord(to, SUBMISSION_KIND_CODES, item.kind);
  writeWord(to, SUBMISSION_STATE_CODES, item.state);
  writeWord(to, INSURANCE_CODES, item.insurance);
  writeMonth(to, item.effectiveMonth);
  writeNumber(to, item.baseFen);
  writeLast(to, item.reason);
}

function decodeSubmission(tuple: readonly unknown[]): SubmissionItem {
  const [, submissionId, kind, state, insurance, effective, base, reason] = tuple;
  return {
    submissionId: submissionId as string,
    kind: wordOf(SUBMISSION_KIND_CODES, kind),
    state: wordOf(SUBMISSION_STATE_CODES, state),
    insurance: wordOf(INSURANCE_CODES, insurance),
    effectiveMonth: unpackMonth(effective),
    ...(base === false ? {} : { baseFen: base as Fen | null }),
    ...(reason === undefined ? {} : { reason: reason as string | null }),
  };
}

/** The money of a bill line that its source may not have, in the order in which it is stored. */
const BILL_PARTS = [
  'baseFen',
  'backPayEmployeeFen',
  'backPayEmployerFen',
  'lateFeeEmployeeFen',
  'lateFeeEmployerFen',
  'serviceFeeFen',
  'dueFen',
  'paidFen',
  'differenceFen',
] as const satisfies readonly (keyof BillItem)[];

function writeBill(to: TupleWriter, item: BillItem): void {
  writeText(to, item.billId);
  writeWord(to, BILL_STATE_CODES, item.state);
  writeWord(to, INSURANCE_CODES, item.insurance);
  writeMonth(to, item.month);
  writeMonth(to, item.billedMonth);
  writeText(to, item.orderId);
  writeNumber(to, item.employeeFen);
  writeNumber(to, item.employerFen);
  for (const part of BILL_PARTS) writeNumber(to, item[part]);
}

function decodeBill(tuple: readonly unknown[]): BillItem {
  const [, billId, state, insurance, month, billedMonth, orderId, employeeFen, employerFen, ...parts] = tuple;
  const given = BILL_PARTS.flatMap((part, at) => (parts[at] === false ? [] : [[part, parts[at]]]));
  return {
    billId: billId as string,
    state: wordOf(BILL_STATE_CODES, state),
    insurance: wordOf(INSURANCE_CODES, insurance),
    month: unpackMonth(month),
    billedMonth: unpackMonth(billedMonth),
    ...(orderId === false ? {} : { orderId: orderId as string | null }),
    employeeFen: employeeFen as Fen,
    employerFen: employerFen as Fen,
    ...(Object.fromEntries(given) as Partial<BillItem>),
  };
}
