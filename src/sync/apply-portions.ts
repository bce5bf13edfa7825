/** What a page's portions change: compared with what is stored, linked to persons, written only where they differ. */
import type { EntityManager } from 'typeorm';
import { STREAMS, type Stream } from '../domain/records.js';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import type { Database } from '../platform/database/database.js';
import { findOrCreatePersons } from './person.store.js';
import type { Portion } from './portions.js';
import { noteUnlinked } from './quarantine-rows.js';
import { resolveUnlinked } from './quarantine.store.js';
import { type KeyList, NO_KEYS, contentHash, keysOf, mergeBodies, splitLines, withoutKeysOf } from './record-body.js';
import {
  type LinkRule,
  type RecordWrite,
  type Standing,
  findLinks,
  followLinks,
  insertRecords,
  touchPersons,
  writeRecords,
} from './source-record.store.js';
import type { Traversal, UnseenKeys } from './traversal.store.js';

/** What storing a page needs beside its transaction. */
export interface PageTools {
  readonly vault: IdentityVault;
  readonly database: Pick<Database, 'inTenant'>;
}

export type ApplyScope = Pick<Traversal, 'tenantId' | 'connectionId' | 'read' | 'runId'>;

/** A portion that is not simply the same as before, with what stands for it in the store. */
export interface Difference {
  readonly portion: Portion;
  readonly standing: Standing;
  /** Hex; null where the portion has no identity number. */
  readonly blindIndex: string | null;
}

export interface Applied {
  /** Records written or moved. */
  readonly changedCount: number;
  /** Which stored items of whom have still to be named by this traversal. */
  readonly unseen: readonly UnseenKeys[];
  /** Persons whose records were written, moved or lost one. */
  readonly personIds: ReadonlySet<string>;
}

/** Writes what differs. The caller holds the checkpoint of the read, so nobody else writes these records meanwhile. */
export async function applyDifferences(
  em: EntityManager,
  tools: PageTools,
  page: { readonly of: ApplyScope; readonly differences: readonly Difference[] },
): Promise<Applied> {
  if (page.differences.length === 0) return { changedCount: 0, unseen: [], personIds: new Set() };
  const links = await linkAll(em, tools, page);
  const writes: RecordWrite[] = [];
  const unseen: UnseenKeys[] = [];
  const personIds = new Set<string>();
  for (const difference of page.differences) {
    const outcome = settle(difference);
    const link = links.get(difference) ?? UNKNOWN_LINK;
    if (outcome.unseen !== null) unseen.push(outcome.unseen);
    if (outcome.isChanged || link.personId !== difference.standing.personId) {
      writes.push({
        stream: difference.portion.stream,
        ownerKey: difference.portion.ownerKey,
        body: outcome.body,
        hash: outcome.hash,
        ...link,
      });
      if (link.personId !== null) personIds.add(link.personId);
      if (difference.standing.personId !== null) personIds.add(difference.standing.personId);
    }
  }
  await writeRecords(em, page.of, writes);
  const moved = await propagateLinks(em, tools.vault, { ...page, links });
  return { changedCount: writes.length + moved, unseen, personIds };
}

/** What stands for a portion in an empty store. */
export const NOTHING_STORED: Standing = {
  at: 0,
  isStored: false,
  personId: null,
  linkRule: null,
  isGone: false,
  hash: null,
  body: null,
  isSamePerson: false,
  isMet: false,
  unseen: null,
};

