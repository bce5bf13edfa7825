/** What one dated, sourced value of the law is in memory, and what a look-up answers. */
import type { Day } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type { ParameterName, Scope } from './parameter-catalogue.js';

/** How far a record may be trusted: two sources and a document, some evidence, one source only, or a tenant's word. */
export const RECORD_STATUSES = ['confirmed', 'reported', 'unverified', 'overlay'] as const;
export type RecordStatus = (typeof RECORD_STATUSES)[number];

/** `provisional`: an older value carried over beyond the time it was made for. */
export type PolicyStatus = RecordStatus | 'provisional';

/** What another source says instead. */
export interface PolicyConflict {
  readonly value: string;
  readonly source: string;
}

/** One value of one parameter for a period. Days are inclusive at both ends, as notices print them. */
export interface PolicyRecord {
  readonly region: RegionCode;
  readonly scope: Scope;
  readonly parameter: ParameterName;
  /** The value as written; `none` = known to be absent, `unknown` = known to differ from the parent's, by how much is not known. */
  readonly text: string;
  /** Typed by the catalogue; null for `none`; undefined for `unknown`. */
  readonly value: unknown;
  /** null = the source does not say since when. */
  readonly effectiveFrom: Day | null;
  /** How the source gives that date: `stated`, or only as a year or a row's label. */
  readonly effectiveFromBasis: string;
  /** Last day in force; null = until the next record. */
  readonly effectiveTo: Day | null;
  /** Limited in time, but nobody knows until when; the note says so. */
  readonly endIsUnknown: boolean;
  /** The day from which this could be known: publication, else the first day in force; null = always. */
  readonly knownFrom: Day | null;
  readonly publishedOn: Day | null;
  readonly verifiedOn: Day;
  readonly status: RecordStatus;
  readonly documentNo: string | null;
  readonly authority: string | null;
  readonly url: string | null;
  readonly sources: readonly string[];
  readonly conflicts: readonly PolicyConflict[];
  readonly conflictReason: string | null;
  readonly note: string | null;
  /** Who confirmed an overlay's value, and when; null in the pack. */
  readonly confirmed: { readonly by: string; readonly on: Day; readonly reason: string } | null;
  /** `file:line` of the record. */
  readonly origin: string;
}

export interface Known<T> {
  readonly known: true;
  readonly value: T;
  readonly status: PolicyStatus;
  /** First day for which the value is only carried over; null unless status is `provisional`. */
  readonly provisionalSince: Day | null;
  readonly region: RegionCode;
  readonly effectiveFrom: Day | null;
  /** Source keys of sources.yaml, or who confirmed an overlay's value. */
  readonly source: string;
  readonly documentNo: string | null;
  readonly record: PolicyRecord;
}

export interface Unknown {
  readonly known: false;
  /** `region.insurance.parameter`: what a tenant may set in an overlay. */
  readonly key: string;
}

export type Looked<T> = Known<T> | Unknown;
