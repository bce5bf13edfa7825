/** How one row becomes the records of one stream: the `emit` section of a manifest, compiled once per connection. */
import type { IdentityNumber } from '../../../domain/identity-number.js';
import type { Stream } from '../../../domain/records.js';
import type { StreamRecord } from '../../port.js';
import type { Match } from '../field.schema.js';
import type { Emit } from '../read.schema.js';
import { compileExpand, expandField, type Expander } from './compile-expand.js';
import { compileField, type FieldContext, type FieldReader } from './compile-field.js';
import { compilePath, type Getter, type Scope } from './compile-path.js';
import { compileItem, type ItemMaker, type Slots } from './make-item.js';
import type { PageSink } from './page-sink.js';
import { Refusal } from './refusal.js';
import { RevisionKeeper } from './revision-keeper.js';
import { IDENTITY_FIELD, STREAM_FIELDS } from './stream-fields.js';

/** Separates the values of a key of several fields. */
const KEY_SEPARATOR = '|';

interface CompiledField {
  readonly name: string;
  readonly read: FieldReader;
}

/** Keeps what must be remembered between the pages of one traversal: which revision of an item won. */
export interface EmitState {
  readonly keeper: RevisionKeeper | null;
}

export interface CompiledEmit {
  readonly stream: Stream;
  newState(): EmitState;
  /** Adds the records of one row. Never throws on any JSON. */
  emit(row: unknown, ownerKey: string, target: { readonly sink: PageSink; readonly state: EmitState }): void;
}

export function compileEmit(stream: Stream, emit: Emit, base: Omit<FieldContext, 'withParent'>): CompiledEmit {
  return new StreamEmitter(stream, emit, { ...base, withParent: emit.expand !== undefined });
}

class StreamEmitter implements CompiledEmit {
  private readonly fields: readonly CompiledField[];
  private readonly make: ItemMaker;
  /** Where the identity number stands; the slot behind all fields, always null, where the manifest maps none. */
  private readonly identitySlot: number;
  private readonly keySlots: readonly number[];
  private readonly revisionSlots: readonly number[];
  private readonly order: Getter | null;
  private readonly expand: Expander | null;
  private readonly isKept: (scope: Scope) => boolean;
  private readonly slots: Slots;
  private readonly scope: Scope = { row: undefined, parent: undefined };

  constructor(
    readonly stream: Stream,
    private readonly emitSpec: Emit,
    context: FieldContext,
  ) {
    this.fields = Object.entries(emitSpec.fields).map(([name, written]) => {
      const target = STREAM_FIELDS[stream][name] ?? null;
      return { name, read: compileField(written, target, context) };
    });
    const { slots, make } = compileItem(
      stream,
      this.fields.map(({ name }) => name),
    );
    this.slots = slots;
    this.make = make;
    this.identitySlot = this.slotOf(IDENTITY_FIELD) >= 0 ? this.slotOf(IDENTITY_FIELD) : slots.length - 1;
    this.keySlots = (emitSpec.key ?? []).map((name) => this.slotOf(name));
    this.revisionSlots = (emitSpec.revisions?.by ?? []).map((name) => this.slotOf(name));
    const orderPath = emitSpec.revisions?.order;
    this.order = orderPath === undefined ? null : compilePath(orderPath, context);
    this.expand = emitSpec.expand === undefined ? null : compileExpand(emitSpec.expand, context);
    this.isKept = rowFilter(emitSpec, context);
  }

  newState(): EmitState {
    return { keeper: this.emitSpec.revisions === undefined ? null : new RevisionKeeper(this.emitSpec.revisions.keep) };
  }

  emit(row: unknown, ownerKey: string, target: { readonly sink: PageSink; readonly state: EmitState }): void {
    const { scope } = this;
    scope.parent = row;
    if (this.expand === null || this.emitSpec.expand === undefined) {
      scope.row = row;
      this.emitOne(ownerKey, target);
      return;
    }
    const elements = this.expand(row);
    if (elements instanceof Refusal) {
      target.sink.reject({
        stream: this.stream,
        ownerKey,
        reason: elements.reason,
        field: expandField(this.emitSpec.expand),
      });
      return;
    }
    for (const element of elements) {
      scope.row = element;
      this.emitOne(ownerKey, target);
    }
  }

  private emitOne(ownerKey: string, { sink, state }: { readonly sink: PageSink; readonly state: EmitState }): void {
    if (!this.isKept(this.scope)) return;
    const { fields, slots, scope } = this;
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index] as CompiledField;
      const value = field.read(scope);
      slots[index] = value;
      if (value instanceof Refusal) {
        sink.reject({ stream: this.stream, ownerKey, reason: value.reason, field: field.name });
        return;
      }
    }
    this.add(ownerKey, sink, state);
  }

  private add(ownerKey: string, sink: PageSink, state: EmitState): void {
    const missingKey = this.keySlots.find((slot) => isNothing(this.slots[slot]));
    if (missingKey !== undefined) {
      sink.reject({
        stream: this.stream,
        ownerKey,
        reason: 'missing-field',
        field: this.fields[missingKey]?.name ?? 'key',
      });
      return;
    }
    // The values were converted for the fields of STREAM_FIELDS; the compiler cannot see that.
    const record = {
      stream: this.stream,
      ownerKey,
      itemKey: this.keyOf(this.keySlots),
      item: this.make(this.slots),
      identity: (this.slots[this.identitySlot] ?? null) as IdentityNumber | null,
    } as unknown as StreamRecord;
    const { records } = sink;
    if (state.keeper === null) {
      records.push(record);
      return;
    }
    const offered = {
      owner: ownerKey,
      key: this.keyOf(this.revisionSlots),
      order: this.order?.(this.scope),
      index: records.length,
    };
    const verdict = state.keeper.offer(offered);
    if (verdict.type === 'drop') return;
    if (verdict.type === 'replace' && verdict.index !== null) records[verdict.index] = record;
    else records.push(record);
  }

  private keyOf(keySlots: readonly number[]): string {
    const [first] = keySlots;
    if (first === undefined) return '';
    if (keySlots.length === 1) return String(this.slots[first]);
    return keySlots.map((slot) => String(this.slots[slot]).replaceAll(KEY_SEPARATOR, '||')).join(KEY_SEPARATOR);
  }

  private slotOf(name: string): number {
    return this.fields.findIndex((field) => field.name === name);
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Whether a row counts: it meets `filterRow` and is not `deleted`. */
export function rowFilter(
  spec: { readonly filterRow?: Match | undefined; readonly deleted?: Match | undefined },
  context: { readonly withParent: boolean },
): (scope: Scope) => boolean {
  const wanted = spec.filterRow === undefined ? null : compileMatch(spec.filterRow, context);
  const gone = spec.deleted === undefined ? null : compileMatch(spec.deleted, context);
  return (scope) => (wanted === null || wanted(scope)) && (gone === null || !gone(scope));
}

function compileMatch(match: Match, context: { readonly withParent: boolean }): (scope: Scope) => boolean {
  const get = compilePath(match.path, context);
  const values: ReadonlySet<unknown> = new Set(match.in);
  return (scope) => values.has(get(scope) ?? null);
}
