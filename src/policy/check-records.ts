/** Whether loaded records contradict each other: overlapping periods (errors) and overrides older than their parent (warnings). */
import { regionChain } from '../domain/region.js';
import { timelineKey } from './book.js';
import type { PolicyRecord } from './policy-record.js';
import { startOf } from './timeline.js';

/** Two records of one parameter that hold on the same day. A record without an end holds until the next one begins. */
export function overlapProblems(records: readonly PolicyRecord[]): string[] {
  const problems: string[] = [];
  for (const group of groupsOf(records).values()) {
    const ordered = [...group].sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
    ordered.slice(1).forEach((record, position) => {
      const before = ordered[position];
      if (before === undefined || !overlap(before, record)) return;
      problems.push(
        `${record.origin}  ${record.region}.${record.scope}.${record.parameter}  overlaps the value at ${before.origin}` +
          ` (in force until ${before.effectiveTo ?? 'the next begins'}); change effective_from or effective_to of one`,
      );
    });
  }
  return problems;
}

/** An override without an end and the newer value of an ancestor that it hides. */
export interface HiddenParent {
  readonly override: PolicyRecord;
  readonly hidden: PolicyRecord;
}

/** Overrides without an end that are older than what an ancestor says now: they hide it. */
export function hiddenParents(records: readonly PolicyRecord[]): HiddenParent[] {
  const newest = new Map<string, PolicyRecord>();
  for (const [key, group] of groupsOf(records)) {
    const last = [...group].sort((a, b) => (startOf(a) < startOf(b) ? 1 : -1))[0];
    if (last !== undefined) newest.set(key, last);
  }
  return [...newest.values()].flatMap((override) => {
    const hidden = override.effectiveTo === null ? newestAbove(override, newest) : null;
    return hidden === null ? [] : [{ override, hidden }];
  });
}

/** The same as lines with file and line, for `buduan check`. */
export function hiddenParentWarnings(records: readonly PolicyRecord[]): string[] {
  return hiddenParents(records).map(
    ({ override, hidden }) =>
      `${override.origin}  ${override.region}.${override.scope}.${override.parameter}  has no end and is in force since ` +
      `${override.effectiveFrom ?? 'always'}: it hides the newer value of ${hidden.region} since ${hidden.effectiveFrom ?? 'always'} (${hidden.origin})`,
  );
}

function newestAbove(override: PolicyRecord, newest: ReadonlyMap<string, PolicyRecord>): PolicyRecord | null {
  const isOverlay = override.status === 'overlay';
  // An undated overlay is a tenant's decision for every month.
  if (isOverlay && override.effectiveFrom === null) return null;
  for (const region of regionChain(override.region)) {
    if (region === override.region && !isOverlay) continue;
    for (const scope of new Set([override.scope, 'social'] as const)) {
      const parent = newest.get(groupKey({ ...override, region, scope, status: 'confirmed' }));
      if (parent !== undefined && startOf(parent) > startOf(override)) return parent;
    }
  }
  return null;
}

function overlap(before: PolicyRecord, record: PolicyRecord): boolean {
  if (startOf(before) === startOf(record)) return true;
  return before.effectiveTo !== null && before.effectiveTo >= startOf(record);
}

function groupsOf(records: readonly PolicyRecord[]): ReadonlyMap<string, PolicyRecord[]> {
  const groups = new Map<string, PolicyRecord[]>();
  for (const record of records) {
    const key = groupKey(record);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  return groups;
}

/** Overlays lie over the pack: the two layers never overlap each other. */
function groupKey(record: PolicyRecord): string {
  return `${record.status === 'overlay' ? 'overlay' : 'pack'}:${timelineKey(record.region, record.scope, record.parameter)}`;
}
