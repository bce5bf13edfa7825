/** How a policy command gets its book: the shipped edition or another one, and a tenant's overlay laid over it. */
import { statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { HubError, assertHolds } from '../../domain/hub-error.js';
import { dayInZone, systemClock } from '../../platform/clock/clock.js';
import { chooseTenant } from '../../platform/config/tenant-of.js';
import type { Day } from '../../domain/month.js';
import type { PolicyBook } from '../../policy/book.js';
import { loadPolicyBook } from '../../policy/load.js';
import { reopenPack } from '../../policy/packs/pack-archive.js';
import { PolicyEditions } from '../../policy/packs/policy-editions.js';
import { policyDir } from '../policy-dir.js';
import { createTerminal, type Terminal } from '../terminal.js';
import { loadConfig, withHub } from '../with-hub.js';
import { readPackFile } from './fetch-pack.js';

export interface PolicyOptions {
  readonly config?: string | undefined;
  readonly tenant?: string | undefined;
  readonly json?: boolean | undefined;
  readonly policy?: string | undefined;
  readonly overlay?: readonly string[] | undefined;
  readonly packVersion?: string | undefined;
}

export interface LanguageOption {
  readonly lang: 'zh' | 'en';
}

export interface OpenPolicy {
  readonly book: PolicyBook;
  readonly terminal: Terminal;
}

/** The options that every policy command takes. */
export function policyCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--policy <path>', 'another policy folder, or a pack file, than what came with the program')
    .option('--overlay <file...>', 'lays an overlay over the figures; no configuration is needed')
    .option('--config <file>', 'a hub’s configuration: lays its tenant’s overlay over the figures')
    .option('--tenant <id>', 'which tenant of --config; needed when it has several')
    .option(
      '--pack-version <version>',
      'an edition kept in the database of --config, or "active" for the one that counts',
    )
    .option('--json', 'one JSON object on standard output');
}

/**
 * Without further options the shipped figures alone. Needs no database, except for --pack-version, which needs a --config.
 * Throws ConfigError with every problem of a file, and `unknown-edition`.
 */
export async function openPolicy(options: PolicyOptions): Promise<OpenPolicy> {
  const terminal = createTerminal(options);
  if (options.packVersion !== undefined) return { book: await storedBook(options, options.packVersion), terminal };
  const ofTenant = options.config === undefined ? [] : overlaysOf(options);
  if (options.config !== undefined)
    terminal.note('These are the figures that came with the program; --pack-version active asks the hub’s database.');
  return { book: bookAt(options.policy ?? policyDir(), [...ofTenant, ...(options.overlay ?? [])]), terminal };
}

/** A folder, or a pack file, whose signature is not looked at: nothing is put in force by reading it. */
export function bookAt(path: string, overlayFiles: readonly string[] = []): PolicyBook {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return loadPolicyBook({ policyDir: isFile ? reopenPack(readPackFile(path)) : path, overlayFiles });
}

async function storedBook(options: PolicyOptions, version: string): Promise<PolicyBook> {
  if (options.config === undefined || options.policy !== undefined || options.overlay !== undefined) {
    throw new HubError({
      code: 'which-edition',
      next: 'fix-config',
      message: '--pack-version needs the --config of the hub that keeps it, and neither --policy nor --overlay.',
    });
  }
  let book: PolicyBook | null = null;
  await withHub(options, async ({ hub, tenant }) => {
    const editions = hub.app.get(PolicyEditions);
    book = version === 'active' ? await editions.refresh(tenant.id) : await editions.bookOf(tenant.id, version);
  });
  assertHolds(book !== null, 'A hub was opened and gave no policy.');
  return book;
}

export function languageOption(): Option {
  return new Option('--lang <language>', 'language of the text').choices(['zh', 'en']).default('zh');
}

/** The day it is in China. */
export function today(): Day {
  return dayInZone(systemClock.now());
}

function overlaysOf(options: PolicyOptions): readonly string[] {
  const { overlay } = chooseTenant(loadConfig(options).config, options.tenant);
  return overlay === null ? [] : [overlay];
}
