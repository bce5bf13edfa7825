/** How one person stands: every cell's situation, the findings, the overall status and what should be corrected where. Pure. */
import type { PersonStatus } from '../domain/situation.js';
import { areAllBillsTold, findBillFindings } from './bill-findings.js';
import type { Cell } from './cell.js';
import { findConflicts } from './conflicts.js';
import { groupFindings, type JudgedFinding } from './group-findings.js';
import { judgeCell } from './judge-cell.js';
import type { JudgeFrame } from './judge-frame.js';
import { jobsOfPerson } from './jobs-of-person.js';
import { overallStatus } from './overall-status.js';
import { contextOf, type PersonContext } from './person-context.js';
import { sortFacts, type FactsByStream, type PersonFacts } from './person-facts.js';
import { planCorrections, type PlannedCorrection } from './plan-corrections.js';
import { wordsOf } from './source-words.js';
import { whyInconclusive, type Inconclusive } from './readiness.js';

export type Judgement =
  | {
      readonly outcome: 'judged';
      readonly status: PersonStatus;
      readonly cells: readonly Cell[];
      readonly findings: readonly JudgedFinding[];
      readonly corrections: readonly PlannedCorrection[];
      /** False = bills were read incompletely or too long ago: what is open about them stays as it is. */
      readonly areBillsTold: boolean;
    }
  /** Nothing is concluded from absence: open findings stay open, nothing new is planned. */
  | {
      readonly outcome: 'inconclusive';
      readonly status: 'inconclusive';
      readonly why: Inconclusive;
      readonly cells: readonly Cell[];
      readonly frozen: boolean;
    }
  /** No source names the person any more: whatever was open rests on nothing. */
  | { readonly outcome: 'unnamed'; readonly status: 'inconclusive'; readonly cells: readonly Cell[] };

/** The same facts give the same judgement, in whatever order they come. */
export function judgePerson(person: PersonFacts, frame: JudgeFrame): Judgement {
  if (person.records.length === 0) return { outcome: 'unnamed', status: 'inconclusive', cells: [] };
  const facts = sortFacts(person.records);
  const jobs = jobsOfPerson(facts, frame);
  const why = whyInconclusive(facts, jobs, frame);
  if (why !== null) return { outcome: 'inconclusive', status: 'inconclusive', why, cells: [], frozen: person.frozen };
  const context = contextOf(facts, jobs, frame);
  const cells = judgeCells(context);
  const status = overallStatus(jobs, cells);
  if (status === 'inconclusive') {
    return { outcome: 'inconclusive', status, why: unknownCell(cells, context), cells, frozen: person.frozen };
  }
  const areBillsTold = areAllBillsTold(facts, frame);
  const findings = groupFindings({
    ...{ cells, conflicts: findConflicts(context), bills: areBillsTold ? findBillFindings(context) : [] },
    evidence: () => evidenceOf(facts),
    words: (insurance, month) => wordsOf(facts, insurance, month),
  });
  const corrections = person.frozen ? [] : planCorrections(context, status);
  return { outcome: 'judged', status, cells, findings, corrections, areBillsTold };
}

/** In order of employment, insurance and month. */
export function judgeCells(context: PersonContext): readonly Cell[] {
  const { months, rules } = context.frame;
  const perJob = rules.insurances.length * months.length;
  const cells: Cell[] = [];
  for (let at = 0; at < context.jobs.length * perJob; at += 1) {
    const place = {
      jobIndex: Math.floor(at / perJob),
      insuranceIndex: Math.floor((at % perJob) / months.length),
      monthIndex: at % months.length,
    };
    const cell = judgeCell(context, place);
    if (cell !== null) cells.push(cell);
  }
  return cells;
}

function unknownCell(cells: readonly Cell[], { jobs, frame }: PersonContext): Inconclusive {
  const cell = cells.find((each) => each.situation === 'inconclusive');
  const job = jobs.find((each) => each.id === cell?.employmentId);
  const insuranceIndex = frame.rules.insurances.findIndex((each) => each === cell?.insurance);
  const monthIndex = frame.months.findIndex((each) => each === cell?.month);
  const isRuleUnknown = job?.due[insuranceIndex]?.[monthIndex] === null;
  return { reason: isRuleUnknown ? 'rule-unknown' : 'state-unknown', connectionId: null, stream: 'contributions' };
}

/** The records of this person that a judgement rests on, as `connection/stream/owner key`. */
function evidenceOf(facts: FactsByStream): readonly string[] {
  const sources = new Set<string>();
  for (const stream of [
    'employments',
    'contributions',
    'wages',
    'attendance',
    'orders',
    'submissions',
    'bills',
  ] as const) {
    for (const { connectionId, ownerKey } of facts[stream]) sources.add(`${connectionId}/${stream}/${ownerKey}`);
  }
  return [...sources].sort();
}
