/** `buduan policy diff`: what one edition of the policy says otherwise than another. */
import type { Command } from 'commander';
import { type PolicyDiff, changeLine, diffPolicies } from '../../policy/diff-policies.js';
import { loadPolicyBook } from '../../policy/load.js';
import { createTerminal, type Terminal } from '../terminal.js';

export function registerDiffCommand(policy: Command): void {
  policy
    .command('diff <before> <after>')
    .description('values added, changed and removed between two policy folders')
    .option('--json', 'one JSON object on standard output')
    .action(diffCommand);
}

function diffCommand(before: string, after: string, options: { readonly json?: boolean }): void {
  const terminal = createTerminal(options);
  const diff = diffPolicies(loadPolicyBook({ policyDir: before }), loadPolicyBook({ policyDir: after }));
  sayDiff(terminal, diff);
  terminal.json(diff);
}

export function sayDiff(terminal: Pick<Terminal, 'say'>, { before, after, regions, counts }: PolicyDiff): void {
  terminal.say(`${before} → ${after}: ${counts.added} added, ${counts.changed} changed, ${counts.removed} removed`);
  for (const { region, name, changes } of regions) {
    terminal.say(`${region} ${name.zh} ${name.en}`);
    for (const change of changes) terminal.say(`  ${changeLine(change)}`);
  }
}
