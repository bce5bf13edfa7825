/** Which reads may be believed today: complete ones, young enough, without set-aside rows of the person in question. */
import type { Stream } from '../domain/records.js';
import type { ConnectionRules } from './reconcile-settings.js';

/** The newest ended traversal of one stream. */
export interface StreamState {
  readonly connectionId: string;
  readonly stream: Stream;
  readonly complete: boolean;
  readonly finishedAt: Date | null;
}

/** A row that could not become a record and still waits. `ownerKey: null`: it does not even say whose it is. */
export interface SetAsideRow {
  readonly connectionId: string;
  readonly stream: Stream;
  readonly ownerKey: string | null;
}

export type Unreliable = 'never-read' | 'incomplete' | 'stale';

export interface SourceStatesInput {
  readonly streams: readonly StreamState[];
  readonly setAside: readonly SetAsideRow[];
  readonly connections: readonly ConnectionRules[];
  /** Freshness is counted back from here, by the database's clock. */
  readonly runStartedAt: Date;
}

const MS_PER_HOUR = 3_600_000;

export class SourceStates {
  private readonly problems = new Map<string, Unreliable | null>();
  private readonly ownedRows = new Set<string>();
  private readonly streamsWithSetAside = new Set<string>();

  constructor(input: SourceStatesInput) {
    const freshHours = new Map(input.connections.map((connection) => [connection.connectionId, connection.freshHours]));
    for (const state of input.streams) {
      const oldest = input.runStartedAt.getTime() - (freshHours.get(state.connectionId) ?? 0) * MS_PER_HOUR;
      this.problems.set(keyOf(state.connectionId, state.stream), problemOf(state, oldest));
    }
    for (const row of input.setAside) {
      this.streamsWithSetAside.add(keyOf(row.connectionId, row.stream));
      if (row.ownerKey !== null) this.ownedRows.add(`${keyOf(row.connectionId, row.stream)} ${row.ownerKey}`);
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

  /** Rows of this owner wait in quarantine. */
  hasSetAsideOf(connectionId: string, stream: Stream, ownerKey: string): boolean {
    return this.ownedRows.size > 0 && this.ownedRows.has(`${keyOf(connectionId, stream)} ${ownerKey}`);
  }
}

function keyOf(connectionId: string, stream: Stream): string {
  return `${connectionId} ${stream}`;
}

function problemOf(state: StreamState, oldest: number): Unreliable | null {
  if (!state.complete || state.finishedAt === null) return 'incomplete';
  return state.finishedAt.getTime() >= oldest ? null : 'stale';
}
