import { fen } from '../domain/fen.js';
import { day, month, monthsOf } from '../domain/month.js';
import type { Situation } from '../domain/situation.js';
import { AS_OF, OTHER_CITY, WAGE, WINDOW, bookOf, orderOf, personOf, worldOf, type Story, type WorldChanges } from '../../test/reconcile/small-world.js';
import { judgePerson, type Judgement } from './judge-person.js';

function judge(story: Story = {}, world: WorldChanges = {}): Judgement {
  return judgePerson(personOf(story), worldOf(world));
}

function situation(judged: Judgement, at: string, insurance = 'pension', employmentId = 'E1'): Situation | undefined {
  return judged.cells.find((cell) => cell.month === at && cell.insurance === insurance && cell.employmentId === employmentId)?.situation;
}

function findings(judged: Judgement): readonly string[] {
  return judged.outcome === 'judged' ? judged.findings.map((each) => `${each.employmentId} ${each.insurance} ${each.situation} ${each.months.join(',')}`) : [];
}

function detail(judged: Judgement): unknown {
  return judged.outcome === 'judged' ? judged.findings[0]?.detail.months : undefined;
}

describe('a month that is due and paid', () => {
  it('is paid, and who paid every month is insured, without findings or corrections', () => {
    const judged = judge();
    expect(judged.status).toBe('insured');
    expect(judged.cells.map((cell) => cell.situation)).toEqual(Array(12).fill('paid'));
    expect(judged).toMatchObject({ findings: [], corrections: [] });
  });

  it('is paid when a refund is followed by a supplement, whichever sign the refund carries', () => {
    for (const sign of [1, -1]) {
      const refund = { kind: 'refund' as const, employeeFen: fen(sign * 80_000), employerFen: fen(sign * 140_000) };
      const judged = judge({ postings: [refund, { kind: 'supplement' }] });
      expect(situation(judged, '2022-12')).toBe('paid');
    }
  });

  it('is not paid when everything was refunded', () => {
    expect(situation(judge({ postings: [{ kind: 'refund' }] }), '2022-12')).toBe('gap');
  });

  it('is paid by the code of the agency where the employment is paid through one', () => {
    expect(judge({ jobs: [{ payingParty: 'agency' }], ordinary: { payer: 'FESCO' } }).status).toBe('insured');
  });

  it('is paid when the bureau names a district of the city of work', () => {
    expect(judge({ ordinary: { region: '440305' as typeof OTHER_CITY } }).status).toBe('insured');
  });
});

