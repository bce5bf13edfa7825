/** How given persons of one connection are read again at once: for a webhook's hint, or to replay what was quarantined. */
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import type { Connection, ReadDeclaration, RejectedRow, StreamRecord } from '../connectors/port.js';
import { markOwnersGone } from './absence.store.js';
import { BATCH_PERSONS } from './choose-persons.js';
import { applyPage, blindIndexesOf } from './commit-page.js';
import { dropUnnamed, meansGone, reviewDuplicates } from './end-traversal.js';
import { portionsOf } from './portions.js';
import { resolveUnsentOf } from './quarantine.store.js';
import { readOrder } from './read-order.js';
import { type RunTrigger, endRun } from './run.store.js';
import type { SyncTools } from './sync-tools.js';
import { beginTargetedRun, connectionNamed, pageOfOwners, postChanged, refuseHeld } from './targeted-run.js';
import { forgetSeen, lockCheckpoint, settleUnseen } from './traversal.store.js';
import { readWindow, windowOf } from './windows.js';

export interface PersonsRequest {
  readonly tenantId: string;
  readonly connectionId: string;
  /** That system's keys of the persons; 1–500. */
  readonly ownerKeys: readonly string[];
  readonly asOf: Day;
  readonly trigger: RunTrigger;
  /** See NewRun.startedBy; by default the trigger. */
  readonly startedBy?: string;
  readonly policyVersion: string;
  readonly signal: AbortSignal;
}

export interface PersonsOutcome {
  readonly runId: string;
  /** Persons whose records changed; each is posted for judgement. */
  readonly personIds: readonly string[];
  /** Reads that cannot be asked for single persons: only a full run brings them. */
  readonly notTargeted: readonly string[];
}

/** What one targeted read brought; held in memory whole, because its owners are few. */
export interface Gathered {
  readonly read: ReadDeclaration;
  readonly records: readonly StreamRecord[];
  readonly rejected: readonly RejectedRow[];
  readonly complete: boolean;
}

/**
 * Reads these persons in every read that can be asked for them, then stores everything and posts RecordsChanged in one
 * transaction. Throws the source's error unchanged, having stored nothing but the failed run.
 */
export async function pullPersons(tools: SyncTools, request: PersonsRequest): Promise<PersonsOutcome> {
  const connection = connectionOf(tools, request);
  await refuseHeld(tools, request);
  const { tenantId, trigger, startedBy = trigger, asOf, policyVersion } = request;
  const key = { tenantId, runId: uuidv7() };
  await beginTargetedRun(tools, { ...key, trigger, startedBy, asOf, policyVersion }, connection);
  let gathered: readonly Gathered[];
  try {
    gathered = await gatherPersons(tools, connection, request);
  } catch (error) {
    await tools.database.inTenant(request.tenantId, (em) =>
      endRun(em, key, { state: 'failed', stats: { persons: 0 } }),
    );
    throw error;
  }
  const personIds = await tools.database.inTenant(request.tenantId, (em) =>
    storeTargeted(em, tools, { request, runId: key.runId, gathered }),
  );
  tools.log.info(
    { ...key, connectionId: request.connectionId, owners: request.ownerKeys.length, persons: personIds.length },
    'A targeted read has ended.',
  );
  const notTargeted = readOrder(connection.declaration).filter((read) => !read.targeted);
  return { runId: key.runId, personIds, notTargeted: notTargeted.map((read) => read.name) };
}

/** What to ask for of whom. */
export type GatherRequest = Pick<PersonsRequest, 'tenantId' | 'ownerKeys' | 'asOf' | 'signal'>;

/** Asks every read that can be asked for given persons, all at once; in the order in which they are to be stored. */
export async function gatherPersons(
  tools: SyncTools,
  connection: Connection,
  request: GatherRequest,
): Promise<readonly Gathered[]> {
  const reads = readOrder(connection.declaration).filter((candidate) => candidate.targeted);
  return Promise.all(reads.map((read) => gather(tools, request, { connection, read })));
}

