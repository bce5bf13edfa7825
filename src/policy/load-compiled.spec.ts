/** That a compiled pack is the pack, for exactly the files it was made of, and that a bad region table names its line. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeSmallPolicies, smallPolicy, regionText, dated } from '../../test/policy/small-policy.js';
import { compiledPack, compiledText, digestOf } from './load-compiled.js';
import { loadPolicyBook, readPackContent } from './load.js';

afterAll(removeSmallPolicies);

const values = [
  dated('5360', '2021-07-01', 'unit: yuan/month'),
  dated('none', '2022-07-01'),
  dated('unknown', '2023-07-01', 'note: nobody knows'),
];
const FILES = {
  'regions/110000.yaml': regionText(
    '110000',
    `  pension:\n    base_floor:\n${values.map((value) => `      - ${value}\n`).join('')}    base_rounding:\n      - ${dated('half-up 0.01', 'undated')}\n`,
  ),
};

function compile(): { policyDir: string; file: string; digest: string } {
  const { policyDir } = smallPolicy(FILES);
  const file = join(policyDir, 'compiled.out');
  const digest = digestOf(policyDir) ?? '';
  writeFileSync(file, compiledText(readPackContent(policyDir), { policyDir, digest }));
  return { policyDir, file, digest };
}

it('gives the same content as the files, values and places included', () => {
  const { policyDir, file, digest } = compile();
  expect(digest).toHaveLength(64);
  expect(compiledPack({ policyDir, digest }, file)).toEqual(readPackContent(policyDir));
});

it('is not taken once a file of the pack changed by one character, or when it is damaged', () => {
  const { policyDir, file } = compile();
  appendFileSync(join(policyDir, 'regions/110000.yaml'), '#');
  expect(compiledPack({ policyDir, digest: digestOf(policyDir) ?? '' }, file)).toBeNull();
  writeFileSync(file, '{');
  expect(compiledPack({ policyDir, digest: digestOf(policyDir) ?? '' }, file)).toBeNull();
});

it('notices a file that changes while the process runs', () => {
  const { policyDir } = compile();
  expect(loadPolicyBook({ policyDir }).records).toHaveLength(4);
  writeFileSync(
    join(policyDir, 'regions/110000.yaml'),
    regionText('110000', `  pension:\n    base_flor:\n      - ${dated('1', '2021-07-01')}\n`),
  );
  expect(() => loadPolicyBook({ policyDir })).toThrow(/110000\.yaml:6:5 {2}.*did you mean "base_floor"/);
});

it('has no digest of a folder that is not there', () => {
  expect(digestOf('/nowhere/at/all')).toBeNull();
});

it('refuses a region table with a misspelt key, naming line and key, and a region file under a wrong name', () => {
  const row =
    '{ "code": "110000", "kind": "municipality", "zh": "北京市", "en": "Beijing", "pinyin": "beijing", "initials": "bj" }';
  const misspelt = smallPolicy({ 'regions.json': `[\n${row.replace('"pinyin"', '"pinjin"')}\n]\n` });
  expect(() => loadPolicyBook(misspelt)).toThrow(
    /regions\.json:2:\d+ {2}\[0\]\.pinjin {2}unknown key; did you mean "pinyin"/,
  );
  const other = smallPolicy({ ...FILES, 'regions.json': `[\n${row}\n]\n` });
  expect(() => loadPolicyBook(other)).toThrow(
    /110000\.yaml:2:\d+ {2}name\.zh {2}policy\/regions\.json calls 110000 北京市/,
  );
});
