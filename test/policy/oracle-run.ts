/** Runs the engine and the oracle beside each other on random cases and counts where they differ. */
import { rmSync } from 'node:fs';
import { type Fen, type Ppm, fen, ppm } from '../../src/domain/fen.js';
import type { Insurance } from '../../src/domain/insurance.js';
import { type Month, day, month } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import { adviseBackPayment } from '../../src/policy/back-payment.js';
import { expectedBase } from '../../src/policy/base.js';
import type { PolicyBook } from '../../src/policy/book.js';
import { contributionOf } from '../../src/policy/contribution.js';
import { type PolicyFiles, loadPolicyBook } from '../../src/policy/load.js';
import { Oracle, type OracleAnswer, type OracleBackPayment, type OracleCase, type OracleGap } from './oracle.js';
import { type Below, randomBackPayment, randomCase, randomFrom, randomPlace } from './random-cases.js';
import { WILD_PLACES, writeWildPolicy } from './wild-policy.js';

export interface OracleOrder {
  readonly cases: number;
  readonly seed: number;
  /** The pack as shipped, and the overlay of the demo's tenant. */
  readonly policyDir: string;
  readonly demoOverlay: string;
}

export interface OracleRun {
  readonly cases: number;
  /** Cases in which both know a base. */
  readonly known: number;
  /** People of whom both sides' amounts are known too. */
  readonly amounts: number;
  /** Back-payments among the cases, each with its months, late fees and totals. */
  readonly backPayments: number;
  /** Late fees above zero that both found. */
  readonly lateFees: number;
  readonly disagreements: number;
  readonly first: readonly unknown[];
}

interface Pair {
  readonly book: PolicyBook;
  readonly oracle: Oracle;
  readonly places: readonly string[];
}

interface Counts {
  cases: number;
  known: number;
  amounts: number;
  backPayments: number;
  lateFees: number;
  disagreements: number;
  readonly first: unknown[];
}

const SHIPPED_PLACES = ['110000', '310000', '330100', '440100', '440300', '330000', '440600', '330200'];
const PEOPLE_PER_PLACE = 19;
const SHOWN = 3;

/** A third each: the pack as shipped, the demo tenant's overlay over it, and a policy at random. The same seed, the same cases. */
export function runOracle({ cases, seed, policyDir, demoOverlay }: OracleOrder): OracleRun {
  const below = randomFrom(seed);
  const wildDir = writeWildPolicy(policyDir, below);
  try {
    const pairs = [
      pairOf({ policyDir }, SHIPPED_PLACES),
      pairOf({ policyDir, overlayFiles: [demoOverlay] }, SHIPPED_PLACES),
      pairOf({ policyDir: wildDir }, WILD_PLACES),
    ];
    const counts: Counts = {
      cases: 0,
      known: 0,
      amounts: 0,
      backPayments: 0,
      lateFees: 0,
      disagreements: 0,
      first: [],
    };
    while (counts.cases < cases) {
      const pair = pairs[Math.floor((counts.cases * pairs.length) / cases)];
      if (pair !== undefined) compareSome(pair, { counts, below, most: cases - counts.cases });
    }
    return counts;
  } finally {
    rmSync(wildDir, { recursive: true, force: true });
  }
}

function pairOf(files: PolicyFiles & { readonly policyDir: string }, places: readonly string[]): Pair {
  return { book: loadPolicyBook(files), oracle: new Oracle(files.policyDir, files.overlayFiles ?? []), places };
}

interface Turn {
  readonly counts: Counts;
  readonly below: Below;
  readonly most: number;
}

/** One back-payment and several people of one place, month and day of knowledge. */
function compareSome({ book, oracle, places }: Pair, { counts, below, most }: Turn): void {
  compareBackPayment(randomBackPayment(places, below), { book, oracle, counts });
  const place = randomPlace(places, below);
  for (let left = Math.min(PEOPLE_PER_PLACE, most - 1); left > 0; left -= 1) {
    const asked = randomCase(place, below);
    const wanted = oracle.answer(asked);
    counts.cases += 1;
    if (wanted.baseFen !== null) counts.known += 1;
    if (wanted.baseFen !== null && wanted.employeeFen !== null && wanted.employerFen !== null) counts.amounts += 1;
    note(counts, asked, { wanted, got: answerOf(asked, book) });
  }
}

