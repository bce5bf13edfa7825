/** What one edition of the policy says otherwise than another: values added, changed and removed, per region. */
import type { RegionCode } from '../domain/region.js';
import type { PolicyBook, RegionName } from './book.js';
import { type ParameterName, type Scope } from './parameter-catalogue.js';
import type { PolicyRecord } from './policy-record.js';
import { type QuotedFigure, quotedRecord } from './quoted-figure.js';

/** What differs in a changed record: the value itself, or only what is known about it. */
export type ChangedField = 'value' | 'effectiveTo' | 'publishedOn' | 'status' | 'documentNo';

export type PolicyChange =
  | { readonly kind: 'added'; readonly after: QuotedFigure }
  | { readonly kind: 'removed'; readonly before: QuotedFigure }
  | {
      readonly kind: 'changed';
      readonly before: QuotedFigure;
      readonly after: QuotedFigure;
      readonly fields: readonly ChangedField[];
    };

export interface RegionChanges {
  readonly region: RegionCode;
  readonly name: RegionName;
  readonly changes: readonly PolicyChange[];
}

export interface PolicyDiff {
  readonly before: string;
  readonly after: string;
  readonly regions: readonly RegionChanges[];
  readonly counts: Readonly<Record<PolicyChange['kind'], number>>;
}

/** Compares the packs, not overlays. A record is the same one when region, scope, parameter and first day are. In order of region and key. */
export function diffPolicies(before: PolicyBook, after: PolicyBook): PolicyDiff {
  const old = byKey(before);
  const fresh = byKey(after);
  const changes = [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((key) => {
    const change = changeOf(old.get(key), fresh.get(key), { before, after });
    return change === null ? [] : [{ key, change }];
  });
  const codes = [...new Set(changes.map(({ change }) => figureOf(change).region))];
  const counts = { added: 0, changed: 0, removed: 0 };
  for (const { change } of changes) counts[change.kind] += 1;
  return {
    before: before.version,
    after: after.version,
    regions: codes.map((region) => ({
      region,
      name: after.knowsRegion(region) ? after.regionName(region) : before.regionName(region),
      changes: changes.flatMap(({ change }) => (figureOf(change).region === region ? [change] : [])),
    })),
    counts,
  };
}

/** One line per change, readable in any language: `+ pension base_floor from 2023-07-01: 3523 yuan/month [粤人社发〔2024〕33号]`. */
export function changeLine(change: PolicyChange): string {
  const { scope, parameter, effectiveFrom } = figureOf(change);
  const place = `${scope} ${parameter} from ${effectiveFrom ?? 'undated'}`;
  switch (change.kind) {
    case 'added':
      return `+ ${place}: ${valueText(change.after)}`;
    case 'removed':
      return `- ${place}: ${valueText(change.before)}`;
    case 'changed': {
      if (change.fields.includes('value'))
        return `~ ${place}: ${valueText(change.before)} → ${valueText(change.after)}`;
      const told = change.fields.map(
        (field) => `${field} ${change.before[field] ?? '–'} → ${change.after[field] ?? '–'}`,
      );
      return `~ ${place}: ${change.after.value}, ${told.join(', ')}`;
    }
  }
}

function valueText({ value, unit, documentNo, status }: QuotedFigure): string {
  return `${value}${unit === null ? '' : ` ${unit}`} [${[documentNo, status].filter((part) => part !== null).join(', ')}]`;
}

function figureOf(change: PolicyChange): QuotedFigure {
  return change.kind === 'removed' ? change.before : change.after;
}

interface Books {
  readonly before: PolicyBook;
  readonly after: PolicyBook;
}

function changeOf(old: PolicyRecord | undefined, fresh: PolicyRecord | undefined, books: Books): PolicyChange | null {
  if (old === undefined) return fresh === undefined ? null : { kind: 'added', after: quotedRecord(fresh, books.after) };
  const before = quotedRecord(old, books.before);
  if (fresh === undefined) return { kind: 'removed', before };
  const after = quotedRecord(fresh, books.after);
  const fields = FIELDS.filter((field) => before[field] !== after[field]);
  return fields.length === 0 ? null : { kind: 'changed', before, after, fields };
}

const FIELDS: readonly ChangedField[] = ['value', 'effectiveTo', 'publishedOn', 'status', 'documentNo'];

function byKey(book: PolicyBook): ReadonlyMap<string, PolicyRecord> {
  const ofPack = book.records.filter(({ status }) => status !== 'overlay');
  return new Map(ofPack.map((record) => [keyOf(record), record]));
}

function keyOf(record: {
  region: RegionCode;
  scope: Scope;
  parameter: ParameterName;
  effectiveFrom: string | null;
}): string {
  return [record.region, record.scope, record.parameter, record.effectiveFrom ?? 'undated'].join(' ');
}
