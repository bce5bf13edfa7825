/** `buduan policy`: what the law's figures are, where they come from, and how far they may be trusted. */
import type { Command } from 'commander';
import { registerAlarmsCommand } from './alarms-command.js';
import { registerCoverageCommand } from './coverage-command.js';
import { registerSearchCommand } from './search-command.js';
import { registerShowCommand } from './show-command.js';

/** No command of this group needs a database; one line per command. */
export function registerPolicyCommands(program: Command): void {
  const policy = program
    .command('policy')
    .description('figures and rules of every region: values, sources, coverage, alarms');
  registerShowCommand(policy);
  registerSearchCommand(policy);
  registerCoverageCommand(policy);
  registerAlarmsCommand(policy);
}
