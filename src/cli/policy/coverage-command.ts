/** `buduan policy coverage`: how much of the country is known in a month, and how well. */
import type { Command } from 'commander';
import { INSURANCES, type Insurance } from '../../domain/insurance.js';
import { type Day, type Month, firstDay, monthOfDay } from '../../domain/month.js';
import { dayInZone, systemClock } from '../../platform/clock/clock.js';
import type { PolicyBook } from '../../policy/book.js';
import {
  COVERAGE_STATES,
  COVERED,
  type Coverage,
  type CoverageCounts,
  type CoverageOf,
  type CoverageState,
  coverageOf,
  placeCoverage,
} from '../../policy/coverage.js';
import type { Region } from '../../policy/region-tree.js';
import { dayOption, monthOption } from '../option-parsers.js';
import type { Terminal } from '../terminal.js';
import { openPolicy, policyCommand, type PolicyOptions } from './open-policy.js';
import { resolveRegion } from './resolve-region.js';

interface CoverageOptions extends PolicyOptions {
  readonly month?: Month;
  readonly knownAt?: Day;
  readonly region?: string;
}

const LETTERS: Readonly<Record<CoverageState, string>> = {
  confirmed: 'C',
  reported: 'R',
  overlay: 'T',
  unverified: 'U',
  'carried-over': '~',
  unknown: '–',
};
const LEGEND = 'C confirmed, R reported, T tenant’s word, U unverified, ~ carried over, – unknown';

export function registerCoverageCommand(policy: Command): void {
  policyCommand(
    policy,
    'coverage',
    'per province and insurance: how many floors, caps and rates are known, and how well',
  )
    .option('--month <month>', 'YYYY-MM (default: this month)', monthOption)
    .option('--known-at <day>', 'only what was published by this day (default: today)', dayOption)
    .option('--region <region>', 'every prefecture of one province instead')
    .action(coverageCommand);
}

async function coverageCommand(options: CoverageOptions): Promise<void> {
  const { book, terminal } = await openPolicy(options);
  const knownAt = options.knownAt ?? dayInZone(systemClock.now());
  const at: CoverageOf = { month: options.month ?? monthOfDay(knownAt), knownAt };
  terminal.say(`${at.month}, as known on ${knownAt}, policy ${book.version}\n${LEGEND}`);
  if (options.region !== undefined) return showPlaces(book, placesUnder(book, options.region, at), { at, terminal });
  const coverage = coverageOf(book, at);
  showProvinces(coverage, terminal);
  showTotal(coverage, terminal);
  terminal.json({
    ...at,
    policy: book.version,
    counted: COVERED,
    provinces: coverage.provinces.map(({ region, places, counts }) => ({
      code: region.code,
      zh: region.zh,
      en: region.en,
      places,
      counts,
    })),
    places: coverage.places,
    total: coverage.total,
  });
}

function showProvinces({ provinces }: Coverage, terminal: Terminal): void {
  terminal.table(
    ['province', 'places', ...INSURANCES],
    provinces.map(({ region, places, counts }) => [
      `${region.code} ${region.short}`,
      places,
      ...INSURANCES.map((insurance) => countsText(counts[insurance])),
    ]),
  );
}

function showTotal({ places, total }: Coverage, terminal: Terminal): void {
  terminal.say(`\n${places} prefecture-level places, for each ${COVERED.join(', ')}:`);
  terminal.table(
    ['insurance', ...COVERAGE_STATES, 'known'],
    INSURANCES.map((insurance) => [
      insurance,
      ...COVERAGE_STATES.map((state) => total[insurance][state]),
      `${percentKnown(total[insurance])} %`,
    ]),
  );
}

/** `42C 38R 4–`: how many values are in which state. */
function countsText(counts: CoverageCounts): string {
  return COVERAGE_STATES.filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]}${LETTERS[state]}`)
    .join(' ');
}

/** Rounded down, so that 100 means everything. */
function percentKnown(counts: CoverageCounts): number {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Math.floor(((all - counts.unknown) * 100) / all);
}

function placesUnder(book: PolicyBook, text: string, { month }: CoverageOf): readonly Region[] {
  const on = firstDay(month);
  const { code } = resolveRegion(book, text, on);
  const province = code.slice(0, 2);
  return book.regions.prefectures(on).filter((place) => place.code.slice(0, 2) === province);
}

interface ShowPlaces {
  readonly at: CoverageOf;
  readonly terminal: Terminal;
}

/** Four letters for each insurance: floor, cap, employee’s rate, employer’s rate. */
function showPlaces(book: PolicyBook, places: readonly Region[], { at, terminal }: ShowPlaces): void {
  const covered = places.map((place) => ({
    place,
    states: INSURANCES.map(
      (insurance) => [insurance, placeCoverage(book, { region: place.code, insurance }, at)] as const,
    ),
  }));
  terminal.say(`letters in this order: ${COVERED.join(', ')}`);
  terminal.table(
    ['place', ...INSURANCES],
    covered.map(({ place, states }) => [
      `${place.code} ${place.short}`,
      ...states.map(([, state]) => COVERED.map((what) => LETTERS[state[what]]).join('')),
    ]),
  );
  terminal.json({
    ...at,
    policy: book.version,
    places: covered.map(({ place, states }) => ({
      code: place.code,
      zh: place.zh,
      states: Object.fromEntries(states) as Record<Insurance, unknown>,
    })),
  });
}
