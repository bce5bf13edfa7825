import { day } from '../domain/month.js';
import { findings, judge } from '../../test/reconcile/judged-story.js';
import { AS_OF } from '../../test/reconcile/small-world.js';

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
    expect(
      judge({ jobs: [{ leftOn: day('2022-11-30') }, { employer: 'NEXT', hiredOn: day('2022-12-01') }] }).status,
    ).toBe('insured');
  });
});
