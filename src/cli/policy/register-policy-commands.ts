/** `buduan policy`: what the law's figures are, where they come from, and how far they may be trusted. */
import type { Command } from 'commander';
import { registerAlarmsCommand } from './alarms-command.js';
import { registerBackPaymentCommand } from './backpay-command.js';
import { registerCoverageCommand } from './coverage-command.js';
import { registerDiffCommand } from './diff-command.js';
import { registerEditionCommands } from './edition-commands.js';
import { registerExplainParameterCommand } from './explain-parameter-command.js';
import { registerPackCommands } from './pack-commands.js';
import { registerQuoteCommand } from './quote-command.js';
import { registerSearchCommand } from './search-command.js';
import { registerShowCommand } from './show-command.js';

/** One line per command. */
export function registerPolicyCommands(program: Command): void {
  const policy = program
    .command('policy')
    .description('figures and rules of every region: values, sources, coverage, quotes, editions');
  registerShowCommand(policy);
  registerSearchCommand(policy);
  registerQuoteCommand(policy);
  registerBackPaymentCommand(policy);
  registerExplainParameterCommand(policy);
  registerCoverageCommand(policy);
  registerAlarmsCommand(policy);
  registerDiffCommand(policy);
  registerPackCommands(policy);
  registerEditionCommands(policy);
}
