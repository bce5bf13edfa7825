/** What every source says about a cell, and whose word counted: the authority order of the tenant, field by field. */
import { fen, type Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { OrderItem, OrderState } from '../domain/records.js';
import type { Role } from '../domain/situation.js';
import { areBillsTold, billedCells, chargedBy } from './billed-cells.js';
import type { CellPlace } from './judge-cell.js';
import { isOpenBackPayment, type PersonContext } from './person-context.js';
import { countedBothFen } from './postings.js';

export interface Claim<V> {
  readonly connectionId: string;
  readonly role: Role;
  readonly ownerKey: string;
  /** Whether this word counted; evidence that never decides is not won by anybody. */
  readonly won: boolean;
  readonly value: V;
}

export interface PaidClaim {
  readonly payer: string | null;
  readonly amountFen: Fen | null;
  readonly baseFen: Fen | null;
  /** State of a posting, an order or a bill line; null for what payroll holds. */
  readonly state: string | null;
}

export interface CellClaims {
  readonly paid: readonly Claim<PaidClaim>[];
  readonly wage: readonly Claim<{ readonly grossFen: Fen; readonly withheldFen: Fen; readonly state: string | null }>[];
  readonly employment: readonly Claim<{
    readonly employmentId: string;
    readonly hiredOn: Day;
    readonly leftOn: Day | null;
  }>[];
  readonly attendance: readonly Claim<{
    readonly workedDaysHundredths: number;
    readonly requiredDaysHundredths: number;
  }>[];
}

export function claimsOf(context: PersonContext, place: CellPlace): CellClaims {
  return {
    paid: paidClaims(context, place),
    wage: wageClaims(context, place),
    employment: employmentClaims(context),
    attendance: attendanceClaims(context, place),
  };
}

function paidClaims(context: PersonContext, { insuranceIndex, monthIndex }: CellPlace): CellClaims['paid'] {
  const { facts, frame } = context;
  const insurance = frame.rules.insurances[insuranceIndex];
  const month = frame.months[monthIndex];
  const claims: Claim<PaidClaim>[] = [];
  for (const { value, ...source } of facts.contributions) {
    if (value.insurance !== insurance || value.month !== month) continue;
    const amountFen = countedBothFen(value) as Fen;
    claims.push({
      ...source,
      won: true,
      value: { payer: value.payer, amountFen, baseFen: value.baseFen, state: value.state },
    });
  }
  for (const { value, ...source } of facts.orders) {
    if (
      insurance === undefined ||
      month === undefined ||
      !value.insurances.includes(insurance) ||
      !value.months.includes(month)
    )
      continue;
    const state: OrderState = value.state;
    const said = `${value.kind} ${state}${onBills(context, { order: value, connectionId: source.connectionId, insurance, month })}`;
    claims.push({
      ...source,
      won: false,
      value: { payer: null, amountFen: null, baseFen: value.baseFen ?? null, state: said },
    });
  }
  claims.push(...billClaims(context, insurance, month));
  for (const { value, ...source } of facts.persons) {
    const baseFen = insurance === undefined ? undefined : value.bases?.[insurance];
    if (source.role === 'payroll' && baseFen !== undefined)
      claims.push({ ...source, won: false, value: { payer: null, amountFen: null, baseFen, state: null } });
  }
  return byAuthority(claims, frame.rules.authority.paid);
}

function billClaims(
  { facts }: PersonContext,
  insurance: Insurance | undefined,
  month: Month | undefined,
): readonly Claim<PaidClaim>[] {
  return facts.bills
    .filter(({ value }) => value.insurance === insurance && value.month === month)
    .map(({ value, ...source }) => {
      const { employeeFen, employerFen } = chargedBy([value]);
      const amountFen = fen(employeeFen + employerFen);
      const state = `bill ${value.billId} of ${value.billedMonth} ${value.state}`;
      return { ...source, won: false, value: { payer: null, amountFen, baseFen: value.baseFen ?? null, state } };
    });
}

interface OrderPlace {
  readonly order: OrderItem;
  readonly connectionId: string;
  readonly insurance: Insurance;
  readonly month: Month;
}

/** Whether the agency's bills charge what an open order asked for; nothing where its bills are not known whole. */
function onBills(context: PersonContext, { order, connectionId, insurance, month }: OrderPlace): string {
  const { facts, frame } = context;
  if (!isOpenBackPayment(order) || !areBillsTold(facts, frame, connectionId)) return '';
  const billed = billedCells(facts, frame).find(
    (cell) =>
      cell.connectionId === connectionId &&
      cell.insurance === insurance &&
      cell.month === month &&
      cell.orders.includes(order),
  );
  if (billed === undefined) return ', on no bill in effect';
  return `, billed by ${[...new Set(billed.lines.map(({ billId }) => billId))].sort().join(' ')}`;
}

function wageClaims(context: PersonContext, { jobIndex, insuranceIndex, monthIndex }: CellPlace): CellClaims['wage'] {
  const insurance = context.frame.rules.insurances[insuranceIndex];
  const month = context.frame.months[monthIndex];
  const payslips = new Set(context.wages[jobIndex]?.payslips ?? []);
  const claims = context.facts.wages
    .filter(({ value }) => value.month === month)
    .map((payslip) => {
      const { value, ...source } = payslip;
      const withheldFen = ((insurance === undefined ? 0 : value.withheld?.[insurance]) ?? 0) as Fen;
      const won = payslips.has(payslip) && value.state !== 'draft' && value.state !== 'reversed';
      return { ...source, won, value: { grossFen: value.grossFen, withheldFen, state: value.state ?? null } };
    });
  return byAuthority(claims, context.frame.rules.authority.wages);
}

function employmentClaims({ facts, jobs, frame }: PersonContext): CellClaims['employment'] {
  const believed = new Set(jobs.map((job) => job.employment));
  const claims = facts.employments.map(({ value, ...source }) => ({
    ...source,
    won: believed.has(value),
    value: { employmentId: value.employmentId, hiredOn: value.hiredOn, leftOn: value.leftOn },
  }));
  return byAuthority(claims, frame.rules.authority.employment);
}

function attendanceClaims({ facts, frame }: PersonContext, { monthIndex }: CellPlace): CellClaims['attendance'] {
  const month = frame.months[monthIndex];
  return facts.attendance
    .filter(({ value }) => value.month === month)
    .map(({ value: { workedDaysHundredths, requiredDaysHundredths }, ...source }) => ({
      ...source,
      won: false,
      value: { workedDaysHundredths, requiredDaysHundredths },
    }));
}

function byAuthority<V>(claims: readonly Claim<V>[], order: readonly Role[]): readonly Claim<V>[] {
  const rank = (role: Role): number => (order.includes(role) ? order.indexOf(role) : order.length);
  return [...claims].sort((left, right) => rank(left.role) - rank(right.role));
}
