/** How all reads of one connection are walked in order, each failing for itself. */
import { v7 as uuidv7 } from 'uuid';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import { findHeldConnection } from '../connectors/connection-health.reader.js';
import type { Connection, ReadDeclaration } from '../connectors/port.js';
import { type PullOutcome, type PullProgress, pullRead } from './pull.js';
import type { ReadProgress } from './read-progress.js';
import { prerequisites, readOrder } from './read-order.js';
import type { SyncTools } from './sync-tools.js';
import { insertUnstarted } from './traversal.store.js';
import { type ClosedWindow, readWindow } from './windows.js';

export interface ConnectionRequest {
  readonly tenantId: string;
  readonly runId: string;
  readonly claim: string;
  readonly connection: Connection;
  readonly window: ClosedWindow;
  readonly asOf: Day;
  readonly signal: AbortSignal;
  /** Rows expected per read name. */
  readonly totals: ReadonlyMap<string, number>;
  /** Reads that this run saw to their end before it was taken over; they are not walked again. */
  readonly ended: ReadonlyMap<string, PullOutcome>;
  /** Only these reads; null = all. */
  readonly only: readonly string[] | null;
  readonly onProgress: (progress: ReadProgress) => void;
}

/**
 * Walks every read of a connection. A read whose prerequisite failed is not begun and counts as failed (`after-failed`).
 * Resolves when all have ended; rejects only on abort or when another process has taken over.
 */
export async function pullConnection(tools: SyncTools, request: ConnectionRequest): Promise<void> {
  const failed = new Set<string>();
  const held = await tools.database.inTenant(request.tenantId, (em) =>
    findHeldConnection(em, { tenantId: request.tenantId, connectionId: request.connection.connectionId }),
  );
  for (const read of readOrder(request.connection.declaration)) {
    if (request.only !== null && !request.only.includes(read.name)) continue;
    const ended = request.ended.get(read.name);
    const isInVain = prerequisites(read).some((name) => failed.has(name));
    const outcome =
      ended ?? (await readOne(tools, request, { read, skip: held?.health ?? (isInVain ? 'after-failed' : null) }));
    if (outcome.state === 'failed') failed.add(read.name);
    report(request, read, { ...outcome });
    tools.log.info(
      {
        tenantId: request.tenantId,
        runId: request.runId,
        connectionId: request.connection.connectionId,
        read: read.name,
        ...outcome,
      },
      'A read has ended.',
    );
  }
}

async function readOne(
  tools: SyncTools,
  request: ConnectionRequest,
  one: { readonly read: ReadDeclaration; readonly skip: SkipReason | null },
): Promise<PullOutcome> {
  return one.skip === null ? walkRead(tools, request, one.read) : skipRead(tools, request, { ...one, skip: one.skip });
}

/** `after-failed`: a read before it failed. The others: a person took the connection out of use. */
type SkipReason = 'after-failed' | 'maintenance' | 'quarantined';

async function walkRead(tools: SyncTools, request: ConnectionRequest, read: ReadDeclaration): Promise<PullOutcome> {
  const { tenantId, runId, claim, connection, asOf, signal } = request;
  report(request, read, { pages: 0, rows: 0, state: 'running', reason: null });
  try {
    return await pullRead(tools, {
      tenantId,
      runId,
      claim,
      connection,
      read,
      asOf,
      signal,
      window: readWindow(read.streams, request.window),
      onPage: (progress: PullProgress) => report(request, read, { ...progress, state: 'running', reason: null }),
    });
  } catch (error) {
    if (signal.aborted || isTakenOver(error)) throw error;
    tools.log.error(
      { err: error, tenantId, runId, connectionId: connection.connectionId, read: read.name },
      'A read broke off inside the hub; it is taken up by the next run.',
    );
    return {
      pages: 0,
      rows: 0,
      changed: 0,
      rejected: 0,
      state: 'failed',
      reason: error instanceof HubError ? error.code : 'unexpected',
    };
  }
}

async function skipRead(
  tools: SyncTools,
  request: ConnectionRequest,
  { read, skip: reason }: { readonly read: ReadDeclaration; readonly skip: SkipReason },
): Promise<PullOutcome> {
  const { tenantId, runId, connection } = request;
  await tools.database.inTenant(tenantId, (em) =>
    insertUnstarted(
      em,
      {
        tenantId,
        runId,
        connectionId: connection.connectionId,
        read: read.name,
        streams: read.streams,
        streamRunId: uuidv7(),
      },
      reason,
    ),
  );
  return { pages: 0, rows: 0, changed: 0, rejected: 0, state: 'failed', reason };
}

function isTakenOver(error: unknown): boolean {
  return error instanceof HubError && (error.code === 'checkpoint-moved' || error.code === 'run-taken-over');
}

function report(
  request: ConnectionRequest,
  read: ReadDeclaration,
  progress: Pick<ReadProgress, 'pages' | 'rows' | 'state' | 'reason'>,
): void {
  const { pages, rows, state, reason } = progress;
  request.onProgress({
    connectionId: request.connection.connectionId,
    read: read.name,
    pages,
    rows,
    state,
    reason,
    total: request.totals.get(read.name) ?? null,
  });
}
