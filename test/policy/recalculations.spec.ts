/** The cases of recalculations.yaml hold: which charged months change, how they are corrected and by how much. */
import { ZERO_FEN, formatYuan } from '../../src/domain/fen.js';
import { type Insurance, isInsurance } from '../../src/domain/insurance.js';
import { type Month, day, month, monthsOf } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import { expectedBase } from '../../src/policy/base.js';
import { contributionOf } from '../../src/policy/contribution.js';
import {
  type ChargedMonth,
  type ContributionFacts,
  type MonthCorrection,
  type RecalculationQuestion,
  recalculate,
  sumCorrections,
} from '../../src/policy/recalculate.js';
import { caseBook } from './books.js';
import { type EmploymentText, type WageText, casesOf, employmentOf, wagesOf, yuanOf } from './read-cases.js';

interface RecalculationCase extends EmploymentText {
  readonly region: string;
  readonly asOf: string;
  readonly knownBefore?: string;
  readonly knownAfter?: string;
  readonly before: WageText;
  readonly after?: WageText;
  readonly hukou?: 'local' | 'other';
  readonly industryClass?: number;
  readonly charged: {
    readonly from: string;
    readonly until: string;
    readonly insurances: readonly string[];
    readonly paid: string;
    readonly declared?: string;
  };
  readonly expect: {
    readonly months?: string;
    readonly first?: string;
    readonly declared?: string;
    readonly open?: string;
    readonly each?: readonly string[];
    readonly reason?: string;
    readonly lateFee?: 'none';
    readonly totals?: Readonly<Record<'employee' | 'employer', string>>;
  };
}

const book = caseBook();

function questionOf(asked: RecalculationCase): RecalculationQuestion {
  const { asOf, before, after = {}, hukou = null, industryClass = null } = asked;
  const facts = {
    book,
    region: region(asked.region),
    employment: employmentOf(asked),
    insured: { hukou, industryClass },
  };
  const first = { ...facts, knownAt: day(asked.knownBefore ?? asOf), wages: wagesOf(before) };
  return {
    before: first,
    after: { ...facts, knownAt: day(asked.knownAfter ?? asOf), wages: wagesOf(before, after) },
    charged: chargedOf(asked, first),
    asOf: day(asOf),
  };
}

/** What the facts before said, exactly. */
function chargedOf({ charged }: RecalculationCase, facts: ContributionFacts): ChargedMonth[] {
  const insurances = charged.insurances.filter(isInsurance);
  return monthsOf(month(charged.from), month(charged.until)).flatMap((at) =>
    insurances.map((insurance) => asCharged({ at, insurance, charged }, facts)),
  );
}

interface AskedMonth extends Pick<RecalculationCase, 'charged'> {
  readonly at: Month;
  readonly insurance: Insurance;
}

function asCharged({ at, insurance, charged }: AskedMonth, facts: ContributionFacts): ChargedMonth {
  const state = at <= charged.paid ? 'paid' : at <= (charged.declared ?? charged.paid) ? 'declared' : 'not-declared';
  const base = expectedBase({ ...facts, insurance, month: at }, facts.book);
  if (!base.known)
    return { month: at, insurance, state, baseFen: ZERO_FEN, employeeFen: ZERO_FEN, employerFen: ZERO_FEN };
  const cell = facts.book.cell(facts.region, insurance, at, facts.knownAt);
  const { employee, employer } = contributionOf(base.baseFen, cell, facts.insured);
  return {
    month: at,
    insurance,
    state,
    baseFen: base.baseFen,
    employeeFen: employee.known ? employee.fen : ZERO_FEN,
    employerFen: employer.known ? employer.fen : ZERO_FEN,
  };
}

function line({ month: at, insurance, way, chargedBaseFen, base, employee, employer }: MonthCorrection): string {
  const bases = `${formatYuan(chargedBaseFen)} → ${formatYuan(base.baseFen)}`;
  const sides = `employee ${formatYuan(employee.differenceFen)}, employer ${formatYuan(employer.differenceFen)}`;
  return `${at} ${insurance} ${way}: ${bases}, ${sides}`;
}

