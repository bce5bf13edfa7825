/** Which owners a page speaks of, and what it says of each: records gathered per stream and owner, encoded and hashed. */
import { compareText } from '../domain/compare-text.js';
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
  /** The same as it lies in memory, in UTF-8. */
  encoded(): Buffer;
}

interface Gathering {
  readonly stream: Stream;
  readonly ownerKey: string;
  /** Where the first line begins, after the head of the body. */
  readonly start: number;
  end: number;
  identity: IdentityNumber | null;
  /** Per line: its key, and from where to where it lies. */
  readonly keys: string[];
  readonly places: number[];
  isPlain: boolean;
  /** Whether the lines follow each other in the order of their keys, so that they are a body as they lie. */
  isInOrder: boolean;
}

const HEAD = Buffer.from(BODY_HEAD);
const SEPARATOR = Buffer.from(LINE_SEPARATOR);
const TAIL = Buffer.from(BODY_TAIL);
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
    const { stream, ownerKey, identity } = record;
    const start = this.writer.ascii(BODY_HEAD).length;
    const gathering: Gathering = {
      stream,
      ownerKey,
      start,
      end: start,
      identity,
      keys: [],
      places: [],
      isPlain: true,
      isInOrder: true,
    };
    this.write(gathering, record);
    let owners = this.byStream.get(stream);
    if (owners === undefined) this.byStream.set(stream, (owners = new Map<string, Gathering>()));
    owners.set(ownerKey, gathering);
    this.current = gathering;
  }

  /** A further record of the owner whose lines are being written. */
  private follow(gathering: Gathering, record: StreamRecord): void {
    this.writer.ascii(LINE_SEPARATOR);
    const lastKey = gathering.keys.at(-1) ?? '';
    this.write(gathering, record);
    // Plain keys sort like their lines; ascending strictly they are distinct. Any other order is put right at the end.
    if (!(gathering.isPlain && record.itemKey > lastKey)) gathering.isInOrder = false;
  }

  /** A record of an owner whose lines stand elsewhere. */
  private scatter(gathering: Gathering, record: StreamRecord): void {
    this.closeCurrent();
    this.write(gathering, record);
    gathering.isInOrder = false;
  }

  private write(gathering: Gathering, record: StreamRecord): void {
    const start = this.writer.length;
    if (!writeTuple(this.writer, record)) gathering.isPlain = false;
    gathering.end = this.writer.length;
    gathering.keys.push(record.itemKey);
    gathering.places.push(start, this.writer.length);
    gathering.identity = record.identity ?? gathering.identity;
  }

  private closeCurrent(): void {
    if (this.current !== null) this.writer.ascii(BODY_TAIL);
    this.current = null;
  }

  private portionOf(gathering: Gathering): Portion {
    const { stream, ownerKey, start, end, identity } = gathering;
    const bytes = gathering.isInOrder
      ? this.writer.slice(start - BODY_HEAD.length, end + BODY_TAIL.length)
      : (this.sorted(gathering) ?? this.rewritten(gathering));
    return {
      stream,
      ownerKey,
      identity,
      hash: contentHash(bytes),
      body: () => bytes.toString(),
      encoded: () => bytes,
    };
  }

  /** The lines put in order without being made into texts; null where that needs more than comparing plain, distinct keys. */
  private sorted({ keys, places, isPlain }: Gathering): Buffer | null {
    if (!isPlain) return null;
    const order = [...keys.keys()].sort((a, b) => compareText(keys[a] ?? '', keys[b] ?? ''));
    if (order.some((at, index) => index > 0 && keys[at] === keys[order[index - 1] ?? 0])) return null;
    const parts: Buffer[] = [HEAD];
    for (const at of order) {
      if (parts.length > 1) parts.push(SEPARATOR);
      parts.push(this.writer.slice(places[at * 2] ?? 0, places[at * 2 + 1] ?? 0));
    }
    parts.push(TAIL);
    return Buffer.concat(parts);
  }

  private rewritten({ keys, places }: Gathering): Buffer {
    const texts = keys.map((_, at) => this.writer.slice(places[at * 2] ?? 0, places[at * 2 + 1] ?? 0).toString());
    return Buffer.from(joinLines(latestByKey(texts)));
  }
}
