/** The cases of test/policy/*.yaml, written for people who know the law, hold. */
import { type Fen, ZERO_FEN, addFen, formatYuan, parseRatio } from '../../src/domain/fen.js';
import { type Insurance, isInsurance } from '../../src/domain/insurance.js';
import { type Month, addDays, day, month, monthsOf } from '../../src/domain/month.js';
import { NATION, type RegionCode, region } from '../../src/domain/region.js';
import { type BaseResult, expectedBase } from '../../src/policy/base.js';
import type { CellPolicy } from '../../src/policy/cell-policy.js';
import { type SideAmount, contributionOf } from '../../src/policy/contribution.js';
import { isMonthDue } from '../../src/policy/due.js';
import { lateFeeBySegments } from '../../src/policy/late-fee.js';
import type { PaymentDayRule } from '../../src/policy/parameter-catalogue.js';
import { caseBook } from './books.js';
import { type EmploymentText, type WageText, casesOf, employmentOf, wagesOf, yuanOf } from './read-cases.js';

type Words = Readonly<Record<string, string | number | boolean>>;

interface AmountCase extends EmploymentText {
  readonly name: string;
  readonly region: string;
  readonly month: string;
  readonly knownAt?: string;
  readonly wage?: string;
  readonly wages?: WageText;
  readonly hukou?: 'local' | 'other';
  readonly housingFundRate?: string;
  readonly drawsPension?: boolean;
  readonly isFirstJob?: boolean;
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

const book = caseBook();
const SIDES: readonly Insurance[] = ['pension', 'medical', 'unemployment'];

function paidWages({ wage, wages = {}, month: asked }: AmountCase): ReadonlyMap<Month, Fen> {
  const paid = new Map<Month, Fen>();
  if (wage !== undefined) for (const each of monthsOf(month('2010-01'), month(asked))) paid.set(each, yuanOf(wage));
  for (const [when, amount] of wagesOf(wages)) paid.set(when, amount);
  return paid;
}

interface Judged {
  readonly cell: CellPolicy;
  readonly base: BaseResult;
  readonly employee: SideAmount | null;
  readonly employer: SideAmount | null;
}

function judge(asked: AmountCase, insurance: Insurance, industryClass: number | null): Judged {
  const place: RegionCode = region(asked.region);
  const knownAt = day(asked.knownAt ?? '2026-11-23');
  const question = { region: place, insurance, month: month(asked.month), knownAt };
  const base = expectedBase({ ...question, employment: employmentOf(asked), wages: paidWages(asked) }, book);
  const cell = book.cell(place, insurance, month(asked.month), knownAt);
  if (!base.known) return { cell, base, employee: null, employer: null };
  const { hukou = null, housingFundRate } = asked;
  const housingFundRatePpm = housingFundRate === undefined ? null : parseRatio(housingFundRate);
  return { cell, base, ...contributionOf(base.baseFen, cell, { hukou, industryClass, housingFundRatePpm }) };
}

/** `yes`, or the reason why not. */
function dueWord({ cell }: Judged, asked: AmountCase): string {
  const { drawsPension = false, isFirstJob = false } = asked;
  const answer = isMonthDue(cell, { ...employmentOf(asked), drawsPension, isFirstJob });
  if (!answer.known) return answer.missing.join(', ');
  return answer.due ? 'yes' : answer.reason;
}

function shown(judged: Judged, words: Words, asked: AmountCase): Words {
  const { cell, base, employee, employer } = judged;
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
    employeeMissing: employee?.known === false ? employee.missing.join(', ') : null,
    baseMissing: base.known ? null : base.missing.join(', '),
    nextAdjustment: explanation.nextAdjustment,
    due: dueWord(judged, asked),
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
      amounts.includes(word) && value !== 'unknown' ? formatYuan(yuanOf(String(value))) : value,
    ]),
  );
}

function checkAmounts(asked: AmountCase): void {
  for (const [name, words] of Object.entries(asked.expect)) {
    if (!isInsurance(name)) continue;
    const industryClass = typeof words['industryClass'] === 'number' ? words['industryClass'] : null;
    expect({ [name]: shown(judge(asked, name, industryClass), words, asked) }).toEqual({ [name]: wanted(words) });
  }
  const totals = asked.expect['totals'];
  if (totals !== undefined) checkTotals(asked, totals);
}

/** Of `of`, or of pension, medical and unemployment; work injury by `industryClass`. */
function checkTotals(asked: AmountCase, totals: Words): void {
  const named = totals['of'] === undefined ? SIDES : String(totals['of']).split(', ').filter(isInsurance);
  const industryClass = typeof totals['industryClass'] === 'number' ? totals['industryClass'] : null;
  for (const side of ['employee', 'employer'] as const) {
    if (totals[side] === undefined) continue;
    const parts = named.map((insurance) => judge(asked, insurance, industryClass)[side]);
    const sum = addFen(ZERO_FEN, ...parts.map((part) => (part?.known === true ? part.fen : yuanOf('nothing'))));
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
