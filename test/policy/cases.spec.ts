/** The cases of test/policy/*.yaml, written for people who know the law, hold. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Fen, ZERO_FEN, addFen, formatYuan, parseYuan } from '../../src/domain/fen.js';
import { type Insurance, isInsurance } from '../../src/domain/insurance.js';
import { type Month, day, month, monthsOf, parseMonth } from '../../src/domain/month.js';
import { NATION, type RegionCode, region } from '../../src/domain/region.js';
import { type BaseResult, expectedBase } from '../../src/policy/base.js';
import type { EmploymentTerms } from '../../src/policy/basis.js';
import { type SideAmount, contributionOf } from '../../src/policy/contribution.js';
import { lateFeeBySegments } from '../../src/policy/late-fee.js';
import type { PaymentDayRule } from '../../src/policy/parameter-catalogue.js';
import { addDays } from '../../src/domain/month.js';
import { shippedBook } from './books.js';

type Words = Readonly<Record<string, string | number | boolean>>;

interface AmountCase {
  readonly name: string;
  readonly region: string;
  readonly month: string;
  readonly knownAt?: string;
  readonly wage?: string;
  readonly wages?: Readonly<Record<string, string>>;
  readonly hiredOn?: string;
  readonly startWage?: string;
  readonly hukou?: 'local' | 'other';
  readonly expect: Readonly<Record<string, Words>>;
}

interface LateFeeCase {
  readonly name: string;
  readonly principal: string;
  readonly from: string;
  readonly paidOn: string;
  readonly paymentDay: PaymentDayRule;
  readonly expect: Words;
}

const book = shippedBook();
const LONG_AGO = '2010-01-01';
const SIDES: readonly Insurance[] = ['pension', 'medical', 'unemployment'];

function casesOf<T>(file: string): [string, T][] {
  const text = readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8');
  const { cases } = parse(text) as { readonly cases: readonly (T & { readonly name: string })[] };
  return cases.map((each) => [each.name, each]);
}

function yuanOf(text: string): Fen {
  const amount = parseYuan(text);
  if (amount === null) throw new Error(`"${text}" is not an amount of yuan.`);
  return amount;
}

/** A year stands for its twelve months. */
function wagesOf({ wage, wages = {}, month: asked }: AmountCase): ReadonlyMap<Month, Fen> {
  const paid = new Map<Month, Fen>();
  if (wage !== undefined) for (const each of monthsOf(month('2010-01'), month(asked))) paid.set(each, yuanOf(wage));
  for (const [when, amount] of Object.entries(wages)) {
    const single = parseMonth(when);
    const months = single === null ? monthsOf(month(`${when}-01`), month(`${Number(when) + 1}-01`)) : [single];
    for (const each of months) paid.set(each, yuanOf(amount));
  }
  return paid;
}

interface Judged {
  readonly base: BaseResult;
  readonly employee: SideAmount | null;
  readonly employer: SideAmount | null;
}

function judge(asked: AmountCase, insurance: Insurance, industryClass: number | null): Judged {
  const place: RegionCode = region(asked.region);
  const knownAt = day(asked.knownAt ?? '2026-11-23');
  const employment: EmploymentTerms = {
    hiredOn: day(asked.hiredOn ?? LONG_AGO),
    leftOn: null,
    startWageFen: asked.startWage === undefined ? null : yuanOf(asked.startWage),
  };
  const base = expectedBase(
    { region: place, insurance, month: month(asked.month), knownAt, employment, wages: wagesOf(asked) },
    book,
  );
  if (!base.known) return { base, employee: null, employer: null };
  const cell = book.cell(place, insurance, month(asked.month), knownAt);
  return { base, ...contributionOf(base.baseFen, cell, { hukou: asked.hukou ?? null, industryClass }) };
}

