/** That the region tree is the country's: complete, dated, findable, and made anew it is the same. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { day } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import { loadRegions } from '../../src/policy/load-regions.js';
import { RegionTree, isInForce } from '../../src/policy/region-tree.js';
import { ROOT, readRepositoryFile } from '../support/repository-files.js';

const REGIONS = join(ROOT, 'policy/regions.json');
const tree = new RegionTree(loadRegions({ shown: REGIONS, text: () => readFileSync(REGIONS, 'utf8') }));
const TODAY = day('2026-11-23');
const codes = (text: string): string[] => tree.search(text, TODAY).map((hit) => hit.region.code);

it('is made from its packages again byte by byte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'buduan-regions-'));
  try {
    const made = join(folder, 'regions.json');
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/make-regions.mjs'), made], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(made, 'utf8')).toBe(readRepositoryFile('policy/regions.json'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('has 31 provinces and 337 prefecture-level places, and names what it does not cover', () => {
  expect(tree.provinces()).toHaveLength(31);
  expect(tree.prefectures(TODAY)).toHaveLength(337);
  const outside = tree.all.filter(({ kind }) => kind === 'not-covered').map(({ code, en }) => `${code} ${en}`);
  expect(outside).toEqual(['710000 Taiwan', '810000 Hong Kong', '820000 Macao']);
});

it('has a parent for every region', () => {
  const orphans = tree.all.filter(
    ({ code, kind }) => !['nation', 'not-covered'].includes(kind) && tree.provinceOf(code) === undefined,
  );
  expect(orphans).toEqual([]);
});

it.each([
  ['341400', '2011-07-13', true],
  ['341400', '2011-07-14', false],
  ['371200', '2018-12-31', true],
  ['371200', '2019-01-09', false],
  ['460300', '2012-07-23', false],
  ['460300', '2012-07-24', true],
  ['460400', '2015-02-18', false],
  ['460400', '2015-02-19', true],
  ['522400', '2011-09-30', true],
  ['520500', '2011-10-01', true],
  ['440300', '1999-01-01', true],
])('%s on %s: in force is %s', (code, on, expected) => {
  const found = tree.get(region(code));
  expect(found !== undefined && isInForce(found, day(on))).toBe(expected);
});

it('knows the successors of every code that was given up', () => {
  const given = tree.all.filter(({ until }) => until !== null);
  expect(given.length).toBeGreaterThanOrEqual(19);
  for (const { code, until, successors, basis } of given) {
    const known = successors.map((successor) => tree.get(successor)).filter((each) => each !== undefined);
    expect({ code, known: known.length > 0, basis: basis !== null }).toEqual({ code, known: true, basis: true });
    for (const each of known) expect(isInForce(each, until ?? TODAY)).toBe(true);
  }
});

it.each([
  ['深圳', '440300'],
  ['深圳市', '440300'],
  ['shenzhen', '440300'],
  ['Shen Zhen', '440300'],
  ['440300', '440300'],
  ['重庆', '500000'],
  ['chongqing', '500000'],
  ['xiamen', '350200'],
  ["lu'an", '341500'],
  ['lishui', '331100'],
  ['taizhou', '321200'],
  ['bengbu', '340300'],
  ['bozhou', '341600'],
  ['kashgar', '653100'],
  ['changdu', '540300'],
  ['lvliang', '141100'],
  ['西双版纳', '532800'],
  ['襄樊', '420600'],
  ['SIP', '320500-sip'],
])('finds %s', (text, code) => {
  const best = tree.search(text, TODAY).filter(({ rank }) => rank === 0);
  expect(best.map((hit) => hit.region.code)).toContain(code);
});

it('finds by initials and by a part of a name', () => {
  expect(codes('sz')).toEqual(expect.arrayContaining(['440300', '320500']));
  expect(codes('江')).toEqual(expect.arrayContaining(['230000', '320000', '330000']));
  expect(codes('')).toEqual([]);
});

it('takes a name for one region only when it is the only one in force', () => {
  expect(tree.resolve('毕节', TODAY)).toMatchObject({ kind: 'one', region: { code: '520500' } });
  expect(tree.resolve('巢湖', TODAY)).toEqual({ kind: 'none' });
  expect(tree.resolve('巢湖', day('2010-05-01'))).toMatchObject({ kind: 'one', region: { code: '341400' } });
  expect(tree.resolve('吉林', TODAY)).toMatchObject({
    kind: 'several',
    regions: [{ code: '220000' }, { code: '220200' }],
  });
  expect(tree.resolve('吉林市', TODAY)).toMatchObject({ kind: 'one', region: { code: '220200' } });
  expect(tree.resolve('atlantis', TODAY)).toEqual({ kind: 'none' });
});
