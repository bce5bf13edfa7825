/** `buduan run`: one full reconciliation of a tenant, with progress and an exit code that says how it ended. */
import type { Command } from 'commander';
import type { Day, Month } from '../domain/month.js';
import { dayInZone, systemClock } from '../platform/clock/clock.js';
import { HubError } from '../domain/hub-error.js';
import { countOperationsOf } from '../push/operations.reader.js';
import { EXIT } from './exit-codes.js';
import { findPerson } from './find-person.js';
import { runMonth } from './run-month.js';
import { runPerson } from './run-persons.js';
import { type OpenHub, threadsOf } from './open-hub.js';
import { showProgress } from './read-progress.js';
import { runOnce } from './run-once.js';
import type { RunSummary } from './run-summary.js';
import type { Terminal } from './terminal.js';
import { loginName } from './login-name.js';
import { dayOption, monthOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface RunOptions extends HubOptions {
  readonly asOf?: Day;
  readonly dryRun?: boolean;
  readonly by: string;
  readonly connection?: string;
  readonly read?: readonly string[];
  readonly person?: string;
  readonly month?: Month;
}

export function registerRunCommand(program: Command): void {
  hubCommand(program, 'run', 'one full reconciliation: read every system, judge, push what differs')
    .option('--as-of <day>', 'judge as on this day, YYYY-MM-DD (default: today in China)', dayOption)
    .option('--dry-run', 'show the plan and send nothing')
    .option('--connection <id>', 'read only this connection; the rest is judged as it stands')
    .option('--read <name...>', 'of that connection read only these')
    .option('--person <person>', 'read and judge only this person: an id, connection:key, or an identity number')
    .option('--month <month>', 'of that connection, or that person, read only this month again, YYYY-MM', monthOption)
    .option('--by <name>', 'who starts it, and so may not approve its plan (default: your login)', loginName())
    .action(runCommand);
}

async function runCommand(options: RunOptions): Promise<void> {
  refuseMixed(options);
  if (options.month !== undefined) return monthCommand(options, options.month);
  if (options.person !== undefined) return personCommand(options, options.person);
  await withHub(options, async ({ hub, terminal, tenant }) => {
    await hub.work({ threads: threadsOf(hub.config) });
    const progress = showProgress(process.stderr);
    const asOf = options.asOf ?? dayInZone(systemClock.now());
    try {
      const summary = await runOnce(hub, {
        tenant,
        asOf,
        dryRun: options.dryRun === true,
        startedBy: options.by,
        ...(options.connection === undefined
          ? {}
          : { only: { connectionId: options.connection, reads: options.read ?? null } }),
        onProgress: progress.onProgress,
      });
      progress.stop();
      tellSummary(terminal, summary);
      terminal.json(summary);
      process.exitCode = summary.exitCode;
    } finally {
      progress.stop();
    }
  });
}

function refuseMixed({ connection, read, person, month, dryRun }: RunOptions): void {
  const message =
    month !== undefined && ((connection === undefined && person === undefined) || read !== undefined || dryRun === true)
      ? '--month needs a --connection or a --person, and goes with neither --read nor --dry-run: what differs is sent.'
      : read !== undefined && connection === undefined
        ? '--read needs the --connection whose read it is.'
        : person !== undefined && (read !== undefined || dryRun === true)
          ? '--person goes with --connection and --as-of only: every read that can be asked for a person is, and what differs is sent.'
          : null;
  if (message !== null) throw new HubError({ code: 'which-part', next: 'fix-config', message });
}

async function monthCommand(options: RunOptions, month: Month): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    await hub.work();
    const person = options.person === undefined ? null : await findPerson(hub, tenant.id, options.person);
    const months = await runMonth(hub, {
      ...{ tenant, month, personId: person?.personId ?? null, startedBy: options.by },
      connectionId: options.connection ?? null,
      asOf: options.asOf ?? dayInZone(systemClock.now()),
    });
    const sum = await operationsOf(hub, tenant.id, months);
    terminal.table(
      ['connection', 'read', 'rows', 'changed', 'complete'],
      months.flatMap(({ connectionId, reads }) =>
        reads.map((each) => [connectionId, each.read, each.rows, each.changed, each.complete ? 'yes' : 'NO']),
      ),
    );
    tellOperations(terminal, sum);
    terminal.json({ month, personId: person?.personId ?? null, reads: months, operations: sum });
    if (months.some(({ reads }) => reads.some(({ complete }) => !complete))) process.exitCode = EXIT.incomplete;
    if (sum.some((each) => each.state === 'held')) process.exitCode = EXIT.suspended;
  });
}