describe('recalculations', () => {
  it.each(casesOf<RecalculationCase>('./recalculations.yaml'))('%s', (_name, asked) => {
    const { expect: wanted } = asked;
    const { corrections, unknown } = recalculate(questionOf(asked));
    const lines = corrections.map(line);
    const months = corrections.map((each) => each.month);
    const range = months.length === 0 ? 'none' : `${String(months[0])}..${String(months.at(-1))}`;
    expect(unknown.filter(({ month: at }) => at >= (months[0] ?? ''))).toEqual([]);
    if (wanted.months !== undefined) expect(range).toBe(wanted.months);
    if (wanted.first !== undefined) expect(lines[0]).toBe(wanted.first);
    if (wanted.declared !== undefined) expect(lines).toContain(wanted.declared);
    if (wanted.open !== undefined) expect(lines).toContain(wanted.open);
    if (wanted.each !== undefined) expect(lines).toEqual(wanted.each);
    if (wanted.reason !== undefined)
      expect(new Set(corrections.map(({ reason }) => reason))).toEqual(new Set([wanted.reason]));
    if (wanted.lateFee === 'none') expect(corrections.every(({ lateFee }) => lateFee === null)).toBe(true);
    if (wanted.totals === undefined) return;
    const { employeeFen, employerFen } = sumCorrections(corrections);
    expect({ employee: formatYuan(employeeFen), employer: formatYuan(employerFen) }).toEqual({
      employee: formatYuan(yuanOf(wanted.totals.employee)),
      employer: formatYuan(yuanOf(wanted.totals.employer)),
    });
  });
});

describe('a recalculation', () => {
  const [, asked] = casesOf<RecalculationCase>('./recalculations.yaml')[0] ?? [];
  if (asked === undefined) throw new Error('There are no cases.');
  const question = questionOf(asked);

  it('has nothing left to say once it was carried out', () => {
    const done = new Map(recalculate(question).corrections.map((each) => [`${each.month} ${each.insurance}`, each]));
    const charged = question.charged.map((each) => {
      const correction = done.get(`${each.month} ${each.insurance}`);
      if (correction === undefined) return each;
      const { base, employee, employer } = correction;
      return { ...each, baseFen: base.baseFen, employeeFen: employee.rightFen, employerFen: employer.rightFen };
    });
    expect(done.size).toBe(12);
    expect(recalculate({ ...question, charged })).toEqual({ corrections: [], unknown: [] });
  });

  it('says for people what to do with a month and why', () => {
    const [paid] = recalculate(question).corrections;
    expect(paid?.text.zh).toBe(
      '2025年7月养老：工资变动，基数 20,000.00 → 21,000.00；已缴费：携带材料向征收机关申请更正；单位补缴 160.00 元，个人补缴 80.00 元，合计补缴 240.00 元。',
    );
    expect(paid?.text.en).toContain(
      'the wages changed, base 20,000.00 → 21,000.00; paid: apply to the collector with documents',
    );
  });

  it("charges a late fee, or names what it needs, where the employer's own wages were wrong and the month was paid", () => {
    const fees = recalculate(question).corrections.map(({ state, lateFee }) => [
      state,
      lateFee === null ? 'none' : lateFee.known,
    ]);
    expect(fees).toContainEqual(['paid', false]);
    expect(fees).toContainEqual(['declared', 'none']);
    expect(fees).toContainEqual(['not-declared', 'none']);
  });

  it('leaves a month alone that was charged wrongly but is touched by nothing new', () => {
    const wrong = question.charged.map((each) => ({ ...each, baseFen: yuanOf('5000') }));
    expect(recalculate({ ...question, after: question.before, charged: wrong })).toEqual({
      corrections: [],
      unknown: [],
    });
  });

  it('names what is missing where the right base is unknown', () => {
    const untold = recalculate({ ...question, after: { ...question.after, wages: new Map() } });
    expect(untold.corrections).toEqual([]);
    expect(untold.unknown[0]?.missing.join()).toContain('wages.2024-01..2024-12');
  });
});
