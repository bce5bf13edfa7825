/** How persons are judged again: one read, the pure judgement, one write of what changed, in one transaction. */
import { traced } from '../platform/tracing/tracing.js';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RecordsChanged } from '../domain/facts.js';
import { HubError } from '../domain/hub-error.js';
import type { FindingSituation } from '../domain/situation.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { readCompleteness } from '../sync/completeness.reader.js';
import { countQuarantine } from '../sync/quarantine.reader.js';
import { readPersonRecords } from '../sync/source-records.reader.js';
import { hasApplications } from './back-payment.reader.js';
import { storedCells } from './cell-letters.js';
import { diffCorrections, diffFindings, type OpenFinding, type StoredCorrection } from './diff-judgement.js';
import { frameOf, type JudgeFrame } from './judge-frame.js';
import { judgePerson, type Judgement } from './judge-person.js';
import { sortFacts, type PersonFacts } from './person-facts.js';
import {
  addTransitions,
  closeFindings,
  deleteCorrections,
  findCorrections,
  findJudgements,
  findOpenFindings,
  findRun,
  finishBatch,
  lockPersons,
  openFindings,
  updateFindings,
  writeCorrections,
  writeJudgements,
  type BatchScope,
  type OwnedCorrection,
  type OwnedFinding,
  type RunRow,
  type StoredJudgement,
} from './reconcile-batch.store.js';
import { RECONCILE_SETTINGS, type ReconcileSettings } from './reconcile-settings.js';
import { SourceStates } from './source-states.js';
import { TransitionCounts } from './transitions.js';

/** How many rows a batch wrote; all zero when the same facts are judged twice. */
export interface BatchReport {
  readonly persons: number;
  readonly judgements: number;
  readonly findingsOpened: number;
  readonly findingsUpdated: number;
  readonly findingsClosed: number;
  readonly correctionsWritten: number;
  readonly correctionsDeleted: number;
  readonly wasLastBatch: boolean;
}

/** Findings about months for which money is missing. */
const LACKING: readonly FindingSituation[] = ['gap', 'gap-before-hire', 'withheld-not-remitted'];

/** A judgement that a power cut takes away goes together with its batch's mark and its facts, and is made again. */
const BATCH_COMMIT = { flush: 'later' } as const;
/** Named persons only, and often: see TransactionOptions. */
const TARGETED_COMMIT = { flush: 'later', plans: 'kept' } as const;

