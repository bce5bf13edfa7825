/** What the loader refuses, and that it names file, line and key. */
import { DEMO_OVERLAY, POLICY_DIR } from '../../test/policy/books.js';
import { dated, regionText, removeSmallPolicies, smallPolicy } from '../../test/policy/small-policy.js';
import { ConfigError } from '../platform/config/config-error.js';
import { loadPolicyBook } from './load.js';

afterAll(removeSmallPolicies);

/** The problems without the temporary folder. */
function problemsOf(files: Readonly<Record<string, string>>): string[] {
  const policy = smallPolicy(files);
  try {
    loadPolicyBook(policy);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((line) => line.replaceAll(`${policy.policyDir}/`, ''));
    throw error;
  }
  return [];
}

const floor = (values: string): string => regionText('110000', `  pension:\n    base_floor:\n${values}`);
const unit = 'unit: yuan/month';

it('loads the policy as shipped, with every value explained by a source', () => {
  const book = loadPolicyBook({ policyDir: POLICY_DIR });
  expect(book.version).toMatch(/^\d{4}\.\d+\.\d+$/);
  expect(book.sources.size).toBeGreaterThan(30);
});

it('says in the version which overlay was laid over it, and when it was confirmed', () => {
  const book = loadPolicyBook({ policyDir: POLICY_DIR, overlayFiles: [DEMO_OVERLAY] });
  expect(book.version).toMatch(/\+company-a@2026-11-23\.[0-9a-f]{8}$/);
});

it('warns of overrides without an end that are older than what their parent says now', () => {
  const book = loadPolicyBook({ policyDir: POLICY_DIR });
  expect(book.warnings.join('\n')).toContain(
    '330100.unemployment.employee_rate  has no end and is in force since 2023-01-01: it hides the newer value of 330000',
  );
});

it('refuses a misspelt key and says which was meant', () => {
  const problems = problemsOf({
    'regions/110000.yaml': floor(
      `      - { value: '5360', ${unit}, effective_form: 2021-07-01, status: reported, sources: [T1] }\n`,
    ),
  });
  expect(problems).toEqual([
    expect.stringMatching(
      /^regions\/110000\.yaml:7:\d+ {2}parameters\.pension\.base_floor\[0\]\.effective_from {2}is missing/,
    ),
    expect.stringMatching(
      /^regions\/110000\.yaml:7:\d+ {2}parameters\.pension\.base_floor\[0\]\.effective_form {2}unknown key; did you mean "effective_from"\?$/,
    ),
  ]);
});

it('refuses unknown parameters and insurances', () => {
  const text = regionText(
    '110000',
    `  pension:\n    base_flor:\n      - ${dated('1', '2021-07-01')}\n  medcal:\n    base_cap:\n      - ${dated('1', '2021-07-01')}\n`,
  );
  expect(problemsOf({ 'regions/110000.yaml': text })).toEqual([
    expect.stringMatching(
      /^regions\/110000\.yaml:6:5 {2}parameters\.pension\.base_flor {2}unknown parameter; did you mean "base_floor"\?$/,
    ),
    expect.stringMatching(
      /^regions\/110000\.yaml:8:3 {2}parameters\.medcal {2}unknown insurance; did you mean "medical"\?$/,
    ),
  ]);
});

it('refuses values that do not fit their parameter, and wrong units, all at once', () => {
  const text = regionText(
    '110000',
    [
      '  pension:',
      `    base_floor:\n      - ${dated('5,36', '2021-07-01', unit)}`,
      `    employee_rate:\n      - ${dated('8', '2021-07-01', 'unit: ratio')}`,
      `    adjustment_month:\n      - ${dated('13', '2021-07-01', 'unit: month of year')}`,
      `    base_cap:\n      - ${dated('28221', '2021-07-01', 'unit: ratio')}`,
      '',
    ].join('\n'),
  );
  const problems = problemsOf({ 'regions/110000.yaml': text });
  expect(problems.map((line) => line.replace(/^regions\/110000\.yaml:(\d+):\d+ {2}/, '$1 '))).toEqual([
    expect.stringMatching(
      /^7 parameters\.pension\.base_floor\[0\]\.value {2}does not fit; expected a decimal amount of yuan/,
    ),
    expect.stringMatching(
      /^9 parameters\.pension\.employee_rate\[0\]\.value {2}does not fit; expected a decimal ratio/,
    ),
    expect.stringMatching(
      /^11 parameters\.pension\.adjustment_month\[0\]\.value {2}does not fit; expected a whole number from 1 to 12/,
    ),
    expect.stringMatching(/^13 parameters\.pension\.base_cap\[0\]\.unit {2}expected the unit "yuan\/month"$/),
  ]);
});

it('refuses a value that is a number and not text, because 0.10 and 0.1 are different texts', () => {
  const problems = problemsOf({
    'regions/110000.yaml': floor(
      `      - { value: 5360, ${unit}, effective_from: 2021-07-01, status: reported, sources: [T1] }\n`,
    ),
  });
  expect(problems).toEqual([
    expect.stringMatching(
      /^regions\/110000\.yaml:7:\d+ {2}\S+\.value {2}expected text, found a number; put it in quotes$/,
    ),
  ]);
});

