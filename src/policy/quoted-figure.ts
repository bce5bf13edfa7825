/** How one value of the policy is shown with everything that says how far it may be trusted. */
import type { Day } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type { PolicyBook, RegionName } from './book.js';
import { type ParameterName, type Scope, definitionOf } from './parameter-catalogue.js';
import type { Known, Looked, PolicyConflict, PolicyRecord, PolicyStatus } from './policy-record.js';

/** A value as a quote, an advice or a comparison shows it: plain JSON. */
export interface QuotedFigure {
  readonly parameter: ParameterName;
  /** As written in the file; `none` = known to be absent. */
  readonly value: string;
  readonly unit: string | null;
  readonly status: PolicyStatus;
  /** First day for which the value is only carried over. */
  readonly provisionalSince: Day | null;
  /** How the source itself counts; differs from `status` where the value is carried over. */
  readonly recordStatus: PolicyRecord['status'];
  /** Where the value comes from: the region asked for, or one above it. */
  readonly region: RegionCode;
  readonly regionName: RegionName;
  readonly scope: Scope;
  readonly effectiveFrom: Day | null;
  readonly effectiveTo: Day | null;
  readonly publishedOn: Day | null;
  readonly verifiedOn: Day;
  readonly documentNo: string | null;
  readonly authority: string | null;
  /** Keys of sources.yaml; empty for an overlay. */
  readonly sources: readonly string[];
  /** A tenant's own value: who confirmed it, when and why. null = from the pack. */
  readonly overlay: PolicyRecord['confirmed'];
  readonly conflicts: readonly PolicyConflict[];
  readonly note: string | null;
}

export function quotedFigure({ record, status, provisionalSince }: Known<unknown>, book: PolicyBook): QuotedFigure {
  return { ...quotedRecord(record, book), status, provisionalSince };
}

/** The same of a record whether or not it is in force; its status is the source's. */
export function quotedRecord(record: PolicyRecord, book: PolicyBook): QuotedFigure {
  return {
    parameter: record.parameter,
    value: record.text,
    unit: definitionOf(record.parameter)?.unit ?? null,
    status: record.status,
    provisionalSince: null,
    recordStatus: record.status,
    region: record.region,
    regionName: book.regionName(record.region),
    scope: record.scope,
    effectiveFrom: record.effectiveFrom,
    effectiveTo: record.effectiveTo,
    publishedOn: record.publishedOn,
    verifiedOn: record.verifiedOn,
    documentNo: record.documentNo,
    authority: record.authority,
    sources: record.sources,
    overlay: record.confirmed,
    conflicts: record.conflicts,
    note: record.note,
  };
}

/** null = nobody gave it. */
export function quotedLook(looked: Looked<unknown>, book: PolicyBook): QuotedFigure | null {
  return looked.known ? quotedFigure(looked, book) : null;
}

/** JSON in which each value of the policy stands as its figure, whatever else holds it. */
export function withQuotedFigures(value: unknown, book: PolicyBook): unknown {
  if (Array.isArray(value)) return value.map((each) => withQuotedFigures(each, book));
  if (typeof value !== 'object' || value === null) return value;
  if (isKnownValue(value)) return quotedFigure(value, book);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withQuotedFigures(part, book)]));
}

function isKnownValue(value: object): value is Known<unknown> {
  return 'known' in value && value.known === true && 'record' in value;
}