describe('a month that is due and not paid', () => {
  it('is a gap once the filing window is over and the bureau was read completely', () => {
    const judged = judge({ unpaid: ['2022-12'] });
    expect(judged.status).toBe('gap');
    expect(findings(judged)).toEqual(['E1 pension gap 2022-12', 'E1 medical gap 2022-12']);
    expect(detail(judged)).toEqual([{ month: '2022-12', effectFen: 220_000 }]);
  });

  it('is a gap when the bureau lists it as charged but unpaid, or written off', () => {
    for (const state of ['unpaid', 'written-off'] as const) {
      expect(situation(judge({ unpaid: ['2022-12'], postings: [{ state }] }), '2022-12')).toBe('gap');
    }
  });

  it('is only suspected while it may still be filed, and is no gap of the person', () => {
    const judged = judge({ unpaid: ['2023-02'] });
    expect(situation(judged, '2023-02')).toBe('gap-suspected');
    expect(judged.status).toBe('insured');
  });

  it('is a gap on the day after the filing window', () => {
    expect(situation(judge({ unpaid: ['2023-02'] }, { asOf: '2023-03-25' }), '2023-02')).toBe('gap-suspected');
    expect(situation(judge({ unpaid: ['2023-02'] }, { asOf: '2023-03-26' }), '2023-02')).toBe('gap');
  });

  it('is suspected until the month after the next where no source gives the filing window', () => {
    const world = { book: bookOf([], ['filing_until_day']) };
    expect(situation(judge({ unpaid: ['2023-02', '2023-01'] }, world), '2023-02')).toBe('gap-suspected');
    expect(situation(judge({ unpaid: ['2023-02', '2023-01'] }, world), '2023-01')).toBe('gap');
  });

  it('has every month of one situation in one finding', () => {
    expect(findings(judge({ unpaid: ['pension 2022-10', 'pension 2022-12'] }))).toEqual(['E1 pension gap 2022-10,2022-12']);
  });

  it('counts as covered by an open back-payment order, and the person as back-paying', () => {
    for (const state of ['pending', 'accepted', 'in-progress'] as const) {
      const judged = judge({ unpaid: ['2022-12'], orders: [{ state }] });
      expect(situation(judged, '2022-12')).toBe('back-payment-pending');
      expect(judged).toMatchObject({ status: 'back-paying', findings: [] });
    }
  });

  it('counts as covered by an application that the bureau holds', () => {
    expect(judge({ unpaid: ['pension 2022-12'], submissions: [{}] }).status).toBe('back-paying');
    expect(judge({ unpaid: ['pension 2022-12'], submissions: [{ state: 'rejected' }] }).status).toBe('gap');
  });

  it('stays a gap when the order failed, is of another kind or covers another month or insurance', () => {
    const orders = [{ state: 'failed' }, { state: 'done' }, { state: 'cancelled' }, { kind: 'enrol' }, { months: [month('2022-11')] }, { insurances: ['medical'] }] as const;
    for (const order of orders) expect(situation(judge({ unpaid: ['2022-12'], orders: [order] }), '2022-12')).toBe('gap');
  });

  it('leaves a gap where an order covers the first of two unpaid months', () => {
    expect(judge({ unpaid: ['2022-12', '2023-01'], orders: [{}] }).status).toBe('gap');
  });

  it('is withheld and not remitted when payroll kept the money back', () => {
    const judged = judge({ unpaid: ['2022-12'], withheld: { '2022-12': fen(80_000) } });
    expect(findings(judged)).toEqual(['E1 pension withheld-not-remitted 2022-12', 'E1 medical gap 2022-12']);
    expect(judged.status).toBe('gap');
  });

  it('is not withheld-not-remitted while it may still be filed, nor when it was paid', () => {
    expect(situation(judge({ unpaid: ['2023-02'], withheld: { '2023-02': fen(80_000) } }), '2023-02')).toBe('gap-suspected');
    expect(situation(judge({ withheld: { '2022-12': fen(80_000) } }), '2022-12')).toBe('paid');
  });

  it('is still a finding when money was withheld though an order covers it, and the person is back-paying', () => {
    const judged = judge({ unpaid: ['2022-12'], withheld: { '2022-12': fen(80_000) }, orders: [{}] });
    expect(findings(judged)).toEqual(['E1 pension withheld-not-remitted 2022-12']);
    expect(judged.status).toBe('back-paying');
  });

  it('is never read as unpaid when the bureau cannot tell the state', () => {
    const judged = judge({ unpaid: ['2022-12'], postings: [{ state: 'unknown' }, { state: 'unknown', insurance: 'medical' }] });
    expect(situation(judged, '2022-12')).toBe('inconclusive');
    expect(judged).toMatchObject({ outcome: 'inconclusive', why: { reason: 'state-unknown' } });
  });

  it('is a conflict, not a gap, when somebody else paid it', () => {
    const judged = judge({ unpaid: ['pension 2022-12'], postings: [{ payer: 'self' }] });
    expect(findings(judged)).toEqual(['E1 pension conflict 2022-12']);
    expect(detail(judged)).toMatchObject([{ kind: 'paid-by-other', payers: ['self'] }]);
    expect(judged.status).toBe('insured');
  });

  it('is a conflict when the employer paid it in another city than the one of work', () => {
    const judged = judge({ unpaid: ['pension 2022-12'], postings: [{ region: OTHER_CITY }] });
    expect(detail(judged)).toMatchObject([{ kind: 'paid-in-other-region', payers: ['ACME'] }]);
  });
});

describe('a month that is not due', () => {
  it('is not due after the last full month, and paid there is paid-not-due', () => {
    const jobs = [{ leftOn: day('2022-11-10') }];
    expect(situation(judge({ jobs }), '2022-11')).toBe('not-due');
    const judged = judge({ jobs, postings: [{ month: month('2022-12') }] });
    expect(findings(judged)).toEqual(['E1 pension paid-not-due 2022-12']);
    expect(detail(judged)).toEqual([{ month: '2022-12', effectFen: -220_000 }]);
  });

  it('is due in the month whose last day is the last day worked', () => {
    expect(situation(judge({ jobs: [{ leftOn: day('2022-11-30') }] }), '2022-11')).toBe('paid');
  });

  it('is not paid-not-due when the money was given back', () => {
    const judged = judge({ jobs: [{ leftOn: day('2022-11-10') }], postings: [{}, { kind: 'refund' }] });
    expect(findings(judged)).toEqual([]);
  });

  it('is due in the month of hiring up to the cut-off day', () => {
    expect(situation(judge({ jobs: [{ hiredOn: day('2022-11-15') }] }), '2022-11')).toBe('paid');
    expect(situation(judge({ jobs: [{ hiredOn: day('2022-11-16') }] }), '2022-11')).toBe('not-due');
  });

  it('is settled by money where the cut-off day is unknown, and told as unknown where none came', () => {
    const world = { book: bookOf([], ['hire_cut_off_day']) };
    expect(situation(judge({ jobs: [{ hiredOn: day('2022-11-10') }] }, world), '2022-11')).toBe('paid');
    const judged = judge({ jobs: [{ hiredOn: day('2022-11-10') }], unpaid: ['2022-11'], postings: beforeHire('2022-11') }, world);
    expect(judged).toMatchObject({ outcome: 'inconclusive', why: { reason: 'rule-unknown' } });
  });
});

