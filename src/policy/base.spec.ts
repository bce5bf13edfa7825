/** Bases by every rule, on figures of a place that does not exist. */
import { dated, regionText, removeSmallPolicies, smallBook } from '../../test/policy/small-policy.js';
import { type Fen, fen, formatYuan } from '../domain/fen.js';
import { type Month, day, month, monthsOf } from '../domain/month.js';
import { region } from '../domain/region.js';
import { type BaseResult, expectedBase } from './base.js';
import type { PolicyBook } from './book.js';
import { explainInWords } from './explain.js';
import { wageRunOf } from './wage-series.js';

afterAll(removeSmallPolicies);

const unit = 'unit: yuan/month';

function bookWith(rule: string, more = ''): PolicyBook {
  const text = regionText(
    '990000',
    [
      '  pension:',
      `    base_floor:\n      - ${dated('4800', '2025-01-01', unit)}`,
      `    base_cap:\n      - ${dated('24000', '2025-01-01', unit)}`,
      `    base_rule:\n      - ${dated(rule, 'undated')}`,
      `    base_rounding:\n      - ${dated('half-up 0.01', 'undated')}`,
      `    newcomer_rule:\n      - ${dated('first-full-month', 'undated')}`,
      `    adjustment_month:\n      - ${dated('1', 'undated', 'unit: month of year')}\n${more}`,
    ].join('\n'),
  );
  return smallBook({ 'regions/990000.yaml': text });
}

interface Asked {
  readonly wages: Readonly<Record<string, number>> | ReadonlyMap<Month, Fen>;
  readonly month?: string;
  readonly hiredOn?: string;
  readonly startWage?: number;
}

function baseOf(book: PolicyBook, asked: Asked): BaseResult {
  const wages =
    asked.wages instanceof Map
      ? (asked.wages as ReadonlyMap<Month, Fen>)
      : new Map(Object.entries(asked.wages).map(([when, yuan]) => [month(when), fen(Math.round(yuan * 100))]));
  return expectedBase(
    {
      region: region('990000'),
      insurance: 'pension',
      month: month(asked.month ?? '2025-05'),
      knownAt: day('2025-06-01'),
      employment: {
        hiredOn: day(asked.hiredOn ?? '2020-01-01'),
        leftOn: null,
        startWageFen: asked.startWage === undefined ? null : fen(asked.startWage * 100),
      },
      wages,
    },
    book,
  );
}

function yuan(result: BaseResult): string {
  return result.known ? `${formatYuan(result.baseFen)} ${result.clamp}` : result.missing.join(', ');
}

const lastYear = monthsOf(month('2024-01'), month('2025-01'));

describe('annual average', () => {
  const book = bookWith('annual');

  it('counts a year-end bonus (12 × 10000 and 120000 make 20000)', () => {
    const wages = new Map(lastYear.map((each) => [each, fen(each === '2024-12' ? 13_000_000 : 1_000_000)]));
    expect(yuan(baseOf(book, { wages }))).toBe('20000.00 none');
  });

  it('counts allowances and overtime (2000 and 1000 a month more make 23000)', () => {
    const wages = new Map(lastYear.map((each) => [each, fen(each === '2024-12' ? 13_300_000 : 1_300_000)]));
    expect(yuan(baseOf(book, { wages }))).toBe('23000.00 none');
  });

  it('divides by the months paid: six months of 10000 make 10000', () => {
    const wages = new Map(lastYear.slice(6).map((each) => [each, fen(1_000_000)]));
    expect(yuan(baseOf(book, { wages }))).toBe('10000.00 none');
  });

  it('holds 3000 at the floor and 50000 at the cap', () => {
    expect(yuan(baseOf(book, { wages: { '2024-05': 3000 } }))).toBe('4800.00 floor');
    expect(yuan(baseOf(book, { wages: { '2024-05': 50_000 } }))).toBe('24000.00 cap');
  });

  it('is unknown, with the months named, where no wage of the year was told', () => {
    expect(yuan(baseOf(book, { wages: {} }))).toBe('wages.2024-01..2024-12');
    expect(yuan(baseOf(book, { wages: {}, hiredOn: '2024-08-01' }))).toBe('wages.2024-08..2024-12');
  });

  it('does not count the wages of an earlier job', () => {
    expect(yuan(baseOf(book, { wages: { '2024-02': 20_000, '2024-11': 9000 }, hiredOn: '2024-11-01' }))).toBe(
      '9000.00 none',
    );
  });

  it('is the same from a map and from a run of months', () => {
    const wages = new Map([
      [month('2024-03'), fen(700_001)],
      [month('2024-05'), fen(800_000)],
    ]);
    const byRun = expectedBase(
      {
        region: region('990000'),
        insurance: 'pension',
        month: month('2025-05'),
        knownAt: day('2025-06-01'),
        employment: { hiredOn: day('2020-01-01'), leftOn: null, startWageFen: null },
        wages: wageRunOf(wages),
      },
      book,
    );
    expect(yuan(byRun)).toBe(yuan(baseOf(book, { wages })));
    expect(yuan(byRun)).toBe('7500.01 none');
  });
});