@Injectable()
export class ReconcileBatch {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(RECONCILE_SETTINGS) private readonly settings: ReconcileSettings,
  ) {}

  /** Safe to repeat. Throws `unknown-run` for a run that is not stored. */
  onRecordsChanged(fact: RecordsChanged): Promise<BatchReport> {
    const facts = { tenant: fact.tenantId, run: fact.runId, persons: fact.personIds.length };
    return traced('reconcile.batch', facts, () => this.judgeChanged(fact));
  }

  private async judgeChanged(fact: RecordsChanged): Promise<BatchReport> {
    return this.database.inTenant(
      fact.tenantId,
      async (em) => {
        const scope: BatchScope = { tenantId: fact.tenantId, runId: fact.runId, personIds: fact.personIds };
        const run = await findRun(em, scope);
        if (run === null) throw unknownRun(fact);
        const persons = await this.readPersons(em, scope);
        const frame = await this.readFrame(em, fact, run);
        const changes = await judgeAll(em, scope, { persons, frame, policyVersion: run.policyVersion });
        await writeChanges(em, scope, changes);
        if (!run.dryRun) await this.tellCases(em, fact, changes);
        const wasLastBatch = fact.batchNo !== null && (await finishBatch(em, scope, fact.batchNo));
        if (!run.dryRun && (wasLastBatch || fact.batchNo === null)) {
          const personIds = fact.batchNo === null ? fact.personIds : null;
          await this.jobs.post(em, {
            fact: 'CorrectionPlanned',
            tenantId: fact.tenantId,
            runId: fact.runId,
            personIds,
          });
        }
        await this.tellFindings(em, fact, { changes, wasLastBatch });
        const report = reportOf(persons.length, changes, wasLastBatch);
        this.settings.log.info(
          { tenantId: fact.tenantId, runId: fact.runId, batchNo: fact.batchNo, ...report },
          'persons judged',
        );
        return report;
      },
      fact.batchNo === null ? TARGETED_COMMIT : BATCH_COMMIT,
    );
  }

  /** Once per run, whatever was found in it; single persons only where something moved. */
  private async tellFindings(
    em: EntityManager,
    { tenantId, runId, batchNo, personIds }: RecordsChanged,
    { changes, wasLastBatch }: { readonly changes: Changes; readonly wasLastBatch: boolean },
  ): Promise<void> {
    const moved = changes.opened.length + changes.closedIds.length > 0;
    if (batchNo === null ? moved : wasLastBatch)
      await this.jobs.post(em, {
        fact: 'FindingsMoved',
        tenantId,
        runId,
        personIds: batchNo === null ? personIds : null,
      });
  }

  /** Whose findings or applications a back-payment case may have to follow. */
  private async tellCases(em: EntityManager, fact: RecordsChanged, changes: Changes): Promise<void> {
    const { tenantId, runId, asOf } = fact;
    const of = (personIds: ReadonlySet<string>) => ({ tenantId, runId, asOf, personIds: [...personIds].sort() });
    if (changes.lacking.size > 0) await this.jobs.post(em, { fact: 'FindingOpened', ...of(changes.lacking) });
    if (changes.settling.size > 0) await this.jobs.post(em, { fact: 'FindingClosed', ...of(changes.settling) });
  }

  private async readPersons(em: EntityManager, scope: BatchScope): Promise<readonly PersonFacts[]> {
    const locked = await lockPersons(em, scope);
    const records = await readPersonRecords(em, scope.tenantId, scope.personIds);
    return locked.map(({ personId, frozen }) => ({ personId, frozen, records: records.get(personId) ?? [] }));
  }

  private async readFrame(em: EntityManager, fact: RecordsChanged, run: RunRow): Promise<JudgeFrame> {
    const rules = this.settings.tenantRules(fact.tenantId);
    const sources = new SourceStates({
      streams: await readCompleteness(em, fact.tenantId),
      setAside: await countQuarantine(em, fact.tenantId),
      connections: rules.connections,
      runStartedAt: run.startedAt,
    });
    return frameOf({ asOf: fact.asOf, rules, sources });
  }
}

interface Changes {
  readonly judgements: StoredJudgement[];
  readonly opened: OwnedFinding[];
  readonly updated: { readonly findingId: string; readonly finding: OwnedFinding['finding'] }[];
  readonly closedIds: string[];
  readonly written: OwnedCorrection[];
  readonly deleted: StoredCorrection[];
  readonly transitions: TransitionCounts;
  /** Persons with months that lack money, where anything about them is new. */
  readonly lacking: Set<string>;
  /** Persons whose lack ended, or for whom an application is shown. */
  readonly settling: Set<string>;
}

interface JudgeAllInput {
  readonly persons: readonly PersonFacts[];
  readonly frame: JudgeFrame;
  readonly policyVersion: string;
}

async function judgeAll(
  em: EntityManager,
  scope: BatchScope,
  { persons, frame, policyVersion }: JudgeAllInput,
): Promise<Changes> {
  const judgements = new Map((await findJudgements(em, scope)).map((judged) => [judged.personId, judged]));
  const findings = byPerson(await findOpenFindings(em, scope));
  const corrections = byPerson(await findCorrections(em, scope));
  const changes: Changes = {
    judgements: [],
    opened: [],
    updated: [],
    closedIds: [],
    written: [],
    deleted: [],
    transitions: new TransitionCounts(),
    lacking: new Set(),
    settling: new Set(),
  };
  for (const person of persons) {
    collectChanges(changes, judgePerson(person, frame), {
      person,
      frame,
      policyVersion,
      judgement: judgements.get(person.personId) ?? null,
      findings: findings.get(person.personId) ?? [],
      corrections: corrections.get(person.personId) ?? [],
    });
  }
  return changes;
}

