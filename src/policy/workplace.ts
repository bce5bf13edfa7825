/** Whose rules count for somebody who works in one place and is registered in another: the place of work decides. */
import { NATION, type RegionCode, regionChain } from '../domain/region.js';

export interface Places {
  readonly workplace: RegionCode;
  /** Where the household is registered; null = not told. */
  readonly hukouRegion: RegionCode | null;
}

export interface WorkplaceRule {
  /** Always the place of work, where the employer registers its people; the household only changes a rate. */
  readonly region: RegionCode;
  readonly hukou: 'local' | 'other' | null;
  /** The two places differ, so people expect the other one's rules. */
  readonly isElsewhere: boolean;
}

export function workplaceRule({ workplace, hukouRegion }: Places): WorkplaceRule {
  if (hukouRegion === null) return { region: workplace, hukou: null, isElsewhere: false };
  const isLocal = cityOf(workplace) === cityOf(hukouRegion);
  return { region: workplace, hukou: isLocal ? 'local' : 'other', isElsewhere: !isLocal };
}

const MUNICIPALITIES: readonly string[] = ['11', '12', '31', '50'];

/** The pool's city: districts and counties count as theirs; a municipality is one city. */
function cityOf(region: RegionCode): RegionCode {
  const chain = regionChain(region).filter((code) => code !== NATION && !code.includes('-'));
  const province = chain.at(-1) ?? region;
  return MUNICIPALITIES.includes(region.slice(0, 2)) ? province : (chain.at(-2) ?? province);
}