/** Inserts what is expected to be new; `taken` are those whose key was there already, left as they were. */
export async function applyInserts(
  em: EntityManager,
  tools: PageTools,
  page: { readonly of: ApplyScope; readonly differences: readonly Difference[] },
): Promise<{ readonly applied: Applied; readonly taken: readonly Difference[] }> {
  const links = await linkAll(em, tools, page);
  const writes = page.differences.map(({ portion }, at) => ({
    stream: portion.stream,
    ownerKey: portion.ownerKey,
    body: portion.encoded(),
    hash: portion.hash,
    ...linkOf(links, page.differences[at]),
  }));
  const takenAt = new Set(await insertRecords(em, page.of, writes));
  const inserted = page.differences.filter((_, at) => !takenAt.has(at));
  const moved = await propagateLinks(em, tools.vault, { of: page.of, differences: inserted, links });
  const personIds = new Set(
    writes.flatMap(({ personId }, at) => (personId === null || takenAt.has(at) ? [] : [personId])),
  );
  return {
    applied: { changedCount: inserted.length + moved, unseen: [], personIds },
    taken: page.differences.filter((_, at) => takenAt.has(at)),
  };
}

function linkOf(links: ReadonlyMap<Difference, Link>, difference: Difference | undefined): Link {
  return (difference === undefined ? undefined : links.get(difference)) ?? UNKNOWN_LINK;
}

interface Settled {
  readonly body: string | Buffer;
  readonly hash: string;
  readonly isChanged: boolean;
  readonly unseen: UnseenKeys | null;
}

/**
 * What a record becomes. Inside a traversal a portion only adds to what is stored and revises it; items it does not name
 * are dropped when the whole read has proved that nobody names them. So an owner spread over pages costs nothing when
 * unchanged, and a read that breaks off takes nothing away.
 */
function settle({ portion, standing }: Difference): Settled {
  const { stream, ownerKey } = portion;
  if (!standing.isStored || (standing.isGone && !standing.isMet))
    return { body: portion.encoded(), hash: portion.hash, isChanged: true, unseen: null };
  if (standing.body === null || standing.hash === null) {
    const unseen = standing.unseen === null ? null : { stream, ownerKey, keys: NO_KEYS };
    return { body: portion.encoded(), hash: portion.hash, isChanged: standing.isGone, unseen };
  }
  const merged = mergeBodies(standing.body, portion.body());
  const hash = merged.body === standing.body ? standing.hash : contentHash(merged.body);
  return {
    body: merged.body,
    hash,
    isChanged: hash !== standing.hash || standing.isGone,
    unseen: unseenAfter({ portion, standing, unnamed: merged.unnamed }),
  };
}

function unseenAfter(after: {
  readonly portion: Portion;
  readonly standing: Standing;
  readonly unnamed: KeyList;
}): UnseenKeys | null {
  const { portion, standing, unnamed } = after;
  const { stream, ownerKey } = portion;
  if (!standing.isMet) return unnamed === NO_KEYS ? null : { stream, ownerKey, keys: unnamed };
  return standing.unseen === null
    ? null
    : { stream, ownerKey, keys: withoutKeysOf(standing.unseen, keysOf(splitLines(portion.body()))) };
}

interface Link {
  readonly personId: string | null;
  readonly linkRule: LinkRule | null;
}
const UNKNOWN_LINK: Link = { personId: null, linkRule: null };

/** Identity number first, then the owner key in the connection's own list of persons; what a human decided stays. */
async function linkAll(
  em: EntityManager,
  tools: PageTools,
  page: { readonly of: ApplyScope; readonly differences: readonly Difference[] },
): Promise<ReadonlyMap<Difference, Link>> {
  const byNumber = await linkByNumber(tools, page);
  const links = new Map<Difference, Link>();
  const named = new Map<string, string>();
  const open: Difference[] = [];
  for (const difference of page.differences) {
    const link = directLink(difference, byNumber);
    if (link === null) open.push(difference);
    else links.set(difference, link);
    if (link?.personId && difference.portion.stream === 'persons')
      named.set(difference.portion.ownerKey, link.personId);
  }
  const listed = await findLinks(
    em,
    page.of,
    open
      .filter(({ portion }) => portion.stream !== 'persons' && !named.has(portion.ownerKey))
      .map(({ portion }) => portion.ownerKey),
  );
  for (const difference of open) {
    const personId = named.get(difference.portion.ownerKey) ?? listed.get(difference.portion.ownerKey) ?? null;
    links.set(difference, personId === null ? UNKNOWN_LINK : { personId, linkRule: 'external-id' });
  }
  return links;
}

