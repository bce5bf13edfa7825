/** How one read of one connection is walked: page after page, each committed with its place, taken up again where it broke off. */
import { v7 as uuidv7 } from 'uuid';
import { HubError } from '../domain/hub-error.js';
import { traced } from '../platform/tracing/tracing.js';
import type { Day } from '../domain/month.js';
import type { Connection, ReadDeclaration, ReadPage } from '../connectors/port.js';
import { type PreparedPage, commitPage, preparePage } from './commit-page.js';
import { listLiveOwners } from './owners.js';
import { confirmClaim } from './run.store.js';
import type { SyncTools } from './sync-tools.js';
import {
  type FoundTraversal,
  type Traversal,
  adoptTraversal,
  claimCheckpoint,
  clearCheckpoint,
  endStreamRun,
  findRunning,
  insertTraversal,
  isNothingStored,
  lockCheckpoint,
} from './traversal.store.js';
import type { ClosedWindow } from './windows.js';

export interface PullRequest {
  readonly tenantId: string;
  readonly runId: string;
  /** The claim under which the caller holds the run; null where runs are not taken over. */
  readonly claim: string | null;
  readonly connection: Connection;
  readonly read: ReadDeclaration;
  readonly window: ClosedWindow;
  readonly asOf: Day;
  readonly signal: AbortSignal;
  /** Called after each committed page. */
  readonly onPage?: (progress: PullProgress) => void;
}

export interface PullProgress {
  readonly pages: number;
  readonly rows: number;
}

export interface PullOutcome extends PullProgress {
  /** `succeeded` = everything was seen; `incomplete` = what came is stored, absence means nothing; `failed` = broken off. */
  readonly state: 'succeeded' | 'incomplete' | 'failed';
  /** Null when succeeded; an EndReason when incomplete; the code of the error when failed. */
  readonly reason: string | null;
  readonly changed: number;
  readonly rejected: number;
}

interface Walk {
  readonly traversal: Traversal;
  readonly countDropPercent: number;
  version: number;
  pages: number;
  rows: number;
  changed: number;
  rejected: number;
  drift: Readonly<Record<string, number>>;
}

/**
 * Walks a read to its end. A failure of the source ends the traversal as `failed`; an abort, or a failure of the hub's own
 * database, throws and leaves it to be resumed. Throws HubError `traversal-active` when a living run is walking the read,
 * and
 * `checkpoint-moved` or `run-taken-over` when another process took over.
 */
export async function pullRead(tools: SyncTools, request: PullRequest): Promise<PullOutcome> {
  const { walk, cursor } = await openTraversal(tools, request);
  const pages = pagesOf(tools, request, cursor)[Symbol.asyncIterator]();
  let arriving = ahead(tools, request, pages);
  try {
    for (;;) {
      const arrived = await arriving;
      request.signal.throwIfAborted();
      if (arrived.type === 'failed') return await failTraversal(tools, walk, codeOf(arrived.error));
      if (arrived.type === 'broken') throw arrived.error;
      if (arrived.type === 'over') return await failTraversal(tools, walk, 'end-not-proved');
      if (arrived.page.end === null) arriving = ahead(tools, request, pages);
      const ended = await takePage(tools, walk, arrived.page);
      request.onPage?.({ pages: walk.pages, rows: walk.rows });
      if (ended !== null) return { ...outcomeOf(walk), ...ended };
    }
  } finally {
    void arriving.finally(() => pages.return?.()).catch(() => undefined);
  }
}

type Arrival =
  | { readonly type: 'page'; readonly page: PreparedPage }
  | { readonly type: 'over' }
  | { readonly type: 'failed'; readonly error: unknown }
  /** The source answered; the hub itself failed. */
  | { readonly type: 'broken'; readonly error: unknown };

/**
 * Asks for the next page, and encodes it, while the current one is committed. Never rejects, so that an answer nobody waits
 * for is harmless.
 */
async function ahead(tools: SyncTools, request: PullRequest, pages: AsyncIterator<ReadPage>): Promise<Arrival> {
  let next: IteratorResult<ReadPage>;
  try {
    next = await pages.next();
  } catch (error) {
    return { type: 'failed', error };
  }
  try {
    if (next.done === true) return { type: 'over' };
    return { type: 'page', page: preparePage(tools.vault, request.tenantId, next.value) };
  } catch (error) {
    return { type: 'broken', error };
  }
}

function pagesOf(tools: SyncTools, request: PullRequest, cursor: FoundCursor): AsyncIterable<ReadPage> {
  const { tenantId, connection, read } = request;
  return connection.read({
    read: read.name,
    window: request.window,
    asOf: request.asOf,
    cursor,
    owners: null,
    listOwners: (after, limit) =>
      listLiveOwners(tools, { tenantId, connectionId: connection.connectionId, after, limit }),
    signal: request.signal,
  });
}

