/** What a quote says: every figure with where it comes from, a tenant's word as such, and what nobody gave by its key. */
import { dated, regionText, removeSmallPolicies, smallBook } from '../../test/policy/small-policy.js';
import { fen } from '../domain/fen.js';
import { day, month } from '../domain/month.js';
import { region } from '../domain/region.js';
import { diffPolicies, changeLine } from './diff-policies.js';
import { explainParameter } from './explain-parameter.js';
import { quote } from './quote.js';
import { quoteInWords } from './quote-sentences.js';

afterAll(removeSmallPolicies);

const RULES = `
  social:
    base_rounding: [${dated('half-up 0.01', '2011-07-01')}]
    employee_rounding: [${dated('half-up 0.01', '2011-07-01')}]
    employer_rounding: [${dated('half-up 0.01', '2011-07-01')}]
    employee_fixed: [${dated('0', '2011-07-01', 'unit: yuan/month')}]
    employer_fixed: [${dated('0', '2011-07-01', 'unit: yuan/month')}]
    employee_fixed_yearly: [${dated('0', '2011-07-01', 'unit: yuan/year')}]
    employer_fixed_yearly: [${dated('0', '2011-07-01', 'unit: yuan/year')}]
  pension:
    employee_rate: [${dated('0.08', '2019-05-01', 'unit: ratio')}]
    employer_rate: [${dated('0.16', '2019-05-01', 'unit: ratio, document_no: 国办发〔2019〕13号')}]
`;
const FLOORS = [
  dated('5000', '2025-07-01', 'unit: yuan/month'),
  dated('6000', '2026-07-01', 'unit: yuan/month, published_on: 2026-10-15'),
];
const CAPS = [dated('30000', '2025-07-01', 'unit: yuan/month')];
const CITY = `
  pension:
    base_floor: [${FLOORS.join(', ')}]
    base_cap: [${CAPS.join(', ')}]
  medical:
    employee_rate: [${dated('0.02', '2019-05-01', 'unit: ratio')}]
    employee_fixed: [${dated('3', '2019-05-01', 'unit: yuan/month')}]
`;
const FILES = { 'regions/100000.yaml': regionText('100000', RULES), 'regions/110000.yaml': regionText('110000', CITY) };
const OVERLAY = `overlay: 1
tenant: north
confirmedBy: Ms Chen
confirmedOn: 2026-11-20
reason: as on our own bills
regions:
  '110000':
    pension:
      employer_rate:
        - { value: '0.14', unit: ratio, effective_from: 2026-01-01, note: as on our own bills }
`;
const BEIJING = region('110000');

function ask(book = smallBook(FILES), more: Partial<Parameters<typeof quote>[0]> = {}): ReturnType<typeof quote> {
  return quote({
    book,
    region: BEIJING,
    month: month('2026-08'),
    wageFen: fen(550_000),
    insurances: ['pension', 'medical'],
    knownAt: day('2026-11-01'),
    ...more,
  });
}

it('adds up what is known, and names the key of everything that is not', () => {
  const answer = ask();
  const [pension, medical] = answer.insurances;
  expect(pension).toMatchObject({
    baseFen: 600_000,
    clamp: 'floor',
    floor: { value: '6000', region: '110000', publishedOn: '2026-10-15', sources: ['T1'] },
    employee: { amountFen: 48_000, ratePpm: 80_000, missing: [] },
    employer: { amountFen: 96_000, rate: { documentNo: '国办发〔2019〕13号', region: '100000' } },
  });
  expect(medical).toMatchObject({
    floor: null,
    baseFen: null,
    employee: { amountFen: null, ratePpm: 20_000, fixedFen: 300 },
  });
  expect(answer.totals).toEqual({ employeeFen: 48_000, employerFen: 96_000, bothFen: 144_000, complete: false });
  expect(answer.missing).toEqual([
    '110000.medical.base_floor',
    '110000.medical.base_cap',
    '110000.medical.employer_rate',
  ]);
});

it('answers by what was known on a day: the notice of October was not known in September', () => {
  const { insurances } = ask(smallBook(FILES), { knownAt: day('2026-09-01') });
  expect(insurances[0]).toMatchObject({
    baseFen: 550_000,
    doubtful: true,
    floor: { value: '5000', status: 'provisional', provisionalSince: '2026-07-01', recordStatus: 'reported' },
  });
});

it("shows a tenant's word as such, with who gave it and when", () => {
  const answer = ask(smallBook({ ...FILES, 'overlay.yaml': OVERLAY }));
  const rate = answer.insurances[0]?.employer.rate;
  expect(rate).toMatchObject({
    value: '0.14',
    status: 'overlay',
    overlay: { by: 'Ms Chen', on: '2026-11-20', reason: 'as on our own bills' },
  });
  const text = quoteInWords(answer, 'en');
  expect(text.rows[0]).toContain("14% (tenant's word)");
  expect(text.figures.join('\n')).toContain("tenant's word, confirmed by Ms Chen on 2026-11-20");
});

it('asks for the other insurances only where the region has figures of its own for them', () => {
  expect(ask(smallBook(FILES), { insurances: null }).insurances.map(({ insurance }) => insurance)).toEqual([
    'pension',
    'medical',
    'unemployment',
    'work-injury',
  ]);
});

it('explains one parameter by every record up the tree and why it did not win', () => {
  const book = smallBook({ ...FILES, 'overlay.yaml': OVERLAY });
  const asked = { region: BEIJING, insurance: 'pension', month: month('2026-08') } as const;
  const verdicts = (parameter: 'base_floor' | 'employer_rate', knownAt: string): string[] =>
    explainParameter({ ...asked, parameter, knownAt: day(knownAt) }, book).candidates.map(
      ({ verdict, layer, figure }) => `${figure.region} ${layer} ${figure.value} ${verdict}`,
    );
  expect(verdicts('employer_rate', '2026-11-01')).toEqual(['110000 overlay 0.14 won', '100000 pack 0.16 outranked']);
  expect(verdicts('base_floor', '2026-09-01')).toEqual(['110000 pack 6000 not-published', '110000 pack 5000 won']);
  expect(verdicts('base_floor', '2026-11-01')).toEqual(['110000 pack 6000 won', '110000 pack 5000 replaced']);
});

it('compares two editions value by value', () => {
  const floor = (value: string): string => dated(value, '2026-07-01', 'unit: yuan/month');
  const later = {
    ...FILES,
    'PACK.yaml': 'version: 2026.2.0\nreleased_on: 2026-02-01\nverified_for_months: 12\n',
    'regions/110000.yaml': regionText(
      '110000',
      `  pension:\n    base_floor: [${FLOORS[0] ?? ''}, ${floor('6100')}]\n    base_cap: [${CAPS.join()}, ${floor('31000')}]\n`,
    ),
  };
  const diff = diffPolicies(smallBook({ ...FILES, 'overlay.yaml': OVERLAY }), smallBook(later));
  expect(diff.counts).toEqual({ added: 1, changed: 1, removed: 2 });
  expect(diff.regions.flatMap(({ changes }) => changes.map(changeLine))).toEqual([
    '- medical employee_fixed from 2019-05-01: 3 yuan/month [reported]',
    '- medical employee_rate from 2019-05-01: 0.02 ratio [reported]',
    '+ pension base_cap from 2026-07-01: 31000 yuan/month [reported]',
    '~ pension base_floor from 2026-07-01: 6000 yuan/month [reported] → 6100 yuan/month [reported]',
  ]);
});
