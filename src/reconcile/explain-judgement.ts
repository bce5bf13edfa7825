/** Why a person is judged as he is: inputs, rule, figures with sources, whose word counted, situations, advice. Pure. */
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type { PersonStatus } from '../domain/situation.js';
import { adviseBackPayment, type BackPaymentAdvice } from '../policy/back-payment.js';
import type { BaseExplanation } from '../policy/base-explanation.js';
import type { Language } from '../policy/wording.js';
import { backPaymentQuestion } from './back-payment-question.js';
import type { Cell } from './cell.js';
import { claimsOf, type CellClaims } from './claims.js';
import { writeExplanation } from './explanation-lines.js';
import type { JudgedFinding } from './group-findings.js';
import type { JudgeFrame } from './judge-frame.js';
import { judgePerson, type Judgement } from './judge-person.js';
import { jobsOfPerson, type Job } from './jobs-of-person.js';
import { contextOf, type PersonContext } from './person-context.js';
import { sortFacts, type PersonFacts } from './person-facts.js';
import type { PlannedCorrection } from './plan-corrections.js';
import type { OwedAmounts } from './policy-calls.js';
import type { Inconclusive } from './readiness.js';

export interface CellExplanation {
  readonly employmentId: string;
  readonly insurance: Insurance;
  readonly month: Month;
  /** null for the as-of month, which is not judged, and where nothing could be concluded. */
  readonly cell: Cell | null;
  /** null where the wages were not read completely. */
  readonly base: BaseExplanation | null;
  readonly owed: OwedAmounts | null;
  readonly claims: CellClaims;
}

export interface EmploymentExplained {
  readonly employmentId: string;
  readonly connectionId: string;
  readonly employer: string;
  readonly region: RegionCode;
  readonly hiredOn: Day;
  readonly leftOn: Day | null;
}

export interface PersonExplanation {
  readonly personId: string;
  readonly asOf: Day;
  readonly window: { readonly from: Month; readonly last: Month };
  readonly policyVersion: string;
  readonly status: PersonStatus;
  readonly frozen: boolean;
  /** Why nothing was concluded; null where something was. */
  readonly why: Inconclusive | null;
  readonly employments: readonly EmploymentExplained[];
  readonly cells: readonly CellExplanation[];
  readonly findings: readonly JudgedFinding[];
  readonly corrections: readonly Omit<PlannedCorrection, 'payloadHash'>[];
  /** One per employment with unpaid months. */
  readonly advice: readonly BackPaymentAdvice[];
  readonly text: Readonly<Record<Language, readonly string[]>>;
}

/** `month` narrows the cells to one month of the window or the as-of month; null = every judged month. */
export function explainJudgement(person: PersonFacts, frame: JudgeFrame, month: Month | null): PersonExplanation {
  const facts = sortFacts(person.records);
  const context = contextOf(facts, jobsOfPerson(facts, frame), frame);
  const judged = judgePerson(person, frame);
  const explanation: Omit<PersonExplanation, 'text'> = {
    personId: person.personId,
    asOf: frame.asOf,
    window: { from: frame.months[0] ?? frame.asOfMonth, last: frame.months.at(-1) ?? frame.asOfMonth },
    policyVersion: frame.policy.book.version,
    status: judged.status,
    frozen: person.frozen,
    why: judged.outcome === 'inconclusive' ? judged.why : null,
    employments: context.jobs.map(employmentOf),
    cells: explainCells(context, judged, month),
    findings: judged.outcome === 'judged' ? judged.findings : [],
    corrections:
      judged.outcome === 'judged' ? judged.corrections.map(({ payloadHash: _, ...correction }) => correction) : [],
    advice: context.jobs.flatMap((job, index) => adviceFor({ context, judged }, { job, index })),
  };
  return { ...explanation, text: writeExplanation(explanation, frame.policy.book) };
}

function employmentOf({ id, connectionId, employment }: Job): EmploymentExplained {
  const { employer, region, hiredOn, leftOn } = employment;
  return { employmentId: id, connectionId, employer, region, hiredOn, leftOn };
}

function explainCells(context: PersonContext, judged: Judgement, asked: Month | null): readonly CellExplanation[] {
  const { frame, jobs } = context;
  const months = asked === null ? frame.months : [asked];
  return jobs.flatMap((job, jobIndex) =>
    frame.rules.insurances.flatMap((insurance, insuranceIndex) =>
      months.flatMap((month) => {
        const wages = context.wages[jobIndex];
        if (wages === undefined) return [];
        const subject = { job, wages, insurance };
        const base = wages.areComplete ? frame.policy.baseResult(subject, month) : null;
        const baseFen: Fen | null = base?.known === true ? base.baseFen : null;
        const place = { jobIndex, insuranceIndex, monthIndex: frame.placeOfMonth.get(month) ?? -1 };
        return {
          employmentId: job.id,
          insurance,
          month,
          cell:
            judged.cells.find(
              (each) => each.employmentId === job.id && each.insurance === insurance && each.month === month,
            ) ?? null,
          base: base?.explanation ?? null,
          owed: baseFen === null ? null : frame.policy.amounts(subject, month, baseFen),
          claims: claimsOf(context, place),
        };
      }),
    ),
  );
}

interface Explained {
  readonly context: PersonContext;
  readonly judged: Judgement;
}

/** Advice on the months that lack money. */
function adviceFor(
  { context, judged }: Explained,
  place: { readonly job: Job; readonly index: number },
): readonly BackPaymentAdvice[] {
  const asked = backPaymentQuestion(context, judged.cells, place);
  return asked === null ? [] : [adviseBackPayment({ ...asked.question, gaps: asked.gaps })];
}
