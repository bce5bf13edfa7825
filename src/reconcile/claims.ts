/** What every source says about a cell, and whose word counted: the authority order of the tenant, field by field. */
import type { Fen } from '../domain/fen.js';
import type { Day } from '../domain/month.js';
import type { OrderState } from '../domain/records.js';
import type { Role } from '../domain/situation.js';
import type { CellPlace } from './judge-cell.js';
import type { PersonContext } from './person-context.js';
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
  /** State of a posting or an order; null for what payroll holds. */
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
    claims.push({
      ...source,
      won: false,
      value: { payer: null, amountFen: null, baseFen: value.baseFen ?? null, state: `${value.kind} ${state}` },
    });
  }
  for (const { value, ...source } of facts.persons) {
    const baseFen = insurance === undefined ? undefined : value.bases?.[insurance];
    if (source.role === 'payroll' && baseFen !== undefined)
      claims.push({ ...source, won: false, value: { payer: null, amountFen: null, baseFen, state: null } });
  }
  return byAuthority(claims, frame.rules.authority.paid);
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
