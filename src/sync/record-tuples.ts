/** Which field stands at which place of a stored tuple, for each stream. Version 1 of the encoding. */
import type { Fen, Ppm } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type {
  AttendanceItem,
  ContributionItem,
  EmploymentItem,
  FenByInsurance,
  OrderItem,
  PersonItem,
  Stream,
  StreamItems,
  SubmissionItem,
  WageItem,
} from '../domain/records.js';
import type { RegionCode } from '../domain/region.js';
import type { StreamRecord } from '../connectors/port.js';
import {
  type CodeTable,
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

/** Written by hand as text: an array per item and a generic JSON.stringify cost about twice the time, 1.7 million times a run. */
export function encodeTuple(record: StreamRecord, key: string): string {
  switch (record.stream) {
    case 'persons':
      return encodePerson(key, record.item);
    case 'employments':
      return encodeEmployment(key, record.item);
    case 'wages':
      return encodeWage(key, record.item);
    case 'attendance':
      return `[${key},${packMonth(record.item.month)},${record.item.requiredDaysHundredths},${record.item.workedDaysHundredths}]`;
    case 'contributions':
      return encodeContribution(key, record.item);
    case 'orders':
      return encodeOrder(key, record.item);
    case 'submissions':
      return encodeSubmission(key, record.item);
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
};

export function decodeTuple<S extends Stream>(stream: S, tuple: readonly unknown[]): StreamItems[S] {
  return DECODERS[stream](tuple);
}

function encodePerson(key: string, item: PersonItem): string {
  const status = packOptional(item.status, (word) => STATUS_CODES.codes[word]);
  return `[${key},${JSON.stringify(item.name)},${packText(item.mobile)},${packText(item.employeeNo)},${status},${packMoney(item.bases)}]`;
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

function encodeEmployment(key: string, item: EmploymentItem): string {
  const hukou = packOptional(item.hukou, (word) => HUKOU_CODES.codes[word]);
  const party = packOptional(item.payingParty, (word) => PAYING_PARTY_CODES.codes[word]);
  const wage = packOptional(item.startWageFen, (amount) => amount);
  return `[${key},${JSON.stringify(item.employmentId)},${JSON.stringify(item.employer)},${packRegion(item.region)},"${item.hiredOn}",${JSON.stringify(item.leftOn)},${wage},${hukou},${party}]`;
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

function encodeWage(key: string, item: WageItem): string {
  const state = packOptional(item.state, (word) => WAGE_STATE_CODES.codes[word]);
  return `[${key},${packMonth(item.month)},${item.grossFen},${packMoney(item.withheld)},${state}]`;
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

function decodeAttendance(tuple: readonly unknown[]): AttendanceItem {
  const [, at, required, worked] = tuple;
  return { month: unpackMonth(at), requiredDaysHundredths: required as number, workedDaysHundredths: worked as number };
}

function encodeContribution(key: string, item: ContributionItem): string {
  const rates =
    item.employeeRatePpm === undefined && item.employerRatePpm === undefined
      ? ''
      : `,${packOptional(item.employeeRatePpm, (rate) => rate)},${packOptional(item.employerRatePpm, (rate) => rate)}`;
  return `[${key},${packMonth(item.month)},${INSURANCE_CODES.codes[item.insurance]},${KIND_CODES.codes[item.kind]},${STATE_CODES.codes[item.state]},${JSON.stringify(item.payer)},${packRegion(item.region)},${item.baseFen},${item.employeeFen},${item.employerFen}${rates}]`;
}

function decodeContribution(tuple: readonly unknown[]): ContributionItem {
  const [, at, insurance, kind, state, payer, place, baseFen, employeeFen, employerFen, employeeRate = false, employerRate = false] = tuple;
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

function encodeOrder(key: string, item: OrderItem): string {
  const months = item.months.map(packMonth).join(',');
  const insurances = item.insurances.map((insurance) => INSURANCE_CODES.codes[insurance]).join(',');
  const base = packOptional(item.baseFen, (amount) => amount);
  return `[${key},${JSON.stringify(item.orderId)},${ORDER_KIND_CODES.codes[item.kind]},${ORDER_STATE_CODES.codes[item.state]},[${months}],[${insurances}],${base}]`;
}

function decodeOrder(tuple: readonly unknown[]): OrderItem {
  const [, orderId, kind, state, months, insurances, base] = tuple;
  return {
    orderId: orderId as string,
    kind: wordOf(ORDER_KIND_CODES, kind),
    state: wordOf(ORDER_STATE_CODES, state),
    months: (months as readonly number[]).map(unpackMonth),
    insurances: (insurances as readonly number[]).map((code) => wordOf(INSURANCE_CODES, code)),
    ...(base === false ? {} : { baseFen: base as Fen | null }),
  };
}

function encodeSubmission(key: string, item: SubmissionItem): string {
  const base = packOptional(item.baseFen, (amount) => amount);
  return `[${key},${JSON.stringify(item.submissionId)},${SUBMISSION_KIND_CODES.codes[item.kind]},${SUBMISSION_STATE_CODES.codes[item.state]},${INSURANCE_CODES.codes[item.insurance]},${packMonth(item.effectiveMonth)},${base}]`;
}

function decodeSubmission(tuple: readonly unknown[]): SubmissionItem {
  const [, submissionId, kind, state, insurance, effective, base] = tuple;
  return {
    submissionId: submissionId as string,
    kind: wordOf(SUBMISSION_KIND_CODES, kind),
    state: wordOf(SUBMISSION_STATE_CODES, state),
    insurance: wordOf(INSURANCE_CODES, insurance),
    effectiveMonth: unpackMonth(effective),
    ...(base === false ? {} : { baseFen: base as Fen | null }),
  };
}

function packOptional<T>(value: T | null | undefined, pack: (value: T) => number): string {
  if (value === undefined) return 'false';
  return value === null ? 'null' : String(pack(value));
}

function packText(text: string | null | undefined): string {
  return text === undefined ? 'false' : JSON.stringify(text);
}

/** Alternating insurance code and fen, in the order of the codes: the order of a source's keys must not change the hash. */
function packMoney(amounts: FenByInsurance | undefined): string {
  if (amounts === undefined) return 'false';
  let text = '';
  for (const [code, insurance] of INSURANCE_CODES.words) {
    const amount = amounts[insurance];
    if (amount !== undefined) text += `${text === '' ? '' : ','}${code},${amount}`;
  }
  return `[${text}]`;
}

function unpackMoney(packed: unknown): FenByInsurance {
  const pairs = packed as readonly number[];
  const amounts: Partial<Record<Insurance, Fen>> = {};
  for (let index = 0; index < pairs.length; index += 2) amounts[wordOf(INSURANCE_CODES, pairs[index])] = pairs[index + 1] as Fen;
  return amounts;
}

function unpackWord<W extends string>(table: CodeTable<W>, code: unknown): W | null {
  return code === null ? null : wordOf(table, code);
}

/** 2023-01 → 202301. */
function packMonth(of: Month): string {
  return of.slice(0, 4) + of.slice(5);
}

/** Bounded by the months of a thousand years; in practice some dozens. */
const monthNames = new Map<number, Month>();

function unpackMonth(packed: unknown): Month {
  const code = packed as number;
  const known = monthNames.get(code);
  if (known !== undefined) return known;
  const digits = String(code);
  const name = `${digits.slice(0, 4)}-${digits.slice(4)}` as Month;
  monthNames.set(code, name);
  return name;
}

/** Plain six-digit codes as a number, pools with a suffix as text. */
function packRegion(of: RegionCode): string {
  return of.length === 6 && !of.startsWith('0') ? of : JSON.stringify(of);
}

function unpackRegion(packed: unknown): RegionCode {
  return String(packed) as RegionCode;
}
