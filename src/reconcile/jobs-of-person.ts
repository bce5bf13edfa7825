/** Which employments a person has, by whose word, and for which months each makes contributions due. */
import type { Insurance } from '../domain/insurance.js';
import { monthOfDay, type Month } from '../domain/month.js';
import type { EmploymentItem } from '../domain/records.js';
import type { EmploymentTerms } from '../policy/basis.js';
import type { JudgeFrame } from './judge-frame.js';
import type { FactsByStream, Sourced } from './person-facts.js';

/** An employment as judged. `due` has one row per insurance of the tenant and one place per judged month; null = the rule is unknown. */
export interface Job {
  readonly id: string;
  readonly employment: EmploymentItem;
  readonly terms: EmploymentTerms;
  readonly connectionId: string;
  readonly ownerKey: string;
  readonly hireMonth: Month;
  /** Month of the last day worked; null = no end known. */
  readonly leftMonth: Month | null;
  readonly hasStarted: boolean;
  /** The last day worked is still to come, or unknown. */
  readonly isRunning: boolean;
  readonly due: readonly (readonly (boolean | null)[])[];
}

/** The employments of the first role in the authority order that tells of any, by hire day, then id. */
export function jobsOfPerson(facts: FactsByStream, frame: JudgeFrame): readonly Job[] {
  for (const role of frame.rules.authority.employment) {
    const told = facts.employments.filter((each) => each.role === role);
    if (told.length > 0) return told.sort(byHireDay).map((each, index) => jobOf(each, jobId(told, index), frame));
  }
  return [];
}

function byHireDay(left: Sourced<EmploymentItem>, right: Sourced<EmploymentItem>): number {
  return (
    compare(left.value.hiredOn, right.value.hiredOn) ||
    compare(left.value.employmentId, right.value.employmentId) ||
    compare(left.connectionId, right.connectionId)
  );
}

function compare(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

/** The source's own id; two systems may use one id for two employments, then the connection is put before it. */
function jobId(told: readonly Sourced<EmploymentItem>[], index: number): string {
  const own = told[index];
  if (own === undefined) return '';
  const isShared = told.some((other) => other !== own && other.value.employmentId === own.value.employmentId);
  return isShared ? `${own.connectionId}/${own.ownerKey}/${own.value.employmentId}` : own.value.employmentId;
}

function jobOf(
  { value: employment, connectionId, ownerKey }: Sourced<EmploymentItem>,
  id: string,
  frame: JudgeFrame,
): Job {
  const hasStarted = employment.hiredOn <= frame.asOf;
  return {
    id,
    employment,
    terms: { hiredOn: employment.hiredOn, leftOn: employment.leftOn, startWageFen: employment.startWageFen ?? null },
    connectionId,
    ownerKey,
    hireMonth: monthOfDay(employment.hiredOn),
    leftMonth: employment.leftOn === null ? null : monthOfDay(employment.leftOn),
    hasStarted,
    isRunning: hasStarted && (employment.leftOn === null || employment.leftOn > frame.asOf),
    due: frame.rules.insurances.map((insurance) => dueMonths(employment, insurance, frame)),
  };
}

function dueMonths(employment: EmploymentItem, insurance: Insurance, frame: JudgeFrame): readonly (boolean | null)[] {
  return frame.months.map((month) => frame.policy.isDue(employment, insurance, month));
}
