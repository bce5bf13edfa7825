/** How the policy's files become one PolicyBook: the pack, rules by hand, and a tenant's overlays, all errors at once. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { z } from 'zod';
import type { Day } from '../domain/month.js';
import { type RegionCode, parseRegion } from '../domain/region.js';
import { nearestWord, schemaIssues } from '../platform/config/check-schema.js';
import { ConfigError } from '../platform/config/config-error.js';
import {
  type DocumentPath,
  type YamlDocument,
  formatIssues,
  parseYamlDocument,
} from '../platform/config/yaml-document.js';
import { PolicyBook } from './book.js';
import { hiddenParentWarnings, overlapProblems } from './check-records.js';
import { type PackContent, compiledPack, digestOf } from './load-compiled.js';
import { loadRegions } from './load-regions.js';
import {
  type PolicySource,
  overlayFileSchema,
  packFileSchema,
  regionFileSchema,
  ruleFileSchema,
  sourcesFileSchema,
} from './parameter.schema.js';
import { type PolicyFileSet, filesInFolder } from './load-files.js';
import type { PolicyRecord } from './policy-record.js';
import { type RecordOrigin, type ScopedTexts, readRecords } from './read-records.js';
import { type Region, RegionTree, bareRegion } from './region-tree.js';

export interface PolicyFiles {
  /** The folder with PACK.yaml, sources.yaml, regions/ and rules/; or the same in memory. */
  readonly policyDir: string | PolicyFileSet;
  /** A tenant's overlays; a later one may not set what an earlier one set for the same days. */
  readonly overlayFiles?: readonly string[];
  /** Whose overlays they must be; not checked where nobody says. */
  readonly tenantId?: string;
}

interface Reading {
  readonly files: PolicyFileSet;
  readonly problems: string[];
  readonly records: PolicyRecord[];
  readonly regions: Map<RegionCode, Region>;
  readonly sources: Map<string, PolicySource>;
}

/** Reads and checks everything. Throws ConfigError with every problem of every file as `file:line:column  key  message`. */
export function loadPolicyBook({ policyDir, overlayFiles = [], tenantId }: PolicyFiles): PolicyBook {
  const { reading, header } = readPack(policyDir);
  const overlays = overlayFiles.map((file) => readOverlay(file, reading, tenantId ?? null));
  reading.problems.push(...overlapProblems(reading.records));
  if (reading.problems.length > 0 || header === null) throw new ConfigError(reading.files.name, reading.problems);
  return new PolicyBook({
    version: [header.version, ...overlays].join('+'),
    records: reading.records,
    sources: reading.sources,
    regions: new RegionTree([...reading.regions.values()]),
    warnings: hiddenParentWarnings(reading.records),
    verifiedForMonths: header.verifiedForMonths,
  });
}

/** The pack alone, for compiling it. Throws ConfigError like `loadPolicyBook`. */
export function readPackContent(policyDir: string): PackContent {
  const { reading, header } = parsePack(filesInFolder(policyDir));
  reading.problems.push(...overlapProblems(reading.records));
  if (reading.problems.length > 0 || header === null) throw new ConfigError(policyDir, reading.problems);
  return contentOf(reading, header);
}

interface Pack {
  readonly reading: Reading;
  /** null after the problems of PACK.yaml were noted. */
  readonly header: Pick<PackContent, 'version' | 'verifiedForMonths'> | null;
}

/** The pack read last by this process; its files cannot have changed when the digest is the same. */
let latest: { readonly policyDir: string; readonly digest: string; readonly content: PackContent } | null = null;

/** From memory or the compiled form where that was made of exactly these files, else from the files. */
function readPack(policyDir: string | PolicyFileSet): Pack {
  if (typeof policyDir !== 'string') return parsePack(policyDir);
  const files = filesInFolder(policyDir);
  const digest = digestOf(policyDir);
  if (digest === null) return parsePack(files);
  const isLatest = latest?.policyDir === policyDir && latest.digest === digest;
  const content = isLatest ? (latest?.content ?? null) : compiledPack({ policyDir, digest });
  const pack = content === null ? parsePack(files) : packOf(files, content);
  if (pack.header !== null && pack.reading.problems.length === 0)
    latest = { policyDir, digest, content: content ?? contentOf(pack.reading, pack.header) };
  return pack;
}

function packOf(files: PolicyFileSet, content: PackContent): Pack {
  const { records, regions, sources, version, verifiedForMonths } = content;
  const reading: Reading = {
    files,
    problems: [],
    records: [...records],
    regions: new Map(regions.map((region) => [region.code, region])),
    sources: new Map(sources),
  };
  return { reading, header: { version, verifiedForMonths } };
}

function contentOf({ records, regions, sources }: Reading, header: NonNullable<Pack['header']>): PackContent {
  return { ...header, records: [...records], sources: new Map(sources), regions: [...regions.values()] };
}

function parsePack(files: PolicyFileSet): Pack {
  const reading: Reading = { files, problems: [], records: [], regions: new Map(), sources: new Map() };
  const pack = readFile(packFile('PACK.yaml', reading), packFileSchema, reading);
  const sources = readFile(packFile('sources.yaml', reading), sourcesFileSchema, reading);
  for (const [key, source] of Object.entries(sources?.content.sources ?? {})) reading.sources.set(key, source);
  readRegionTree(packFile('regions.json', reading), reading);
  readRegionFiles(reading);
  readRuleFiles(reading);
  const header =
    pack === null ? null : { version: pack.content.version, verifiedForMonths: pack.content.verified_for_months };
  return { reading, header };
}

