/** Under which key a bureau knows somebody newly hired whom it has never named: it is asked for the identity number. */
import type { Connection } from '../connectors/port.js';
import type { IdentityNumber } from '../domain/identity-number.js';
import type { Day } from '../domain/month.js';
import { type BureauOwner, type HiredQuestion, type Stranger, hiredStrangers } from './new-hires.store.js';
import type { SyncTools } from './sync-tools.js';
import { refuseHeld } from './targeted-run.js';
import { readWindow, windowOf } from './windows.js';

/** A bureau that can be asked, and by which of its reads. */
export interface Finder {
  readonly connection: Connection;
  readonly read: string;
  /** Most numbers in one question. */
  readonly batch: number;
}

/** The bureaus of a tenant that can be asked for identity numbers. */
export function findersOf(tools: Pick<SyncTools, 'connectionsOf'>, tenantId: string): readonly Finder[] {
  return tools.connectionsOf(tenantId).flatMap((connection) => {
    if (connection.declaration.role !== 'bureau') return [];
    const read = connection.declaration.reads.find(({ finds }) => finds !== undefined);
    return read?.finds === undefined ? [] : [{ connection, read: read.name, batch: read.finds }];
  });
}

export interface FindRequest extends HiredQuestion {
  readonly asOf: Day;
  readonly signal: AbortSignal;
}

/** Nothing is stored: whoever is found is read under the key. Throws the bureau's error unchanged. */
export async function findAtBureaus(tools: SyncTools, request: FindRequest): Promise<readonly BureauOwner[]> {
  const finders = findersOf(tools, request.tenantId);
  const connectionIds = finders.map(({ connection }) => connection.connectionId);
  const strangers = await tools.database.inTenant(request.tenantId, (em) =>
    hiredStrangers(em, { ...request, connectionIds }),
  );
  const found: BureauOwner[] = [];
  for (const finder of finders) {
    const { connectionId } = finder.connection;
    const unknown = strangers.filter((stranger) => stranger.connectionId === connectionId);
    if (unknown.length === 0) continue;
    const { tenantId } = request;
    await refuseHeld(tools, { tenantId, connectionId });
    const ownerKeys = await ask(tools, finder, { ...request, unknown });
    for (const ownerKey of ownerKeys) found.push({ connectionId, ownerKey });
    tools.log.info(
      { component: 'sync', tenantId, connectionId, asked: unknown.length, found: ownerKeys.length },
      'A bureau was asked for persons newly hired.',
    );
  }
  return found;
}

type Asking = FindRequest & { readonly unknown: readonly Stranger[] };

async function ask(tools: SyncTools, { connection, read, batch }: Finder, asking: Asking): Promise<readonly string[]> {
  const ownerKeys = new Set<string>();
  for (let at = 0; at < asking.unknown.length; at += batch) {
    const identities = asking.unknown.slice(at, at + batch).map((each) => opened(tools, asking.tenantId, each));
    for (const ownerKey of await keysOf(tools, { connection, read, asking, identities })) ownerKeys.add(ownerKey);
  }
  return [...ownerKeys].sort();
}

function opened({ vault }: SyncTools, tenantId: string, { personId, idType, sealed }: Stranger): IdentityNumber {
  return { type: idType, number: vault.open(tenantId, 'person', 'id_number_enc', personId, sealed) };
}

interface Question {
  readonly connection: Connection;
  readonly read: string;
  readonly asking: Asking;
  readonly identities: readonly IdentityNumber[];
}

/** Only of whom was asked for: what a bureau tells of others is not looked at. */
async function keysOf(
  { settingsOf }: SyncTools,
  { connection, read, asking, identities }: Question,
): Promise<ReadonlySet<string>> {
  const { tenantId, asOf, signal } = asking;
  const wanted = new Set(identities.map(keyOf));
  const streams = connection.declaration.reads.find(({ name }) => name === read)?.streams ?? [];
  const pages = connection.read({
    ...{ read, asOf, signal, cursor: null, owners: null, identities },
    window: readWindow(streams, windowOf(asOf, settingsOf(tenantId).lookBackMonths)),
    listOwners: () => Promise.resolve([]),
  });
  const found = new Set<string>();
  for await (const { records } of pages)
    for (const { stream, identity, ownerKey } of records)
      if (stream === 'persons' && identity !== null && wanted.has(keyOf(identity))) found.add(ownerKey);
  return found;
}

function keyOf({ type, number }: IdentityNumber): string {
  return `${type} ${number}`;
}
