/** Facts about what is counted of a case: days by the calendar, acts of people, and the hub's own time. */
import { type CaseStep, figuresOfCases, metricsOf } from './case-metrics.js';
import type { CaseState } from './case-states.js';

const at = (seconds: number, actor: string, to: CaseState | null, onDay = '2023-03-20'): CaseStep => ({
  ...{ caseId: 'c1', kind: to === null ? ('note' as const) : ('moved' as const), to, actor, onDay },
  atMs: seconds * 1000,
});
const LI: readonly CaseStep[] = [
  at(0, 'hub', 'proposed'),
  at(100, 'wang', 'awaiting-employee'),
  at(200, 'employee:p1', 'confirmed'),
  at(200, 'hub', 'awaiting-approval'),
  at(300, 'chen', 'approved'),
  at(300, 'hub', 'submitting'),
  at(302, 'hub', 'submitted'),
  at(400, 'hub', 'accepted', '2023-03-21'),
  at(900, 'hub', 'paid', '2023-03-23'),
  at(900, 'hub', 'verified', '2023-03-23'),
];

it('Li: three days, two acts of HR, one of his, two seconds of the hub', () => {
  expect(figuresOfCases(LI)).toEqual([{ caseId: 'c1', days: 3, hrActions: 2, employeeActions: 1, hubMs: 2000 }]);
});

it('who writes two rows in one transaction acts once; a receipt is an act too', () => {
  const carried = [
    ...LI.slice(0, 5),
    at(350, 'wang', 'submitting'),
    at(350, 'wang', 'submitted'),
    at(350, 'wang', null),
    at(900, 'hub', 'verified', '2023-03-23'),
  ];
  expect(figuresOfCases(carried)).toMatchObject([{ hrActions: 3, employeeActions: 1, hubMs: 0 }]);
});

it('a reopened case counts until it was verified at last; what never got there counts for nothing', () => {
  const again = [
    ...LI,
    at(2000, 'hub', 'reopened', '2023-03-24'),
    at(2000, 'hub', 'proposed', '2023-03-24'),
    at(9000, 'hub', 'verified', '2023-03-29'),
  ];
  expect(figuresOfCases(again)).toMatchObject([{ days: 9, hubMs: 2000 }]);
  expect(figuresOfCases(LI.slice(0, 9))).toEqual([]);
});

it('the middle and the most of several, and nothing of none', () => {
  const figures = [1, 5, 2].map((days) => ({
    ...{ caseId: String(days), days, hrActions: 2, employeeActions: 1, hubMs: days * 1500 },
  }));
  expect(metricsOf(figures, [{ state: 'closed', count: 3 }])).toEqual({
    ...{ verified: 3, days: { median: 2, most: 5 }, hrActions: { median: 2, most: 2 } },
    ...{ employeeActions: { median: 1, most: 1 }, hubSeconds: { median: 3, most: 7.5 }, cases: { closed: 3 } },
  });
  expect(metricsOf([], [])).toMatchObject({ verified: 0, days: null, hubSeconds: null });
});
