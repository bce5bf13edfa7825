/** What reconcile knows of one person before judging: the living records of all connections, sorted by stream. */
import type { StreamItems, Stream } from '../domain/records.js';
import type { Role } from '../domain/situation.js';
import type { PersonRecord } from '../sync/source-records.reader.js';

/** One item with the place it came from. */
export interface Sourced<T> {
  readonly connectionId: string;
  readonly role: Role;
  readonly ownerKey: string;
  readonly value: T;
}

/** Rows of an owner and stream that could not be understood and wait: what is missing there may be among them. */
export interface PartialSource {
  readonly connectionId: string;
  readonly stream: Stream;
  readonly ownerKey: string;
}

export type FactsByStream = { readonly [S in Stream]: Sourced<StreamItems[S]>[] } & {
  readonly partials: readonly PartialSource[];
};

export interface PersonFacts {
  readonly personId: string;
  /** A person whose match is ambiguous: judged, never pushed. */
  readonly frozen: boolean;
  readonly records: readonly PersonRecord[];
}

/** Records of people whom a complete read no longer lists say nothing about today: they are left out. */
export function sortFacts(records: readonly PersonRecord[]): FactsByStream {
  const partials: PartialSource[] = [];
  const facts: FactsByStream = {
    persons: [],
    employments: [],
    wages: [],
    attendance: [],
    contributions: [],
    orders: [],
    submissions: [],
    bills: [],
    partials,
  };
  for (const record of [...records].sort(bySource)) {
    const { connectionId, role, ownerKey, stream } = record;
    if (record.isPartial) partials.push({ connectionId, stream, ownerKey });
    if (record.goneAt !== null) continue;
    const list = facts[stream] as Sourced<StreamItems[Stream]>[];
    for (const value of record.items) list.push({ connectionId, role, ownerKey, value });
  }
  return facts;
}

export function isPartial({ partials }: FactsByStream, { connectionId, stream, ownerKey }: PartialSource): boolean {
  return partials.some(
    (each) => each.connectionId === connectionId && each.stream === stream && each.ownerKey === ownerKey,
  );
}

/** The order in which records arrive must never decide anything. */
function bySource(left: PersonRecord, right: PersonRecord): number {
  if (left.connectionId !== right.connectionId) return left.connectionId < right.connectionId ? -1 : 1;
  if (left.ownerKey === right.ownerKey) return 0;
  return left.ownerKey < right.ownerKey ? -1 : 1;
}
