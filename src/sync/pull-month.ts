/** How one month of a connection is read again alone: what it names is stored, and of no other month anything is concluded. */
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Connection, ReadDeclaration, ReadPage } from '../connectors/port.js';
import { HubError } from '../domain/hub-error.js';
import { type Day, type Month, addMonths } from '../domain/month.js';
import type { Stream } from '../domain/records.js';
import { listUnnamed } from './absence.store.js';
import { applyPage, blindIndexesOf } from './commit-page.js';
import { listLiveOwners } from './owners.js';
import { portionsOf } from './portions.js';
import { NO_KEYS, contentHash, decodeItems, keyOfLine, splitLines, withoutItems } from './record-body.js';
import { readOrder } from './read-order.js';
import { endRun } from './run.store.js';
import { writeRecords } from './source-record.store.js';
import type { SyncTools } from './sync-tools.js';
import { beginTargetedRun, connectionNamed, pageOfOwners, postChanged, refuseHeld } from './targeted-run.js';
import { findRunning, forgetSeen, lockCheckpoint } from './traversal.store.js';
import { readWindow, windowOf } from './windows.js';

export interface MonthRequest {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly month: Month;
  /** That system's keys of the persons, 1–500; null = everybody. */
  readonly ownerKeys: readonly string[] | null;
  readonly asOf: Day;
  readonly startedBy: string;
  readonly policyVersion: string;
  readonly signal: AbortSignal;
}

export interface MonthOutcome {
  readonly runId: string;
  readonly reads: readonly {
    readonly read: string;
    readonly rows: number;
    readonly changed: number;
    readonly complete: boolean;
  }[];
  /** Persons whose records changed; each was posted for judgement with the page that changed it. */
  readonly persons: number;
  /** Reads that hold no months, do not reach this one, or cannot be asked for single persons. */
  readonly notRead: readonly string[];
}

const MONTHLY: readonly Stream[] = ['wages', 'attendance', 'contributions'];
const UNNAMED_BATCH = 500;

/**
 * Every page is one transaction with the facts that follow from it. Inside the month an item that a complete read no longer
 * names, of somebody whom it does name, goes; who is not named at all keeps everything. Throws `no-month-read` and
 * `unknown-connection` (fix-config), `connection-held` and `traversal-active` (retry), and the source's error unchanged.
 */
export async function pullMonth(tools: SyncTools, request: MonthRequest): Promise<MonthOutcome> {
  const connection = connectionNamed(tools, request);
  await refuseHeld(tools, request);
  const reads = readOrder(connection.declaration);
  const chosen = reads.filter((read) => holdsMonth(tools, request, read));
  if (chosen.length === 0) throw noMonthRead(request);
  const { tenantId, startedBy, asOf, policyVersion } = request;
  const runId = uuidv7();
  await beginTargetedRun(tools, { tenantId, runId, trigger: 'manual', startedBy, asOf, policyVersion }, connection);
  const walks: MonthWalk[] = [];
  try {
    for (const read of chosen) walks.push(await new MonthWalk(tools, request, { connection, read, runId }).walk());
  } catch (error) {
    await end(tools, request, { runId, state: 'failed', persons: 0 });
    throw error;
  }
  const persons = new Set(walks.flatMap(({ personIds }) => [...personIds])).size;
  await end(tools, request, {
    runId,
    state: walks.every(({ complete }) => complete) ? 'succeeded' : 'partial',
    persons,
  });
  tools.log.info(
    { tenantId: request.tenantId, connectionId: request.connectionId, runId, month: request.month, persons },
    'One month was read again.',
  );
  return {
    ...{ runId, persons },
    reads: walks.map(({ name, rows, changed, complete }) => ({ read: name, rows, changed, complete })),
    notRead: reads.filter((read) => !chosen.includes(read)).map(({ name }) => name),
  };
}

function holdsMonth(tools: SyncTools, request: MonthRequest, read: ReadDeclaration): boolean {
  const { from, until } = readWindow(
    read.streams,
    windowOf(request.asOf, tools.settingsOf(request.tenantId).lookBackMonths),
  );
  const isMonthly = read.streams.every((stream) => MONTHLY.includes(stream));
  const isReached = request.month >= from && request.month < until;
  return isMonthly && isReached && (request.ownerKeys === null || read.targeted);
}

async function end(
  tools: SyncTools,
  { tenantId }: MonthRequest,
  ended: { readonly runId: string; readonly state: 'succeeded' | 'partial' | 'failed'; readonly persons: number },
): Promise<void> {
  const { runId, state, persons } = ended;
  await tools.database.inTenant(tenantId, (em) => endRun(em, { tenantId, runId }, { state, stats: { persons } }));
}

interface Walked {
  readonly connection: Connection;
  readonly read: ReadDeclaration;
  readonly runId: string;
}

/** One read, page by page. */
class MonthWalk {
  rows = 0;
  changed = 0;
  complete = false;
  readonly personIds = new Set<string>();
  readonly name: string;
  // What is met is noted under an id of its own, as a targeted read does.
  private readonly of;

