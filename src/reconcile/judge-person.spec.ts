import { fen } from '../domain/fen.js';
import { day, month, monthsOf } from '../domain/month.js';
import { detail, findings, judge, situation } from '../../test/reconcile/judged-story.js';
import {
  OTHER_CITY,
  WINDOW,
  bookOf,
  orderOf,
  personOf,
  worldOf,
  type Story,
} from '../../test/reconcile/small-world.js';

import { judgePerson } from './judge-person.js';

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
    expect(findings(judge({ unpaid: ['pension 2022-10', 'pension 2022-12'] }))).toEqual([
      'E1 pension gap 2022-10,2022-12',
    ]);
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
    const orders = [
      { state: 'failed' },
      { state: 'done' },
      { state: 'cancelled' },
      { kind: 'enrol' },
      { months: [month('2022-11')] },
      { insurances: ['medical'] },
    ] as const;
    for (const order of orders)
      expect(situation(judge({ unpaid: ['2022-12'], orders: [order] }), '2022-12')).toBe('gap');
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
    expect(situation(judge({ unpaid: ['2023-02'], withheld: { '2023-02': fen(80_000) } }), '2023-02')).toBe(
      'gap-suspected',
    );
    expect(situation(judge({ withheld: { '2022-12': fen(80_000) } }), '2022-12')).toBe('paid');
  });

  it('is still a finding when money was withheld though an order covers it, and the person is back-paying', () => {
    const judged = judge({ unpaid: ['2022-12'], withheld: { '2022-12': fen(80_000) }, orders: [{}] });
    expect(findings(judged)).toEqual(['E1 pension withheld-not-remitted 2022-12']);
    expect(judged.status).toBe('back-paying');
  });

  it('is never read as unpaid when the bureau cannot tell the state', () => {
    const judged = judge({
      unpaid: ['2022-12'],
      postings: [{ state: 'unknown' }, { state: 'unknown', insurance: 'medical' }],
    });
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
    expect(detail(judged)).toEqual([{ month: '2022-12', effectFen: -220_000, words: expect.any(Array) }]);
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
    const judged = judge(
      { jobs: [{ hiredOn: day('2022-11-10') }], unpaid: ['2022-11'], postings: beforeHire('2022-11') },
      world,
    );
    expect(judged).toMatchObject({ outcome: 'inconclusive', why: { reason: 'rule-unknown' } });
  });
});

/** Both insurances paid by a former employer in every month before this one. */
function beforeHire(until: string, except: readonly string[] = []): NonNullable<Story['postings']> {
  return monthsOf(WINDOW[0] ?? month('2022-09'), month(until))
    .filter((at) => !except.includes(at))
    .flatMap((at) =>
      (['pension', 'medical'] as const).map((insurance) => ({
        month: at,
        insurance,
        payer: 'FORMER',
        region: OTHER_CITY,
      })),
    );
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
    expect(
      judge({ jobs, postings: beforeHire('2022-12', ['2022-10']), orders: [{ months: [month('2022-10')] }] }).status,
    ).toBe('back-paying');
  });

  it('is none while another employment of the person ran', () => {
    const twoJobs = [{ leftOn: day('2022-11-30') }, { employer: 'NEXT', hiredOn: day('2022-12-01') }];
    expect(judge({ jobs: twoJobs })).toMatchObject({ status: 'insured', findings: [] });
  });

  it('between two employments belongs to the next one', () => {
    const twoJobs = [
      { leftOn: day('2022-09-30') },
      { hiredOn: day('2022-11-01') },
      { employer: 'LAST', hiredOn: day('2022-12-01') },
    ];
    expect(findings(judge({ jobs: twoJobs }))).toEqual([
      'E2 pension gap-before-hire 2022-10',
      'E2 medical gap-before-hire 2022-10',
    ]);
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
    const told = {
      connectionId: 'agency',
      role: 'agency' as const,
      stream: 'employments' as const,
      ownerKey: 'A1',
      goneAt: null,
      isPartial: false,
    };
    const other = {
      ...told,
      items: [{ employmentId: 'X', employer: 'X', region: OTHER_CITY, hiredOn: day('2020-01-01'), leftOn: null }],
    };
    expect(judgePerson({ ...person, records: [...person.records, other] }, worldOf()).cells).toHaveLength(12);
  });
});

describe('an order whose months arrived', () => {
  it('is paid, not pending', () => {
    expect(judge({ orders: [orderOf({})] }).cells.map((cell) => cell.situation)).toEqual(Array(12).fill('paid'));
  });
});
