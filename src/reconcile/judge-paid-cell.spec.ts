import { fen } from '../domain/fen.js';
import { detail, findings, judge } from '../../test/reconcile/judged-story.js';
import { OTHER_CITY, WAGE, bookOf, type Story, type WorldChanges } from '../../test/reconcile/small-world.js';

describe('double coverage', () => {
  it('is a second payer in a paid month', () => {
    const judged = judge({ postings: [{ payer: 'self' }, { payer: 'OTHER', region: OTHER_CITY }] });
    expect(findings(judged)).toEqual(['E1 pension double-coverage 2022-12']);
    const paidTwice = { month: '2022-12', effectFen: -440_000, payers: ['OTHER', 'self'] };
    expect(detail(judged)).toEqual([{ ...paidTwice, words: expect.any(Array) }]);
    expect(judged.status).toBe('insured');
  });

  it('is not when the second payer was refunded, or did not pay', () => {
    expect(findings(judge({ postings: [{ payer: 'self' }, { payer: 'self', kind: 'refund' }] }))).toEqual([]);
    expect(findings(judge({ postings: [{ payer: 'self', state: 'unpaid' }] }))).toEqual([]);
  });

  it('is the employer paying in two cities', () => {
    expect(findings(judge({ postings: [{ region: OTHER_CITY }] }))).toEqual(['E1 pension double-coverage 2022-12']);
  });
});