type OperationSum = Awaited<ReturnType<typeof countOperationsOf>>;

function operationsOf(
  hub: OpenHub,
  tenantId: string,
  runs: readonly { readonly runId: string }[],
): Promise<OperationSum> {
  const runIds = runs.map(({ runId }) => runId);
  return hub.database.inTenant(tenantId, (em) => countOperationsOf(em, tenantId, runIds));
}

function tellOperations(terminal: Terminal, sum: OperationSum): void {
  terminal.table(
    ['connection', 'operations', 'state', 'count'],
    sum.map((each) => [each.connectionId, each.kind, each.state, each.count]),
  );
}

async function personCommand(options: RunOptions, asked: string): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    await hub.work();
    const person = await findPerson(hub, tenant.id, asked);
    const reads = await runPerson(hub, {
      ...{ tenant, personId: person.personId, connectionId: options.connection ?? null, startedBy: options.by },
      asOf: options.asOf ?? dayInZone(systemClock.now()),
    });
    const sum = await operationsOf(hub, tenant.id, reads);
    terminal.say(person.idMasked);
    terminal.table(
      ['connection', 'run', 'persons changed', 'only a whole run brings'],
      reads.map((each) => [each.connectionId, each.runId, each.personIds.length, each.notTargeted.join(', ')]),
    );
    tellOperations(terminal, sum);
    terminal.json({ personId: person.personId, reads, operations: sum });
    if (sum.some((each) => each.state === 'held')) process.exitCode = EXIT.suspended;
  });
}

/** The summary as tables, and for every read that was not complete the reason and what follows from it. */
export function tellSummary(terminal: Terminal, summary: RunSummary): void {
  terminal.say(
    `\n${summary.persons} persons, ${summary.judged} judged in this run · ${summary.state} · ${summary.seconds} s`,
  );
  terminal.table(['status', 'persons'], Object.entries(summary.statuses));
  terminal.table(['open findings', 'count'], Object.entries(summary.findings));
  const what = summary.dryRun ? summary.plan : summary.corrections;
  const rows = Object.entries(what).flatMap(([connection, kinds]) =>
    Object.entries(kinds).map(([kind, count]) => [connection, kind, count]),
  );
  terminal.table(['connection', summary.dryRun ? 'would send' : 'sent', 'count'], rows);
  for (const connection of summary.connections) {
    for (const read of connection.reads.filter((each) => each.reason !== null)) {
      terminal.say(
        `  ${connection.connectionId}/${read.read}: ${read.state}, ${read.reason ?? ''}. Nothing is concluded from what it did not show.`,
      );
    }
  }
  if (summary.quarantined > 0) terminal.say(`  ${summary.quarantined} rows wait in quarantine: buduan quarantine`);
  for (const plan of summary.suspendedPlans)
    terminal.say(
      `  Suspended, nothing of it was sent: ${plan.reasons.join(', ')}. Read it with: buduan plan show ${plan.planId}`,
    );
  if (summary.held > 0)
    terminal.say(`  ${summary.held} operations are held for a person: buduan operations list --state held`);
  if (summary.needsPerson > 0)
    terminal.say(`  ${summary.needsPerson} operations need a person: buduan operations list`);
}