function byPerson<R extends { readonly personId: string }>(rows: readonly R[]): ReadonlyMap<string, readonly R[]> {
  const grouped = new Map<string, R[]>();
  for (const row of rows) {
    const group = grouped.get(row.personId);
    if (group === undefined) grouped.set(row.personId, [row]);
    else group.push(row);
  }
  return grouped;
}

interface StoredPerson {
  readonly person: PersonFacts;
  readonly frame: JudgeFrame;
  readonly policyVersion: string;
  readonly judgement: StoredJudgement | null;
  readonly findings: readonly OpenFinding[];
  readonly corrections: readonly StoredCorrection[];
}

function collectChanges(changes: Changes, judged: Judgement, stored: StoredPerson): void {
  const { personId } = stored.person;
  const row = judgementRow(judged, stored);
  if (!isSameJudgement(stored.judgement, row)) {
    changes.judgements.push(row);
    changes.transitions.add(stored.judgement, row);
  }
  const findings = diffFindings(stored.findings, judged);
  for (const finding of findings.opened) changes.opened.push({ personId, finding });
  changes.updated.push(...findings.updated);
  changes.closedIds.push(...findings.closedIds);
  noteApplications(changes, findings, stored);
  const corrections = diffCorrections(stored.corrections, judged, () => sortFacts(stored.person.records));
  for (const correction of corrections.written) changes.written.push({ personId, correction });
  changes.deleted.push(...corrections.deleted);
}

function noteApplications(changes: Changes, diff: ReturnType<typeof diffFindings>, stored: StoredPerson): void {
  const { personId, records } = stored.person;
  const touched = [...diff.opened, ...diff.updated.map(({ finding }) => finding)];
  if (touched.some(({ situation }) => LACKING.includes(situation))) changes.lacking.add(personId);
  const isLackOver = stored.findings.some(
    ({ findingId, situation }) => diff.closedIds.includes(findingId) && LACKING.includes(situation),
  );
  if (isLackOver || hasApplications(records)) changes.settling.add(personId);
}

function judgementRow(judged: Judgement, { person, frame, policyVersion }: StoredPerson): StoredJudgement {
  return {
    personId: person.personId,
    asOf: frame.asOf,
    windowFrom: frame.months[0] ?? frame.asOfMonth,
    policyVersion,
    status: judged.status,
    cells: JSON.stringify(storedCells(judged.cells, judged.outcome === 'inconclusive' ? judged.why : null)),
  };
}

function isSameJudgement(stored: StoredJudgement | null, judged: StoredJudgement): boolean {
  return (
    stored !== null &&
    stored.asOf === judged.asOf &&
    stored.windowFrom === judged.windowFrom &&
    stored.policyVersion === judged.policyVersion &&
    stored.status === judged.status &&
    stored.cells === judged.cells
  );
}

/** Corrections are deleted before others are written: an object may pass from one person of the batch to another. */
async function writeChanges(em: EntityManager, scope: BatchScope, changes: Changes): Promise<void> {
  await writeJudgements(em, scope, changes.judgements);
  await closeFindings(em, scope, changes.closedIds);
  await updateFindings(em, scope, changes.updated);
  await openFindings(em, scope, changes.opened);
  await deleteCorrections(em, scope, changes.deleted);
  await writeCorrections(em, scope, changes.written);
  // Last: batches of one run count into the same rows.
  await addTransitions(em, scope, changes.transitions.all());
}

function reportOf(persons: number, changes: Changes, wasLastBatch: boolean): BatchReport {
  return {
    persons,
    judgements: changes.judgements.length,
    findingsOpened: changes.opened.length,
    findingsUpdated: changes.updated.length,
    findingsClosed: changes.closedIds.length,
    correctionsWritten: changes.written.length,
    correctionsDeleted: changes.deleted.length,
    wasLastBatch,
  };
}

function unknownRun({ tenantId, runId }: RecordsChanged): HubError {
  return new HubError({
    code: 'unknown-run',
    next: 'bug',
    message: `Persons should be judged for run ${runId}, but tenant ${tenantId} has no such run; expected its row to be stored before its batches.`,
    detail: { tenantId, runId },
  });
}
