/** Every kind of bad input is refused with the file, the line and the key, or with what was asked and what was expected. */
import { day, month } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import { ConfigError } from '../../src/platform/config/config-error.js';
import { type PolicyBook } from '../../src/policy/book.js';
import { loadPolicyBook } from '../../src/policy/load.js';
import { knownRegion, monthWithFigures, wageOf } from '../../src/policy/policy-question.js';
import { dated, regionText, removeSmallPolicies, smallBook, smallPolicy } from './small-policy.js';

afterAll(removeSmallPolicies);

const unit = 'unit: yuan/month';
const REGION = regionText('110000', `  pension:\n    base_floor:\n      - ${dated('5360', '2021-07-01', unit)}\n`);

function overlay(
  value: string,
  { line = '', code = '110000' }: { readonly line?: string; readonly code?: string } = {},
): string {
  return [
    `overlay: 1\ntenant: a\nconfirmedBy: HR\nconfirmedOn: 2026-11-23\nreason: test\n${line}regions:\n`,
    `  '${code}':\n    pension:\n      base_floor:\n        - { value: '${value}', ${unit}, effective_from: 2021-07-01, note: test }\n`,
  ].join('');
}

/** What loading says, without the folder. */
function problems(
  files: Readonly<Record<string, string>>,
  overlays: readonly string[] = ['overlay.yaml'],
): readonly string[] {
  const policy = smallPolicy({ 'regions/110000.yaml': REGION, ...files });
  try {
    const present = overlays.filter((name) => name in files).map((name) => `${policy.policyDir}/${name}`);
    loadPolicyBook({ policyDir: policy.policyDir, overlayFiles: present });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((line) => line.replaceAll(`${policy.policyDir}/`, ''));
    throw error;
  }
  return [];
}

it.each([
  [
    'an amount below zero',
    { 'overlay.yaml': overlay('-5') },
    /^overlay\.yaml:10:\d+ {2}\S+base_floor\[0\]\.value {2}does not fit; expected a decimal amount/,
  ],
  [
    'an amount that is no number',
    { 'overlay.yaml': overlay('five') },
    /^overlay\.yaml:10:\d+ {2}\S+base_floor\[0\]\.value {2}does not fit/,
  ],
  [
    'an unknown key at the top',
    { 'overlay.yaml': overlay('5', { line: 'tennant: b\n' }) },
    /^overlay\.yaml:6:\d+ {2}tennant {2}unknown key; did you mean "tenant"\?/,
  ],
  [
    'an unknown region',
    { 'overlay.yaml': overlay('5', { code: '110001' }) },
    /^overlay\.yaml:7:\d+ {2}\S*110001\S* {2}unknown region; did you mean "110000"\?/,
  ],
  ['text that is no YAML', { 'overlay.yaml': 'overlay: [1\n' }, /^overlay\.yaml:\d+:\d+ {2}/],
  ['a region file that is a list', { 'regions/110000.yaml': '- a\n' }, /^regions\/110000\.yaml:1:1 {2}/],
])('a file with %s is refused by file, line and key', (_what, files, line) => {
  expect(problems(files)).toEqual(expect.arrayContaining([expect.stringMatching(line)]));
});

it('two overlays of a tenant may not set one parameter for the same days', () => {
  const both = { 'one.yaml': overlay('5000'), 'two.yaml': overlay('6000') };
  expect(problems(both, ['one.yaml', 'two.yaml'])).toEqual([
    'two.yaml:10  110000.pension.base_floor  overlaps the value at one.yaml:10 (in force until the next begins); change effective_from or effective_to of one',
  ]);
  expect(problems(both, ['one.yaml'])).toEqual([]);
});

describe('a question', () => {
  const book: PolicyBook = smallBook({ 'regions/110000.yaml': REGION });

  it('about an unknown region says so instead of answering with the nation', () => {
    expect(() => knownRegion('990000', book)).toThrow(
      'The policy knows no region "990000"; expected six digits of GB/T 2260',
    );
  });

  it('about a month before any data says the first, and an unknown value has its key', () => {
    const place = { region: region('110000'), insurance: 'pension', book } as const;
    expect(() => monthWithFigures(month('2021-06'), place)).toThrow('the first is of 2021-07');
    expect(book.cell(place.region, 'pension', month('2021-06'), day('2026-11-23')).floorFen).toEqual({
      known: false,
      key: '110000.pension.base_floor',
    });
  });

  it('with a negative or unreadable wage is refused', () => {
    expect(() => wageOf('-1')).toThrow('below zero');
    expect(() => wageOf('18k')).toThrow('not an amount of yuan');
  });
});
