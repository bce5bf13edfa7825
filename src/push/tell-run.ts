/** What is told of a run once it is planned, or its plan decided: that it is complete, or that a brake holds it. */
import type { EntityManager } from 'typeorm';
import type { RunCompleted } from '../domain/facts.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import { readRun, type RunState } from '../sync/runs.reader.js';

export interface RunToTell {
  readonly tenantId: string;
  readonly runId: string;
  readonly operations: number;
}

/** Only full runs; one that is suspended, or does not end here, is not told as complete. */
export async function tellCompleted(em: EntityManager, jobs: Pick<Jobs, 'post'>, told: RunToTell): Promise<void> {
  const run = await readRun(em, told);
  if (run?.mode !== 'full' || !isEnd(run.state)) return;
  await jobs.post(em, { fact: 'RunCompleted', ...told, asOf: run.asOf, state: run.state });
}

export async function tellSuspended(
  em: EntityManager,
  jobs: Pick<Jobs, 'post'>,
  told: RunToTell & { readonly planId: string; readonly reasons: readonly string[] },
): Promise<void> {
  await jobs.post(em, { fact: 'RunSuspended', ...told, reasons: [...new Set(told.reasons)] });
}

function isEnd(state: RunState): state is RunCompleted['state'] {
  return state === 'succeeded' || state === 'partial' || state === 'failed' || state === 'cancelled';
}
