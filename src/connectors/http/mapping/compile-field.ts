/** How one field of a manifest becomes a function from a row to its value, to "left out", or to a refusal. */
import { cleanForeignWords } from '../../../domain/foreign-words.js';
import { parseRegion } from '../../../domain/region.js';
import { monthFromIndex, monthIndex, type Month } from '../../../domain/month.js';
import { fieldObject, type Field, type FieldObject, type ListElement, type MonthField } from '../field.schema.js';
import { JMESPATH_PREFIX, compilePath, compileValuePath, type Getter, type Scope } from './compile-path.js';
import {
  fromPair,
  percentToPpm,
  ratioToPpm,
  toBoolean,
  toCode,
  toDay,
  toFen,
  toHundredths,
  toIdentity,
  toInteger,
  toMonth,
  toText,
  toTextAsIs,
  yuanToFen,
  type Converter,
} from './converters.js';
import { BLANK, Refusal, refusal } from './refusal.js';
import { scalarText } from './scalar-text.js';
import type { StreamField, TargetKind } from './stream-fields.js';

export interface FieldContext {
  readonly codes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** True inside `expand`: `parent.x` reads the row that was expanded. */
  readonly withParent: boolean;
  /** Name of a pivoted group: its absent keys count as empty, because such systems leave unset fields out. */
  readonly pivotInto: string | null;
}

/** The value; undefined = leave the key out; a Refusal = the record cannot be made. Never throws. */
export type FieldReader = (scope: Scope) => unknown;
type ScopedConverter = (raw: unknown, scope: Scope) => unknown;

/** Longest range of months that one row may stand for: a hundred years. */
const MAX_RANGE_MONTHS = 1200;

const MISSING = refusal('missing-field');
const UNKNOWN_CODE = refusal('unknown-code');
const NOT_A_REGION = refusal('not-a-region');
const NOT_A_LIST = refusal('not-a-list');
const NOT_A_MONTH = refusal('not-a-month');
const MONTH_RANGE = refusal('month-range');

/** Compiles a field for a target; `target` null = a value that only serves as a key. */
export function compileField(written: Field, target: StreamField | null, context: FieldContext): FieldReader {
  const field = fieldObject(written);
  if (field.as === 'month-range') return compileMonthRange(field, context);
  const convert = fitting(scopedConverter(field, context), field, target);
  return withPresence(sourceOf(field, context), convert, { field, target });
}

interface Sourced {
  readonly path?: string | undefined;
  readonly const?: string | number | boolean | null | undefined;
  readonly config?: string | undefined;
}

function sourceOf(source: Sourced, context: FieldContext): Getter {
  if (source.const !== undefined) {
    const fixed = source.const;
    return () => fixed;
  }
  if (source.config !== undefined) {
    const configured = context.config[source.config];
    return () => configured;
  }
  const path = source.path ?? '.';
  const get = compilePath(path, context);
  const isPivoted =
    context.pivotInto !== null &&
    (path.startsWith(`${context.pivotInto}.`) || path.startsWith(`parent.${context.pivotInto}.`));
  return isPivoted ? (scope) => get(scope) ?? null : get;
}

function scopedConverter(field: Exclude<FieldObject, { as: 'month-range' }>, context: FieldContext): ScopedConverter {
  switch (field.as) {
    case 'month-of-year':
      return monthOfYear(field, context);
    case 'id-number': {
      const idType =
        field.idType === undefined ? undefined : compileField({ ...field.idType, as: 'code' }, null, context);
      return (raw, scope) => toIdentity(raw, idType?.(scope));
    }
    default:
      return plainConverter(field, context);
  }
}

type PlainField = Exclude<FieldObject, { as: 'month-range' | 'month-of-year' | 'id-number' }>;

function plainConverter(field: PlainField, context: FieldContext): Converter {
  switch (field.as) {
    case undefined:
    case 'text':
      return field.trim === false ? toTextAsIs : toText;
    case 'yuan':
      return yuanToFen;
    case 'fen':
      return toFen;
    case 'hundredths':
      return toHundredths(field.rounding ?? 'exact');
    case 'ratio':
      return ratioToPpm;
    case 'percent':
      return percentToPpm;
    case 'integer':
      return toInteger;
    case 'boolean':
      return toBoolean;
    case 'date':
      return toDay(field);
    case 'month':
      return toMonth(field);
    case 'code':
      return toCode(context.codes[field.codes] ?? {}, field.otherwise);
    case 'code-map':
      return toCode(field.map, field.otherwise);
    case 'list':
      return toList(field, context);
    case 'reference-pair':
      return fromPair(field.take ?? 'id');
  }
}

function monthOfYear(field: Extract<FieldObject, { as: 'month-of-year' }>, context: FieldContext): ScopedConverter {
  const year = sourceOf(field.year, context);
  const shift = field.first === 0 ? 1 : 0;
  return (raw, scope) => {
    const month = toInteger(raw);
    const ofYear = toInteger(year(scope));
    if (month === BLANK) return BLANK;
    if (typeof month !== 'number' || typeof ofYear !== 'number' || month + shift < 1 || month + shift > 12)
      return NOT_A_MONTH;
    if (ofYear < 1900 || ofYear > 2999) return NOT_A_MONTH;
    return knownMonth(ofYear * 12 + month + shift - 1);
  };
}

const months = new Map<number, Month>();

/** One shared text per month: equal keys of a million wage rows are then the same object. */
function knownMonth(index: number): Month {
  const known = months.get(index);
  if (known !== undefined) return known;
  const made = monthFromIndex(index);
  months.set(index, made);
  return made;
}