describe('a base', () => {
  it.each([
    ['low', 800_000, 44_000],
    ['high', 1_200_000, -44_000],
    ['below-floor', 200_000, 176_000],
    ['above-cap', 3_000_000, -440_000],
  ])('that is %s is a base mismatch with its effect on the money', (kind, paidBase, effectFen) => {
    const judged = judge({ unpaid: ['pension 2022-12'], postings: [{ baseFen: fen(paidBase) }] });
    expect(findings(judged)).toEqual(['E1 pension base-mismatch 2022-12']);
    expect(detail(judged)).toEqual([
      { month: '2022-12', kind, effectFen, paidBaseFen: paidBase, expectedBaseFen: WAGE },
    ]);
    expect(judged.status).toBe('insured');
  });

  it('that is made whole by an adjustment fits, whether that prints the difference or the whole base', () => {
    const low = { baseFen: fen(800_000) };
    for (const baseFen of [200_000, 1_000_000]) {
      const topUp = {
        kind: 'adjustment' as const,
        baseFen: fen(baseFen),
        employeeFen: fen(16_000),
        employerFen: fen(28_000),
      };
      expect(findings(judge({ unpaid: ['pension 2022-12'], postings: [low, topUp] }))).toEqual([]);
    }
  });

  it('is not judged without wages, but outside the range it is told all the same', () => {
    const story = { jobs: [{ startWageFen: null }], wageless: true };
    expect(
      findings(judge({ ...story, ordinary: { baseFen: fen(1_500_000), employeeFen: fen(1), employerFen: fen(1) } })),
    ).toEqual([]);
    const low = judge({ ...story, unpaid: ['pension 2022-12'], postings: [{ baseFen: fen(200_000) }] });
    expect(detail(low)).toMatchObject([{ kind: 'below-floor', expectedBaseFen: null, effectFen: null }]);
  });

  it('is not judged on wages that were read incompletely', () => {
    const judged = judge(
      { unpaid: ['pension 2022-12'], postings: [{ baseFen: fen(800_000) }] },
      { reads: { 'payroll wages': { complete: false } } },
    );
    expect(findings(judged)).toEqual([]);
  });

  it('charged on the range of the old notice is no mismatch when the new one came later and applies backwards', () => {
    const floors = (published: string): WorldChanges => ({
      book: bookOf([
        { parameter: 'base_floor', text: '10500', from: '2021-01-01' },
        { parameter: 'base_floor', text: '11000', from: '2022-07-01', published },
      ]),
    });
    const story: Story = { ordinary: { baseFen: fen(1_050_000), employeeFen: fen(84_000), employerFen: fen(147_000) } };
    expect(findings(judge(story, floors('2023-03-10')))).toEqual([]);
    expect(findings(judge(story, floors('2022-06-10')))).toHaveLength(2);
    expect(
      findings(
        judge(
          { ordinary: { baseFen: fen(1_100_000), employeeFen: fen(88_000), employerFen: fen(154_000) } },
          floors('2023-03-10'),
        ),
      ),
    ).toEqual([]);
  });

  const late = {
    old: { baseFen: fen(1_050_000), employeeFen: fen(84_000), employerFen: fen(147_000) },
    new: { baseFen: fen(1_100_000), employeeFen: fen(88_000), employerFen: fen(154_000) },
    book: bookOf([
      { parameter: 'base_floor', text: '10500', from: '2021-01-01' },
      { parameter: 'base_floor', text: '11000', from: '2022-07-01', published: '2023-03-10' },
    ]),
  };

  it('charged on the range known then is to be topped up, and no month of it is a finding', () => {
    const judged = judge({ ordinary: late.old }, { book: late.book });
    expect(findings(judged)).toEqual([]);
    expect(judged.cells.map(({ situation, isToTopUp }) => `${situation} ${String(isToTopUp)}`)).toEqual(
      Array(12).fill('paid true'),
    );
    const toppedUp = judge({ ordinary: late.new }, { book: late.book });
    expect(toppedUp.cells.some(({ isToTopUp }) => isToTopUp)).toBe(false);
  });

  it('charged on the old range is a mismatch once the recalculation after the notice was carried out', () => {
    const world = { book: late.book, recalculatedUpTo: '2023-03-10' };
    expect(findings(judge({ ordinary: late.old }, world))).toHaveLength(2);
    expect(findings(judge({ ordinary: late.new }, world))).toEqual([]);
    expect(findings(judge({ ordinary: late.old }, { ...world, recalculatedUpTo: '2022-06-30' }))).toEqual([]);
  });

  it('charged between two notices on what the first said is to be topped up too', () => {
    const book = bookOf([
      { parameter: 'base_floor', text: '10300', from: '2021-01-01' },
      { parameter: 'base_floor', text: '10500', from: '2022-07-01', published: '2023-03-01' },
      { parameter: 'base_floor', text: '11000', from: '2022-08-01', published: '2023-03-10' },
    ]);
    expect(findings(judge({ ordinary: late.old }, { book }))).toEqual([]);
    expect(findings(judge({ ordinary: { ...late.old, baseFen: fen(1_060_000) } }, { book }))).toHaveLength(2);
  });

  it('that rests on an unverified figure is marked', () => {
    const world = {
      book: bookOf([{ parameter: 'base_cap', text: '24930', status: 'unverified', from: '2022-07-01' }]),
    };
    const judged = judge({ unpaid: ['pension 2022-12'], postings: [{ baseFen: fen(800_000) }] }, world);
    expect(detail(judged)).toMatchObject([{ unverified: true }]);
  });
});

describe('an amount', () => {
  const short = { employeeFen: fen(79_987) };

  it('that is wrong on the right base is an amount mismatch', () => {
    const judged = judge({ unpaid: ['pension 2022-12'], postings: [short] });
    expect(findings(judged)).toEqual(['E1 pension amount-mismatch 2022-12']);
    expect(detail(judged)).toMatchObject([{ kind: 'amount', effectFen: 13 }]);
  });

  it('is to be topped up where the rate was published after the month was charged', () => {
    const rates = (published: string): WorldChanges => ({
      book: bookOf([
        { parameter: 'employer_rate', text: '0.14', from: '2021-01-01' },
        { parameter: 'employer_rate', text: '0.16', from: '2022-07-01', published },
      ]),
    });
    const judged = judge({}, rates('2023-03-10'));
    expect(findings(judged)).toEqual([]);
    expect(judged.cells.every(({ isToTopUp }) => isToTopUp)).toBe(true);
    expect(findings(judge({}, rates('2022-06-10')))).toHaveLength(2);
  });

  it('is not judged where a rate is unknown', () => {
    expect(
      findings(judge({ unpaid: ['pension 2022-12'], postings: [short] }, { book: bookOf([], ['employer_rate']) })),
    ).toEqual([]);
  });
});