  constructor(
    private readonly tools: SyncTools,
    private readonly request: MonthRequest,
    private readonly walked: Walked,
  ) {
    const { tenantId, connectionId } = request;
    this.name = walked.read.name;
    this.of = { tenantId, connectionId, read: this.name, runId: walked.runId, streamRunId: uuidv7(), isFirst: false };
  }

  async walk(): Promise<this> {
    const { connection } = this.walked;
    const { tenantId, connectionId, month, ownerKeys, asOf, signal } = this.request;
    const pages = connection.read({
      ...{ read: this.name, asOf, cursor: null, owners: ownerKeys, signal },
      window: { from: month, until: addMonths(month, 1) },
      listOwners:
        ownerKeys === null
          ? (after, limit) => listLiveOwners(this.tools, { tenantId, connectionId, after, limit })
          : pageOfOwners(ownerKeys),
    });
    for await (const page of pages) {
      signal.throwIfAborted();
      await this.inTurn((em) => this.take(em, page));
      if (page.end !== null) this.complete = page.end.complete;
    }
    await this.inTurn(async (em) => {
      if (this.complete) await this.tellChanged(em, await this.dropUnnamedOfMonth(em));
      await forgetSeen(em, this.of);
    });
    return this;
  }

  /** A traversal under way keeps its own account of what it has met; the month waits for its end. */
  private inTurn<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.tools.database.inTenant(this.request.tenantId, async (em) => {
      await lockCheckpoint(em, this.of);
      const running = await findRunning(em, this.of);
      if (running?.isAlive === true) throw traversalActive(this.request, this.name);
      return work(em);
    });
  }

  private async take(em: EntityManager, { records, rejected, rowCount }: ReadPage): Promise<void> {
    const { tenantId, ownerKeys, month } = this.request;
    const asked = ownerKeys === null ? null : new Set(ownerKeys);
    // A system that can only be asked for a year tells of eleven other months, which nobody asked for.
    const wanted = records.filter(
      ({ ownerKey, item }) => 'month' in item && item.month === month && (asked === null || asked.has(ownerKey)),
    );
    const portions = portionsOf(wanted);
    const blindIndexes = blindIndexesOf(this.tools.vault, tenantId, portions);
    const applied = await applyPage(em, this.tools, { of: this.of, portions, blindIndexes, rejected });
    this.rows += rowCount;
    this.changed += applied.changedCount;
    await this.tellChanged(em, [...applied.personIds]);
  }

  private async dropUnnamedOfMonth(em: EntityManager): Promise<readonly string[]> {
    const personIds: string[] = [];
    for (let after: readonly [string, string] = ['', '']; ;) {
      const owners = await listUnnamed(em, this.of, { after, limit: UNNAMED_BATCH });
      const last = owners.at(-1);
      if (last === undefined) return personIds;
      const writes = owners.flatMap(({ keys, body, ...record }) => {
        const gone = keysOfMonth(record.stream, { body, keys, month: this.request.month });
        if (gone === NO_KEYS) return [];
        const rest = withoutItems(body, gone);
        return [{ ...record, body: rest, hash: contentHash(rest) }];
      });
      await writeRecords(em, this.of, writes);
      this.changed += writes.length;
      for (const { personId } of writes) if (personId !== null) personIds.push(personId);
      after = [last.stream, last.ownerKey];
    }
  }

  private async tellChanged(em: EntityManager, changed: readonly string[]): Promise<void> {
    const { tenantId, asOf } = this.request;
    for (const personId of changed) this.personIds.add(personId);
    await postChanged(em, this.tools, { tenantId, runId: this.walked.runId, asOf, personIds: changed });
  }
}

/** Of the keys that nobody named those whose item is of this month. */
function keysOfMonth(
  stream: Stream,
  { body, keys, month }: { readonly body: string; readonly keys: string; readonly month: Month },
): string {
  const items = decodeItems(stream, body);
  const own = splitLines(body)
    .filter((_, at) => {
      const item = items[at];
      return item !== undefined && 'month' in item && item.month === month;
    })
    .map(keyOfLine)
    .filter((key) => keys.includes(`,${key},`));
  return own.length === 0 ? NO_KEYS : `,${own.join(',')},`;
}

function noMonthRead({ connectionId, month, ownerKeys }: MonthRequest): HubError {
  return new HubError({
    code: 'no-month-read',
    next: 'fix-config',
    message: `No read of ${connectionId} holds ${month}${ownerKeys === null ? '' : ' and can be asked for single persons'}. Expected a month that is judged on that day, of wages, attendance or contributions.`,
    detail: { connectionId },
  });
}

function traversalActive({ tenantId, connectionId }: MonthRequest, read: string): HubError {
  return new HubError({
    code: 'traversal-active',
    next: 'retry',
    message: `Read ${read} of ${connectionId} is being walked by a run now; read the month again when that has ended.`,
    detail: { tenantId, connectionId },
  });
}
