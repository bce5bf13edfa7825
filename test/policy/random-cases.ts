/** People, wages, places and days at random, the same for the same seed. */
import { INSURANCES, type Insurance } from '../../src/domain/insurance.js';
import { month, monthFromIndex, monthIndex } from '../../src/domain/month.js';
import type { OracleBackPayment, OracleCase } from './oracle.js';

/** A whole number from 0 to `limit` − 1. */
export type Below = (limit: number) => number;

const FIRST = monthIndex(month('2020-01'));
const MONTHS = 12 * 8;
/** The insurances whose ranges most places give come three times as often, so that most cases are about money. */
const OFTEN: readonly Insurance[] = ['pension', 'medical', 'unemployment'];
const PICKED: readonly Insurance[] = [...OFTEN, ...OFTEN, ...INSURANCES];

/** xorshift32. */
export function randomFrom(seed: number): Below {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

function pick<T>(values: readonly [T, ...T[]] | readonly T[], below: Below): T {
  const value = values[below(values.length)];
  if (value === undefined) throw new Error('There is nothing to pick from.');
  return value;
}

const dayText = (below: Below): string => String(1 + below(28)).padStart(2, '0');

/** Where, for which month and by whose knowledge several people are asked about. */
export interface RandomPlace {
  readonly region: string;
  readonly insurance: string;
  readonly month: string;
  readonly knownAt: string;
}

export function randomPlace(places: readonly string[], below: Below): RandomPlace {
  const asked = FIRST + below(MONTHS + 10);
  return {
    region: pick(places, below),
    insurance: pick(PICKED, below),
    month: monthFromIndex(asked),
    knownAt: `${monthFromIndex(asked + below(26) - 8)}-${dayText(below)}`,
  };
}

/** Somebody employed in the month. */
export function randomCase(place: RandomPlace, below: Below): OracleCase {
  const asked = monthIndex(month(place.month));
  const hired = asked - below(40);
  const left = below(4) === 0 ? asked + below(3) : null;
  const wages = new Map<string, number>();
  const level = 150_000 + below(6_000_000);
  for (let index = hired - below(3); index <= asked + 1; index += 1)
    if (below(20) > 0) wages.set(monthFromIndex(index), level + below(300_000));
  return {
    ...place,
    hiredOn: `${monthFromIndex(hired)}-${below(2) === 0 ? '01' : dayText(below)}`,
    leftOn: left === null ? null : `${monthFromIndex(left)}-${below(2) === 0 ? '28' : lastOf(left)}`,
    startWageFen: below(2) === 0 ? level : null,
    wages,
    hukou: pick(['local', 'other', null] as const, below),
    industryClass: below(2) === 0 ? null : 1 + below(4),
    housingFundRatePpm: below(2) === 0 ? null : (3 + below(12)) * 10_000,
  };
}

/** One to four months of one to three insurances, asked for up to five years later. */
export function randomBackPayment(places: readonly string[], below: Below): OracleBackPayment {
  const last = FIRST + below(MONTHS);
  const months = Array.from({ length: 1 + below(4) }, (_, place) => monthFromIndex(last - place));
  const insurances = new Set(Array.from({ length: 1 + below(3) }, () => pick(PICKED, below)));
  const asOf = `${monthFromIndex(last + 1 + below(below(4) === 0 ? 60 : 9))}-${dayText(below)}`;
  return {
    region: pick(places, below),
    gaps: months.flatMap((each) => [...insurances].map((insurance) => ({ month: each, insurance }))),
    asOf,
    wageFen: 100_000 + below(6_000_000),
    hukou: pick(['local', 'other', null] as const, below),
    industryClass: below(2) === 0 ? null : 1 + below(4),
    housingFundRatePpm: below(2) === 0 ? null : (3 + below(12)) * 10_000,
  };
}

function lastOf(index: number): string {
  return String(new Date(Date.UTC(Math.floor(index / 12), (index % 12) + 1, 0)).getUTCDate());
}