function shown(judged: Judged, words: Words, asked: AmountCase, insurance: Insurance): Words {
  const { base, employee, employer } = judged;
  const cell = book.cell(region(asked.region), insurance, month(asked.month), day(asked.knownAt ?? '2026-11-23'));
  const limit = cell.capFen;
  const explanation = base.explanation;
  const all: Record<string, string | number | boolean | null> = {
    base: base.known ? formatYuan(base.baseFen) : 'unknown',
    clamp: base.known ? base.clamp : 'unknown',
    basis: explanation.basisKind,
    since: explanation.effectiveFrom,
    floor: cell.floorFen.known && cell.floorFen.value !== null ? formatYuan(cell.floorFen.value) : 'unknown',
    cap: limit.known && limit.value !== null ? formatYuan(limit.value) : 'unknown',
    status: limit.known ? limit.status : 'unknown',
    provisionalSince: limit.known ? limit.provisionalSince : null,
    employee: employee?.known === true ? formatYuan(employee.fen) : 'unknown',
    employer: employer?.known === true ? formatYuan(employer.fen) : 'unknown',
    employerMissing: employer?.known === false ? employer.missing.join(', ') : null,
    employeeStatus: employee?.known === true ? employee.rate.status : 'unknown',
    employerStatus: employer?.known === true ? employer.rate.status : 'unknown',
    industryClass: words['industryClass'] ?? null,
  };
  return Object.fromEntries(Object.keys(words).map((word) => [word, all[word] ?? 'nothing']));
}

/** `'20000'` and `'20000.00'` are one amount. */
function wanted(words: Words): Words {
  const amounts = ['base', 'floor', 'cap', 'employee', 'employer'];
  return Object.fromEntries(
    Object.entries(words).map(([word, value]) => [
      word,
      amounts.includes(word) ? formatYuan(yuanOf(String(value))) : value,
    ]),
  );
}

function checkAmounts(asked: AmountCase): void {
  for (const [name, words] of Object.entries(asked.expect)) {
    if (!isInsurance(name)) continue;
    const industryClass = typeof words['industryClass'] === 'number' ? words['industryClass'] : null;
    expect({ [name]: shown(judge(asked, name, industryClass), words, asked, name) }).toEqual({ [name]: wanted(words) });
  }
  const totals = asked.expect['totals'];
  if (totals === undefined) return;
  for (const side of ['employee', 'employer'] as const) {
    if (totals[side] === undefined) continue;
    const parts = SIDES.map((insurance) => judge(asked, insurance, null)[side]);
    const sum = addFen(ZERO_FEN, ...parts.flatMap((part) => (part?.known === true ? [part.fen] : [])));
    expect(formatYuan(sum)).toBe(formatYuan(yuanOf(String(totals[side]))));
  }
}

describe('worked examples', () => {
  it.each(casesOf<AmountCase>('./amounts.yaml'))('%s', (_name, asked) => {
    expect.hasAssertions();
    checkAmounts(asked);
  });
});

describe('what was known when', () => {
  it.each(casesOf<AmountCase>('./knowledge.yaml'))('%s', (_name, asked) => {
    expect.hasAssertions();
    checkAmounts(asked);
  });
});

describe('late fees', () => {
  it.each(casesOf<LateFeeCase>('./late-fees.yaml'))('%s', (_name, asked) => {
    const from = day(asked.from);
    const paidOn = day(asked.paidOn);
    const until = asked.paymentDay === 'counted' ? addDays(paidOn, 1) : paidOn;
    const question = {
      region: NATION,
      insurance: 'pension',
      parameter: 'late_fee_daily_rate',
      knownAt: day('2026-11-23'),
    } as const;
    const fee = lateFeeBySegments(
      {
        principalFen: yuanOf(asked.principal),
        from,
        paidOn,
        paymentDay: asked.paymentDay,
        cappedAtPrincipal: false,
        rounding: { stepFen: 1, mode: 'half-up' },
      },
      book.segments(question, { from, until }),
    );
    if (!fee.known) throw new Error(`The late fee is unknown: ${fee.missing.join(', ')}.`);
    const all: Words = {
      days: fee.days,
      fee: formatYuan(fee.fen),
      segments: fee.segments.length,
      exceedsPrincipal: fee.exceedsPrincipal,
    };
    expect(Object.fromEntries(Object.keys(asked.expect).map((word) => [word, all[word]]))).toEqual(asked.expect);
  });
});