function readRegionTree(file: TextFile, reading: Reading): void {
  try {
    for (const region of loadRegions(file)) reading.regions.set(region.code, region);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    reading.problems.push(...cause.problems);
  }
}

/** A region that the code table does not know exists because it has a file. */
function readRegionFiles(reading: Reading): void {
  const files = yamlFiles('regions', reading).flatMap((file) => readFile(file, regionFileSchema, reading) ?? []);
  for (const { document, content } of files) {
    const region = content.region as RegionCode;
    if (basename(document.file) !== `${region}.yaml`) {
      const message = `stands in ${basename(document.file)}; expected the file ${region}.yaml`;
      reading.problems.push(...formatIssues(document, [{ path: ['region'], message }]));
    }
    const known = reading.regions.get(region);
    if (known === undefined) reading.regions.set(region, bareRegion(region, content.name));
    else if (known.zh !== content.name.zh) {
      const message = `policy/regions.json calls ${region} ${known.zh}; is the code or the name wrong?`;
      reading.problems.push(...formatIssues(document, [{ path: ['name', 'zh'], message }]));
    }
  }
  for (const { document, content } of files) {
    const origin = packOrigin(document, content.region, { path: ['parameters'], verifiedOn: content.verified_on });
    collect(content.parameters, origin, reading);
  }
}

function readRuleFiles(reading: Reading): void {
  for (const file of yamlFiles('rules', reading)) {
    const read = readFile(file, ruleFileSchema, reading);
    if (read === null) continue;
    for (const [code, texts] of Object.entries(read.content.regions)) {
      if (!isKnownRegion(read.document, code, reading)) continue;
      collect(
        texts,
        packOrigin(read.document, code, { path: ['regions', code], verifiedOn: read.content.verified_on }),
        reading,
      );
    }
  }
}

/** The overlay's mark in the version: `tenant@confirmedOn.hash`, so that a corrected overlay is another version. */
function readOverlay(file: string, reading: Reading, tenantId: string | null): string {
  const read = readFile({ shown: file, text: () => readFileSync(file, 'utf8') }, overlayFileSchema, reading);
  if (read === null) return basename(file);
  const { document, content } = read;
  if (tenantId !== null && content.tenant !== tenantId) {
    const message = `is another tenant; expected ${tenantId}, for whom hub.yaml names this file`;
    reading.problems.push(...formatIssues(document, [{ path: ['tenant'], message }]));
  }
  const confirmed = { by: content.confirmedBy, on: content.confirmedOn as Day, reason: content.reason };
  for (const [code, texts] of Object.entries(content.regions)) {
    if (!isKnownRegion(document, code, reading)) continue;
    const region = code as RegionCode;
    collect(texts, { document, region, path: ['regions', code], verifiedOn: confirmed.on, confirmed }, reading);
  }
  return `${content.tenant}@${content.confirmedOn}.${markOf(content)}`;
}

function markOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 8);
}

function packOrigin(
  document: YamlDocument,
  code: string,
  at: { readonly path: DocumentPath; readonly verifiedOn: string },
): RecordOrigin {
  return { document, region: code as RegionCode, path: at.path, verifiedOn: at.verifiedOn as Day, confirmed: null };
}

function collect(texts: ScopedTexts, origin: RecordOrigin, reading: Reading): void {
  const { records, issues } = readRecords(texts, origin);
  for (const record of records) {
    const missing = record.sources.filter((key) => !reading.sources.has(key));
    if (missing.length > 0)
      reading.problems.push(
        `${record.origin}  sources name ${missing.join(', ')}, which policy/sources.yaml does not explain`,
      );
  }
  reading.records.push(...records);
  reading.problems.push(...formatIssues(origin.document, issues));
}

function isKnownRegion(document: YamlDocument, code: string, reading: Reading): boolean {
  const region = parseRegion(code);
  if (region !== null && reading.regions.has(region)) return true;
  const near = nearestWord(code, [...reading.regions.keys()]);
  const advice =
    near === null
      ? `expected one of policy/regions: ${[...reading.regions.keys()].slice(0, 12).join(', ')}`
      : `did you mean "${near}"?`;
  const line = formatIssues(document, [{ path: ['regions', code], at: 'key', message: `unknown region; ${advice}` }]);
  reading.problems.push(...line);
  return false;
}

/** A file and how to get at its text. */
interface TextFile {
  readonly shown: string;
  readonly text: () => string;
}

function packFile(path: string, { files }: Reading): TextFile {
  return { shown: files.shown(path), text: () => files.text(path) };
}

function yamlFiles(folder: string, reading: Reading): TextFile[] {
  try {
    const names = reading.files.list(folder).filter((name) => name.endsWith('.yaml'));
    return names.map((name) => packFile(`${folder}/${name}`, reading));
  } catch (cause) {
    const shown = reading.files.shown(folder);
    reading.problems.push(`${shown}  cannot be read (${codeOf(cause)}); expected a folder with policy files`);
    return [];
  }
}

interface ReadFile<T> {
  readonly document: YamlDocument;
  readonly content: T;
}

/** The file's content, or null after its problems were noted. */
function readFile<T extends z.ZodType>(file: TextFile, schema: T, reading: Reading): ReadFile<z.output<T>> | null {
  try {
    const document = parseYamlDocument(file.text(), file.shown);
    const result = schema.safeParse(document.value);
    if (result.success) return { document, content: result.data };
    reading.problems.push(...formatIssues(document, schemaIssues(document, schema, result.error)));
  } catch (cause) {
    if (cause instanceof ConfigError) reading.problems.push(...cause.problems);
    else reading.problems.push(`${file.shown}  cannot be read (${codeOf(cause)}); check the path and its rights`);
  }
  return null;
}

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unreadable';
}
