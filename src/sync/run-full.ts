/** How a full run of a tenant is started, kept alive, taken over after a crash, read to its end and handed to judgement. */
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import { traced } from '../platform/tracing/tracing.js';
import type { Connection } from '../connectors/port.js';
import { choosePersons } from './choose-persons.js';
import { type ConnectionReader, bounded, dealOut, ownThreadReader } from './connection-readers.js';
import { type RunOutcome, finishRun } from './finish-run.js';
import type { ReadProgress } from './read-progress.js';
import { readOrder } from './read-order.js';
import {
  type ActiveRun,
  type RunTrigger,
  beat,
  confirmClaim,
  expireRun,
  findActiveRun,
  insertRun,
  lastTotals,
  registerConnections,
  releaseRun,
  takeOverRun,
} from './run.store.js';
import { readRunReads } from './runs.reader.js';
import type { SyncTools } from './sync-tools.js';
import { windowOf } from './windows.js';

export interface FullRunRequest {
  readonly tenantId: string;
  readonly asOf: Day;
  readonly trigger: RunTrigger;
  /** See NewRun.startedBy; by default the trigger. */
  readonly startedBy?: string;
  /** Reads, stores and judges, and lets nothing be sent. */
  readonly dryRun: boolean;
  /** Version of the policy and of the settings that a judgement rests on; another one has everybody judged again. */
  readonly policyVersion: string;
  /** Only this connection, or only these reads of it; the rest is judged as it stands. */
  readonly only?: RunPart;
  /** Default `run`. */
  readonly does?: RunWork;
  /** Inside the transaction that begins or takes over the run; what it throws leaves no trace of either. */
  readonly whenClaimed?: (em: EntityManager, runId: string) => Promise<void>;
  readonly onProgress?: (progress: ReadProgress) => void;
  /** Who reads the connections; by default this thread alone. */
  readonly readers?: readonly ConnectionReader[];
}

/** One connection of a tenant, or some of its reads. */
export interface RunPart {
  readonly connectionId: string;
  /** null = all of its reads. */
  readonly reads: readonly string[] | null;
}

/**
 * `run` reads and judges. `read` only reads: whom it changed the next run that judges takes along. `reconcile` judges what
 * was read so far, and reads nothing.
 */
export type RunWork = 'run' | 'read' | 'reconcile';

