/** Whom a full run has judged: the changed, the differently dated, or everybody; written as batches with a job each. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import {
  bereftPersons,
  duePersons,
  isCompletenessChanged,
  isQuarantineChanged,
  markChosen,
  touchQuarantined,
  unchosenRuns,
} from './due-persons.store.js';
import { type RunKey, insertBatch } from './run.store.js';
import type { SyncTools } from './sync-tools.js';

/** Persons per job: RecordsChanged promises at most this many. */
export const BATCH_PERSONS = 500;
/** Persons looked at per statement; bounds memory, not the answer. */
const CHUNK_PERSONS = 20_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

export interface ChooseRequest extends RunKey {
  readonly asOf: Day;
  readonly windowFrom: string;
  readonly policyVersion: string;
  readonly dryRun: boolean;
}

export interface Chosen {
  readonly persons: number;
  readonly batches: number;
}

/**
 * Writes all batches of a run and posts their jobs in the caller's one transaction: whoever sees a batch sees them all.
 * With nobody to judge it posts CorrectionPlanned for the whole run, unless the run is dry.
 */
export async function choosePersons(
  em: EntityManager,
  tools: Pick<SyncTools, 'jobs'>,
  request: ChooseRequest,
): Promise<Chosen> {
  const runIds = [request.runId, ...(await unchosenRuns(em, request))];
  await touchQuarantined(em, request, runIds);
  const everybody =
    (await isCompletenessChanged(em, request.tenantId, runIds)) ||
    (await isQuarantineChanged(em, request.tenantId, runIds));
  const batches = new BatchWriter(em, tools, request);
  for (let after: string | null = FIRST; after !== null;) {
    const chunk = await duePersons(em, { ...request, after, limit: CHUNK_PERSONS, runIds, everybody });
    await batches.add(chunk.due);
    after = chunk.last;
  }
  await batches.add(await bereftPersons(em, request.tenantId));
  await batches.flush();
  await markChosen(em, request.tenantId, runIds);
  if (batches.count === 0 && !request.dryRun) {
    await tools.jobs.post(em, {
      fact: 'CorrectionPlanned',
      tenantId: request.tenantId,
      runId: request.runId,
      personIds: null,
    });
  }
  return { persons: batches.persons, batches: batches.count };
}

class BatchWriter {
  count = 0;
  persons = 0;
  private waiting: string[] = [];

  constructor(
    private readonly em: EntityManager,
    private readonly tools: Pick<SyncTools, 'jobs'>,
    private readonly run: ChooseRequest,
  ) {}

  async add(personIds: readonly string[]): Promise<void> {
    for (const personId of personIds) {
      this.waiting.push(personId);
      if (this.waiting.length === BATCH_PERSONS) await this.flush();
    }
  }

  async flush(): Promise<void> {
    if (this.waiting.length === 0) return;
    const { tenantId, runId, asOf } = this.run;
    const batchNo = this.count;
    const personIds = this.waiting;
    this.waiting = [];
    this.count += 1;
    this.persons += personIds.length;
    await insertBatch(this.em, this.run, { batchNo, personIds });
    const fact = { fact: 'RecordsChanged', tenantId, runId, asOf, batchNo, personIds } as const;
    await this.tools.jobs.post(this.em, fact, { priority: batchNo });
  }
}
