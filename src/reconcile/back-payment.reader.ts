/** What a back-payment case rests on: a person's unpaid months as of a day, and what bureaus and agencies say became of them. */
import type { EntityManager } from 'typeorm';
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import type { BillItem, OrderItem, SubmissionItem } from '../domain/records.js';
import { readCompleteness } from '../sync/completeness.reader.js';
import { readPersons } from '../sync/persons.reader.js';
import { countQuarantine } from '../sync/quarantine.reader.js';
import { readPersonRecords, type PersonRecord } from '../sync/source-records.reader.js';
import { areBillsTold, chargedBy, isInEffect, paidIn, paysBack } from './billed-cells.js';
import { backPaymentQuestion, type JobQuestion } from './back-payment-question.js';
import { type JudgeFrame, frameOf } from './judge-frame.js';
import { judgePerson } from './judge-person.js';
import { type JudgedRun, readJudgedRuns } from './judgements.reader.js';
import { jobsOfPerson } from './jobs-of-person.js';
import { contextOf } from './person-context.js';
import { sortFacts, type FactsByStream, type PersonFacts, type Sourced } from './person-facts.js';
import { countedBothFen } from './postings.js';
import type { ReconcileSettings } from './reconcile-settings.js';
import { SourceStates } from './source-states.js';

export interface EmploymentInputs extends JobQuestion {
  readonly employmentId: string;
  readonly payingParty: 'self' | 'agency' | null;
}

/** One application or order that an outside system shows for a month of an insurance. */
export interface ShownApplication {
  readonly connectionId: string;
  /** That system's number of the application or order. */
  readonly ref: string;
  readonly insurance: Insurance;
  readonly month: Month;
  readonly state: SubmissionItem['state'] | OrderItem['state'];
  /** In that system's words, cleaned; null = it gives none. */
  readonly reason: string | null;
}

/** One line of an agency's bill, whether its bills are believed today or not. Amounts in fen. */
export interface ShownBill {
  readonly connectionId: string;
  readonly billId: string;
  /** The order it settles; null = the agency does not say. */
  readonly orderId: string | null;
  readonly insurance: Insurance;
  readonly month: Month;
  readonly billedMonth: Month;
  readonly isInEffect: boolean;
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
  /** Of the line as a whole; null = not told, or nothing was paid in yet. */
  readonly paidIn: { readonly dueFen: Fen; readonly paidFen: Fen } | null;
}

export interface PersonInputs {
  readonly runId: string;
  readonly isFrozen: boolean;
  /** Why nothing may be concluded; null = the sources are complete, fresh and agree. */
  readonly inconclusive: string | null;
  /** Employments with unpaid months. */
  readonly employments: readonly EmploymentInputs[];
  readonly applications: readonly ShownApplication[];
  readonly bills: readonly ShownBill[];
  /** Connections whose bills of the person were read completely and lately: nothing else is concluded from. */
  readonly billsTold: ReadonlySet<string>;
  /** Connections whose lists name the person: an application elsewhere would be for nobody. */
  readonly knownAt: ReadonlySet<string>;
  /** Months that bureaus show money for, by anybody: `insurance month`. */
  readonly paid: ReadonlySet<string>;
}

export interface InputsRequest {
  readonly tenantId: string;
  /** At most 500. */
  readonly personIds: readonly string[];
  readonly asOf: Day;
}

/** By person; absent = no such person, or one who was never judged. */
export async function readBackPaymentInputs(
  em: EntityManager,
  settings: ReconcileSettings,
  { tenantId, personIds, asOf }: InputsRequest,
): Promise<ReadonlyMap<string, PersonInputs>> {
  const runs = await readJudgedRuns(em, tenantId, personIds);
  const inputs = new Map<string, PersonInputs>();
  if (runs.size === 0) return inputs;
  const persons = await readPersons(em, tenantId, personIds);
  const records = await readPersonRecords(em, tenantId, personIds);
  const rules = settings.tenantRules(tenantId);
  const streams = await readCompleteness(em, tenantId);
  const setAside = await countQuarantine(em, tenantId);
  const frames = new Map<string, JudgeFrame>();
  const frameOfRun = ({ runId, startedAt: runStartedAt }: JudgedRun): JudgeFrame => {
    const sources = new SourceStates({ streams, setAside, connections: rules.connections, runStartedAt });
    const frame = frames.get(runId) ?? frameOf({ asOf, rules, sources });
    frames.set(runId, frame);
    return frame;
  };
  for (const [personId, { frozenReason }] of persons) {
    const judged = runs.get(personId);
    if (judged === undefined) continue;
    const facts = { personId, frozen: frozenReason !== null, records: records.get(personId) ?? [] };
    inputs.set(personId, inputsOf(facts, judged.runId, frameOfRun(judged)));
  }
  return inputs;
}

