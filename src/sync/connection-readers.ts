/** In which threads the connections of a run are read: which reader gets which connection, and the order that tells it what to do. */
import pLimit from 'p-limit';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import type { Connection } from '../connectors/port.js';
import type { PullOutcome } from './pull.js';
import { pullConnection } from './pull-connection.js';
import type { ReadProgress } from './read-progress.js';
import type { SyncTools } from './sync-tools.js';
import type { ClosedWindow } from './windows.js';

/** What a reader is told; plain values, so that it can be sent to another thread. */
export interface ReadingOrder {
  readonly tenantId: string;
  readonly runId: string;
  readonly claim: string;
  readonly connectionId: string;
  readonly window: ClosedWindow;
  readonly asOf: Day;
  /** Rows expected per read name. */
  readonly totals: ReadonlyMap<string, number>;
  /** Reads that this run saw to their end before it was taken over; they are not walked again. */
  readonly ended: ReadonlyMap<string, PullOutcome>;
  /** Only these reads; null = all. */
  readonly only: readonly string[] | null;
}

/** Who watches a reader, and how it is told to stop. */
export interface ReadingWatch {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ReadProgress) => void;
}

/** Reads connections to their end, in this thread or in another; the promise of `pullConnection` holds for each. */
export interface ConnectionReader {
  read(order: ReadingOrder, watch: ReadingWatch): Promise<void>;
}

/** Connections that one reader reads at the same time; each is bounded by its own limits. */
const CONNECTIONS_AT_ONCE = 4;

/** Reads in this thread. Throws `unknown-connection` for one that the tenant's configuration does not have. */
export function ownThreadReader(tools: SyncTools): ConnectionReader {
  return {
    read: async (order, watch) => {
      const connection = tools
        .connectionsOf(order.tenantId)
        .find(({ connectionId }) => connectionId === order.connectionId);
      if (connection === undefined) throw unknownConnection(order);
      await pullConnection(tools, { ...order, ...watch, connection });
    },
  };
}

/** Each reader with no more than its share at a time. */
export function bounded(readers: readonly ConnectionReader[]): readonly ConnectionReader[] {
  return readers.map((reader) => {
    const limit = pLimit(CONNECTIONS_AT_ONCE);
    return {
      read: (order, watch) =>
        limit(async () => {
          watch.signal.throwIfAborted();
          await reader.read(order, watch);
        }),
    };
  });
}

/**
 * Which reader (by place) gets each connection, largest first to whoever has least so far. Connections that were never read
 * count as alike, so a first run deals them out in turn.
 */
export function dealOut(
  connections: readonly Connection[],
  rows: ReadonlyMap<string, number>,
  count: number,
): number[] {
  const loads = Array.from({ length: count }, () => 0);
  const dealt = connections.map(() => 0);
  const sizes = connections.map(({ connectionId }) => 1 + (rows.get(connectionId) ?? 0));
  const largestFirst = [...sizes.keys()].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  for (const at of largestFirst) {
    const least = loads.indexOf(Math.min(...loads));
    dealt[at] = least;
    loads[least] = (loads[least] ?? 0) + (sizes[at] ?? 0);
  }
  return dealt;
}

function unknownConnection({ tenantId, connectionId }: ReadingOrder): HubError {
  return new HubError({
    code: 'unknown-connection',
    next: 'fix-config',
    message: `Tenant ${tenantId} has no connection ${connectionId} in the configuration that this thread read; expected all threads of a hub to have read the same file.`,
    detail: { tenantId, connectionId },
  });
}
