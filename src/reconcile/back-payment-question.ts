/** What the policy is asked about an employment's unpaid months: which they are, from which wage, hired when, insured where. Pure. */
import type { BackPaymentQuestion } from '../policy/back-payment.js';
import type { GapCell } from '../policy/back-payment-channels.js';
import type { Cell } from './cell.js';
import type { Job } from './jobs-of-person.js';
import type { PersonContext } from './person-context.js';

export interface JobQuestion {
  readonly gaps: readonly GapCell[];
  readonly question: Omit<BackPaymentQuestion, 'gaps'>;
}

/**
 * null = no month lacks money, or no wage is known. The wage is the one agreed where the gap lies before hiring, else the
 * newest paid.
 */
export function backPaymentQuestion(
  context: PersonContext,
  cells: readonly Cell[],
  { job, index }: { readonly job: Job; readonly index: number },
): JobQuestion | null {
  const lacking = cells.filter((cell) => cell.employmentId === job.id && cell.lacksCover);
  const isBeforeHire = lacking.some((cell) => cell.situation === 'gap-before-hire');
  const agreed = job.terms.startWageFen;
  const newest = context.wages[index]?.run.fen.findLast((wage) => wage !== null) ?? null;
  const wageFen = isBeforeHire ? (agreed ?? newest) : (newest ?? agreed);
  if (lacking.length === 0 || wageFen === null) return null;
  return {
    gaps: lacking.map(({ month, insurance }) => ({ month, insurance })),
    question: {
      book: context.frame.policy.book,
      region: job.employment.region,
      hiredOn: job.employment.hiredOn,
      asOf: context.frame.asOf,
      hukou: job.employment.hukou ?? null,
      wageFen,
    },
  };
}
