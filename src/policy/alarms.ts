/** Which values a person must look at: over, soon over, without a known end, older than their parent's, not checked for long. Pure. */
import { type Day, addDays, addMonths, lastDay, monthOfDay } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type { PolicyBook } from './book.js';
import { hiddenParents } from './check-records.js';
import { type ParameterName, type Scope, definitionOf } from './parameter-catalogue.js';
import type { PolicyRecord } from './policy-record.js';
import { startOf, trustedForYear } from './timeline.js';

export const ALARM_KINDS = [
  'expired',
  'ends-soon',
  'older-than-parent',
  'year-over',
  'end-unknown',
  'not-checked',
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

export interface PolicyAlarm {
  readonly kind: AlarmKind;
  readonly region: RegionCode;
  readonly scope: Scope;
  readonly parameter: ParameterName;
  readonly value: string;
  /** The day that is the reason: the last day in force, the first day of the newer value, the last check. */
  readonly day: Day | null;
  /** `file:line` of the value. */
  readonly origin: string;
  readonly note: string | null;
}

export interface AlarmTerms {
  readonly on: Day;
  /** Ends within so many days are told beforehand. */
  readonly withinDays: number;
  /** Values nobody checked for so many months are told. */
  readonly checkedWithinMonths: number;
}

/** In the order of ALARM_KINDS, then by place. A value may raise several. */
export function alarmsOf(book: PolicyBook, terms: AlarmTerms): PolicyAlarm[] {
  const newest = newestOf(book.records.filter((record) => startOf(record) <= terms.on));
  const found = [
    ...book.expiredOn(terms.on).map((record) => alarm('expired', record, record.effectiveTo)),
    ...newest.flatMap((record) => endsSoon(record, terms)),
    ...hiddenParents(book.records).map(({ override, hidden }) =>
      alarm('older-than-parent', override, hidden.effectiveFrom),
    ),
    ...newest.flatMap((record) => yearOver(record, terms)),
    ...newest.filter((record) => record.endIsUnknown).map((record) => alarm('end-unknown', record, null)),
    ...newest.flatMap((record) => notChecked(record, terms)),
  ];
  return found.sort(
    (a, b) =>
      ALARM_KINDS.indexOf(a.kind) - ALARM_KINDS.indexOf(b.kind) ||
      (a.region < b.region ? -1 : a.region > b.region ? 1 : 0),
  );
}

function endsSoon(record: PolicyRecord, { on, withinDays }: AlarmTerms): PolicyAlarm[] {
  const end = record.effectiveTo;
  return end !== null && end >= on && end <= addDays(on, withinDays) ? [alarm('ends-soon', record, end)] : [];
}

/** A value set for a contribution year after its twelve months: the next notice is due or was missed. */
function yearOver(record: PolicyRecord, { on }: AlarmTerms): PolicyAlarm[] {
  const isYearly = definitionOf(record.parameter)?.validity === 'year';
  if (!isYearly || record.effectiveTo !== null || record.status === 'overlay' || record.text === 'unknown') return [];
  const until = trustedForYear(record);
  return until < on ? [alarm('year-over', record, until)] : [];
}

function notChecked(record: PolicyRecord, { on, checkedWithinMonths }: AlarmTerms): PolicyAlarm[] {
  const until = lastDay(addMonths(monthOfDay(record.verifiedOn), checkedWithinMonths));
  return until < on ? [alarm('not-checked', record, record.verifiedOn)] : [];
}

/** The last value of every region, insurance and parameter: older ones are history. */
function newestOf(records: readonly PolicyRecord[]): readonly PolicyRecord[] {
  const newest = new Map<string, PolicyRecord>();
  for (const record of records) {
    const key = `${record.status === 'overlay' ? 'overlay' : 'pack'}:${record.region}.${record.scope}.${record.parameter}`;
    const before = newest.get(key);
    if (before === undefined || startOf(before) < startOf(record)) newest.set(key, record);
  }
  return [...newest.values()];
}

function alarm(kind: AlarmKind, record: PolicyRecord, on: Day | null): PolicyAlarm {
  const { region, scope, parameter, text, origin, note } = record;
  return { kind, region, scope, parameter, value: text, day: on, origin, note };
}
