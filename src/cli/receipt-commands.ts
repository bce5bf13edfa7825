/** `buduan case tasks` and `case receipt`: what a person has to carry to an office, and the paper that proves it. */
import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../backpay/backpay-settings.js';
import { readReceipt } from '../backpay/case-receipts.js';
import { listCaseTasks } from '../backpay/case-tasks.reader.js';
import { DecideCases } from '../backpay/decide-cases.js';
import { MOST_RECEIPT_BYTES } from '../backpay/receipt-kind.js';
import { type Refusal, refusalText } from '../backpay/refusal-text.js';
import { formatYuan, fen } from '../domain/fen.js';
import { HubError } from '../domain/hub-error.js';
import { systemCode } from '../platform/config/config-error.js';
import { loginName } from './login-name.js';
import { limitOption, uuidArgument } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';
import { todayOf } from './hub-today.js';

interface TasksOptions extends HubOptions {
  readonly limit: number;
}

interface ReceiptOptions extends HubOptions {
  readonly by: string;
  readonly reference?: string;
}

export function registerReceiptCommands(cases: Command): void {
  hubCommand(cases, 'tasks', 'applications that a person has to carry to an office, the fewest days left first')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 100)
    .action(tasksCommand);
  hubCommand(cases, 'receipt', 'attach the receipt of who carried it there: PDF, PNG, JPEG or XLSX')
    .argument('<case>', 'which one', uuidArgument)
    .argument('<file>', 'the receipt, at most 5 MB')
    .option('--by <name>', 'who attaches it; goes into the audit trail', loginName())
    .option('--reference <number>', 'the number on the receipt; needed where no connection takes the application')
    .action(receiptCommand);
}

async function tasksCommand({ limit, ...options }: TasksOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const settings = hub.app.get<BackpaySettings>(BACKPAY_SETTINGS);
    const { handIn } = settings.tenantRules(tenant.id);
    const asked = { tenantId: tenant.id, today: settings.today(), handIn, limit };
    const tasks = await hub.database.inTenant(tenant.id, (em) => listCaseTasks(em, asked));
    terminal.table(
      ['days left', 'by', 'case', 'person', 'what', 'where', 'who', 'employee', 'employer'],
      tasks.map((task) => [
        ...[task.daysLeft ?? '–', task.byDay ?? '–', task.caseId, task.idMasked, task.what],
        ...[task.connectionId ?? task.channel, task.who ?? 'HR'],
        ...[formatYuan(fen(task.employeeFen)), formatYuan(fen(task.employerFen))],
      ]),
    );
    terminal.json({ tasks });
  });
}

async function receiptCommand(caseId: string, file: string, options: ReceiptOptions): Promise<void> {
  const receipt = readReceipt(contentOf(file));
  if ('outcome' in receipt) throw refused(receipt);
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const today = todayOf(hub);
    const act = { tenantId: tenant.id, actor: options.by, today };
    const { reference = null } = options;
    const outcome = await hub.app.get(DecideCases).attach({ caseId, act, receipt, reference });
    if (outcome.outcome !== 'moved') throw refused(outcome);
    terminal.say(`The receipt of case ${caseId} is kept; the case is ${outcome.state}.`);
    terminal.say(`SHA-256 ${receipt.sha256}`);
    terminal.json({ caseId, state: outcome.state, sha256: receipt.sha256 });
  });
}

/** What is too large is not even read. */
function contentOf(file: string): Buffer {
  try {
    if (statSync(file).size > MOST_RECEIPT_BYTES)
      throw refused({ outcome: 'receipt-too-large', mostBytes: MOST_RECEIPT_BYTES });
    return readFileSync(file);
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new HubError({
      code: 'cannot-read',
      next: 'fix-config',
      message: `The receipt cannot be read (${systemCode(error)}). Name a file that is there.`,
      cause: error,
    });
  }
}

function refused(refusal: Refusal): HubError {
  return new HubError({ code: refusal.outcome, next: 'ask-person', message: refusalText(refusal) });
}
