/** How given persons are judged again without reading anything: one run of its own, in batches, planned as a whole at its end. */
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Day } from '../domain/month.js';
import { BATCH_PERSONS } from './choose-persons.js';
import { endRun, insertBatch, insertRun } from './run.store.js';
import type { SyncTools } from './sync-tools.js';

export interface JudgeAgainRequest {
  readonly tenantId: string;
  readonly personIds: readonly string[];
  readonly asOf: Day;
  /** See FullRunRequest.policyVersion. */
  readonly policyVersion: string;
  /** See NewRun.startedBy. */
  readonly startedBy: string;
}

/**
 * Writes the run with all its batches in the caller's transaction and returns its id. What its judgements plan passes the
 * brakes once, after the last batch, and what moves money waits as always.
 */
export async function judgeAgain(
  em: EntityManager,
  tools: Pick<SyncTools, 'jobs'>,
  { tenantId, personIds, asOf, policyVersion, startedBy }: JudgeAgainRequest,
): Promise<string> {
  const key = { tenantId, runId: uuidv7() };
  const claim = randomUUID();
  const run = { ...key, mode: 'targeted', trigger: 'manual', asOf, dryRun: false, policyVersion } as const;
  await insertRun(em, { ...run, startedBy, claim });
  const ordered = [...personIds].sort();
  for (let at = 0, batchNo = 0; at < ordered.length; at += BATCH_PERSONS, batchNo += 1) {
    const batch = ordered.slice(at, at + BATCH_PERSONS);
    await insertBatch(em, key, { batchNo, personIds: batch });
    const fact = { fact: 'RecordsChanged', ...key, asOf, batchNo, personIds: batch } as const;
    await tools.jobs.post(em, fact, { priority: batchNo });
  }
  await endRun(em, key, { state: 'succeeded', stats: { persons: ordered.length } });
  return key.runId;
}
