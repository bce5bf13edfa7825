/** Whether a question to the policy makes sense: a region it knows, a month it has figures for, a wage that can be one. */
import { type Fen, parseYuan } from '../domain/fen.js';
import { HubError } from '../domain/hub-error.js';
import type { Insurance } from '../domain/insurance.js';
import { type Month, firstDay, monthOfDay } from '../domain/month.js';
import { NATION, type RegionCode, parseRegion, regionChain } from '../domain/region.js';
import type { PolicyBook } from './book.js';

/** The region named, or a district of one that is known. Throws `unknown-region`: the nation's rules alone are no place. */
export function knownRegion(text: string, book: PolicyBook): RegionCode {
  const region = parseRegion(text);
  const places = region === null ? [] : regionChain(region).filter((code) => code !== NATION || region === NATION);
  if (region !== null && places.some((code) => book.knowsRegion(code))) return region;
  throw new HubError({
    code: 'unknown-region',
    next: 'fix-config',
    message: `The policy knows no region "${text.slice(0, 20)}"; expected six digits of GB/T 2260, for example 440300, as in policy/regions.`,
    detail: { region: text.slice(0, 20) },
  });
}

/** Throws `before-policy` for a month before the first range that any source gives for the place. */
export function monthWithFigures(
  month: Month,
  {
    region,
    insurance,
    book,
  }: { readonly region: RegionCode; readonly insurance: Insurance; readonly book: PolicyBook },
): Month {
  const first = book.firstDayOf({ region, insurance, parameter: 'base_floor' });
  if (first === null || first <= firstDay(month)) return month;
  throw new HubError({
    code: 'before-policy',
    next: 'fix-config',
    message:
      `No source gives a range for ${region}.${insurance} in ${month}: the first is of ${monthOfDay(first)}. ` +
      `Ask for a later month, or set ${region}.${insurance}.base_floor and base_cap in an overlay.`,
    detail: { region, insurance, month, first },
  });
}

/** A monthly wage as a person types it, `18000` or `18,000.50`. Throws `not-a-wage`; the message never repeats it. */
export function wageOf(text: string): Fen {
  const wage = parseYuan(text);
  if (wage !== null && wage >= 0) return wage;
  throw new HubError({
    code: 'not-a-wage',
    next: 'fix-config',
    message:
      wage === null
        ? 'The wage is not an amount of yuan; expected digits with at most two decimals, for example 18000 or 18000.50.'
        : 'The wage is below zero; expected the total of the month before deductions, for example 18000.',
  });
}
