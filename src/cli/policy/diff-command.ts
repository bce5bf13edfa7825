/** `buduan policy diff`: what one edition of the policy says otherwise than another. */
import type { Command } from 'commander';
import type { PolicyBook } from '../../policy/book.js';
import { type PolicyDiff, changeLine, diffPolicies } from '../../policy/diff-policies.js';
import { createTerminal, type Terminal } from '../terminal.js';
import { type PolicyOptions, bookAt, openPolicy } from './open-policy.js';

export function registerDiffCommand(policy: Command): void {
  policy
    .command('diff <before> <after>')
    .description(
      'values added, changed and removed between two editions: folders, pack files, or versions with --config',
    )
    .option('--config <file>', 'the hub whose database keeps the versions named')
    .option('--tenant <id>', 'which tenant of --config; needed when it has several')
    .option('--json', 'one JSON object on standard output')
    .action(diffCommand);
}

async function diffCommand(before: string, after: string, options: PolicyOptions): Promise<void> {
  const terminal = createTerminal(options);
  const diff = diffPolicies(await edition(before, options), await edition(after, options));
  sayDiff(terminal, diff);
  terminal.json(diff);
}

async function edition(named: string, options: PolicyOptions): Promise<PolicyBook> {
  const isVersion = named === 'active' || /^\d{4}\.\d{1,2}\.\d+$/.test(named);
  return isVersion ? (await openPolicy({ ...options, packVersion: named })).book : bookAt(named);
}

/** The whole of it; a pull shows the same. */
export function sayDiff(terminal: Pick<Terminal, 'say'>, { before, after, regions, counts }: PolicyDiff): void {
  terminal.say(`${before} → ${after}: ${counts.added} added, ${counts.changed} changed, ${counts.removed} removed`);
  for (const { region, name, changes } of regions) {
    terminal.say(`${region} ${name.zh} ${name.en}`);
    for (const change of changes) terminal.say(`  ${changeLine(change)}`);
  }
}