async function takePage(
  tools: SyncTools,
  walk: Walk,
  page: PreparedPage,
): Promise<Pick<PullOutcome, 'state' | 'reason'> | null> {
  const drift = addDrift(walk.drift, page.drift);
  const { traversal, version, countDropPercent } = walk;
  const { tenantId: tenant, connectionId: connection, runId: run, read } = traversal;
  const committed = await traced('read.page', { tenant, connection, run, read, rows: page.rowCount }, async (span) => {
    const result = await commitPage(tools, { traversal, version, page, drift, countDropPercent });
    span.tell({ changed: result.changedCount });
    return result;
  });
  walk.version += 1;
  walk.pages += 1;
  walk.rows += page.rowCount;
  walk.changed += committed.changedCount;
  walk.rejected += page.rejected.length;
  walk.drift = drift;
  if (committed.end === null) return null;
  return { state: committed.end.complete ? 'succeeded' : 'incomplete', reason: committed.end.reason };
}

type FoundCursor = ReadPage['next'];

/** Takes up the traversal that broke off, where its pages still belong to the same months; begins a new one otherwise. */
async function openTraversal(
  tools: SyncTools,
  request: PullRequest,
): Promise<{ readonly walk: Walk; readonly cursor: FoundCursor }> {
  const { tenantId, runId, connection, read, window } = request;
  const key = { tenantId, connectionId: connection.connectionId, read: read.name };
  const fresh: Traversal = {
    ...key,
    runId,
    window,
    streamRunId: uuidv7(),
    streams: read.streams,
    includesLeavers: read.includesLeavers,
    isFirst: false,
  };
  const { countDropPercent } = tools.settingsOf(tenantId);
  return tools.database.inTenant(tenantId, async (em) => {
    // A paused process that wakes up between two reads must not take them from the one that goes on with its run.
    if (request.claim !== null) await confirmClaim(em, { tenantId, runId }, request.claim);
    // The checkpoint first, as page commits lock it: taking over in the other order could wait for a page that waits for it.
    await lockCheckpoint(em, key);
    const found = await findRunning(em, key);
    if (found !== null && found.isAlive && found.runId !== runId) throw traversalActive(fresh, found.runId);
    if (found !== null && found.place !== null && isResumable(found, fresh)) {
      const traversal = { ...fresh, streamRunId: found.streamRunId, isFirst: found.isFirst };
      await adoptTraversal(em, traversal, found.runId);
      const version = await claimCheckpoint(em, traversal, found.place);
      const walk = {
        ...newWalk(traversal, countDropPercent, version),
        pages: found.pageCount,
        rows: found.rowCount,
        drift: found.drift,
      };
      return { walk, cursor: found.place.cursor };
    }
    if (found !== null)
      await endStreamRun(em, { tenantId, streamRunId: found.streamRunId }, { state: 'failed', reason: 'abandoned' });
    const opened = { ...fresh, isFirst: await isNothingStored(em, fresh) };
    await insertTraversal(em, opened);
    const version = await claimCheckpoint(em, opened, { from: window.from, until: window.until, cursor: null });
    return { walk: newWalk(opened, countDropPercent, version), cursor: null };
  });
}

function isResumable(found: FoundTraversal, fresh: Traversal): boolean {
  const { from, until } = fresh.window;
  return (
    found.isYoung &&
    found.place?.from === from &&
    found.place.until === until &&
    found.streams.join() === fresh.streams.join()
  );
}

function newWalk(traversal: Traversal, countDropPercent: number, version: number): Walk {
  return { traversal, countDropPercent, version, pages: 0, rows: 0, changed: 0, rejected: 0, drift: {} };
}

async function failTraversal(tools: SyncTools, walk: Walk, reason: string): Promise<PullOutcome> {
  const { traversal, version } = walk;
  await tools.database.inTenant(traversal.tenantId, async (em) => {
    if (await clearCheckpoint(em, traversal, version)) await endStreamRun(em, traversal, { state: 'failed', reason });
  });
  return { ...outcomeOf(walk), state: 'failed', reason };
}

function outcomeOf({ pages, rows, changed, rejected }: Walk): Omit<PullOutcome, 'state' | 'reason'> {
  return { pages, rows, changed, rejected };
}

function addDrift(
  sum: Readonly<Record<string, number>>,
  page: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const fields = Object.entries(page);
  if (fields.length === 0) return sum;
  return { ...sum, ...Object.fromEntries(fields.map(([field, count]) => [field, (sum[field] ?? 0) + count])) };
}

function codeOf(error: unknown): string {
  return error instanceof HubError ? error.code : 'unexpected';
}

function traversalActive(of: Traversal, runId: string): HubError {
  return new HubError({
    code: 'traversal-active',
    next: 'retry',
    message: `Run ${runId} is reading ${of.read} of connection ${of.connectionId} right now. Wait until it has ended, or one minute after it was killed.`,
    detail: { connectionId: of.connectionId, read: of.read, runId },
  });
}