export interface RunHandle {
  readonly runId: string;
  /** Whether this run goes on with one that a killed process left behind. */
  readonly isResumed: boolean;
  /** Resolves when the reads have ended and the persons to judge are posted; rejects when stopped or taken over. */
  readonly finished: Promise<RunOutcome>;
  /** Breaks the reading off where it stands; the next start goes on from there. Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const HEARTBEAT_MS = 10_000;
/** Changed records from which on new statistics are worth their half second. */
const MANY_CHANGES = 10_000;

/**
 * Starts a full run, or goes on with the one that a killed process left. One is active per tenant: throws HubError
 * `run-active` while another lives.
 */
export async function startFullRun(tools: SyncTools, request: FullRunRequest): Promise<RunHandle> {
  const connections = partOf(tools.connectionsOf(request.tenantId), request);
  for (const connection of connections) readOrder(connection.declaration);
  const claimed = await claimRun(tools, request, connections);
  const running = new FullRun(tools, request, claimed);
  const finished = running.walk(connections);
  finished.catch(() => undefined);
  return {
    runId: claimed.runId,
    isResumed: claimed.isResumed,
    finished,
    stop: async () => {
      running.abort();
      await finished.catch(() => undefined);
    },
  };
}

function partOf(connections: readonly Connection[], { only, tenantId, does }: FullRunRequest): readonly Connection[] {
  if (does === 'reconcile') return [];
  if (only === undefined) return connections;
  const found = connections.find(({ connectionId }) => connectionId === only.connectionId);
  const reads = found?.declaration.reads.map(({ name }) => name) ?? [];
  const unknown = only.reads?.find((name) => !reads.includes(name));
  if (found !== undefined && unknown === undefined) return [found];
  const known = found === undefined ? connections.map(({ connectionId }) => connectionId) : reads;
  throw new HubError({
    code: found === undefined ? 'unknown-connection' : 'unknown-read',
    next: 'fix-config',
    message: `Tenant ${tenantId} has no ${found === undefined ? `connection ${only.connectionId}` : `read ${unknown ?? ''} of ${only.connectionId}`}; expected one of: ${known.join(', ')}.`,
    detail: { tenantId },
  });
}

interface ClaimedRun {
  readonly runId: string;
  readonly claim: string;
  readonly isResumed: boolean;
}

async function claimRun(
  tools: SyncTools,
  request: FullRunRequest,
  connections: readonly Connection[],
): Promise<ClaimedRun> {
  const { tenantId } = request;
  const claim = randomUUID();
  return tools.database.inTenant(tenantId, async (em) => {
    await registerConnections(em, { tenantId, name: tools.settingsOf(tenantId).name }, connections);
    const active = await findActiveRun(em, tenantId);
    if (active?.isAlive === true) throw runActive(active.runId);
    const isResumed = active !== null && isSameRun(active, request);
    if (active !== null && isResumed) await takeOverRun(em, { tenantId, runId: active.runId }, claim);
    else if (active !== null) await expireRun(em, { tenantId, runId: active.runId });
    const runId = active !== null && isResumed ? active.runId : await insertFullRun(em, request, claim);
    await request.whenClaimed?.(em, runId);
    return { runId, claim, isResumed };
  });
}

/** What a run is about, as its row carries it: only a request for the same goes on with it. */
function aboutOf({ does = 'run', only }: FullRunRequest): string {
  return [does, ...(only === undefined ? [] : [only.connectionId, ...(only.reads ?? [])])].join(':');
}

function isSameRun(active: ActiveRun, request: FullRunRequest): boolean {
  return (
    active.isYoung &&
    active.asOf === request.asOf &&
    active.dryRun === request.dryRun &&
    active.about === aboutOf(request) &&
    active.policyVersion === request.policyVersion
  );
}

async function insertFullRun(em: EntityManager, request: FullRunRequest, claim: string): Promise<string> {
  const { tenantId, asOf, trigger, dryRun, policyVersion } = request;
  const runId = uuidv7();
  const startedBy = request.startedBy ?? trigger;
  const about = aboutOf(request);
  const run = { tenantId, runId, mode: 'full', trigger, startedBy, asOf, dryRun, policyVersion, claim, about } as const;
  if (await insertRun(em, run)) return runId;
  throw runActive(null);
}

class FullRun {
  private readonly stopping = new AbortController();

  constructor(
    private readonly tools: SyncTools,
    private readonly request: FullRunRequest,
    private readonly claimed: ClaimedRun,
  ) {}

  abort(): void {
    this.stopping.abort(
      new HubError({
        code: 'run-stopped',
        next: 'retry',
        message: `Run ${this.claimed.runId} was stopped; the next start goes on from where it stands.`,
      }),
    );
  }

  walk(connections: readonly Connection[]): Promise<RunOutcome> {
    const facts = { tenant: this.request.tenantId, run: this.claimed.runId, kind: this.request.does ?? 'run' };
    return traced('run', facts, async (span) => {
      const outcome = await this.walkAll(connections);
      span.tell({ persons: outcome.chosen.persons, outcome: outcome.state });
      return outcome;
    });
  }

  private async walkAll(connections: readonly Connection[]): Promise<RunOutcome> {
    const heartbeat = setInterval(() => void this.beat(), HEARTBEAT_MS);
    try {
      await this.readAll(connections);
      return await this.conclude();
    } catch (error) {
      await this.inTenant((em) => releaseRun(em, this.key, this.claimed.claim)).catch(() => undefined);
      throw error;
    } finally {
      clearInterval(heartbeat);
    }
  }

  private get key(): { readonly tenantId: string; readonly runId: string } {
    return { tenantId: this.request.tenantId, runId: this.claimed.runId };
  }

