/** Which owners a page speaks of, and what it says of each: records gathered per stream and owner, encoded and hashed. */
import type { IdentityNumber } from '../domain/identity-number.js';
import type { Stream } from '../domain/records.js';
import type { StreamRecord } from '../connectors/port.js';
import { type ItemLine, contentHash, encodeRecord, joinAscending, joinLines, latestByKey } from './record-body.js';

/** What one page, or one targeted read, says about one owner in one stream. */
export interface Portion {
  readonly stream: Stream;
  readonly ownerKey: string;
  readonly body: string;
  /** Hex. */
  readonly hash: string;
  /** Only in `persons`; null where the source does not tell. */
  readonly identity: IdentityNumber | null;
}

interface Gathering {
  readonly stream: Stream;
  readonly ownerKey: string;
  readonly lines: ItemLine[];
  identity: IdentityNumber | null;
  /** Quoted. */
  lastKey: string;
  /** Whether the quoted item keys came strictly ascending: then none came twice. */
  isAscending: boolean;
}

/** Gathers records in the order in which their owners first appear. Of two records with one item key the later counts. */
export function portionsOf(records: readonly StreamRecord[]): readonly Portion[] {
  const byStream = new Map<Stream, Map<string, Gathering>>();
  for (const record of records) gather(byStream, record);
  const portions: Portion[] = [];
  for (const owners of byStream.values()) for (const gathering of owners.values()) portions.push(finish(gathering));
  return portions;
}

function gather(byStream: Map<Stream, Map<string, Gathering>>, record: StreamRecord): void {
  let owners = byStream.get(record.stream);
  if (owners === undefined) byStream.set(record.stream, (owners = new Map()));
  const quotedKey = JSON.stringify(record.itemKey);
  const line = encodeRecord(record, quotedKey);
  const gathering = owners.get(record.ownerKey);
  if (gathering === undefined) {
    owners.set(record.ownerKey, { stream: record.stream, ownerKey: record.ownerKey, lines: [line], identity: record.identity, lastKey: quotedKey, isAscending: true });
    return;
  }
  gathering.lines.push(line);
  if (quotedKey <= gathering.lastKey) gathering.isAscending = false;
  gathering.lastKey = quotedKey;
  if (record.identity !== null) gathering.identity = record.identity;
}

function finish({ stream, ownerKey, lines, identity, isAscending }: Gathering): Portion {
  const body = isAscending ? joinAscending(lines) : joinLines(latestByKey(lines));
  return { stream, ownerKey, body, hash: contentHash(body), identity };
}