it('refuses two values of one parameter for the same days', () => {
  const values = `      - ${dated('5360', '2021-07-01', `${unit}, effective_to: 2022-08-31`)}\n      - ${dated('5869', '2022-07-01', unit)}\n`;
  expect(problemsOf({ 'regions/110000.yaml': floor(values) })).toEqual([
    'regions/110000.yaml:8  110000.pension.base_floor  overlaps the value at regions/110000.yaml:7 (in force until 2022-08-31); change effective_from or effective_to of one',
  ]);
});

it('refuses the same value in a region file and a rule file', () => {
  const rules = `about: test\nverified_on: 2026-01-01\nregions:\n  '110000':\n    pension:\n      base_floor:\n        - ${dated('5360', '2021-07-01', unit)}\n`;
  const problems = problemsOf({
    'regions/110000.yaml': floor(`      - ${dated('5360', '2021-07-01', unit)}\n`),
    'rules/more.yaml': rules,
  });
  expect(problems).toEqual([
    expect.stringMatching(
      /^rules\/more\.yaml:7 {2}110000\.pension\.base_floor {2}overlaps the value at regions\/110000\.yaml:7/,
    ),
  ]);
});

it('refuses an end before the beginning, and an unknown end without a note', () => {
  const values = `      - ${dated('1', '2021-07-01', `${unit}, effective_to: 2021-06-30`)}\n      - ${dated('2', '2022-07-01', `${unit}, effective_to: unknown`)}\n`;
  expect(problemsOf({ 'regions/110000.yaml': floor(values) })).toEqual([
    expect.stringMatching(/:7:\d+ {2}\S+\.effective_to {2}lies before effective_from/),
    expect.stringMatching(/:8:\d+ {2}\S+\.effective_to {2}an unknown end must be acknowledged by a note/),
  ]);
});

it('refuses a conflict without the reason of the choice, and a source nobody explains', () => {
  const text = `      - { value: '1', ${unit}, effective_from: 2021-07-01, status: reported, sources: [T9], conflicts: [{ value: '2', source: T1 }] }\n`;
  expect(problemsOf({ 'regions/110000.yaml': floor(text) })).toEqual([
    expect.stringContaining('a recorded conflict needs conflict_reason'),
  ]);
  const unexplained = floor(
    `      - { value: '1', ${unit}, effective_from: 2021-07-01, status: reported, sources: [T9] }\n`,
  );
  expect(problemsOf({ 'regions/110000.yaml': unexplained })).toEqual([
    expect.stringContaining('sources name T9, which policy/sources.yaml does not explain'),
  ]);
});

it('refuses a region file under another name, and a region nobody knows', () => {
  const rules = `about: test\nverified_on: 2026-01-01\nregions:\n  '110100':\n    pension:\n      base_floor:\n        - ${dated('5360', '2021-07-01', unit)}\n`;
  const problems = problemsOf({
    'regions/120000.yaml': floor(`      - ${dated('5360', '2021-07-01', unit)}\n`),
    'rules/more.yaml': rules,
  });
  expect(problems).toEqual([
    expect.stringMatching(
      /^regions\/120000\.yaml:1:\d+ {2}region {2}stands in 120000\.yaml; expected the file 110000\.yaml$/,
    ),
    expect.stringMatching(
      /^rules\/more\.yaml:4:3 {2}regions\[?"?\.?110100"?\]? {2}unknown region; did you mean "110000"\?$/,
    ),
  ]);
});

it('refuses an overlay that does not say who confirmed it, and one with a region nobody knows', () => {
  const nobody = 'overlay: 1\ntenant: a\nconfirmedOn: 2026-11-23\nreason: test\nregions: {}\n';
  expect(problemsOf({ 'overlay.yaml': nobody })).toEqual([
    expect.stringMatching(/^overlay\.yaml:1:1 {2}confirmedBy {2}is missing; expected text$/),
  ]);
  const nowhere =
    "overlay: 1\ntenant: a\nconfirmedBy: HR\nconfirmedOn: 2026-11-23\nreason: test\nregions:\n  '999999': {}\n";
  expect(problemsOf({ 'overlay.yaml': nowhere })).toEqual([
    expect.stringMatching(/^overlay\.yaml:7:3 {2}\S+ {2}unknown region; expected one of policy\/regions: 100000$/),
  ]);
});

it('refuses an overlay value without a note, and a status, which only the pack may claim', () => {
  const text = [
    'overlay: 1\ntenant: a\nconfirmedBy: HR\nconfirmedOn: 2026-11-23\nreason: test\nregions:\n',
    "  '100000':\n    social:\n      hire_cut_off_day:\n",
    "        - { value: '31', unit: day of month, effective_from: undated, status: confirmed }\n",
  ].join('');
  expect(problemsOf({ 'overlay.yaml': text })).toEqual([
    expect.stringMatching(/^overlay\.yaml:10:\d+ {2}\S+\.note {2}is missing; expected text$/),
    expect.stringMatching(/^overlay\.yaml:10:\d+ {2}\S+\.status {2}unknown key/),
  ]);
});

it('names a file that is missing, and reads on', () => {
  const policy = smallPolicy({ 'regions/110000.yaml': 'region: 110000\n' });
  const load = (): unknown => loadPolicyBook({ ...policy, overlayFiles: [`${policy.policyDir}/gone.yaml`] });
  expect(load).toThrow(/gone\.yaml {2}cannot be read \(ENOENT\); check the path and its rights/);
  expect(load).toThrow(/110000\.yaml:1:\d+ {2}region {2}expected text, found a number; put it in quotes/);
});