  private inTenant<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.tools.database.inTenant(this.request.tenantId, work);
  }

  /** A beat that fails for want of the database is no reason to stop: the pages would fail too if it stayed away. */
  private async beat(): Promise<void> {
    const isOurs = await this.inTenant((em) => beat(em, this.key, this.claimed.claim)).catch(() => true);
    if (!isOurs)
      this.stopping.abort(
        new HubError({
          code: 'run-taken-over',
          next: 'retry',
          message: `Run ${this.claimed.runId} is held by another process now.`,
        }),
      );
  }

  private async readAll(connections: readonly Connection[]): Promise<void> {
    const { asOf, onProgress = (): void => undefined } = this.request;
    const totals = await this.inTenant((em) => lastTotals(em, this.request.tenantId));
    const reads = await this.inTenant((em) => readRunReads(em, this.key));
    const ended = reads.flatMap((read) => (read.state === 'succeeded' ? [{ ...read, state: read.state }] : []));
    const window = windowOf(asOf, this.tools.settingsOf(this.request.tenantId).lookBackMonths);
    const readers = bounded(this.request.readers ?? [ownThreadReader(this.tools)]);
    const dealt = dealOut(connections, rowsPerConnection(totals), readers.length);
    const walks = connections.map(async ({ connectionId }, at) => {
      const order = {
        ...{ ...this.key, claim: this.claimed.claim, connectionId, window, asOf },
        totals: new Map(totals.filter(of(connectionId)).map((total) => [total.read, total.rows])),
        only: this.request.only?.reads ?? null,
        ended: new Map(ended.filter(of(connectionId)).map((read) => [read.read, read])),
      };
      await readers[dealt[at] ?? 0]?.read(order, { signal: this.stopping.signal, onProgress });
    });
    // All walks come to rest before the run does: a page must not be committed after the claim was given up.
    const settled = await Promise.allSettled(walks);
    for (const walk of settled) if (walk.status === 'rejected') throw walk.reason;
  }

  /** After a read that changed much, the planner must not go on believing that the tables are empty. */
  private async refreshStatistics(): Promise<void> {
    const reads = await this.inTenant((em) => readRunReads(em, this.key));
    const changed = reads.reduce((sum, read) => sum + read.changed, 0);
    if (changed < MANY_CHANGES) return;
    await this.tools.database.acrossTenants((em) => em.query('ANALYZE buduan.person, buduan.source_record'));
  }

  private async conclude(): Promise<RunOutcome> {
    const { tenantId, asOf, policyVersion, dryRun } = this.request;
    await this.refreshStatistics();
    const outcome = await this.inTenant(async (em) => {
      await confirmClaim(em, this.key, this.claimed.claim);
      if (this.request.does === 'read') return finishRun(em, this.key, { persons: 0, batches: 0 });
      const windowFrom = windowOf(asOf, this.tools.settingsOf(tenantId).lookBackMonths).from;
      const chosen = await choosePersons(em, this.tools, { ...this.key, asOf, windowFrom, policyVersion, dryRun });
      return finishRun(em, this.key, chosen);
    });
    this.tools.log.info(
      { ...this.key, state: outcome.state, ...outcome.chosen },
      'The reading of a full run has ended.',
    );
    return outcome;
  }
}

function of(connectionId: string): (row: { readonly connectionId: string }) => boolean {
  return (row) => row.connectionId === connectionId;
}

function rowsPerConnection(
  totals: readonly { readonly connectionId: string; readonly rows: number }[],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { connectionId, rows } of totals) sums.set(connectionId, (sums.get(connectionId) ?? 0) + rows);
  return sums;
}

function runActive(runId: string | null): HubError {
  const which = runId === null ? 'Another full run' : `Full run ${runId}`;
  return new HubError({
    code: 'run-active',
    next: 'retry',
    message: `${which} of this tenant is under way. Wait until it has ended; if its process was killed, start again one minute later.`,
    detail: { runId },
  });
}
