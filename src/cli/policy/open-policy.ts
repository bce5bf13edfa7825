/** How a policy command gets its book: the shipped pack or another one, and a tenant's overlay laid over it. */
import { type Command, Option } from 'commander';
import { dayInZone, systemClock } from '../../platform/clock/clock.js';
import type { Day } from '../../domain/month.js';
import type { PolicyBook } from '../../policy/book.js';
import { loadPolicyBook } from '../../policy/load.js';
import { policyDir } from '../policy-dir.js';
import { createTerminal, type Terminal } from '../terminal.js';
import { chooseTenant, loadConfig } from '../with-hub.js';

export interface PolicyOptions {
  readonly config?: string | undefined;
  readonly tenant?: string | undefined;
  readonly json?: boolean | undefined;
  readonly policy?: string | undefined;
  readonly overlay?: readonly string[] | undefined;
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
    .option('--policy <folder>', 'another policy folder than the one that came with the program')
    .option('--overlay <file...>', 'lays an overlay over the figures; no configuration is needed')
    .option('--config <file>', 'a hub’s configuration: lays its tenant’s overlay over the figures')
    .option('--tenant <id>', 'which tenant of --config; needed when it has several')
    .option('--json', 'one JSON object on standard output');
}

/** Without --config and --overlay the pack's figures alone. Throws ConfigError with every problem of a file. */
export function openPolicy(options: PolicyOptions): OpenPolicy {
  const ofTenant = options.config === undefined ? [] : overlaysOf(options);
  const overlayFiles = [...ofTenant, ...(options.overlay ?? [])];
  const book = loadPolicyBook({ policyDir: options.policy ?? policyDir(), overlayFiles });
  return { book, terminal: createTerminal(options) };
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
