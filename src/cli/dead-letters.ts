/** What did not get through and waits for a person, from every stage of the hub, as one list; and how it is tried again. */
import type { Day } from '../domain/month.js';
import { listDeadJobs, reviveJobs } from '../platform/jobs/dead-jobs.reader.js';
import { DecideOperations } from '../push/decide-operations.js';
import { listOperations } from '../push/operations.reader.js';
import { readQuarantine } from '../sync/quarantine.reader.js';
import { replayQuarantine } from '../sync/replay-quarantine.js';
import { SyncTools } from '../sync/sync-tools.js';
import type { OpenHub } from './open-hub.js';

/** read: a row that could not be understood. judge: a job that failed for the last time. send: an operation that did not arrive. */
export const STAGES = ['read', 'judge', 'send'] as const;
export type Stage = (typeof STAGES)[number];

export interface DeadLetter {
  readonly letter: string;
  readonly stage: Stage;
  /** Closed code first; then the words that came with it. */
  readonly cause: string;
  readonly connectionId: string | null;
  /** What it is about: read and field, fact, or kind and state, with the ids that lead further. Never a value. */
  readonly context: string;
  readonly since: Date;
}

export interface LetterFilter {
  readonly tenantId: string;
  readonly stage?: Stage | undefined;
  readonly connection?: string | undefined;
  /** What the cause begins with. */
  readonly cause?: string | undefined;
  /** null = whatever fits. */
  readonly letters: readonly string[] | null;
  readonly limit: number;
}

/** Each stage at most so many; the rest comes once these are dealt with. */
const PER_STAGE = 1000;

export async function listDeadLetters(hub: OpenHub, filter: LetterFilter): Promise<readonly DeadLetter[]> {
  const stages = { read: rowLetters, judge: jobLetters, send: operationLetters };
  const found: DeadLetter[] = [];
  for (const stage of STAGES)
    if (filter.stage === undefined || filter.stage === stage)
      found.push(...(await stages[stage](hub, filter.tenantId)));
  return found.filter((letter) => fits(letter, filter)).slice(0, filter.limit);
}

function fits(letter: DeadLetter, { connection, cause, letters }: LetterFilter): boolean {
  return (
    (connection === undefined || letter.connectionId === connection) &&
    (cause === undefined || letter.cause.startsWith(cause)) &&
    (letters === null || letters.includes(letter.letter))
  );
}

async function rowLetters(hub: OpenHub, tenantId: string): Promise<DeadLetter[]> {
  const rows = await hub.database.inTenant(tenantId, (em) =>
    readQuarantine(em, tenantId, { after: null, limit: PER_STAGE }),
  );
  return rows.map((row) => ({
    letter: row.quarantineId,
    stage: 'read',
    cause: row.reason,
    connectionId: row.connectionId,
    context: `read ${row.read}, field ${row.field}, owner ${row.ownerKey ?? 'unknown'}, run ${row.lastRunId}`,
    since: row.firstSeenAt,
  }));
}

async function jobLetters(hub: OpenHub, tenantId: string): Promise<DeadLetter[]> {
  const jobs = await hub.database.acrossTenants((em) => listDeadJobs(em, tenantId, PER_STAGE));
  return jobs.map((job) => ({
    letter: job.jobId,
    stage: 'judge',
    cause: job.cause,
    connectionId: job.connectionId,
    context: `${job.fact}, ${job.attempts} tries, run ${job.runId ?? 'none'}`,
    since: job.at,
  }));
}

async function operationLetters(hub: OpenHub, tenantId: string): Promise<DeadLetter[]> {
  const states = ['dead', 'rejected', 'needs-human'] as const;
  const operations = await hub.database.inTenant(tenantId, (em) =>
    listOperations(em, { tenantId, states, limit: PER_STAGE }),
  );
  return operations.map((each) => ({
    letter: each.operationId,
    stage: 'send',
    cause: [each.outcomeCode, each.outcomeMessage].filter(Boolean).join(': ') || each.state,
    connectionId: each.connectionId,
    context: `${each.kind} ${each.state}, ${each.attempt} tries, owner ${each.ownerKey}${each.objectKey && `, object ${each.objectKey}`}`,
    since: each.createdAt,
  }));
}

export interface ReplayLetters {
  readonly tenantId: string;
  readonly letters: readonly DeadLetter[];
  readonly actor: string;
  readonly asOf: Day;
  readonly policyVersion: string;
  readonly signal: AbortSignal;
}

export interface ReplayReport {
  /** Letters of every stage. */
  readonly tried: number;
  /** Rows that are understood now, that the source still sends as they were, that only a full run brings. */
  readonly resolved: number;
  readonly stillRejected: number;
  readonly waitForFullRun: number;
  readonly jobs: number;
  readonly operations: number;
}

export async function replayDeadLetters(hub: OpenHub, request: ReplayLetters): Promise<ReplayReport> {
  const { tenantId, actor } = request;
  const idsOf = (stage: Stage): string[] =>
    request.letters.filter((letter) => letter.stage === stage).map(({ letter }) => letter);
  const rows = await replayQuarantine(hub.app.get(SyncTools), { ...request, quarantineIds: idsOf('read') });
  const jobIds = idsOf('judge');
  const jobs = jobIds.length === 0 ? 0 : await hub.database.acrossTenants((em) => reviveJobs(em, tenantId, jobIds));
  const operationIds = idsOf('send');
  const decision = { tenantId, decision: 'replay', actor, operationIds } as const;
  const operations = operationIds.length === 0 ? 0 : await hub.app.get(DecideOperations).decide(decision);
  return { ...rows, tried: request.letters.length, jobs, operations };
}
