#!/usr/bin/env -S node --max-semi-space-size=16 --max-old-space-size=1024
/** The `buduan` command. */
import { Command } from 'commander';
import { hubErrorText, exitCodeOf } from './hub-error-text.js';
import { registerApiKeyCommand } from './api-key-command.js';
import { registerAuditCommand } from './audit-command.js';
import { registerApprovalsCommand } from './approvals/approval-command.js';
import { registerCaseCommand } from './case-command.js';
import { registerCheckCommand } from './check-command.js';
import { registerConnectorCommand } from './connector-command.js';
import { registerConnectionCommand } from './connection-command.js';
import { registerDeadLettersCommand } from './dead-letters-command.js';
import { registerDemoCommand } from './demo/demo-command.js';
import { registerExplainCommand } from './explain-command.js';
import { registerFreezeCommands } from './freeze-command.js';
import { registerFindingsCommand } from './findings-command.js';
import { registerNotificationsCommand } from './notifications-command.js';
import { registerKeysCommand } from './keys-command.js';
import { registerLinkCommands } from './link-commands.js';
import { registerOperationsCommand } from './operations-command.js';
import { registerPersonCommand } from './person-command.js';
import { registerPolicyCommands } from './policy/register-policy-commands.js';
import { programVersion } from './program-version.js';
import { registerPlanCommand } from './plan-command.js';
import { registerQuarantineCommand } from './quarantine-command.js';
import { registerRiskCommand } from './risk-command.js';
import { registerRunCommand } from './run-command.js';
import { registerRunsCommand } from './runs-command.js';
import { registerScheduleCommand } from './schedule-command.js';
import { registerStartCommand } from './start-command.js';
import { registerStatusCommand } from './status-command.js';
import { registerWebhooksCommand } from './webhooks-command.js';

function program(): Command {
  const buduan = new Command('buduan')
    .description(
      'Reads every employee’s social-insurance records from bureaus, payroll, attendance and agencies, judges them, and pushes the corrections back.',
    )
    .version(programVersion())
    .showHelpAfterError()
    .enablePositionalOptions();
  registerRunCommand(buduan);
  registerRunsCommand(buduan);
  registerScheduleCommand(buduan);
  registerStartCommand(buduan);
  registerCheckCommand(buduan);
  registerStatusCommand(buduan);
  registerFindingsCommand(buduan);
  registerRiskCommand(buduan);
  registerCaseCommand(buduan);
  registerApprovalsCommand(buduan);
  registerExplainCommand(buduan);
  registerNotificationsCommand(buduan);
  registerOperationsCommand(buduan);
  registerPlanCommand(buduan);
  registerQuarantineCommand(buduan);
  registerPolicyCommands(buduan);
  registerWebhooksCommand(buduan);
  registerDeadLettersCommand(buduan);
  registerConnectionCommand(buduan);
  registerFreezeCommands(buduan);
  registerConnectorCommand(buduan);
  registerApiKeyCommand(buduan);
  registerAuditCommand(buduan);
  registerKeysCommand(buduan);
  registerPersonCommand(buduan);
  registerLinkCommands(buduan);
  registerDemoCommand(buduan);
  return buduan;
}

try {
  await program().parseAsync();
} catch (error) {
  process.stderr.write(`${hubErrorText(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
