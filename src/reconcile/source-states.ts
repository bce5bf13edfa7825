/** Which reads may be believed today: complete ones, young enough; and where rows wait in quarantine. */
import type { Stream } from '../domain/records.js';
import type { ConnectionRules } from './reconcile-settings.js';

/** The newest ended traversal of one stream. */
export interface StreamState {
  readonly connectionId: string;
  readonly stream: Stream;
  readonly complete: boolean;
  readonly finishedAt: Date | null;
}

/** Rows of a stream that could not become records and still wait, whoever they belong to. */
export interface SetAsideRows {
  readonly connectionId: string;
  readonly stream: Stream;
  readonly reason: string;
}

export type Unreliable = 'never-read' | 'incomplete' | 'stale';

export interface SourceStatesInput {
  readonly streams: readonly StreamState[];
  readonly setAside: readonly SetAsideRows[];
  readonly connections: readonly ConnectionRules[];
  /** Freshness is counted back from here, by the database's clock. */
  readonly runStartedAt: Date;
}

/** A note of sync, not a row: records whose person is not known yet. */
const UNLINKED = 'unlinked';
const MS_PER_HOUR = 3_600_000;

export class SourceStates {
  private readonly problems = new Map<string, Unreliable | null>();
  private readonly streamsWithSetAside = new Set<string>();

  constructor(input: SourceStatesInput) {
    const freshHours = new Map(input.connections.map((connection) => [connection.connectionId, connection.freshHours]));
    for (const state of input.streams) {
      const oldest = input.runStartedAt.getTime() - (freshHours.get(state.connectionId) ?? 0) * MS_PER_HOUR;
      this.problems.set(keyOf(state.connectionId, state.stream), problemOf(state, oldest));
    }
    for (const rows of input.setAside) {
      if (rows.reason !== UNLINKED) this.streamsWithSetAside.add(keyOf(rows.connectionId, rows.stream));
    }
  }

  /** null = a complete and fresh read: absence in it means absence. */
  problem(connectionId: string, stream: Stream): Unreliable | null {
    const known = this.problems.get(keyOf(connectionId, stream));
    return known === undefined ? 'never-read' : known;
  }

  /** Rows of this stream wait in quarantine, whoever they belong to. */
  hasSetAside(connectionId: string, stream: Stream): boolean {
    return this.streamsWithSetAside.has(keyOf(connectionId, stream));
  }
}

function keyOf(connectionId: string, stream: Stream): string {
  return `${connectionId} ${stream}`;
}

function problemOf(state: StreamState, oldest: number): Unreliable | null {
  if (!state.complete || state.finishedAt === null) return 'incomplete';
  return state.finishedAt.getTime() >= oldest ? null : 'stale';
}
