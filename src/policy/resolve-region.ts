/** Which region is meant by a code or a name. */
import { HubError } from '../domain/hub-error.js';
import { NATION, type RegionCode, parseRegion, regionChain } from '../domain/region.js';
import type { PolicyBook } from './book.js';

export interface RegionEntry {
  readonly code: RegionCode;
  readonly zh: string;
  readonly en: string;
}

/** Regions of the book whose code begins with `q` or whose name holds it; all of them without `q`. In order of their codes. */
export function regionsOf(book: PolicyBook, q: string | null): readonly RegionEntry[] {
  const wanted = q?.trim().toLowerCase() ?? '';
  return [...book.regionNames]
    .map(([code, { zh, en }]) => ({ code, zh, en }))
    .filter(({ code, zh, en }) => code.startsWith(wanted) || zh.includes(wanted) || en.toLowerCase().includes(wanted))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

/**
 * A code of the policy, or of a district of one of its regions; or a region's name, with or without 市, 省, 自治区.
 * Throws `unknown-region` for what it does not have and for a name that several carry.
 */
export function resolveRegion(text: string, book: PolicyBook): RegionCode {
  const code = parseRegion(text);
  if (code !== null) {
    const above = regionChain(code).filter((each) => each !== NATION || code === NATION);
    if (above.some((each) => book.knowsRegion(each))) return code;
    throw unknownRegion(text, 'expected six digits of GB/T 2260 that the policy has, for example 440300');
  }
  const named = [...book.regionNames].filter(([, name]) => isNamed(text, name)).map(([found]) => found);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  throw unknownRegion(
    text,
    named.length > 1
      ? `several carry that name: ${named.join(', ')}; use a code`
      : 'expected its code or its full name',
  );
}

function isNamed(text: string, { zh, en }: { readonly zh: string; readonly en: string }): boolean {
  return text === zh || text === zh.replace(/(?:市|省|自治区)$/, '') || text.toLowerCase() === en.toLowerCase();
}

function unknownRegion(text: string, expected: string): HubError {
  return new HubError({
    code: 'unknown-region',
    next: 'fix-config',
    message: `The policy has no region "${text.slice(0, 20)}"; ${expected}.`,
    detail: { region: text.slice(0, 20) },
  });
}
