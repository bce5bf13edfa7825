/** Which of a parameter's dated values held on a day, as far as it was known on another day. */
import { type Day, addDays, addMonths, firstDay, lastDay, monthOfDay } from '../domain/month.js';
import { definitionOf } from './parameter-catalogue.js';
import type { PolicyRecord } from './policy-record.js';

/** A record found for a day; `carriedSince` = the first day for which it is only carried over, null while it is in force. */
export interface TimelineHit {
  readonly record: PolicyRecord;
  readonly carriedSince: Day | null;
  /** Its stated end is over: a parent's value that is in force goes before it. */
  readonly ended: boolean;
}

/** The two times of a question: what held on `on`, by what was known on `knownAt`. */
export interface AsOf {
  readonly on: Day;
  readonly knownAt: Day;
}

const BEGINNING = '1900-01-01' as Day;
const MONTHS_PER_YEAR = 12;

/** The records of one (region, scope, parameter) in order of their first day. Periods do not overlap (checked at load). */
export class Timeline {
  readonly records: readonly PolicyRecord[];
  /** Worked out when first asked for: thousands of timelines are loaded, few are used. */
  readonly #trustedUntil = new Map<PolicyRecord, Day | null>();

  constructor(
    records: readonly PolicyRecord[],
    private readonly verifiedForMonths: number,
  ) {
    this.records = [...records].sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
  }

  /** The record in force or carried over; null where nothing had begun or nothing was known. */
  at({ on, knownAt }: AsOf): TimelineHit | null {
    let found: PolicyRecord | null = null;
    let hasSuccessor = false;
    for (const record of this.records) {
      if (record.knownFrom !== null && record.knownFrom > knownAt) continue;
      if (startOf(record) <= on) found = record;
      else hasSuccessor = true;
    }
    if (found === null) return null;
    if (found.effectiveTo !== null && on > found.effectiveTo) {
      return { record: found, carriedSince: addDays(found.effectiveTo, 1), ended: true };
    }
    const until = hasSuccessor ? null : this.trustedUntil(found);
    return { record: found, carriedSince: until !== null && on > until ? addDays(until, 1) : null, ended: false };
  }

  /** First days on which the value may change inside a range; for rules that run over days. */
  changesBetween(from: Day, until: Day): Day[] {
    const starts = this.records.map((record) => startOf(record));
    const ends = this.records.flatMap((record) =>
      record.effectiveTo === null ? [] : [addDays(record.effectiveTo, 1)],
    );
    return [...starts, ...ends].filter((change) => change > from && change < until);
  }

  /** The last day for which an open-ended record is trusted without a newer look; null = for ever (a tenant's word). */
  private trustedUntil(record: PolicyRecord): Day | null {
    let until = this.#trustedUntil.get(record);
    if (until === undefined) {
      until = this.lastTrustedDay(record);
      this.#trustedUntil.set(record, until);
    }
    return until;
  }

  private lastTrustedDay(record: PolicyRecord): Day | null {
    if (record.effectiveTo !== null || record.status === 'overlay') return null;
    if (definitionOf(record.parameter)?.validity === 'year') return trustedForYear(record);
    return lastDay(addMonths(monthOfDay(record.verifiedOn), this.verifiedForMonths));
  }
}

/** The first day of a record; an undated one holds from the beginning. */
export function startOf(record: PolicyRecord): Day {
  return record.effectiveFrom ?? BEGINNING;
}

/** The last day of the twelve months a yearly value was set for. */
export function trustedForYear(record: PolicyRecord): Day {
  return addDays(firstDay(addMonths(monthOfDay(startOf(record)), MONTHS_PER_YEAR)), -1);
}