function directLink({ standing, blindIndex }: Difference, byNumber: ReadonlyMap<string, string>): Link | null {
  const { personId, linkRule } = standing;
  if (
    personId !== null &&
    linkRule !== null &&
    (blindIndex === null || standing.isSamePerson || linkRule === 'decided')
  )
    return { personId, linkRule };
  const numbered = blindIndex === null ? undefined : byNumber.get(blindIndex);
  return numbered === undefined ? null : { personId: numbered, linkRule: 'identity-number' };
}

/**
 * Persons are found or made in a transaction of their own, committed at once: four lists bring the same people at the same
 * time, and each page would wait for the other's end (measured: 4.3 of 25 s of all statements). A person whose page is
 * rolled back afterwards is met again when the page is read again.
 */
async function linkByNumber(
  { database, vault }: PageTools,
  page: { readonly of: ApplyScope; readonly differences: readonly Difference[] },
): Promise<ReadonlyMap<string, string>> {
  const identities = new Map(
    page.differences.flatMap(({ portion, standing, blindIndex }) =>
      blindIndex !== null && portion.identity !== null && !(standing.personId !== null && standing.isSamePerson)
        ? [[blindIndex, portion.identity] as const]
        : [],
    ),
  );
  if (identities.size === 0) return new Map();
  const { tenantId } = page.of;
  return database.inTenant(tenantId, (em) => findOrCreatePersons(em, vault, { tenantId, identities }), {
    flush: 'later',
  });
}

interface LinkedPage {
  readonly of: ApplyScope;
  readonly differences: readonly Difference[];
  readonly links: ReadonlyMap<Difference, Link>;
}

/** Lets the other records of an owner follow its person, lets the former person be judged again, and notes who has none. */
async function propagateLinks(em: EntityManager, vault: IdentityVault, page: LinkedPage): Promise<number> {
  const newlyNamed = new Map<string, string>();
  const relinked = new Map<string, string>();
  const formerPersons: string[] = [];
  const unlinked: { stream: Stream; ownerKey: string }[] = [];
  const linkedStreams = new Map<Stream, string[]>();
  for (const difference of page.differences) {
    const { stream, ownerKey } = difference.portion;
    const { personId } = page.links.get(difference) ?? UNKNOWN_LINK;
    const former = difference.standing.personId;
    if (personId === null) unlinked.push({ stream, ownerKey });
    if (personId === null || personId === former) continue;
    if (stream === 'persons') newlyNamed.set(ownerKey, personId);
    else if (difference.standing.isStored) linkedStreams.set(stream, [...(linkedStreams.get(stream) ?? []), ownerKey]);
    if (former !== null) {
      formerPersons.push(former);
      if (stream === 'persons') relinked.set(ownerKey, personId);
    }
  }
  await noteUnlinked(em, vault, { of: page.of, owners: unlinked });
  for (const [stream, ownerKeys] of linkedStreams) await resolveUnlinked(em, page.of, { ownerKeys, streams: [stream] });
  await touchPersons(em, page.of, formerPersons);
  return (await adoptWaiting(em, page.of, newlyNamed)) + (await followLinks(em, page.of, relinked));
}

/** Records that waited for these owners to be named now belong to their persons. Only owners with a note are looked for. */
async function adoptWaiting(em: EntityManager, of: ApplyScope, named: ReadonlyMap<string, string>): Promise<number> {
  const waiting = new Set(await resolveUnlinked(em, of, { ownerKeys: [...named.keys()], streams: STREAMS }));
  return followLinks(em, of, new Map([...named].filter(([ownerKey]) => waiting.has(ownerKey))));
}
