/** How a run ended: per connection and read, and overall. */
import type { EntityManager } from 'typeorm';
import type { Chosen } from './choose-persons.js';
import { type RunKey, endRun } from './run.store.js';
import { type RunRead, readRunReads } from './runs.reader.js';

export type RunEndState = 'succeeded' | 'partial' | 'failed';

export interface ConnectionEndState {
  readonly connectionId: string;
  readonly state: RunEndState;
  readonly reads: readonly RunRead[];
}

export interface RunOutcome {
  readonly runId: string;
  /** `succeeded` = every read was complete; `failed` = none brought anything. */
  readonly state: RunEndState;
  readonly connections: readonly ConnectionEndState[];
  readonly chosen: Chosen;
}

/** Ends the reading of a run by what its reads show. The batches it posted are judged after it, under its id. */
export async function finishRun(em: EntityManager, key: RunKey, chosen: Chosen): Promise<RunOutcome> {
  const reads = await readRunReads(em, key);
  const connectionIds = [...new Set(reads.map((read) => read.connectionId))];
  const connections = connectionIds.map((connectionId): ConnectionEndState => {
    const own = reads.filter((read) => read.connectionId === connectionId);
    return { connectionId, state: stateOf(own), reads: own };
  });
  const state = stateOf(reads);
  const reasons = connections.flatMap(({ connectionId, reads: own }) =>
    own.flatMap((read) => (read.reason === null ? [] : [{ connectionId, read: read.read, reason: read.reason }])),
  );
  await endRun(em, key, { state, stats: { ...chosen, reasons } });
  return { runId: key.runId, state, connections, chosen };
}

function stateOf(reads: readonly Pick<RunRead, 'state'>[]): RunEndState {
  if (reads.every((read) => read.state === 'succeeded')) return 'succeeded';
  return reads.every((read) => read.state === 'failed' || read.state === 'running') ? 'failed' : 'partial';
}
