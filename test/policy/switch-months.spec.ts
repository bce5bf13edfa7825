/** Every floor and cap of the pack holds from its own month on, and the month before has the one before it: over all records as shipped. */
import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'yaml';
import { parseYuan } from '../../src/domain/fen.js';
import { INSURANCES, type Insurance } from '../../src/domain/insurance.js';
import { type Day, type Month, addMonths, day, firstDay, monthOfDay } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import type { PolicyBook } from '../../src/policy/book.js';
import { POLICY_DIR, shippedBook } from './books.js';

/** One record as it stands in a file. */
interface Limit {
  readonly region: string;
  readonly insurance: Insurance;
  readonly parameter: 'base_floor' | 'base_cap';
  readonly value: string;
  readonly from: Day;
  readonly until: string | null;
  readonly before: Omit<Limit, 'before'> | null;
}

interface Dated {
  readonly value: string;
  readonly effective_from: string;
  readonly effective_to?: string;
}
type Scopes = Readonly<Record<string, Readonly<Record<string, readonly Dated[]>>>>;

const EVERYTHING_KNOWN = day('2099-01-01');

function limitsOfPack(): Limit[] {
  const regions = readdirSync(`${POLICY_DIR}/regions`).flatMap((name) => {
    const file = parse(readFileSync(`${POLICY_DIR}/regions/${name}`, 'utf8')) as {
      region: string;
      parameters?: Scopes;
    };
    return [[file.region, file.parameters ?? {}] as const];
  });
  return regions.flatMap(([code, scopes]) =>
    INSURANCES.flatMap((insurance) =>
      (['base_floor', 'base_cap'] as const).flatMap((parameter) => datedLimits(code, insurance, parameter, scopes)),
    ),
  );
}

function datedLimits(code: string, insurance: Insurance, parameter: Limit['parameter'], scopes: Scopes): Limit[] {
  const dated = (scopes[insurance]?.[parameter] ?? []).filter((each) => each.effective_from !== 'undated');
  const plain = dated
    .map((each) => ({
      ...{ region: code, insurance, parameter, value: each.value, from: day(each.effective_from) },
      until: each.effective_to === undefined || each.effective_to === 'unknown' ? null : each.effective_to,
    }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  return plain.map((limit, place) => ({ ...limit, before: plain[place - 1] ?? null }));
}

/** The first month whose first day the record covers. */
function firstMonth({ from }: Pick<Limit, 'from'>): Month {
  const begun = monthOfDay(from);
  return firstDay(begun) === from ? begun : addMonths(begun, 1);
}

function valueAt(book: PolicyBook, limit: Omit<Limit, 'before'>, at: Month): string | null {
  const cell = book.cell(region(limit.region), limit.insurance, at, EVERYTHING_KNOWN);
  const looked = limit.parameter === 'base_floor' ? cell.floorFen : cell.capFen;
  if (!looked.known) return 'unknown';
  return looked.value === null ? 'none' : String(looked.value);
}

function asFen(text: string): string {
  return text === 'none' || text === 'unknown' ? text : String(parseYuan(text));
}

describe('floors and caps at their switch', () => {
  const book = shippedBook();
  const limits = limitsOfPack();

  it('are found in every region file', () => {
    expect(limits.length).toBeGreaterThan(150);
    expect(limits.filter(({ before }) => before !== null).length).toBeGreaterThan(100);
  });

  it('hold in their first month', () => {
    const wrong = limits.filter((limit) => valueAt(book, limit, firstMonth(limit)) !== asFen(limit.value));
    expect(wrong).toEqual([]);
  });

  it('leave the month before to the value before', () => {
    const wrong = limits.filter((limit) => {
      const { before } = limit;
      const earlier = addMonths(firstMonth(limit), -1);
      if (before === null || firstMonth(before) > earlier) return false;
      // A value whose stated end was over gives way to a parent's: then only this one must not hold yet.
      if (before.until !== null && before.until < firstDay(earlier)) return holdsAlready(book, limit, earlier);
      return valueAt(book, before, earlier) !== asFen(before.value);
    });
    expect(wrong).toEqual([]);
  });

  it('of a place that has none before are not carried back', () => {
    const first = limits.filter(({ before }) => before === null);
    expect(first.filter((limit) => holdsAlready(book, limit, addMonths(firstMonth(limit), -1)))).toEqual([]);
  });

  it('never leave a floor above its cap', () => {
    const crossed = limits.filter((limit) => {
      const cell = book.cell(region(limit.region), limit.insurance, firstMonth(limit), EVERYTHING_KNOWN);
      const { floorFen, capFen } = cell;
      return (
        floorFen.known &&
        capFen.known &&
        floorFen.value !== null &&
        capFen.value !== null &&
        floorFen.value > capFen.value
      );
    });
    expect(crossed).toEqual([]);
  });
});

/** Whether this very record answers for an earlier month. */
function holdsAlready(book: PolicyBook, limit: Limit, earlier: Month): boolean {
  const cell = book.cell(region(limit.region), limit.insurance, earlier, EVERYTHING_KNOWN);
  const looked = limit.parameter === 'base_floor' ? cell.floorFen : cell.capFen;
  return looked.known && looked.region === limit.region && looked.effectiveFrom === limit.from;
}