/** The same of one person; null = absent. */
export async function readInputsOfPerson(
  em: EntityManager,
  settings: ReconcileSettings,
  { personId, ...of }: Omit<InputsRequest, 'personIds'> & { readonly personId: string },
): Promise<PersonInputs | null> {
  return (await readBackPaymentInputs(em, settings, { ...of, personIds: [personId] })).get(personId) ?? null;
}

function inputsOf(person: PersonFacts, runId: string, frame: JudgeFrame): PersonInputs {
  const judgement = judgePerson(person, frame);
  const facts = sortFacts(person.records);
  const context = contextOf(facts, jobsOfPerson(facts, frame), frame);
  const employments = context.jobs.flatMap((job, index): EmploymentInputs[] => {
    const asked = backPaymentQuestion(context, judgement.cells, { job, index });
    return asked === null ? [] : [{ ...asked, employmentId: job.id, payingParty: job.employment.payingParty ?? null }];
  });
  return {
    runId,
    isFrozen: person.frozen,
    inconclusive: whyNot(judgement),
    employments: judgement.outcome === 'judged' ? employments : [],
    applications: applicationsOf(facts),
    bills: facts.bills.map(shownBill),
    billsTold: new Set([...frame.connections.keys()].filter((each) => areBillsTold(facts, frame, each))),
    knownAt: new Set(facts.persons.map(({ connectionId }) => connectionId)),
    paid: paidCells(facts),
  };
}

/** The key of `PersonInputs.paid`. */
export function cellKey({ insurance, month }: { readonly insurance: Insurance; readonly month: Month }): string {
  return `${insurance} ${month}`;
}

/** Whether anything a bureau or agency says of this person concerns an application for back-payment, or a bill may. */
export function hasApplications(records: readonly PersonRecord[]): boolean {
  return records.some(
    (record) =>
      (record.stream === 'bills' && record.items.some((line) => paysBack(line) || line.month < line.billedMonth)) ||
      ((record.stream === 'submissions' || record.stream === 'orders') &&
        record.items.some(({ kind }) => kind === 'back-payment')),
  );
}

function whyNot(judgement: ReturnType<typeof judgePerson>): string | null {
  switch (judgement.outcome) {
    case 'judged':
      return null;
    case 'unnamed':
      return 'unnamed';
    case 'inconclusive':
      return judgement.why.reason;
  }
}

function applicationsOf({ submissions, orders }: FactsByStream): readonly ShownApplication[] {
  const shown: ShownApplication[] = [];
  for (const { connectionId, value } of submissions) {
    const { submissionId: ref, insurance, effectiveMonth: month, state, reason = null } = value;
    if (value.kind === 'back-payment') shown.push({ connectionId, ref, insurance, month, state, reason });
  }
  for (const { connectionId, value } of orders) {
    if (value.kind !== 'back-payment') continue;
    for (const insurance of value.insurances)
      for (const month of value.months)
        shown.push({
          ...{ connectionId, ref: value.orderId, insurance, month, state: value.state },
          reason: value.reason ?? null,
        });
  }
  return shown;
}

function shownBill({ connectionId, value }: Sourced<BillItem>): ShownBill {
  const { billId, orderId = null, insurance, month, billedMonth } = value;
  return {
    ...{ connectionId, billId, orderId, insurance, month, billedMonth, isInEffect: isInEffect(value) },
    ...{ ...chargedBy([value]), paidIn: paidIn([value]) },
  };
}

function paidCells({ contributions }: FactsByStream): ReadonlySet<string> {
  const sums = new Map<string, number>();
  for (const { value } of contributions) {
    sums.set(cellKey(value), (sums.get(cellKey(value)) ?? 0) + countedBothFen(value));
  }
  return new Set([...sums].filter(([, sum]) => sum > 0).map(([key]) => key));
}
