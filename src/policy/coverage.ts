/** How much of the country is known in a month: per province and insurance, in which state floor, cap and both rates are. Pure. */
import { INSURANCES, type Insurance } from '../domain/insurance.js';
import { type Day, type Month, firstDay } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type { PolicyBook } from './book.js';
import type { PlainParameter } from './parameter-catalogue.js';
import type { PolicyStatus } from './policy-record.js';
import type { Region } from './region-tree.js';

/** `carried-over`: an older value beyond its time. `unknown`: nobody gave one. */
export const COVERAGE_STATES = ['confirmed', 'reported', 'overlay', 'unverified', 'carried-over', 'unknown'] as const;
export type CoverageState = (typeof COVERAGE_STATES)[number];

/** What is counted for every place and insurance. */
export const COVERED = ['floor', 'cap', 'employee-rate', 'employer-rate'] as const;
export type Covered = (typeof COVERED)[number];

export type CoverageCounts = Readonly<Record<CoverageState, number>>;
export type PlaceCoverage = Readonly<Record<Covered, CoverageState>>;

export interface ProvinceCoverage {
  readonly region: Region;
  /** Prefecture-level places counted; a municipality counts as one. */
  readonly places: number;
  readonly counts: Readonly<Record<Insurance, CoverageCounts>>;
}

export interface Coverage {
  readonly month: Month;
  readonly knownAt: Day;
  readonly provinces: readonly ProvinceCoverage[];
  /** Over every prefecture-level place of the country. */
  readonly places: number;
  readonly total: Readonly<Record<Insurance, CoverageCounts>>;
}

/** The two times of the question. */
export interface CoverageOf {
  readonly month: Month;
  readonly knownAt: Day;
}

/**
 * Where a rate is looked for. An employer's rate by class or inside a range is known as far as the law makes it known; which one
 * counts for a company is the company's to say.
 */
const LOOKED_FOR: Readonly<Record<Covered, readonly PlainParameter[]>> = {
  floor: ['base_floor'],
  cap: ['base_cap'],
  'employee-rate': ['employee_rate', 'rate_range'],
  'employer-rate': ['employer_rate', 'employer_rate_class1', 'employer_rate_range', 'rate_range'],
};

const STATE_OF: Readonly<Record<PolicyStatus, CoverageState>> = {
  confirmed: 'confirmed',
  reported: 'reported',
  overlay: 'overlay',
  unverified: 'unverified',
  provisional: 'carried-over',
};

export function coverageOf(book: PolicyBook, at: CoverageOf): Coverage {
  const places = book.regions.prefectures(firstDay(at.month));
  const provinces = book.regions.provinces().map((region) => {
    const own = places.filter(({ code }) => code.slice(0, 2) === region.code.slice(0, 2));
    return { region, places: own.length, counts: byInsurance(book, own, at) };
  });
  return { ...at, provinces, places: places.length, total: byInsurance(book, places, at) };
}

/** The states of one place and insurance. */
export function placeCoverage(
  book: PolicyBook,
  place: { readonly region: RegionCode; readonly insurance: Insurance },
  { month, knownAt }: CoverageOf,
): PlaceCoverage {
  const stateOf = (what: Covered): CoverageState => {
    for (const parameter of LOOKED_FOR[what]) {
      const found = book.find({ ...place, parameter, on: firstDay(month), knownAt });
      if (found.known) return STATE_OF[found.status];
    }
    return 'unknown';
  };
  return {
    floor: stateOf('floor'),
    cap: stateOf('cap'),
    'employee-rate': stateOf('employee-rate'),
    'employer-rate': stateOf('employer-rate'),
  };
}

function byInsurance(
  book: PolicyBook,
  places: readonly Region[],
  at: CoverageOf,
): Readonly<Record<Insurance, CoverageCounts>> {
  const counted = INSURANCES.map((insurance) => {
    const states = places.flatMap(({ code }) => Object.values(placeCoverage(book, { region: code, insurance }, at)));
    return [insurance, countsOf(states)] as const;
  });
  return Object.fromEntries(counted) as Record<Insurance, CoverageCounts>;
}

function countsOf(states: readonly CoverageState[]): CoverageCounts {
  const counted = COVERAGE_STATES.map((state) => [state, states.filter((each) => each === state).length] as const);
  return Object.fromEntries(counted) as Record<CoverageState, number>;
}
