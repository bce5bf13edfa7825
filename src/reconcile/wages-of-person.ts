/** Which monthly wages count for an employment's bases, and whether they are the whole story. */
import type { Fen } from '../domain/fen.js';
import { monthIndex } from '../domain/month.js';
import type { WageItem } from '../domain/records.js';
import type { WageRun } from '../policy/wage-series.js';
import type { JudgeFrame } from './judge-frame.js';
import type { Job } from './jobs-of-person.js';
import { SubjectMemo } from './policy-calls.js';
import { isPartial, type FactsByStream, type Sourced } from './person-facts.js';

export interface Wages {
  /** Final wages by month, as the policy's base rules read them. */
  readonly run: WageRun;
  /** The payslips behind them, drafts included. */
  readonly payslips: readonly Sourced<WageItem>[];
  /** False where the read was incomplete or stale or a row waits in quarantine: then no base may be concluded. */
  readonly areComplete: boolean;
  /** What was already worked out from them; belongs to one employment and one frame. */
  readonly memo: SubjectMemo;
}

const NO_WAGES: WageRun = { fromIndex: 0, fen: [] };

/** Payslips of the system that tells of the employment; where it has none, those of the first role believed for wages. */
export function wagesOf(job: Job, facts: FactsByStream, frame: JudgeFrame): Wages {
  let payslips = facts.wages.filter((each) => each.connectionId === job.connectionId && each.ownerKey === job.ownerKey);
  for (const role of frame.rules.authority.wages) {
    if (payslips.length === 0) payslips = facts.wages.filter((each) => each.role === role);
  }
  return {
    run: wageRun(payslips),
    payslips,
    areComplete: areComplete(payslips, { job, facts, frame }),
    memo: new SubjectMemo(),
  };
}

/** Several payslips of one month add up; drafts and reversed ones do not count. */
function wageRun(payslips: readonly Sourced<WageItem>[]): WageRun {
  let fromIndex = Number.POSITIVE_INFINITY;
  const indexes = payslips.map(({ value }) => {
    const index = value.state === 'draft' || value.state === 'reversed' ? null : monthIndex(value.month);
    if (index !== null && index < fromIndex) fromIndex = index;
    return index;
  });
  if (fromIndex === Number.POSITIVE_INFINITY) return NO_WAGES;
  const wages: (Fen | null)[] = [];
  payslips.forEach(({ value }, place) => {
    const index = indexes[place] ?? null;
    if (index === null) return;
    while (wages.length <= index - fromIndex) wages.push(null);
    wages[index - fromIndex] = ((wages[index - fromIndex] ?? 0) + value.grossFen) as Fen;
  });
  return { fromIndex, fen: wages };
}

function areComplete(payslips: readonly Sourced<WageItem>[], { job, facts, frame }: WageSources): boolean {
  const isTrusted = ({ connectionId, ownerKey }: WageOwner): boolean =>
    frame.sources.problem(connectionId, 'wages') === null &&
    !isPartial(facts, { connectionId, stream: 'wages', ownerKey });
  if (payslips.length === 0)
    return frame.connections.get(job.connectionId)?.streams.includes('wages') !== true || isTrusted(job);
  let earlier: WageOwner | null = null;
  for (const payslip of payslips) {
    const isSameOwner =
      earlier !== null && earlier.connectionId === payslip.connectionId && earlier.ownerKey === payslip.ownerKey;
    if (!isSameOwner && !isTrusted(payslip)) return false;
    earlier = payslip;
  }
  return true;
}

interface WageSources {
  readonly job: Job;
  readonly facts: FactsByStream;
  readonly frame: JudgeFrame;
}

type WageOwner = Pick<Sourced<WageItem>, 'connectionId' | 'ownerKey'>;
