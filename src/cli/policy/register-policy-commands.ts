/** `buduan policy`: what the law's figures are, where they come from, and how far they may be trusted. */
import type { Command } from 'commander';
import { registerBackPaymentCommand } from './backpay-command.js';
import { registerExplainParameterCommand } from './explain-parameter-command.js';
import { registerDiffCommand } from './diff-command.js';
import { registerEditionCommands } from './edition-commands.js';
import { registerPackCommands } from './pack-commands.js';
import { registerQuoteCommand } from './quote-command.js';

/** One line per command. */
export function registerPolicyCommands(program: Command): void {
  const policy = program
    .command('policy')
    .description('figures and rules of every region: values, sources, quotes, editions');
  registerQuoteCommand(policy);
  registerBackPaymentCommand(policy);
  registerExplainParameterCommand(policy);
  registerDiffCommand(policy);
  registerPackCommands(policy);
  registerEditionCommands(policy);
}
