/** Which regions exist, when, under whom, and which of them a person means by a code, a name or pinyin. Pure. */
import { NATION, type RegionCode, regionChain } from '../domain/region.js';
import type { Day } from '../domain/month.js';

export const REGION_KINDS = [
  'nation',
  'province',
  'municipality',
  'prefecture',
  'county',
  'pool',
  'not-covered',
] as const;
/** `municipality` counts as a province and as a prefecture; `pool` = figures of its own below a city or province. */
export type RegionKind = (typeof REGION_KINDS)[number];

export interface Region {
  readonly code: RegionCode;
  readonly kind: RegionKind;
  readonly zh: string;
  /** 深圳 for 深圳市. */
  readonly short: string;
  readonly en: string;
  readonly pinyin: string;
  readonly initials: string;
  readonly aliases: readonly string[];
  /** First day the code counts; null = since before the first code table read (2002). */
  readonly from: Day | null;
  /** First day it no longer counts; null = it still does. */
  readonly until: Day | null;
  /** The codes that took its places over. */
  readonly successors: readonly RegionCode[];
  /** Where the days come from: a document, or the edition of the code table that first shows the change. */
  readonly basis: string | null;
  readonly note: string | null;
}

/** Regions that fit a search, best first; `rank` 0 = exactly this code or name. */
export interface RegionHit {
  readonly region: Region;
  readonly rank: number;
}

export type Resolved =
  | { readonly kind: 'one'; readonly region: Region }
  | { readonly kind: 'several'; readonly regions: readonly Region[] }
  | { readonly kind: 'none' };

const EXACT = 0;
const INITIALS = 1;
const BEGINS = 2;
const CONTAINS = 3;
/** One letter fits half the country. */
const SHORTEST_INITIALS = 2;

/** Immutable; in order of the codes. */
export class RegionTree {
  readonly all: readonly Region[];
  readonly #byCode: ReadonlyMap<RegionCode, Region>;

  constructor(regions: readonly Region[]) {
    this.all = [...regions].sort((a, b) => (a.code < b.code ? -1 : 1));
    this.#byCode = new Map(this.all.map((region) => [region.code, region]));
  }

  get(code: RegionCode): Region | undefined {
    return this.#byCode.get(code);
  }

  /** The 31 provinces, municipalities among them, that the mainland's social insurance covers. */
  provinces(): readonly Region[] {
    return this.all.filter(({ kind }) => kind === 'province' || kind === 'municipality');
  }

  /** Prefecture-level places on a day, the four municipalities among them: 337 since Laiwu was given up in 2019. */
  prefectures(on: Day): readonly Region[] {
    return this.all.filter(
      (region) => (region.kind === 'prefecture' || region.kind === 'municipality') && isInForce(region, on),
    );
  }

  /** From the region up to the nation, without levels that are no region of their own. */
  chain(code: RegionCode): readonly Region[] {
    return regionChain(code).flatMap((each) => this.#byCode.get(each) ?? []);
  }

  provinceOf(code: RegionCode): Region | undefined {
    return this.chain(code).find(({ kind }) => kind === 'province' || kind === 'municipality');
  }

  /** Best first: exactly this, the initials, beginning with it, containing it; among equals those in force first. */
  search(text: string, on: Day): readonly RegionHit[] {
    const wanted = plain(text);
    if (wanted === '') return [];
    return this.all
      .flatMap((region) => {
        const rank = rankOf(region, wanted);
        return rank === null ? [] : [{ region, rank }];
      })
      .sort((a, b) => a.rank - b.rank || Number(isInForce(b.region, on)) - Number(isInForce(a.region, on)));
  }

  /** The one region a person means by a code, a name or the pinyin of a name; a code that no longer counts only by its code. */
  resolve(text: string, on: Day): Resolved {
    const code = this.#byCode.get(text as RegionCode);
    if (code !== undefined) return { kind: 'one', region: code };
    const exact = this.search(text, on).filter(({ region, rank }) => rank === EXACT && isInForce(region, on));
    const whole = exact.filter(({ region }) => region.zh === text.trim());
    const [only, ...others] = (whole.length > 0 ? whole : exact).map(({ region }) => region);
    if (only === undefined) return { kind: 'none' };
    return others.length === 0 ? { kind: 'one', region: only } : { kind: 'several', regions: [only, ...others] };
  }
}

/** Whether the code counts on that day. */
export function isInForce({ from, until }: Region, on: Day): boolean {
  return (from === null || from <= on) && (until === null || on < until);
}

/** A region of which a policy folder says nothing but the name: packs without a code table. */
export function bareRegion(code: RegionCode, name: { readonly zh: string; readonly en: string }): Region {
  const kind: RegionKind =
    code === NATION
      ? 'nation'
      : code.includes('-')
        ? 'pool'
        : code.endsWith('0000')
          ? 'province'
          : code.endsWith('00')
            ? 'prefecture'
            : 'county';
  const reading = plain(name.en);
  return {
    code,
    kind,
    ...name,
    short: name.zh,
    pinyin: reading,
    initials: '',
    aliases: [],
    from: null,
    until: null,
    successors: [],
    basis: null,
    note: null,
  };
}

function rankOf(region: Region, wanted: string): number | null {
  const words = [region.code, region.zh, region.short, region.en, region.pinyin, ...region.aliases].map(plain);
  if (words.includes(wanted)) return EXACT;
  if (wanted.length >= SHORTEST_INITIALS && region.initials === wanted) return INITIALS;
  if (words.some((word) => word.startsWith(wanted))) return BEGINS;
  return words.some((word) => word.includes(wanted)) ? CONTAINS : null;
}

/** Lower case without blanks, hyphens, apostrophes and accents; ü is typed v. */
function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll('ü', 'v')
    .normalize('NFKD')
    .replaceAll(/[\p{M}\s'’.·-]/gu, '');
}
