/** What the data of each event says: ids, counts and codes; nothing about a person but the hub's own id. */
import type { EventType } from '../domain/events.js';

export interface RunCompletedData {
  readonly tenantId: string;
  readonly runId: string;
  readonly asOf: string;
  readonly state: string;
  readonly operations: number;
}

export interface RunSuspendedData {
  readonly tenantId: string;
  readonly runId: string;
  readonly planId: string;
  readonly reasons: readonly string[];
  readonly operations: number;
}

export interface NamedFinding {
  readonly findingId: string;
  readonly personId: string;
  readonly situation: string;
  readonly insurance: string;
  readonly months: readonly string[];
}

export interface FindingsData {
  readonly tenantId: string;
  readonly runId: string;
  /** How many there are; `named` holds the first 100 of them. */
  readonly findings: number;
  readonly persons: number;
  readonly bySituation: Readonly<Record<string, number>>;
  readonly named: readonly NamedFinding[];
}

export interface StuckData {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly operations: number;
  readonly byState: Readonly<Record<string, number>>;
  readonly byCode: Readonly<Record<string, number>>;
  /** The first 100. */
  readonly operationIds: readonly string[];
}

export interface ConnectionData {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly reason: string | null;
}

export interface CaseData {
  readonly tenantId: string;
  readonly caseId: string;
  readonly personId: string;
  readonly from: string | null;
  readonly to: string;
}

/** A day made something about a case due; it did not move. */
export interface CaseDueData {
  readonly tenantId: string;
  readonly caseId: string;
  readonly personId: string;
  readonly state: string;
  readonly due: 'answer' | 'application' | 'silence';
  /** The last day to answer or to apply; of silence, the day of the application. */
  readonly day: string | null;
}

/** Discriminated by `type`; the types of a case by their beginning, and what is due by its data. */
export type EventBody =
  | { readonly type: 'run.completed'; readonly data: RunCompletedData }
  | { readonly type: 'run.suspended'; readonly data: RunSuspendedData }
  | { readonly type: 'finding.opened' | 'finding.closed'; readonly data: FindingsData }
  | { readonly type: 'operation.dead'; readonly data: StuckData }
  | { readonly type: 'connection.down' | 'connection.up'; readonly data: ConnectionData }
  | { readonly type: `case.${string}`; readonly data: CaseData | CaseDueData };

/** One thing that happened, before it is known who is told. */
export type Event = EventBody & {
  /** The same for the same happening, whoever reports it how often. */
  readonly key: string;
  /** Whom it is about, where it is about one person. */
  readonly personId: string | null;
};

/** An event as it was stored. Only this room writes such rows, each by the types above. */
export function storedEvent(type: EventType, body: string): EventBody {
  return { type, data: JSON.parse(body) as unknown } as EventBody;
}
