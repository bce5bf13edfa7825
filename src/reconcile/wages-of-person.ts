/** Which monthly wages count for an employment's bases, and whether they are the whole story. */
import type { Fen } from '../domain/fen.js';
import type { Month } from '../domain/month.js';
import type { WageItem } from '../domain/records.js';
import type { JudgeFrame } from './judge-frame.js';
import type { Job } from './jobs-of-person.js';
import type { FactsByStream, Sourced } from './person-facts.js';

export interface MonthlyWage {
  readonly month: Month;
  readonly grossFen: Fen;
}

export interface Wages {
  /** Final wages, one per month, oldest first. */
  readonly months: readonly MonthlyWage[];
  /** The payslips behind them, drafts included. */
  readonly payslips: readonly Sourced<WageItem>[];
  /** False where the read was incomplete or stale or a row waits in quarantine: then no base may be concluded. */
  readonly areComplete: boolean;
}

/** Payslips of the system that tells of the employment; where it has none, those of the first role believed for wages. */
export function wagesOf(job: Job, facts: FactsByStream, frame: JudgeFrame): Wages {
  let payslips = facts.wages.filter((each) => each.connectionId === job.connectionId && each.ownerKey === job.ownerKey);
  for (const role of frame.rules.authority.wages) {
    if (payslips.length === 0) payslips = facts.wages.filter((each) => each.role === role);
  }
  const months = new Map<Month, MonthlyWage>();
  for (const { value } of payslips) {
    if (value.state === 'draft' || value.state === 'reversed') continue;
    const earlier = months.get(value.month);
    months.set(value.month, { month: value.month, grossFen: ((earlier?.grossFen ?? 0) + value.grossFen) as Fen });
  }
  return {
    months: [...months.values()].sort((left, right) => (left.month < right.month ? -1 : 1)),
    payslips,
    areComplete: areComplete(payslips, job, frame),
  };
}

function areComplete(payslips: readonly Sourced<WageItem>[], job: Job, frame: JudgeFrame): boolean {
  const sources = payslips.length === 0 ? [job] : payslips;
  const rules = frame.connections.get(job.connectionId);
  if (payslips.length === 0 && rules?.streams.includes('wages') !== true) return true;
  return sources.every(
    ({ connectionId, ownerKey }) =>
      frame.sources.problem(connectionId, 'wages') === null && !frame.sources.hasSetAsideOf(connectionId, 'wages', ownerKey),
  );
}
