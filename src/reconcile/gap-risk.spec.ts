/** Facts about the score that says who is likely to have a gap next. */
import { fen } from '../domain/fen.js';
import { addMonths, day, month, monthsOf, type Month } from '../domain/month.js';
import type { ContributionItem, EmploymentItem } from '../domain/records.js';
import { region } from '../domain/region.js';
import { gapRiskOf, type RiskFacts } from './gap-risk.js';

const AS_OF = day('2023-03-20');
const YEAR = monthsOf(month('2022-03'), month('2023-03'));
const SHENZHEN = region('440300');

function posting(of: Month, changes: Partial<ContributionItem> = {}): ContributionItem {
  const amounts = { baseFen: fen(1_000_000), employeeFen: fen(80_000), employerFen: fen(160_000) };
  const place = { payer: 'E', region: SHENZHEN };
  return { month: of, insurance: 'pension', kind: 'normal', state: 'paid', ...place, ...amounts, ...changes };
}

function job(hiredOn: string, leftOn: string | null = null): EmploymentItem {
  const last = leftOn === null ? null : day(leftOn);
  return { employmentId: hiredOn, employer: 'E', region: SHENZHEN, hiredOn: day(hiredOn), leftOn: last };
}

function steady(changes: Partial<RiskFacts> = {}): RiskFacts {
  return { contributions: YEAR.map((of) => posting(of)), employments: [job('2020-01-01')], attendance: [], ...changes };
}

const without = (...gaps: string[]): ContributionItem[] =>
  YEAR.filter((of) => !gaps.includes(of)).map((of) => posting(of));
const worked = (of: string, days: number) => ({
  month: month(of),
  requiredDaysHundredths: 2100,
  workedDaysHundredths: days * 100,
});

it.each<[string, RiskFacts, number, readonly string[]]>([
  ['a steady life', steady(), 0, []],
  ['nothing known at all', { contributions: [], employments: [], attendance: [] }, 0, []],
  ['one old gap', steady({ contributions: without('2022-06') }), 15, ['gaps-in-the-past-year']],
  [
    'two gaps, one of them of last month',
    steady({ contributions: without('2022-06', '2023-02') }),
    40,
    ['gaps-in-the-past-year', 'gap-in-the-last-three-months'],
  ],
  [
    'a last day without a next job',
    steady({ employments: [job('2020-01-01', '2023-03-10')] }),
    45,
    ['leaves-without-a-next-job'],
  ],
  [
    'another job begun after the last',
    steady({ employments: [job('2020-01-01', '2023-02-10'), job('2023-02-11')] }),
    20,
    ['changed-jobs'],
  ],
  [
    'hardly any work for two months',
    steady({ attendance: [worked('2022-12', 21), worked('2023-01', 5), worked('2023-02', 0)] }),
    24,
    ['hardly-worked'],
  ],
  [
    'a job of a month without money',
    { contributions: [], employments: [job('2023-01-15')], attendance: [] },
    20,
    ['new-and-not-yet-paid'],
  ],
])('%s', (_name, facts, score, codes) => {
  const risk = gapRiskOf(facts, AS_OF);
  expect({ score: risk.score, codes: risk.reasons.map(({ code }) => code) }).toEqual({ score, codes });
  expect(risk.isLikely).toBe(score >= 40);
});

it('takes a month whose posting was given back for a gap, and one of unknown state for none', () => {
  const back = [...without(), posting(month('2022-09'), { kind: 'refund', state: 'refunded' })];
  expect(gapRiskOf(steady({ contributions: back }), AS_OF).reasons).toMatchObject([{ seen: ['2022-09'] }]);
  const unknown = [...without('2022-09'), posting(month('2022-09'), { state: 'unknown' })];
  expect(gapRiskOf(steady({ contributions: unknown }), AS_OF).score).toBe(0);
});

it('knows nothing of months before the first paid one, and stays at 100', () => {
  const few = [posting(month('2023-01')), posting(month('2023-02'))];
  expect(gapRiskOf(steady({ contributions: few }), AS_OF).score).toBe(0);
  const worst = {
    contributions: [posting(month('2022-03'))],
    employments: ['2022-04', '2022-07', '2022-10', '2023-02'].map((of) =>
      job(`${of}-01`, `${addMonths(month(of), 1)}-02`),
    ),
    attendance: ['2022-12', '2023-01', '2023-02'].map((of) => worked(of, 0)),
  };
  expect(gapRiskOf(worst, AS_OF).score).toBe(100);
});