function compileMonthRange(field: Extract<FieldObject, { as: 'month-range' }>, context: FieldContext): FieldReader {
  const range = compileRange(field, context);
  return (scope) => {
    const months = range(scope);
    return months === MISSING && field.optional === true ? undefined : months;
  };
}

interface RangeSpec {
  readonly from: MonthField;
  readonly last?: MonthField | undefined;
  readonly until?: MonthField | undefined;
}

/** Every month of a row's range; without an end the one month `from`. A refusal where the range is backwards or too long. */
export function compileRange(spec: RangeSpec, context: FieldContext): (scope: Scope) => readonly Month[] | Refusal {
  const from = compileField({ ...spec.from, as: 'month' }, null, context);
  const endField = spec.last ?? spec.until;
  const end = endField === undefined ? undefined : compileField({ ...endField, as: 'month' }, null, context);
  const included = spec.last === undefined ? 0 : 1;
  return (scope) => {
    const first = from(scope);
    const boundary = end === undefined ? undefined : end(scope);
    if (first instanceof Refusal) return first;
    if (boundary instanceof Refusal) return boundary;
    if (typeof first !== 'string') return MISSING;
    const start = monthIndex(first as Month);
    const stop = typeof boundary === 'string' ? monthIndex(boundary as Month) + included : start + 1;
    if (stop <= start || stop - start > MAX_RANGE_MONTHS) return MONTH_RANGE;
    return Array.from({ length: stop - start }, (_, offset) => monthFromIndex(start + offset));
  };
}

function toList(field: Extract<FieldObject, { as: 'list' }>, context: FieldContext): Converter {
  const element = elementConverter(field.of, context);
  const separators = field.separator === undefined ? [] : [field.separator].flat();
  return (raw) => {
    const parts = Array.isArray(raw) ? (raw as readonly unknown[]) : cut(raw, separators);
    if (parts === null) return NOT_A_LIST;
    const values = new Set<unknown>();
    for (const part of parts) {
      const value = part === null || part === '' ? BLANK : element(part);
      if (value instanceof Refusal) return value;
      if (value !== BLANK) values.add(value);
    }
    return values.size === 0 ? BLANK : [...values];
  };
}

function cut(raw: unknown, separators: readonly string[]): readonly string[] | null {
  const text = typeof raw === 'boolean' ? undefined : scalarText(raw);
  if (text === undefined) return null;
  let parts = [text];
  for (const separator of separators) parts = parts.flatMap((part) => part.split(separator));
  return parts.map((part) => part.trim());
}

function elementConverter(of: ListElement, context: FieldContext): Converter {
  const convert = plainConverter(of.as === 'text' ? { as: 'text' } : of, context);
  if (of.as === 'text' || of.path === undefined) return convert;
  const get = compileValuePath(of.path);
  return (raw) => {
    const value = get(raw);
    return value === undefined || value === null ? BLANK : convert(value);
  };
}

/** Converters without a closed list of results are checked against what the target may hold. */
function fitting(convert: ScopedConverter, field: FieldObject, target: StreamField | null): ScopedConverter {
  const check = target === null || isClosed(field) ? null : targetCheck(target.kind);
  if (check === null) return convert;
  return (raw, scope) => {
    const value = convert(raw, scope);
    return typeof value === 'string' ? check(value) : value;
  };
}

/** Tables are checked when the manifest is loaded. */
function isClosed(field: FieldObject): boolean {
  return field.as === 'code' || field.as === 'code-map';
}

function targetCheck(kind: TargetKind): ((value: string) => string | Refusal | typeof BLANK) | null {
  if (kind.type === 'choice') {
    const choices = new Set(kind.of);
    return (value) => (choices.has(value) ? value : UNKNOWN_CODE);
  }
  if (kind.type === 'words') return (value) => cleanForeignWords(value) ?? BLANK;
  if (kind.type !== 'region') return null;
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (parseRegion(value) === null) return NOT_A_REGION;
    if (known.size < MAX_RANGE_MONTHS) known.add(value);
    return value;
  };
}

interface PresenceRule {
  readonly field: Exclude<FieldObject, { as: 'month-range' }>;
  readonly target: StreamField | null;
}

function withPresence(get: Getter, convert: ScopedConverter, { field, target }: PresenceRule): FieldReader {
  const emptyValues = field.empty === undefined ? [] : [field.empty].flat();
  const isEmpty = emptyValues.some((value) => value !== null && value !== '') ? emptySet(emptyValues) : null;
  const fallback = defaultOf(field, convert);
  const whenOptional = field.optional === true ? undefined : MISSING;
  const isNull = target?.nullable === true && (field.optional !== true || field.empty !== undefined);
  const onAbsent = fallback === undefined ? whenOptional : fallback;
  const onEmpty = fallback === undefined ? (isNull ? null : whenOptional) : fallback;
  const mayRefuse = field.path?.startsWith(JMESPATH_PREFIX) === true;
  return (scope) => {
    const raw = get(scope);
    if (raw === undefined) return onAbsent;
    if (raw === null || raw === '' || isEmpty?.(raw) === true) return onEmpty;
    if (mayRefuse && raw instanceof Refusal) return raw;
    const value = convert(raw, scope);
    return value === BLANK ? onEmpty : value;
  };
}

function emptySet(values: readonly unknown[]): (raw: unknown) => boolean {
  const set = new Set(values);
  return (raw) => set.has(raw) || (typeof raw === 'string' && set.has(raw.trim()));
}

/** The default in the notation of the source, or already as the hub's own word. Undefined = there is none. */
function defaultOf(field: PresenceRule['field'], convert: ScopedConverter): unknown {
  if (field.default === undefined || field.default === null) return field.default;
  const value = convert(field.default, { row: undefined, parent: undefined });
  return value instanceof Refusal || value === BLANK ? field.default : value;
}