/** Both insurances paid by a former employer in every month before this one. */
function beforeHire(until: string, except: readonly string[] = []): NonNullable<Story['postings']> {
  return monthsOf(WINDOW[0] ?? month('2022-09'), month(until))
    .filter((at) => !except.includes(at))
    .flatMap((at) => (['pension', 'medical'] as const).map((insurance) => ({ month: at, insurance, payer: 'FORMER', region: OTHER_CITY })));
}

describe('a month before hiring', () => {
  const jobs = [{ hiredOn: day('2022-12-01') }];

  it('is a gap before hire when nobody paid it', () => {
    const judged = judge({ jobs, postings: beforeHire('2022-12', ['2022-10']) });
    expect(findings(judged)).toEqual(['E1 pension gap-before-hire 2022-10', 'E1 medical gap-before-hire 2022-10']);
    expect(judged.status).toBe('gap');
  });

  it('is none when somebody paid it, whoever and wherever', () => {
    expect(judge({ jobs, postings: beforeHire('2022-12') })).toMatchObject({ status: 'insured', findings: [] });
  });

  it('is one for somebody hired in the month of asking, as in the story of Li', () => {
    const judged = judge({ jobs: [{ hiredOn: day('2023-03-06') }], postings: beforeHire('2023-03', ['2023-01']) });
    expect(findings(judged)).toEqual(['E1 pension gap-before-hire 2023-01', 'E1 medical gap-before-hire 2023-01']);
    expect(judged.status).toBe('gap');
  });

  it('is only suspected while the former employer may still file it', () => {
    const judged = judge({ jobs: [{ hiredOn: day('2023-03-06') }], postings: beforeHire('2023-03', ['2023-02']) });
    expect(situation(judged, '2023-02')).toBe('gap-suspected');
    expect(judged.status).toBe('insured');
  });

  it('is covered by an open back-payment order', () => {
    expect(judge({ jobs, postings: beforeHire('2022-12', ['2022-10']), orders: [{ months: [month('2022-10')] }] }).status).toBe('back-paying');
  });

  it('is none while another employment of the person ran', () => {
    const twoJobs = [{ leftOn: day('2022-11-30') }, { employer: 'NEXT', hiredOn: day('2022-12-01') }];
    expect(judge({ jobs: twoJobs })).toMatchObject({ status: 'insured', findings: [] });
  });

  it('between two employments belongs to the next one', () => {
    const twoJobs = [{ leftOn: day('2022-09-30') }, { hiredOn: day('2022-11-01') }, { employer: 'LAST', hiredOn: day('2022-12-01') }];
    expect(findings(judge({ jobs: twoJobs }))).toEqual(['E2 pension gap-before-hire 2022-10', 'E2 medical gap-before-hire 2022-10']);
  });
});

describe('several employments', () => {
  it('have their own cells, and each employer pays its own', () => {
    const judged = judge({ jobs: [{}, { employer: 'NEXT', region: OTHER_CITY }], unpaid: ['nothing'] });
    expect(judged.cells).toHaveLength(24);
    expect(judged).toMatchObject({ status: 'insured', findings: [] });
  });

  it('show a gap at the one employer that did not pay, though the other did', () => {
    const judged = judge({ jobs: [{}, { employer: 'NEXT' }], postings: [{ payer: 'NEXT', kind: 'refund' }] });
    expect(findings(judged)).toEqual(['E2 pension gap 2022-12']);
  });

  it('told by payroll are believed before those told by the agency', () => {
    const person = personOf();
    const told = { connectionId: 'agency', role: 'agency' as const, stream: 'employments' as const, ownerKey: 'A1', goneAt: null, isPartial: false };
    const other = { ...told, items: [{ employmentId: 'X', employer: 'X', region: OTHER_CITY, hiredOn: day('2020-01-01'), leftOn: null }] };
    expect(judgePerson({ ...person, records: [...person.records, other] }, worldOf()).cells).toHaveLength(12);
  });
});

