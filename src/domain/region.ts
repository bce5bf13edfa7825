/** How places are named: six-digit GB/T 2260 codes, and the walk from a city to its province to the nation. */
import { HubError } from './hub-error.js';

declare const regionBrand: unique symbol;

/** A six-digit GB/T 2260 code: `440300` Shenzhen; a sub-city pool adds a suffix: `320500-sip`. */
export type RegionCode = string & { readonly [regionBrand]: true };

const REGION_PATTERN = /^\d{6}(?:-[a-z0-9]{1,12})?$/;

export const NATION = '100000' as RegionCode;

export function parseRegion(text: string): RegionCode | null {
  return REGION_PATTERN.test(text) ? (text as RegionCode) : null;
}

/** Brands a region code. Throws `not-a-region`. */
export function region(text: string): RegionCode {
  const parsed = parseRegion(text);
  if (parsed === null) {
    throw new HubError({
      code: 'not-a-region',
      next: 'fix-config',
      message: `"${text.slice(0, 20)}" is not a region code; expected six digits of GB/T 2260, for example 440300.`,
    });
  }
  return parsed;
}

/** The look-up order of a region, most specific first: 440305 → [440305, 440300, 440000, 100000]. */
export function regionChain(of: RegionCode): readonly RegionCode[] {
  const chain: string[] = [of];
  const digits = of.slice(0, 6);
  for (const parent of [digits, `${digits.slice(0, 4)}00`, `${digits.slice(0, 2)}0000`, NATION]) {
    if (!chain.includes(parent)) chain.push(parent);
  }
  return chain as RegionCode[];
}
