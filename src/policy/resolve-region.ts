/** Which region is meant by a code or a name. */
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import { type RegionCode, parseRegion } from '../domain/region.js';
import type { PolicyBook } from './book.js';
import { knownRegion } from './policy-question.js';
import { isInForce } from './region-tree.js';

export interface RegionEntry {
  readonly code: RegionCode;
  readonly zh: string;
  readonly en: string;
}

/** Regions in force that fit `q` (a code, a name, pinyin or initials), best first; all of them, by code, without `q`. */
export function regionsOf(book: PolicyBook, q: string | null, on: Day): readonly RegionEntry[] {
  const fitting =
    q === null || q.trim() === '' ? book.regions.all : book.regions.search(q, on).map(({ region }) => region);
  return fitting.filter((region) => isInForce(region, on)).map(({ code, zh, en }) => ({ code, zh, en }));
}

/**
 * A code of the policy, or of a district of one of its regions; or a region's name, short name or pinyin. Throws
 * `unknown-region` for what it does not have and for a name that several carry on the day.
 */
export function resolveRegion(text: string, book: PolicyBook, on: Day): RegionCode {
  if (parseRegion(text) !== null) return knownRegion(text, book);
  const resolved = book.regions.resolve(text, on);
  switch (resolved.kind) {
    case 'one':
      return resolved.region.code;
    case 'several': {
      const codes = resolved.regions.map((region) => `${region.code} ${region.zh}`).join(', ');
      throw unknownRegion(text, `several carry that name: ${codes}; use a code`);
    }
    case 'none':
      throw unknownRegion(text, 'expected its code, name or pinyin; `buduan policy search` finds it');
  }
}

function unknownRegion(text: string, expected: string): HubError {
  return new HubError({
    code: 'unknown-region',
    next: 'fix-config',
    message: `The policy has no region "${text.slice(0, 20)}"; ${expected}.`,
    detail: { region: text.slice(0, 20) },
  });
}
