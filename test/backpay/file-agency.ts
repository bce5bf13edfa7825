/** An agency that is reached by files alone, beside the sandbox's own, which then takes no applications. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { utils, write as writeWorkbook } from '@e965/xlsx';
import type { TenantConfig } from '../../src/platform/config/hub-config.js';
import { completeOptions } from '../../src/sandbox/options.js';
import { World } from '../../src/sandbox/world/world.js';

const SANDBOX = { employees: 400, seed: 11, profile: 'demo' } as const;
const MANIFESTS = fileURLToPath(new URL('../../manifests/', import.meta.url));

/** An employee of this sandbox (400, seed 11) whose gap goes through the agency. */
export const NEWCOMER = 70;

export interface FileAgency {
  /** Holds `inbox` and, once the hub has written, `outbox`. */
  readonly folder: string;
  /** The newcomer's identity number. */
  readonly identityNumber: string;
  /** A workbook of one sheet for the hub to read. */
  put(name: string, lines: readonly (readonly string[])[]): void;
  /** The tenant with it: connection `agency-files`. */
  readonly withIt: (tenant: TenantConfig) => TenantConfig;
  remove(): void;
}

export interface FileAgencyLooks {
  /** A manifest of `manifests/` with transport `files`. */
  readonly manifest: string;
  /** What has to be changed in its text to fit; default nothing. */
  readonly adapt?: (text: string) => string;
  readonly sheet: string;
}

export function fileAgency({ manifest, adapt = (text) => text, sheet }: FileAgencyLooks): FileAgency {
  const folder = mkdtempSync(join(tmpdir(), 'buduan-file-agency-'));
  mkdirSync(join(folder, 'inbox'));
  const people = new World(completeOptions(SANDBOX));
  return {
    folder,
    identityNumber: people.identityOf(people.lifeOf(NEWCOMER)).number,
    put: (name, lines) => {
      const book = utils.book_new();
      utils.book_append_sheet(book, utils.aoa_to_sheet(lines.map((line) => [...line])), sheet);
      writeFileSync(join(folder, 'inbox', name), writeWorkbook(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer);
    },
    withIt: (tenant) => connected(tenant, folder, adapt(readFileSync(join(MANIFESTS, manifest), 'utf8'))),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function connected(tenant: TenantConfig, folder: string, manifest: string): TenantConfig {
  const agency = readFileSync(join(MANIFESTS, 'sandbox-agency.yaml'), 'utf8');
  writeFileSync(join(folder, 'agency.yaml'), agency.replace(/ {2}# One order per month[^]*?(?= {2}order-state:)/, ''));
  const here = manifest
    .replace('template: templates/', `template: ${join(MANIFESTS, 'templates')}/`)
    .replaceAll('    files: ', '    settleSeconds: 0\n    files: ');
  const file = join(folder, 'agency-files.yaml');
  writeFileSync(file, here);
  const connections = tenant.connections.map((each) =>
    each.id === 'agency' ? { ...each, manifest: join(folder, 'agency.yaml') } : each,
  );
  const [like] = connections;
  if (like === undefined) throw new Error('The demo has connections.');
  const config = { folder, employerName: '甲公司' };
  const byFile = { ...like, id: 'agency-files', manifest: file, config, secrets: {} };
  return { ...tenant, connections: [...connections, byFile] };
}