describe('newcomers', () => {
  const book = bookWith('annual');

  it("have the wage agreed until a month was worked in full, then that month's", () => {
    expect(yuan(baseOf(book, { wages: {}, hiredOn: '2025-05-12', startWage: 8000 }))).toBe('8000.00 none');
    expect(
      yuan(baseOf(book, { wages: { '2025-05': 4000, '2025-06': 8200 }, hiredOn: '2025-05-12', startWage: 8000 })),
    ).toBe('8200.00 none');
  });

  it('hired on the first day have that month in full', () => {
    expect(yuan(baseOf(book, { wages: { '2025-05': 8100 }, hiredOn: '2025-05-01', startWage: 8000 }))).toBe(
      '8100.00 none',
    );
  });

  it('are unknown where neither was told', () => {
    expect(yuan(baseOf(book, { wages: {}, hiredOn: '2025-05-12' }))).toBe('wages.2025-06, employment.startWage');
  });
});

it("previous month: last month's wage, in the month of hiring the wage agreed", () => {
  const book = bookWith('previous-month');
  expect(yuan(baseOf(book, { wages: { '2025-04': 9000, '2025-05': 12_000 } }))).toBe('9000.00 none');
  expect(yuan(baseOf(book, { wages: { '2025-05': 12_000 }, hiredOn: '2025-05-12', startWage: 8000 }))).toBe(
    '8000.00 none',
  );
  expect(yuan(baseOf(book, { wages: {} }))).toBe('wages.2025-04');
});

it("monthly: the month's own wage", () => {
  expect(yuan(baseOf(bookWith('monthly'), { wages: { '2025-05': 12_000 } }))).toBe('12000.00 none');
});

it('window: the average of the last months, as many as the policy says', () => {
  const book = bookWith('window', `    base_window_months:\n      - ${dated('3', 'undated', 'unit: months')}\n`);
  expect(
    yuan(baseOf(book, { wages: { '2025-01': 99_999, '2025-02': 9000, '2025-03': 10_000, '2025-04': 11_001 } })),
  ).toBe('10000.33 none');
  expect(yuan(baseOf(bookWith('window'), { wages: { '2025-04': 9000 } }))).toBe('990000.pension.base_window_months');
});

it('needs no wage where floor and cap are one amount', () => {
  const text = regionText(
    '990000',
    `  pension:\n    base_floor:\n      - ${dated('2360', '2025-01-01', unit)}\n    base_cap:\n      - ${dated('2360', '2025-01-01', unit)}\n    base_rounding:\n      - ${dated('half-up 0.01', 'undated')}\n`,
  );
  expect(yuan(baseOf(smallBook({ 'regions/990000.yaml': text }), { wages: {} }))).toBe('2360.00 fixed');
});

it('never lets rounding leave the range: whole yuan under a cap of 17880.75', () => {
  const text = regionText(
    '990000',
    `  pension:\n    base_floor:\n      - ${dated('3321.6', '2025-01-01', unit)}\n    base_cap:\n      - ${dated('17880.75', '2025-01-01', unit)}\n    base_rule:\n      - ${dated('monthly', 'undated')}\n    base_rounding:\n      - ${dated('half-up 1', 'undated')}\n`,
  );
  const book = smallBook({ 'regions/990000.yaml': text });
  expect(yuan(baseOf(book, { wages: { '2025-05': 17_880.6 } }))).toBe('17880.75 cap');
  expect(yuan(baseOf(book, { wages: { '2025-05': 3321.5 } }))).toBe('3322.00 none');
});

it('explains inputs, rule, limits and sources, in both languages', () => {
  const book = bookWith('annual');
  const result = baseOf(book, { wages: { '2024-11': 9000, '2024-12': 10_001 }, hiredOn: '2024-11-01' });
  expect(result.explanation).toMatchObject({
    basisKind: 'annual-average',
    wages: [
      { month: '2024-11', fen: 900_000 },
      { month: '2024-12', fen: 1_000_100 },
    ],
    basis: { sumFen: 1_900_100, months: 2 },
    effectiveFrom: '2025-01',
    clamp: 'none',
    rounding: { stepFen: 1, mode: 'half-up' },
    baseFen: 950_050,
    missing: [],
  });
  const { zh, en } = explainInWords(result.explanation, book);
  expect(zh).toEqual(
    expect.arrayContaining(['基数 9,500.50 元（在上下限之内）', '2024-11 9,000.00，2024-12 10,001.00']),
  );
  expect(en).toEqual(
    expect.arrayContaining([
      'cap 24000 [Region 990000, 2025-01-01, reported, T1]',
      'policy 2026.1.0, as known on 2025-06-01',
    ]),
  );
});
