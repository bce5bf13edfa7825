/** A small policy in a temporary folder, for tests that need values of their own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PolicyBook } from '../../src/policy/book.js';
import { loadPolicyBook } from '../../src/policy/load.js';

/** Files below the policy folder by path; what is not given is a minimal default. */
export type SmallFiles = Readonly<Record<string, string>>;

const DEFAULTS: SmallFiles = {
  'PACK.yaml': 'version: 2026.1.0\nreleased_on: 2026-01-01\nverified_for_months: 12\n',
  'sources.yaml': 'sources:\n  T1: { kind: page, title: test }\n',
  'regions/100000.yaml': "region: '100000'\nname: { zh: 全国, en: China }\nverified_on: 2026-01-01\nparameters: {}\n",
  'rules/none.yaml': 'about: nothing\nverified_on: 2026-01-01\nregions: {}\n',
};

const made: string[] = [];

/** The folder; files given win over the defaults. `overlay.yaml` is an overlay when it is given. */
export function smallPolicy(files: SmallFiles): {
  readonly policyDir: string;
  readonly overlayFiles: readonly string[];
} {
  const policyDir = mkdtempSync(join(tmpdir(), 'buduan-policy-'));
  made.push(policyDir);
  for (const [path, text] of Object.entries(smallFiles(files))) {
    mkdirSync(dirname(join(policyDir, path)), { recursive: true });
    writeFileSync(join(policyDir, path), text);
  }
  return { policyDir, overlayFiles: 'overlay.yaml' in files ? [join(policyDir, 'overlay.yaml')] : [] };
}

/** What is given, and defaults for the rest. */
export function smallFiles(files: SmallFiles): SmallFiles {
  return { ...DEFAULTS, ...files };
}

export function smallBook(files: SmallFiles): PolicyBook {
  return loadPolicyBook(smallPolicy(files));
}

/** A region file with these parameters, written as flow lines below `parameters:` (four blanks deep at least). */
export function regionText(code: string, parameters: string): string {
  return `region: '${code}'\nname: { zh: 地区${code}, en: Region ${code} }\nverified_on: 2026-01-01\nparameters:\n${parameters}`;
}

/** One dated value in flow style. */
export function dated(value: string, from: string, more = ''): string {
  return `{ value: '${value}', effective_from: ${from}, status: reported, sources: [T1]${more === '' ? '' : `, ${more}`} }`;
}

export function removeSmallPolicies(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}
