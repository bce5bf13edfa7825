/** How the body of a reply becomes the records of a read: rows found, shaped, filtered and mapped to every stream it emits. */
import { STREAMS, type Stream } from '../../../domain/records.js';
import type { RejectedRow, StreamRecord } from '../../port.js';
import type { Read } from '../read.schema.js';
import { compileEmit, rowFilter, type CompiledEmit, type EmitState } from './compile-emit.js';
import type { FieldContext } from './compile-field.js';
import { compileValuePath, type ValueGetter } from './compile-path.js';
import { compileEmbeddedJson, compileRows, isRow, type FoundRows, type RowFinder } from './find-rows.js';
import { PageSink } from './page-sink.js';
import { scalarText } from './scalar-text.js';

export interface MappedPage {
  readonly records: readonly StreamRecord[];
  readonly rejected: readonly RejectedRow[];
  readonly drift: Readonly<Record<string, number>>;
}

/** The part of a read that says what its rows mean. */
export type MappedRead = Pick<Read, 'rows' | 'owner' | 'json' | 'filterRow' | 'deleted' | 'emit'>;
export type MapperOptions = Pick<FieldContext, 'codes' | 'config'>;

/** One read of a manifest, compiled. Holds no state between calls; a traversal's memory is a `Traversal`. */
export class ReadMapper {
  private readonly findRowsIn: RowFinder;
  private readonly owner: ValueGetter;
  private readonly embedded: ReturnType<typeof compileEmbeddedJson> | null;
  private readonly isKept: ReturnType<typeof rowFilter>;
  private readonly emits: readonly CompiledEmit[];
  private readonly ownerStream: Stream;

  constructor(read: MappedRead, options: MapperOptions) {
    const pivotInto = typeof read.rows === 'string' ? null : (read.rows.pivot?.into ?? null);
    const emitted = STREAMS.filter((stream) => read.emit[stream] !== undefined);
    this.findRowsIn = compileRows(read.rows);
    this.owner = compileValuePath(read.owner);
    this.embedded = read.json === undefined ? null : compileEmbeddedJson(read.json);
    this.isKept = rowFilter(read, { withParent: false });
    this.emits = emitted.flatMap((stream) => {
      const emit = read.emit[stream];
      return emit === undefined ? [] : [compileEmit(stream, emit, { ...options, pivotInto })];
    });
    this.ownerStream = emitted[0] ?? 'persons';
  }

  findRows(body: unknown): FoundRows {
    return this.findRowsIn(body);
  }

  /** This system's id of the person a row is about; null where the row has none. */
  ownerOf(row: unknown): string | null {
    const raw = this.owner(row);
    if (typeof raw === 'string' && raw !== '') return scalarText(raw) ?? null;
    if (raw === null || raw === undefined || typeof raw === 'boolean') return null;
    const text = scalarText(raw);
    return text === undefined || text === '' ? null : text;
  }

  beginTraversal(): Traversal {
    return new Traversal(this.emits.map((emit) => emit.newState()));
  }

  /** Maps the rows of one page. Whatever they hold, it does not throw: what does not fit is rejected with its reason. */
  mapPage(rows: readonly unknown[], traversal: Traversal): MappedPage {
    const sink = new PageSink();
    for (const state of traversal.states) state.keeper?.beginPage();
    for (const row of rows) this.mapRow(row, sink, traversal);
    return sink;
  }

  private mapRow(received: unknown, sink: PageSink, traversal: Traversal): void {
    sink.beginRow(received);
    const ownerKey = this.ownerOf(received);
    if (!isRow(received)) return this.refuseRow(sink, { ownerKey, reason: 'row-shape', field: 'row' });
    const { row, failed } = this.embedded === null ? { row: received, failed: null } : this.embedded(received);
    if (failed !== null) return this.refuseRow(sink, { ownerKey, reason: 'not-json', field: failed });
    if (!this.isKept({ row, parent: row })) return;
    if (ownerKey === null) return this.refuseRow(sink, { ownerKey, reason: 'missing-field', field: 'owner' });
    for (let index = 0; index < this.emits.length; index += 1) {
      const emit = this.emits[index];
      const state = traversal.states[index];
      if (emit !== undefined && state !== undefined) emit.emit(row, ownerKey, { sink, state });
    }
  }

  private refuseRow(
    sink: PageSink,
    refused: {
      readonly ownerKey: string | null;
      readonly reason: 'row-shape' | 'not-json' | 'missing-field';
      readonly field: string;
    },
  ): void {
    sink.reject({ stream: this.ownerStream, ...refused });
  }
}

/** What one traversal remembers from page to page. */
export class Traversal {
  constructor(readonly states: readonly EmitState[]) {}
}
