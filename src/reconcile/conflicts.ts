/** Where payroll says that somebody left and attendance shows that he went on working. */
import type { CellFinding } from './cell.js';
import type { Job } from './jobs-of-person.js';
import type { PersonContext } from './person-context.js';
import type { Month } from '../domain/month.js';

/**
 * A month counts as worked from 5.00 days on: fewer are what handing over, a late leave booking or a forgotten badge leave
 * behind, and a week's work is the least that an employment contract would cover.
 */
export const WORKED_DAYS_HUNDREDTHS = 500;

export interface EmploymentConflict {
  readonly employmentId: string;
  readonly findings: readonly CellFinding[];
}

/** Closed months after the last employment that ended before them, with no other employment running; by employment. */
export function findConflicts(context: PersonContext): readonly EmploymentConflict[] {
  const { jobs, facts, frame } = context;
  if (facts.attendance.length === 0 || jobs.every((job) => job.leftMonth === null)) return [];
  const found = new Map<string, CellFinding[]>();
  for (const month of frame.months) {
    const job = leftBefore(jobs, month);
    if (job === null || workedHundredths(context, month) < WORKED_DAYS_HUNDREDTHS) continue;
    const list = found.get(job.id) ?? [];
    list.push({ situation: 'conflict', evidence: { month, effectFen: null, kind: 'worked-after-leaving' } });
    found.set(job.id, list);
  }
  return [...found].map(([employmentId, findings]) => ({ employmentId, findings }));
}

/** The employment that ended last before this month; null while any runs in it or none has ended. */
function leftBefore(jobs: readonly Job[], month: Month): Job | null {
  let latest: Job | null = null;
  for (const job of jobs) {
    if (job.hireMonth > month) continue;
    if (job.leftMonth === null || job.leftMonth >= month) return null;
    if (latest === null || (latest.leftMonth ?? '') < job.leftMonth) latest = job;
  }
  return latest;
}

function workedHundredths({ facts }: PersonContext, month: Month): number {
  let most = 0;
  for (const { value } of facts.attendance)
    if (value.month === month) most = Math.max(most, value.workedDaysHundredths);
  return most;
}
