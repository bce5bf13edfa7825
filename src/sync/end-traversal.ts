/** What the last page of a read concludes: whether everything was seen, who is gone, which rows have mended, who stands twice. */
import type { EntityManager } from 'typeorm';
import type { Stream } from '../domain/records.js';
import type { IncompleteReason, ReadEnd } from '../connectors/port.js';
import { type StreamCount, countMet, countRows, listUnnamed, markGone } from './absence.store.js';
import { type PersonScope, closeDuplicates, openDuplicates, refreshFreeze } from './correlation.store.js';
import { resolveUnsent } from './quarantine.store.js';
import { contentHash, withoutItems } from './record-body.js';
import { touchPersons, writeRecords } from './source-record.store.js';
import { type Traversal, clearCheckpoint, endStreamRun } from './traversal.store.js';

/** `count-drop`: the read says it is complete, and far fewer owners came than were known. */
export type EndReason = IncompleteReason | 'count-drop';

export type TraversalEnd = { readonly changedCount: number } & (
  { readonly complete: true; readonly reason: null } | { readonly complete: false; readonly reason: EndReason }
);

export interface EndRequest {
  /** The version of the checkpoint after the last page. */
  readonly version: number;
  readonly claimed: ReadEnd;
  readonly countDropPercent: number;
}

/** A handful of orders may end together; a handful of employees may not. */
const FEW_OBJECTS = 20;
const UNNAMED_BATCH = 500;

/** Ends a traversal in the transaction of its last page. Only a complete read takes anything away. */
export async function endTraversal(em: EntityManager, of: Traversal, request: EndRequest): Promise<TraversalEnd> {
  const mayMiss = request.claimed.complete && !of.isFirst;
  const counts = mayMiss ? await countMet(em, of) : [];
  const reason = await endReason(em, of, { counts, request });
  const changedCount = mayMiss && reason === null ? await concludeAbsence(em, of, counts) : 0;
  if (of.streams.includes('persons')) await reviewDuplicates(em, of, { mayClose: reason === null, persons: null });
  await clearCheckpoint(em, of, request.version);
  await endStreamRun(em, of, { state: reason === null ? 'succeeded' : 'incomplete', reason });
  return reason === null ? { changedCount, complete: true, reason } : { changedCount, complete: false, reason };
}

async function endReason(
  em: EntityManager,
  of: Traversal,
  { counts, request }: { readonly counts: readonly StreamCount[]; readonly request: EndRequest },
): Promise<EndReason | null> {
  if (!request.claimed.complete) return request.claimed.reason;
  return of.isFirst ? null : dropReason(em, of, { counts, countDropPercent: request.countDropPercent });
}

/** Opens and, where absence may be concluded, closes cases of one number in two places; those concerned are judged again. */
export async function reviewDuplicates(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'connectionId' | 'runId'>,
  review: { readonly mayClose: boolean; readonly persons: PersonScope },
): Promise<void> {
  const opened = await openDuplicates(em, of, review.persons);
  const closed = review.mayClose ? await closeDuplicates(em, of, review.persons) : [];
  const concerned = [...opened, ...closed];
  await refreshFreeze(em, of.tenantId, concerned);
  await touchPersons(em, of, concerned);
}

interface DropCheck {
  readonly counts: readonly StreamCount[];
  readonly countDropPercent: number;
}

async function dropReason(em: EntityManager, of: Traversal, check: DropCheck): Promise<EndReason | null> {
  const { counts, countDropPercent } = check;
  if (countDropPercent >= 100) return null;
  if (counts.some((count) => isDrop(of, count, countDropPercent))) return 'count-drop';
  // Everybody may be there with half of what was said of each: the rows tell.
  const { rows, before } = await countRows(em, of);
  if (before === null || (before < FEW_OBJECTS && of.streams.every(isFewByNature))) return null;
  return rows * 100 <= before * (100 - countDropPercent) && rows < before ? 'count-drop' : null;
}

function isDrop(of: Traversal, { stream, missing, met }: StreamCount, countDropPercent: number): boolean {
  if (missing === 0) return false;
  const known = missing + met;
  if (isFewByNature(stream) && known < FEW_OBJECTS) return false;
  // A list without leavers shrinks for ever against what is stored; only an empty one is suspicious.
  return met === 0 || (meansGone(stream, of.includesLeavers) && missing * 100 >= known * countDropPercent);
}

function isFewByNature(stream: Stream): boolean {
  return stream === 'orders' || stream === 'submissions' || stream === 'bills';
}

async function concludeAbsence(em: EntityManager, of: Traversal, counts: readonly StreamCount[]): Promise<number> {
  const dropped = (await dropUnnamed(em, of)).length;
  const withMissing = counts.filter((count) => count.missing > 0).map((count) => count.stream);
  const gone = await markGone(
    em,
    of,
    withMissing.filter((stream) => meansGone(stream, of.includesLeavers)),
  );
  await resolveUnsent(em, of);
  return dropped + gone;
}

/** Absence from a list of people says something only where the list also holds those who left; absent facts are absent. */
export function meansGone(stream: Stream, includesLeavers: boolean): boolean {
  return includesLeavers || (stream !== 'persons' && stream !== 'employments');
}

/** Takes the items that nobody named out of the records of owners who were met; returns the person of each record changed. */
export async function dropUnnamed(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'connectionId' | 'streamRunId' | 'runId'>,
): Promise<readonly string[]> {
  let after: readonly [string, string] = ['', ''];
  const personIds: string[] = [];
  for (;;) {
    const owners = await listUnnamed(em, of, { after, limit: UNNAMED_BATCH });
    const last = owners.at(-1);
    if (last === undefined) return personIds;
    const writes = owners.map(({ keys, body, ...record }) => {
      const rest = withoutItems(body, keys);
      return { ...record, body: rest, hash: contentHash(rest) };
    });
    await writeRecords(em, of, writes);
    for (const { personId } of owners) if (personId !== null) personIds.push(personId);
    after = [last.stream, last.ownerKey];
  }
}