describe('double coverage', () => {
  it('is a second payer in a paid month', () => {
    const judged = judge({ postings: [{ payer: 'self' }, { payer: 'OTHER', region: OTHER_CITY }] });
    expect(findings(judged)).toEqual(['E1 pension double-coverage 2022-12']);
    expect(detail(judged)).toEqual([{ month: '2022-12', effectFen: -440_000, payers: ['OTHER', 'self'] }]);
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
    expect(detail(judged)).toEqual([{ month: '2022-12', kind, effectFen, paidBaseFen: paidBase, expectedBaseFen: WAGE }]);
    expect(judged.status).toBe('insured');
  });

  it('that is made whole by an adjustment fits, whether that prints the difference or the whole base', () => {
    const low = { baseFen: fen(800_000) };
    for (const baseFen of [200_000, 1_000_000]) {
      const topUp = { kind: 'adjustment' as const, baseFen: fen(baseFen), employeeFen: fen(16_000), employerFen: fen(28_000) };
      expect(findings(judge({ unpaid: ['pension 2022-12'], postings: [low, topUp] }))).toEqual([]);
    }
  });

  it('is not judged without wages, but outside the range it is told all the same', () => {
    const story = { jobs: [{ startWageFen: null }], wageless: true };
    expect(findings(judge({ ...story, ordinary: { baseFen: fen(1_500_000), employeeFen: fen(1), employerFen: fen(1) } }))).toEqual([]);
    const low = judge({ ...story, unpaid: ['pension 2022-12'], postings: [{ baseFen: fen(200_000) }] });
    expect(detail(low)).toMatchObject([{ kind: 'below-floor', expectedBaseFen: null, effectFen: null }]);
  });

  it('is not judged on wages that were read incompletely', () => {
    const judged = judge({ unpaid: ['pension 2022-12'], postings: [{ baseFen: fen(800_000) }] }, { reads: { 'payroll wages': { complete: false } } });
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
    expect(findings(judge({ ordinary: { baseFen: fen(1_100_000), employeeFen: fen(88_000), employerFen: fen(154_000) } }, floors('2023-03-10')))).toEqual([]);
  });

  it('that rests on an unverified figure is marked', () => {
    const world = { book: bookOf([{ parameter: 'base_cap', text: '24930', status: 'unverified', from: '2022-07-01' }]) };
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

  it('is not judged where a rate is unknown', () => {
    expect(findings(judge({ unpaid: ['pension 2022-12'], postings: [short] }, { book: bookOf([], ['employer_rate']) }))).toEqual([]);
  });
});

describe('a conflict between payroll and attendance', () => {
  const jobs = [{ leftOn: day('2022-10-31') }];

  it('is five days worked in a later closed month', () => {
    const judged = judge({ jobs, worked: { '2022-12': 500, '2023-01': 2100 } });
    expect(findings(judged)).toEqual(['E1 * conflict 2022-12,2023-01']);
    expect(judged.status).toBe('stopped');
  });

  it.each([
    ['fewer days', { '2022-12': 499 }],
    ['the month of leaving', { '2022-10': 2100 }],
    ['the month that is not over', { '2023-03': 2100 }],
  ])('is not %s', (_, worked) => {
    expect(findings(judge({ jobs, worked }))).toEqual([]);
  });

  it('is none where another employment runs', () => {
    const next = { employer: 'NEXT', hiredOn: day('2022-11-01') };
    expect(findings(judge({ jobs: [...jobs, next], worked: { '2022-12': 2100 } }))).toEqual([]);
  });
});

describe('the status of a person', () => {
  it.each([
    ['stopped', '2023-03-19'],
    ['stopped', '2023-03-20'],
    ['insured', '2023-03-21'],
  ])('is %s when the last day worked is %s', (status, leftOn) => {
    expect(AS_OF).toBe('2023-03-20');
    expect(judge({ jobs: [{ leftOn: day(leftOn) }] }).status).toBe(status);
  });

  it('is stopped even with a gap in the window, which stays a finding', () => {
    const judged = judge({ jobs: [{ leftOn: day('2023-01-31') }], unpaid: ['2022-12'] });
    expect(judged.status).toBe('stopped');
    expect(findings(judged)).toHaveLength(2);
  });

  it('is not stopped while another employment runs', () => {
    expect(judge({ jobs: [{ leftOn: day('2022-11-30') }, { employer: 'NEXT', hiredOn: day('2022-12-01') }] }).status).toBe('insured');
  });
});

describe('an order whose months arrived', () => {
  it('is paid, not pending', () => {
    expect(judge({ orders: [orderOf({})] }).cells.map((cell) => cell.situation)).toEqual(Array(12).fill('paid'));
  });
});
