#!/usr/bin/env node
/** Turns a collection of dated policy facts (JSON) into policy/regions/*.yaml and policy/sources.yaml; the same input gives the same files. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SHIPPED = { A: 'confirmed', B: 'reported', C: 'unverified' };
const INSURANCES = ['social', 'pension', 'medical', 'unemployment', 'work-injury', 'maternity', 'housing-fund'];
const UNITS = { 'CNY/month': 'yuan/month', ratio: 'ratio', 'ratio/day': 'ratio/day' };
/** Rules of the curation file that fitted a fact. */
const used = new Set();
const USAGE =
  'Usage: node scripts/import-policy-facts.mjs <policy-facts.json> [<policy directory> [<curation.yaml>]]\n';

const [factsFile, policyDir = join(ROOT, 'policy'), curationFile = join(ROOT, 'scripts/policy-curation.yaml')] =
  process.argv.slice(2);
if (factsFile === undefined) {
  process.stderr.write(USAGE);
  process.exit(2);
}
main();

function main() {
  const collection = JSON.parse(readFileSync(factsFile, 'utf8'));
  const curation = parse(readFileSync(curationFile, 'utf8'));
  const publishedOn = publicationDays(collection.facts);
  const shipped = collection.facts.filter((fact) => SHIPPED[fact.tier]);
  const imported = shipped.flatMap((fact) => toRecords(fact, { curation, publishedOn }));
  const { records, folded, problems } = foldInherited(imported, curation.inherited);
  problems.push(...records.flatMap((record) => problemsOf(record)), ...unusedOf(curation));
  const names = namesByRegion();
  const regions = [...new Set(records.map(({ region }) => region))].sort();
  problems.push(...regions.filter((code) => !names.has(code)).map((code) => `${code}: not in policy/regions.json`));
  if (problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n`);
    process.exit(1);
  }
  mkdirSync(join(policyDir, 'regions'), { recursive: true });
  for (const region of regions) {
    const own = records.filter((record) => record.region === region);
    writeRegion({ region, name: names.get(region), own, verifiedOn: collection.meta.generated });
  }
  writeSources(collection.sources);
  const kept = `${records.length} values of ${regions.length} regions from ${shipped.length} facts`;
  const left = collection.facts.length - shipped.length;
  process.stdout.write(`${kept}; ${folded} equal to their province's and inherited; ${left} facts not shipped\n`);
}

/** Names as the code table has them. */
function namesByRegion() {
  const rows = JSON.parse(readFileSync(join(ROOT, 'policy/regions.json'), 'utf8'));
  return new Map(rows.map(({ code, zh, en }) => [code, { zh, en }]));
}

/** Facts of one document were published on one day, also where only one of them says so. */
function publicationDays(facts) {
  const days = new Map();
  for (const { document_no: documentNo, published_on: day } of facts) {
    if (documentNo && day) days.set(documentNo, day);
  }
  return days;
}

/** Usually one; several where the curation says that a value holds in further places too. */
function toRecords(fact, tools) {
  const record = toRecord(fact, tools);
  const copies = tools.curation.copies.filter(({ match }) => uses(record, match));
  return [
    decided(record, tools.curation),
    ...copies.flatMap(({ to, note }) =>
      to.map((region) => decided({ ...record, region, note: joined(record.note, note) }, tools.curation)),
    ),
  ];
}

function toRecord(fact, { curation, publishedOn }) {
  const pool = curation.pools.find(({ region, insurance }) => fact.region === region && fact.insurance === insurance);
  const record = {
    region: pool?.to ?? fact.region,
    insurance: insuranceOf(pool?.as ?? fact.insurance, fact.parameter),
    parameter: fact.parameter === 'base_determination' ? 'base_rule' : fact.parameter,
    value: fact.value === 'previous_month_wage' ? 'previous-month' : fact.value,
    unit: fact.unit === 'enum' ? undefined : UNITS[fact.unit],
    effective_from: fact.effective_from,
    effective_from_basis: fact.effective_from_basis === 'stated' ? undefined : fact.effective_from_basis,
    // An end that was only inferred from the next figure is left open: the next record ends it once it is known.
    effective_to: fact.effective_to_basis === 'next figure' ? undefined : fact.effective_to,
    published_on: fact.published_on ?? publishedOn.get(fact.document_no),
    document_no: fact.document_no,
    authority: authorityOf(fact.document_no, curation.authorities),
    url: fact.official_url,
    status: SHIPPED[fact.tier],
    sources: fact.sources,
    note: fact.note,
    conflicts: fact.conflicts.map((conflict) => conflictOf(conflict, fact.parameter)),
  };
  return record;
}

/** The minimum wage is no matter of one insurance. */
function insuranceOf(insurance, parameter) {
  return parameter === 'minimum_wage' ? 'social' : insurance.replace('_', '-');
}

/** What people decided about the record laid over it, and the reason for the value where sources disagree. */
function decided(record, curation) {
  const result = { ...record };
  for (const decision of curation.decisions.filter(({ match }) => uses(record, match))) {
    Object.assign(result, decision.set);
    result.note = joined(result.note, decision.note);
  }
  if (result.conflicts.length > 0)
    result.conflict_reason = curation.conflict_reasons.find(({ match }) => uses(record, match))?.reason;
  return result;
}

function joined(...notes) {
  return notes.filter(Boolean).join('; ');
}

/** Of which parameter the other value is, where that is another one. */
function conflictOf({ value, source, parameter }, own) {
  const isOwn = parameter === undefined || parameter === own || parameter === 'base';
  return { value: isOwn ? value : `${value} (${parameter})`, source };
}

/** Values that only repeat their province's: an override that later hides the province's next one would be a trap. */
function foldInherited(records, rules) {
  const problems = [];
  const isFolded = (record) => {
    if (!rules.some(({ match }) => uses(record, match))) return false;
    const province = `${record.region.slice(0, 2)}0000`;
    const parent = records.find(
      (each) =>
        each.region === province &&
        ['insurance', 'parameter', 'value', 'effective_from', 'effective_to', 'document_no'].every(
          (field) => each[field] === record[field],
        ),
    );
    if (parent === undefined)
      problems.push(`${placeOf(record)}: to be inherited, but its province says something else`);
    return parent !== undefined;
  };
  const kept = records.filter((record) => !isFolded(record));
  return { records: kept, folded: records.length - kept.length, problems };
}

function authorityOf(documentNo, authorities) {
  if (documentNo === undefined) return undefined;
  return Object.entries(authorities).find(([prefix]) => documentNo.startsWith(prefix))?.[1];
}

/** As `fits`, and remembers that the rule was of use: one that fits nothing any more is a mistake. */
function uses(record, match) {
  const isFit = fits(record, match);
  if (isFit) used.add(match);
  return isFit;
}

function unusedOf({ decisions, conflict_reasons: reasons, copies, inherited }) {
  return [...decisions, ...reasons, ...copies, ...inherited]
    .filter(({ match }) => !used.has(match))
    .map(({ match }) => `policy-curation.yaml: fits no fact: ${JSON.stringify(match)}`);
}

function fits(record, match) {
  return Object.entries(match).every(([field, wanted]) =>
    Array.isArray(wanted) ? wanted.includes(record[field]) : record[field] === wanted,
  );
}

function problemsOf(record) {
  const place = placeOf(record);
  const problems = [];
  if (!INSURANCES.includes(record.insurance))
    problems.push(`${place}: unknown insurance; give the pool a region of its own`);
  if (record.conflicts.length > 0 && record.conflict_reason === undefined) {
    problems.push(`${place}: a conflict without a reason; add one to scripts/policy-curation.yaml`);
  }
  return problems;
}

function placeOf(record) {
  return `${record.region}.${record.insurance}.${record.parameter} ${record.effective_from}`;
}

function byPlaceAndDate(a, b) {
  return (
    INSURANCES.indexOf(a.insurance) - INSURANCES.indexOf(b.insurance) ||
    a.parameter.localeCompare(b.parameter, 'en') ||
    a.effective_from.localeCompare(b.effective_from, 'en')
  );
}

function writeRegion({ region, name, own, verifiedOn }) {
  const file = join(policyDir, 'regions', `${region}.yaml`);
  const byHand = recordsByHand(file);
  const replaced = new Set(byHand.map((record) => placeOf({ region, ...record })));
  const all = [...own.filter((record) => !replaced.has(placeOf(record))), ...byHand].sort(byPlaceAndDate);
  const parameters = {};
  for (const { region: _region, insurance, parameter, conflicts, ...record } of all) {
    const dated = ((parameters[insurance] ??= {})[parameter] ??= []);
    dated.push(withoutGaps({ ...record, ...(conflicts?.length > 0 ? { conflicts } : {}) }));
  }
  const head = `# ${name.zh} ${name.en}: figures as found, each with its sources (policy/sources.yaml). Written by scripts/import-policy-facts.mjs,
# which keeps every value that a person checked and marked with verified_by. Rules that are not figures stand in policy/rules/.
`;
  writeYaml(file, head, { region, name, verified_on: verifiedOn, parameters });
}

/** What a person checked against the notice is worth more than any collection. */
function recordsByHand(file) {
  if (!existsSync(file)) return [];
  const { parameters = {} } = parse(readFileSync(file, 'utf8'));
  return Object.entries(parameters).flatMap(([insurance, byParameter]) =>
    Object.entries(byParameter).flatMap(([parameter, dated]) =>
      dated.filter((record) => record.verified_by).map((record) => ({ insurance, parameter, ...record })),
    ),
  );
}

function writeSources(sources) {
  const explained = Object.fromEntries(
    Object.entries(sources)
      .filter(([key]) => !key.startsWith('G'))
      .map(([key, source]) => [
        key,
        withoutGaps({ ...kindAndTitle(key, source), path: placeless(source.path), commit: commitOf(source.commit) }),
      ]),
  );
  const head = `# What the keys in \`sources\` stand for. No official notice could be opened itself: these are copies, excerpts and collections.
# Written by scripts/import-policy-facts.mjs.
`;
  writeYaml(join(policyDir, 'sources.yaml'), head, { sources: explained });
}

function kindAndTitle(key, source) {
  const note = placeless(source.note);
  if (source.kind === 'page') return { kind: 'page', title: source.publisher ?? 'web page', url: source.url };
  if (source.kind === 'repo') {
    const title = [source.repo, note].filter(Boolean).join(': ');
    return { kind: key === 'S10' ? 'law' : 'repository', title, url: `https://github.com/${source.repo}` };
  }
  return { kind: 'public-file', title: note ?? 'public source file, not described further' };
}

/** Paths and notes without the numbers of the index they were found in. */
function placeless(text) {
  const cleaned = text
    ?.replaceAll(/\((?:public source file\)?|id \d+)[^)]*\)/g, '')
    .replaceAll(/\bid \d{6,}|,? ?\b\d{10,}\b/g, '')
    .replaceAll(/\(\d*\)|\s+(?=[,;)])/g, '')
    .replaceAll(/\s{2,}/g, ' ')
    .trim();
  return cleaned === '' ? undefined : cleaned;
}

function commitOf(commit) {
  return /^[0-9a-f]{8,40}/.exec(commit ?? '')?.[0];
}

function withoutGaps(record) {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function writeYaml(file, head, content) {
  const options = { lineWidth: 0, defaultKeyType: 'PLAIN', singleQuote: true, flowCollectionPadding: true };
  const text = stringify(content, options);
  // Short lists on one line keep a record in sight.
  const compact = text.replaceAll(
    /sources:\n((?: +- \S+\n)+)/g,
    (_all, rows) =>
      `sources: [${rows
        .trim()
        .split(/\s*- /)
        .filter(Boolean)
        .map((row) => row.trim())
        .join(', ')}]\n`,
  );
  writeFileSync(file, head + compact);
}
