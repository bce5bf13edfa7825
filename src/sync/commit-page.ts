/** What one page of a read changes: its records, what was rejected, the counters and the checkpoint, in one transaction. */
import type { EntityManager } from 'typeorm';
import { HubError } from '../domain/hub-error.js';
import type { Stream } from '../domain/records.js';
import type { ReadPage, RejectedRow } from '../connectors/port.js';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import {
  type Applied,
  type ApplyScope,
  type PageTools,
  NOTHING_STORED,
  applyDifferences,
  applyInserts,
} from './apply-portions.js';
import { type TraversalEnd, endTraversal } from './end-traversal.js';
import { type Portion, portionsOf } from './portions.js';
import { quarantineRejected } from './quarantine-rows.js';
import { compareWithStored } from './source-record.store.js';
import type { SyncTools } from './sync-tools.js';
import { type Traversal, addChanged, movePlace, rememberRejected, rememberUnseen } from './traversal.store.js';

export interface PageCommit {
  readonly traversal: Traversal;
  /** The version that the checkpoint must still have. */
  readonly version: number;
  readonly page: PreparedPage;
  /** Fields missing or unexpected so far, this page included. */
  readonly drift: Readonly<Record<string, number>>;
  /** The tenant's limit, in per cent. */
  readonly countDropPercent: number;
}

/** A page in the form it is stored in. */
export interface PreparedPage extends Omit<ReadPage, 'records'> {
  readonly portions: readonly Portion[];
  /** Hex blind index per portion; null where there is no identity number. */
  readonly blindIndexes: readonly (string | null)[];
}

/**
 * Encodes what a page says, as soon as it has come: its records are thousands of small objects, and those that wait for the
 * commit of the page before them are what garbage collection spends its time on.
 */
export function preparePage(vault: IdentityVault, tenantId: string, { records, ...page }: ReadPage): PreparedPage {
  const portions = portionsOf(records);
  return { ...page, portions, blindIndexes: blindIndexesOf(vault, tenantId, portions) };
}

export interface CommittedPage {
  readonly changedCount: number;
  /** Set by the last page. */
  readonly end: TraversalEnd | null;
}

/** A page that a power cut takes away goes together with its checkpoint, and is read again. */
const PAGE_COMMIT = { flush: 'later' } as const;

/** Throws HubError `checkpoint-moved` when another process has taken the traversal over; nothing is stored then. */
export async function commitPage(tools: SyncTools, commit: PageCommit): Promise<CommittedPage> {
  const { traversal, page } = commit;
  const { portions, blindIndexes, rejected } = page;
  return tools.database.inTenant(
    traversal.tenantId,
    async (em) => {
      await takeStep(em, commit);
      const { changedCount } = await applyPage(em, tools, {
        of: traversal,
        portions,
        blindIndexes,
        rejected,
      });
      await addChanged(em, traversal, changedCount);
      if (page.end === null) return { changedCount, end: null };
      const end = await endTraversal(em, traversal, {
        version: commit.version + 1,
        claimed: page.end,
        countDropPercent: commit.countDropPercent,
      });
      return { changedCount: changedCount + end.changedCount, end };
    },
    PAGE_COMMIT,
  );
}

async function takeStep(em: EntityManager, { traversal, version, page, drift }: PageCommit): Promise<void> {
  const { from, until } = traversal.window;
  const isOurs = await movePlace(em, traversal, {
    version,
    place: { from, until, cursor: page.next },
    rowCount: page.rowCount,
    rejectedCount: page.rejected.length,
    drift,
  });
  if (!isOurs) throw checkpointMoved(traversal, version);
}

export interface EncodedPage {
  readonly of: ApplyScope & Pick<Traversal, 'streamRunId' | 'isFirst'>;
  readonly portions: readonly Portion[];
  readonly blindIndexes: readonly (string | null)[];
  readonly rejected: readonly RejectedRow[];
}

/** Stores what a page, or a targeted read, says; the caller's transaction holds the checkpoint. */
export async function applyPage(em: EntityManager, tools: PageTools, page: EncodedPage): Promise<Applied> {
  const { of, rejected } = page;
  const applied = of.isFirst ? await applyNew(em, tools, page) : await applyCompared(em, tools, page);
  await rememberRejected(em, of, ownersOf(rejected));
  await quarantineRejected(em, tools.vault, { of, rejected });
  return applied;
}

/** Everything is new, so nothing is compared; the few who came on an earlier page already go the usual way. */
async function applyNew(em: EntityManager, tools: PageTools, page: EncodedPage): Promise<Applied> {
  const { of, portions, blindIndexes } = page;
  const differences = portions.map((portion, at) => ({
    portion,
    standing: NOTHING_STORED,
    blindIndex: blindIndexes[at] ?? null,
  }));
  const { applied, taken } = await applyInserts(em, tools, { of, differences });
  if (taken.length === 0) return applied;
  const again = await applyCompared(em, tools, {
    ...page,
    portions: taken.map(({ portion }) => portion),
    blindIndexes: taken.map(({ blindIndex }) => blindIndex),
  });
  return {
    changedCount: applied.changedCount + again.changedCount,
    unseen: again.unseen,
    personIds: new Set([...applied.personIds, ...again.personIds]),
  };
}

async function applyCompared(em: EntityManager, tools: PageTools, page: EncodedPage): Promise<Applied> {
  const { of, portions, blindIndexes } = page;
  const standings = portions.length === 0 ? [] : await compareWithStored(em, of, { portions, blindIndexes });
  const differences = standings.flatMap((standing) => {
    const portion = portions[standing.at];
    return portion === undefined ? [] : [{ portion, standing, blindIndex: blindIndexes[standing.at] ?? null }];
  });
  const applied = await applyDifferences(em, tools, { of, differences });
  await rememberUnseen(em, of, applied.unseen);
  return applied;
}

/** Hex blind index per portion; null where there is no identity number. */
export function blindIndexesOf(
  vault: IdentityVault,
  tenantId: string,
  portions: readonly Portion[],
): readonly (string | null)[] {
  return portions.map(({ identity }) =>
    identity === null ? null : vault.blindIndex(tenantId, identity).toString('hex'),
  );
}

function ownersOf(rejected: readonly RejectedRow[]): { stream: Stream; ownerKey: string }[] {
  return rejected.flatMap(({ stream, ownerKey }) => (ownerKey === null ? [] : [{ stream, ownerKey }]));
}

export function checkpointMoved(of: Traversal, version: number): HubError {
  return new HubError({
    code: 'checkpoint-moved',
    next: 'retry',
    message: `The read ${of.read} of connection ${of.connectionId} has been taken over by another process: its checkpoint is no longer at version ${version}. Nothing was stored; the other process goes on.`,
    detail: { connectionId: of.connectionId, read: of.read, version },
  });
}
