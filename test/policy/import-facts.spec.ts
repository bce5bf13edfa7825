/** That the importer of facts is repeatable, keeps what people checked, and refuses what nobody decided. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/repository-files.js';

const folder = mkdtempSync(join(tmpdir(), 'buduan-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fact = (changes: object): object => ({
  region: '340000',
  insurance: 'pension',
  parameter: 'base_floor',
  value: '4311',
  unit: 'CNY/month',
  effective_from: '2025-01-01',
  effective_from_basis: 'stated',
  sources: ['S1', 'S4'],
  conflicts: [],
  tier: 'A',
  document_no: '皖人社秘〔2025〕154号',
  ...changes,
});
const CURATION = 'pools: []\ncopies: []\ninherited: []\nauthorities: {}\ndecisions: []\nconflict_reasons: []\n';

function importFacts(
  facts: readonly object[],
  curation = CURATION,
): { readonly code: number | null; readonly said: string } {
  const sources = { S1: { kind: 'page', publisher: 'one' }, S4: { kind: 'page', publisher: 'four' } };
  writeFileSync(join(folder, 'facts.json'), JSON.stringify({ meta: { generated: '2026-11-22' }, facts, sources }));
  writeFileSync(join(folder, 'curation.yaml'), curation);
  const script = join(ROOT, 'scripts/import-policy-facts.mjs');
  const args = [script, join(folder, 'facts.json'), folder, join(folder, 'curation.yaml')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}

const written = (code: string): string => readFileSync(join(folder, `regions/${code}.yaml`), 'utf8');

it('writes tiers A to C with their standing, leaves D out, and gives the same bytes again', () => {
  const facts = [
    fact({}),
    fact({ parameter: 'base_cap', value: '21556', tier: 'C' }),
    fact({ value: '9', effective_from: '2024-01-01', tier: 'D' }),
  ];
  expect(importFacts(facts)).toMatchObject({ code: 0, said: expect.stringContaining('1 facts not shipped') });
  const first = written('340000');
  const { parameters } = parse(first) as { parameters: { pension: Record<string, { status: string }[]> } };
  expect(parameters.pension['base_floor']?.map(({ status }) => status)).toEqual(['confirmed']);
  expect(parameters.pension['base_cap']?.map(({ status }) => status)).toEqual(['unverified']);
  importFacts(facts);
  expect(written('340000')).toBe(first);
});

it('keeps a value that a person checked against the notice', () => {
  importFacts([fact({})]);
  const checked = written('340000').replace("value: '4311'", "value: '4312'\n        verified_by: Ms Chen");
  writeFileSync(join(folder, 'regions/340000.yaml'), checked);
  importFacts([fact({}), fact({ parameter: 'base_cap', value: '21556' })]);
  expect(written('340000')).toContain("value: '4312'");
  expect(written('340000')).not.toContain("value: '4311'");
  expect(written('340000')).toContain("value: '21556'");
});

it('refuses a contradiction nobody decided, and a decision that fits nothing any more', () => {
  const torn = fact({ conflicts: [{ value: '4043', source: 'S4', parameter: 'base_floor' }] });
  expect(importFacts([torn])).toMatchObject({ code: 1, said: expect.stringContaining('a conflict without a reason') });
  const stale = CURATION.replace('decisions: []', "decisions: [{ match: { region: '999999' }, set: {} }]");
  expect(importFacts([fact({})], stale)).toMatchObject({ code: 1, said: expect.stringContaining('fits no fact') });
});

it('lets a city inherit what only repeats its province, and refuses when the province says otherwise', () => {
  const inherited = "inherited: [{ match: { region: '340200', parameter: base_floor } }]";
  const curation = CURATION.replace('inherited: []', inherited);
  const city = fact({ region: '340200' });
  expect(importFacts([fact({}), city], curation)).toMatchObject({ code: 0, said: expect.stringContaining('1 equal') });
  expect(importFacts([fact({ value: '4000' }), city], curation)).toMatchObject({
    code: 1,
    said: expect.stringContaining('its province says something else'),
  });
});
