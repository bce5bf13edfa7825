/** How a policy command gets its book: the shipped pack, with --overlay or a tenant's of --config laid over it. */
import type { Command } from 'commander';
import type { PolicyBook } from '../../policy/book.js';
import { loadPolicyBook } from '../../policy/load.js';
import { policyDir } from '../policy-dir.js';
import { createTerminal, type Terminal } from '../terminal.js';
import { chooseTenant, loadConfig } from '../with-hub.js';

export interface PolicyOptions {
  readonly config?: string | undefined;
  readonly tenant?: string | undefined;
  readonly overlay?: readonly string[];
  readonly json?: boolean | undefined;
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
    .option('--config <file>', 'a hub’s configuration: lays its tenant’s overlay over the shipped figures')
    .option('--tenant <id>', 'which tenant of --config; needed when it has several')
    .option('--overlay <file>', 'an overlay to lay over the shipped figures; may be given several times', another)
    .option('--json', 'one JSON object on standard output');
}

/** Without --config and --overlay the shipped figures alone. Throws ConfigError with every problem of a file. */
export function openPolicy(options: PolicyOptions): OpenPolicy {
  const configured = options.config === undefined ? [] : overlaysOf(options);
  const overlayFiles = [...configured, ...(options.overlay ?? [])];
  return { book: loadPolicyBook({ policyDir: policyDir(), overlayFiles }), terminal: createTerminal(options) };
}

function overlaysOf(options: PolicyOptions): readonly string[] {
  const { overlay } = chooseTenant(loadConfig(options).config, options.tenant);
  return overlay === null ? [] : [overlay];
}

function another(file: string, before: readonly string[] = []): readonly string[] {
  return [...before, file];
}
