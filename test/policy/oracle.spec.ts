/** The engine and an independent calculation agree to the fen on random people, places, months and days of knowledge. */
import { type Fen, fen } from '../../src/domain/fen.js';
import { INSURANCES } from '../../src/domain/insurance.js';
import { type Month, day, month, monthFromIndex, monthIndex } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import { expectedBase } from '../../src/policy/base.js';
import type { PolicyBook } from '../../src/policy/book.js';
import { contributionOf } from '../../src/policy/contribution.js';
import { DEMO_OVERLAY, POLICY_DIR, demoBook, shippedBook } from './books.js';
import { Oracle, type OracleAnswer, type OracleCase } from './oracle.js';

const CASES = 10_500;
const PLACES = ['110000', '310000', '330100', '440100', '440300', '330000', '440600', '330200'];
const FIRST = monthIndex(month('2019-01'));
const MONTHS = 12 * 9;

/** xorshift32: the same people in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function randomCase(below: (limit: number) => number): OracleCase {
  const pick = <T>(values: readonly [T, ...T[]]): T => values[below(values.length)] ?? values[0];
  const hired = FIRST + below(MONTHS);
  const asked = Math.min(hired + below(40), FIRST + MONTHS + 10);
  const left = below(4) === 0 ? asked + below(3) : null;
  const wages = new Map<string, number>();
  const level = 150_000 + below(6_000_000);
  for (let index = hired; index <= asked + 1; index += 1)
    if (below(20) > 0) wages.set(monthFromIndex(index), level + below(300_000));
  const known = monthFromIndex(asked + below(26) - 8);
  return {
    region: pick(PLACES as [string, ...string[]]),
    insurance: pick(INSURANCES),
    month: monthFromIndex(asked),
    knownAt: `${known}-${String(1 + below(28)).padStart(2, '0')}`,
    hiredOn: `${monthFromIndex(hired)}-${below(2) === 0 ? '01' : String(1 + below(28)).padStart(2, '0')}`,
    leftOn: left === null ? null : `${monthFromIndex(left)}-28`,
    startWageFen: below(2) === 0 ? level : null,
    wages,
    hukou: pick(['local', 'other', null]),
  };
}

function engineAnswer(asked: OracleCase, book: PolicyBook): OracleAnswer {
  const place = { region: region(asked.region), insurance: asked.insurance as (typeof INSURANCES)[number] };
  const knownAt = day(asked.knownAt);
  const base = expectedBase(
    {
      ...place,
      month: month(asked.month),
      knownAt,
      employment: {
        hiredOn: day(asked.hiredOn),
        leftOn: asked.leftOn === null ? null : day(asked.leftOn),
        startWageFen: asked.startWageFen === null ? null : fen(asked.startWageFen),
      },
      wages: asked.wages as ReadonlyMap<Month, Fen>,
    },
    book,
  );
  if (!base.known) return { baseFen: null, provisional: false, employeeFen: null, employerFen: null };
  const cell = book.cell(place.region, place.insurance, month(asked.month), knownAt);
  const { employee, employer } = contributionOf(base.baseFen, cell, { hukou: asked.hukou });
  return {
    baseFen: BigInt(base.baseFen),
    provisional: base.provisional,
    employeeFen: employee.known ? BigInt(employee.fen) : null,
    employerFen: employer.known ? BigInt(employer.fen) : null,
  };
}

function compare(
  book: PolicyBook,
  oracle: Oracle,
  seed: number,
): { readonly known: number; readonly differing: readonly unknown[] } {
  const below = randomFrom(seed);
  const differing: unknown[] = [];
  let known = 0;
  for (let index = 0; index < CASES; index += 1) {
    const asked = randomCase(below);
    const wanted = oracle.answer(asked);
    const got = engineAnswer(asked, book);
    if (got.baseFen !== null) known += 1;
    const isSame =
      got.baseFen === wanted.baseFen &&
      got.provisional === wanted.provisional &&
      got.employeeFen === wanted.employeeFen &&
      got.employerFen === wanted.employerFen;
    if (!isSame && differing.length < 3)
      differing.push({
        asked: { ...asked, wages: [...asked.wages] },
        wanted: String(Object.values(wanted)),
        got: String(Object.values(got)),
      });
  }
  return { known, differing };
}

it('agrees with the oracle on the policy as shipped', () => {
  const { known, differing } = compare(shippedBook(), new Oracle(POLICY_DIR, null), 20_261_123);
  expect(differing).toEqual([]);
  expect(known).toBeGreaterThan(CASES / 4);
});

it("agrees with the oracle under the demo tenant's overlay", () => {
  const { known, differing } = compare(demoBook(), new Oracle(POLICY_DIR, DEMO_OVERLAY), 7_919);
  expect(differing).toEqual([]);
  expect(known).toBeGreaterThan(CASES / 4);
});