function connectionOf(tools: SyncTools, request: PersonsRequest): Connection {
  const connection = connectionNamed(tools, request);
  const owners = request.ownerKeys.length;
  if (owners > 0 && owners <= BATCH_PERSONS) return connection;
  throw new HubError({
    code: 'too-many-owners',
    next: 'bug',
    message: `A targeted read takes 1 to ${BATCH_PERSONS} persons.`,
    detail: { owners },
  });
}

async function gather(
  tools: SyncTools,
  request: GatherRequest,
  source: { readonly connection: Connection; readonly read: ReadDeclaration },
): Promise<Gathered> {
  const { connection, read } = source;
  const { lookBackMonths } = tools.settingsOf(request.tenantId);
  const records: StreamRecord[] = [];
  const rejected: RejectedRow[] = [];
  let complete = false;
  const pages = connection.read({
    read: read.name,
    window: readWindow(read.streams, windowOf(request.asOf, lookBackMonths)),
    asOf: request.asOf,
    cursor: null,
    owners: request.ownerKeys,
    listOwners: pageOfOwners(request.ownerKeys),
    signal: request.signal,
  });
  for await (const page of pages) {
    for (const record of page.records) records.push(record);
    for (const row of page.rejected) rejected.push(row);
    if (page.end !== null) complete = page.end.complete;
  }
  return { read, records, rejected, complete };
}

interface Storing {
  readonly request: Pick<PersonsRequest, 'tenantId' | 'connectionId' | 'ownerKeys' | 'asOf'>;
  readonly runId: string;
  readonly gathered: readonly Gathered[];
}

/** Stores what was gathered of these owners, posts RecordsChanged and ends the run; returns whose records changed. */
export async function storeTargeted(
  em: EntityManager,
  tools: SyncTools,
  { request, runId, gathered }: Storing,
): Promise<readonly string[]> {
  const { tenantId, connectionId, asOf } = request;
  const changed = new Set<string>();
  for (const one of gathered)
    for (const personId of await storeRead(em, tools, { request, runId, one })) changed.add(personId);
  const personIds = [...changed].sort();
  if (gathered.some(({ read }) => read.streams.includes('persons'))) {
    await reviewDuplicates(em, { tenantId, connectionId, runId }, { mayClose: true, persons: personIds });
  }
  await postChanged(em, tools, { tenantId, runId, asOf, personIds });
  await endRun(
    em,
    { tenantId, runId },
    {
      state: gathered.every(({ complete }) => complete) ? 'succeeded' : 'partial',
      stats: { persons: personIds.length },
    },
  );
  return personIds;
}

async function storeRead(
  em: EntityManager,
  tools: SyncTools,
  step: { readonly request: Storing['request']; readonly runId: string; readonly one: Gathered },
): Promise<ReadonlySet<string>> {
  const { tenantId, connectionId, ownerKeys } = step.request;
  const { read, records, rejected, complete } = step.one;
  const asked = new Set(ownerKeys);
  const key = { tenantId, connectionId, read: read.name };
  const running = await lockCheckpoint(em, key);
  // What is met is noted under an id of its own, so that a full traversal under way keeps its own account.
  const of = { ...key, runId: step.runId, streamRunId: uuidv7(), isFirst: false };
  const portions = portionsOf(records.filter((record) => asked.has(record.ownerKey)));
  const applied = await applyPage(em, tools, {
    of,
    portions,
    blindIndexes: blindIndexesOf(tools.vault, tenantId, portions),
    rejected,
  });
  const personIds = new Set(applied.personIds);
  if (complete) {
    if (applied.unseen.length > 0) for (const personId of await dropUnnamed(em, of)) personIds.add(personId);
    const streams = read.streams.filter((stream) => meansGone(stream, read.includesLeavers));
    for (const personId of await markOwnersGone(em, of, { streams, ownerKeys })) personIds.add(personId);
    await resolveUnsentOf(em, of, ownerKeys);
    if (running !== null) await settleUnseen(em, { tenantId, streamRunId: running }, ownerKeys);
  }
  if (portions.length + rejected.length > 0) await forgetSeen(em, of);
  return personIds;
}
