#!/usr/bin/env node
/** Turns a collection of dated policy facts (JSON) into policy/regions/*.yaml and policy/sources.yaml; the same input gives the same files. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SHIPPED = { A: 'confirmed', B: 'reported', C: 'unverified' };
const INSURANCES = ['social', 'pension', 'medical', 'unemployment', 'work-injury', 'maternity', 'housing-fund'];
const UNITS = { 'CNY/month': 'yuan/month', ratio: 'ratio', 'ratio/day': 'ratio/day' };
const USAGE = 'Usage: node scripts/import-policy-facts.mjs <policy-facts.json> [<policy directory>]\n';

const [factsFile, policyDir = join(ROOT, 'policy')] = process.argv.slice(2);
if (factsFile === undefined) {
  process.stderr.write(USAGE);
  process.exit(2);
}
main();

function main() {
  const collection = JSON.parse(readFileSync(factsFile, 'utf8'));
  const curation = parse(readFileSync(join(ROOT, 'scripts/policy-curation.yaml'), 'utf8'));
  const publishedOn = publicationDays(collection.facts);
  const shipped = collection.facts.filter((fact) => SHIPPED[fact.tier] && curation.regions[fact.region]);
  const records = shipped.map((fact) => toRecord(fact, { curation, publishedOn }));
  const problems = records.flatMap((record) => problemsOf(record));
  if (problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n`);
    process.exit(1);
  }
  mkdirSync(join(policyDir, 'regions'), { recursive: true });
  for (const [region, en] of Object.entries(curation.regions)) {
    const own = records.filter((record) => record.region === region).sort(byPlaceAndDate);
    const zh = shipped.find((fact) => fact.region === region)?.name;
    writeRegion({ region, name: { zh, en }, own, verifiedOn: collection.meta.generated });
    process.stdout.write(`${region} ${en}: ${own.length} values\n`);
  }
  writeSources(collection.sources);
}

/** Facts of one document were published on one day, also where only one of them says so. */
function publicationDays(facts) {
  const days = new Map();
  for (const { document_no: documentNo, published_on: day } of facts) {
    if (documentNo && day) days.set(documentNo, day);
  }
  return days;
}

function toRecord(fact, { curation, publishedOn }) {
  const record = {
    region: fact.region,
    insurance: fact.parameter === 'minimum_wage' ? 'social' : fact.insurance.replace('_', '-'),
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
    conflicts: fact.conflicts.map((conflict) => conflictOf(conflict)),
  };
  for (const decision of curation.decisions.filter(({ match }) => fits(record, match))) {
    Object.assign(record, decision.set);
    record.note = [record.note, decision.note].filter(Boolean).join('; ');
  }
  record.conflict_reason =
    record.conflicts.length > 0
      ? curation.conflict_reasons.find(({ match }) => fits(record, match))?.reason
      : undefined;
  return record;
}

function conflictOf({ value, source, parameter }) {
  return {
    value: parameter === undefined || parameter.includes('/') === false ? value : `${value} (${parameter})`,
    source,
  };
}

function authorityOf(documentNo, authorities) {
  if (documentNo === undefined) return undefined;
  return Object.entries(authorities).find(([prefix]) => documentNo.startsWith(prefix))?.[1];
}

function fits(record, match) {
  return Object.entries(match).every(([field, wanted]) =>
    Array.isArray(wanted) ? wanted.includes(record[field]) : record[field] === wanted,
  );
}

function problemsOf(record) {
  const place = `${record.region}.${record.insurance}.${record.parameter} ${record.effective_from}`;
  const problems = [];
  if (!INSURANCES.includes(record.insurance))
    problems.push(`${place}: unknown insurance; give the pool a region of its own`);
  if (record.conflicts.length > 0 && record.conflict_reason === undefined) {
    problems.push(`${place}: a conflict without a reason; add one to scripts/policy-curation.yaml`);
  }
  return problems;
}

function byPlaceAndDate(a, b) {
  return (
    INSURANCES.indexOf(a.insurance) - INSURANCES.indexOf(b.insurance) ||
    a.parameter.localeCompare(b.parameter, 'en') ||
    a.effective_from.localeCompare(b.effective_from, 'en')
  );
}

function writeRegion({ region, name, own, verifiedOn }) {
  const parameters = {};
  for (const { region: _region, insurance, parameter, conflicts, ...record } of own) {
    const dated = ((parameters[insurance] ??= {})[parameter] ??= []);
    dated.push(withoutGaps({ ...record, ...(conflicts.length > 0 ? { conflicts } : {}) }));
  }
  const head = `# ${name.zh} ${name.en}: figures as found, each with its sources (policy/sources.yaml).
# Written by scripts/import-policy-facts.mjs: decide in scripts/policy-curation.yaml, write rules in policy/rules/, not here.
`;
  writeYaml(join(policyDir, 'regions', `${region}.yaml`), head, { region, name, verified_on: verifiedOn, parameters });
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
