/** What a manifest file says, checked as a whole: every mistake at once, each with its line and what to do. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { schemaIssues } from '../../platform/config/check-schema.js';
import { ConfigError } from '../../platform/config/config-error.js';
import {
  formatIssues,
  parseYamlDocument,
  type DocumentIssue,
  type YamlDocument,
} from '../../platform/config/yaml-document.js';
import { exchangeTemplateIssues } from './exchange-templates.js';
import { checkRequest } from './manifest-checks/check-request.js';
import { checkReads } from './manifest-checks/check-read.js';
import { checkWebhook } from './manifest-checks/check-webhook.js';
import { checkWrites } from './manifest-checks/check-write.js';
import { ManifestReport } from './manifest-checks/report.js';
import { manifestSchema, type Manifest } from './manifest.schema.js';

/** Throws ConfigError with every problem of the file as `file:line:column  path  what, what was expected, what to do`. */
export function loadManifest(path: string): Manifest {
  return readManifest(readManifestText(path), path);
}

/** The same for text already read; `file` only names it in messages. */
export function readManifest(text: string, file: string): Manifest {
  return checkManifest(parseYamlDocument(text, file));
}

/** The same for a document already parsed. */
export function checkManifest(document: YamlDocument): Manifest {
  const parsed = manifestSchema.safeParse(document.value);
  const report = new ManifestReport();
  if (parsed.success) checkMeaning(parsed.data, report);
  else
    report.issues.push(
      ...schemaIssues(document, manifestSchema, parsed.error),
      ...meaningOfSoundPart(document.value, parsed.error),
    );
  if (!parsed.success || report.issues.length > 0)
    throw new ConfigError(document.file, [...new Set(formatIssues(document, report.issues))]);
  return parsed.data;
}

/** Reads and writes that fit the schema are checked for their meaning even where others do not fit. */
function meaningOfSoundPart(value: unknown, error: z.ZodError): readonly DocumentIssue[] {
  const sound = manifestSchema.safeParse(withoutMisfits(value, error));
  if (!sound.success) return [];
  const report = new ManifestReport();
  checkMeaning(sound.data, report);
  // What was taken out must not be missed.
  return report.issues.filter(({ path }) => path.length > 1 && !path.includes('after') && !path.includes('from'));
}

/** A copy without unknown keys and without the reads and writes that hold any other misfit. */
function withoutMisfits(value: unknown, error: z.ZodError): unknown {
  const copy = structuredClone(value);
  for (const issue of error.issues) {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) removeAt(copy, [...path, key]);
    else if (path[0] === 'reads' || path[0] === 'writes') removeAt(copy, path.slice(0, 2));
    else if (path[0] === 'webhook') removeAt(copy, ['webhook']);
    else replaceHead(copy, path[0] ?? '');
  }
  return copy;
}

/** Parts that mean nothing to the rest of a manifest. */
const HEADS: Readonly<Record<string, unknown>> = {
  manifest: 1,
  id: 'x',
  version: '0.0.0',
  title: { zh: 'x', en: 'x' },
  role: 'payroll',
  limits: {},
  replies: [],
  message: 'x',
};

function replaceHead(root: unknown, name: string): void {
  if (typeof root === 'object' && root !== null && Object.hasOwn(HEADS, name))
    (root as Record<string, unknown>)[name] = HEADS[name];
}

function removeAt(root: unknown, path: readonly string[]): void {
  const [step, ...rest] = path;
  if (step === undefined || typeof root !== 'object' || root === null) return;
  const holder = root as Record<string, unknown>;
  if (rest.length > 0) removeAt(holder[step], rest);
  else if (!Array.isArray(root)) delete holder[step];
}

function checkMeaning(manifest: Manifest, report: ManifestReport): void {
  const sections = {
    baseUrl: manifest.baseUrl,
    auth: manifest.auth,
    sign: manifest.sign,
    secrets: manifest.secrets,
    config: Object.keys(manifest.config),
  };
  report.issues.push(...exchangeTemplateIssues(sections));
  checkReads(manifest, report);
  checkWrites(manifest, report);
  checkWebhook(manifest, report);
  const config = Object.keys(manifest.config).map((name) => `config.${name}`);
  const { check, reads } = manifest;
  if (check !== undefined)
    checkRequest(check.request, {
      report,
      path: ['check', 'request'],
      scope: { variables: ['asOf', ...config], codes: manifest.codes },
      methods: ['get', 'post'],
    });
  else if (Object.values(reads).every((read) => read.owners !== undefined))
    report.wrongKey(['reads'], 'none of them can stand alone as a check; add a check request');
}

/** Throws ConfigError where the file cannot be read. */
export function readManifestText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(path, [
      `${path}:1:1  the file cannot be read; check the path and the rights of the user the hub runs as`,
    ]);
  }
}