function compareBackPayment(
  asked: OracleBackPayment,
  { book, oracle, counts }: Pick<Pair, 'book' | 'oracle'> & Pick<Turn, 'counts'>,
): void {
  const wanted = oracle.backPayment(asked);
  counts.cases += 1;
  counts.backPayments += 1;
  counts.lateFees += wanted.filter(({ lateFeeFen }) => lateFeeFen !== null && lateFeeFen > 0n).length;
  if (wanted.some(({ baseFen }) => baseFen !== null)) counts.known += 1;
  note(counts, asked, { wanted: [...wanted, totalOf(wanted)], got: backPaymentOf(asked, book) });
}

function note(
  counts: Counts,
  asked: OracleCase | OracleBackPayment,
  { wanted, got }: { readonly wanted: unknown; readonly got: unknown },
): void {
  if (written(wanted) === written(got)) return;
  counts.disagreements += 1;
  const readable = 'wages' in asked ? { ...asked, wages: [...asked.wages] } : asked;
  if (counts.first.length < SHOWN) counts.first.push({ asked: readable, wanted: written(wanted), got: written(got) });
}

function written(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
}

function answerOf(asked: OracleCase, book: PolicyBook): OracleAnswer {
  const place = { region: region(asked.region), insurance: asked.insurance as Insurance, month: month(asked.month) };
  const knownAt = day(asked.knownAt);
  const employment = {
    hiredOn: day(asked.hiredOn),
    leftOn: asked.leftOn === null ? null : day(asked.leftOn),
    startWageFen: asked.startWageFen === null ? null : fen(asked.startWageFen),
  };
  const wages = asked.wages as ReadonlyMap<Month, Fen>;
  const base = expectedBase({ ...place, knownAt, employment, wages }, book);
  if (!base.known) return { baseFen: null, provisional: false, employeeFen: null, employerFen: null };
  const cell = book.cell(place.region, place.insurance, place.month, knownAt);
  const { employee, employer } = contributionOf(base.baseFen, cell, insuredOf(asked));
  return {
    baseFen: BigInt(base.baseFen),
    provisional: base.provisional,
    employeeFen: amountOf(employee),
    employerFen: amountOf(employer),
  };
}

/** Every month and insurance, then the totals. */
function backPaymentOf(asked: OracleBackPayment, book: PolicyBook): OracleGap[] {
  const advice = adviseBackPayment({
    book,
    region: region(asked.region),
    gaps: asked.gaps.map((gap) => ({ month: month(gap.month), insurance: gap.insurance as Insurance })),
    hiredOn: day(asked.asOf),
    asOf: day(asked.asOf),
    wageFen: fen(asked.wageFen),
    ...insuredOf(asked),
  });
  const cells = advice.cells.map(({ baseFen, employee, employer, lateFee }) => ({
    baseFen: baseFen === null ? null : BigInt(baseFen),
    employeeFen: amountOf(employee),
    employerFen: amountOf(employer),
    lateFeeFen: amountOf(lateFee),
  }));
  const { employeeFen, employerFen, lateFeeFen } = advice.totals;
  const totals = { employeeFen: BigInt(employeeFen), employerFen: BigInt(employerFen), lateFeeFen: BigInt(lateFeeFen) };
  return [...cells, { baseFen: null, ...totals }];
}

/** Of what is known, as the advice sums it. */
function totalOf(gaps: readonly OracleGap[]): OracleGap {
  const sum = (of: (gap: OracleGap) => bigint | null): bigint => gaps.reduce((all, gap) => all + (of(gap) ?? 0n), 0n);
  return {
    baseFen: null,
    employeeFen: sum(({ employeeFen }) => employeeFen),
    employerFen: sum(({ employerFen }) => employerFen),
    lateFeeFen: sum(({ lateFeeFen }) => lateFeeFen),
  };
}

interface InsuredText {
  readonly hukou: 'local' | 'other' | null;
  readonly industryClass: number | null;
  readonly housingFundRatePpm: Ppm | null;
}

function insuredOf({ hukou, industryClass, housingFundRatePpm }: OracleCase | OracleBackPayment): InsuredText {
  return { hukou, industryClass, housingFundRatePpm: housingFundRatePpm === null ? null : ppm(housingFundRatePpm) };
}

function amountOf(part: { readonly known: true; readonly fen: Fen } | { readonly known: false }): bigint | null {
  return part.known ? BigInt(part.fen) : null;
}
