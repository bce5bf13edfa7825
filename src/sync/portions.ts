/** Which owners a page speaks of, and what it says of each: records gathered per stream and owner, encoded and hashed. */
import type { IdentityNumber } from '../domain/identity-number.js';
import type { Stream } from '../domain/records.js';
import type { StreamRecord } from '../connectors/port.js';
import { BODY_HEAD, BODY_TAIL, LINE_SEPARATOR, contentHash, joinLines, latestByKey } from './record-body.js';
import { writeTuple } from './record-tuples.js';
import { TupleWriter } from './tuple-writer.js';

/** What one page, or one targeted read, says about one owner in one stream. */
export interface Portion {
  readonly stream: Stream;
  readonly ownerKey: string;
  /** Hex. */
  readonly hash: string;
  /** Only in `persons`; null where the source does not tell. */
  readonly identity: IdentityNumber | null;
  /** The encoded items; made into text only for who asks, because most portions are as they were. */
  body(): string;
  /** The same as it lies in memory: UTF-8 where it can be sent on without another copy. */
  encoded(): string | Buffer;
}

interface Gathering {
  readonly stream: Stream;
  readonly ownerKey: string;
  /** Where the first line begins, after the head of the body. */
  readonly start: number;
  end: number;
  identity: IdentityNumber | null;
  lastKey: string;
  isPlain: boolean;
  /** Places of the lines, kept from the moment on when they do not simply follow each other in the order of their keys. */
  lines: [number, number][] | null;
}

/** Bytes that a record takes on average, with room. */
const RECORD_BYTES = 96;

/** Gathers records in the order in which their owners first appear. Of two records with one item key the later counts. */
export function portionsOf(records: readonly StreamRecord[]): readonly Portion[] {
  const page = new PageGathering(records.length * RECORD_BYTES);
  for (const record of records) page.add(record);
  return page.finish();
}

class PageGathering {
  private readonly writer: TupleWriter;
  private readonly byStream = new Map<Stream, Map<string, Gathering>>();
  private current: Gathering | null = null;

  constructor(expectedBytes: number) {
    this.writer = new TupleWriter(expectedBytes);
  }

  add(record: StreamRecord): void {
    const { current } = this;
    if (current !== null && current.stream === record.stream && current.ownerKey === record.ownerKey)
      return this.follow(current, record);
    const known = this.byStream.get(record.stream)?.get(record.ownerKey);
    if (known === undefined) this.open(record);
    else this.scatter(known, record);
  }

  finish(): readonly Portion[] {
    this.closeCurrent();
    const portions: Portion[] = [];
    for (const owners of this.byStream.values())
      for (const gathering of owners.values()) portions.push(this.portionOf(gathering));
    return portions;
  }

  private open(record: StreamRecord): void {
    this.closeCurrent();
    const { stream, ownerKey, identity, itemKey } = record;
    const start = this.writer.ascii(BODY_HEAD).length;
    const isPlain = writeTuple(this.writer, record);
    const gathering: Gathering = {
      stream,
      ownerKey,
      start,
      end: this.writer.length,
      identity,
      lastKey: itemKey,
      isPlain,
      lines: null,
    };
    let owners = this.byStream.get(stream);
    if (owners === undefined) this.byStream.set(stream, (owners = new Map<string, Gathering>()));
    owners.set(ownerKey, gathering);
    this.current = gathering;
  }

  /** A further record of the owner whose lines are being written. */
  private follow(gathering: Gathering, record: StreamRecord): void {
    if (gathering.lines !== null) return this.scatter(gathering, record);
    const start = this.writer.ascii(LINE_SEPARATOR).length;
    const isPlain = writeTuple(this.writer, record);
    // Plain keys sort like their lines; ascending strictly they are distinct. Any other order is left to the slower way.
    if (!(isPlain && gathering.isPlain && record.itemKey > gathering.lastKey)) {
      gathering.lines = [
        [gathering.start, gathering.end],
        [start, this.writer.length],
      ];
    }
    gathering.end = this.writer.length;
    gathering.lastKey = record.itemKey;
    gathering.identity = record.identity ?? gathering.identity;
  }

  /** A record of an owner whose lines stand elsewhere, or do not ascend. */
  private scatter(gathering: Gathering, record: StreamRecord): void {
    if (this.current !== gathering) this.closeCurrent();
    const start = this.writer.length;
    writeTuple(this.writer, record);
    gathering.lines = [...(gathering.lines ?? [[gathering.start, gathering.end]]), [start, this.writer.length]];
    gathering.identity = record.identity ?? gathering.identity;
    this.current = null;
  }

  private closeCurrent(): void {
    if (this.current !== null) this.writer.ascii(BODY_TAIL);
    this.current = null;
  }

  private portionOf({ stream, ownerKey, start, end, identity, lines }: Gathering): Portion {
    if (lines === null) {
      const bytes = this.writer.slice(start - BODY_HEAD.length, end + BODY_TAIL.length);
      return {
        ...{ stream, ownerKey, identity, hash: contentHash(bytes) },
        ...{ body: () => bytes.toString(), encoded: () => bytes },
      };
    }
    const texts = lines.flatMap(([from, until]) => this.writer.slice(from, until).toString().split(LINE_SEPARATOR));
    const body = joinLines(latestByKey(texts));
    return { stream, ownerKey, identity, hash: contentHash(body), body: () => body, encoded: () => body };
  }
}
