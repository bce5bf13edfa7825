/** `buduan dead-letters` and `buduan replay`: everything that did not get through, and trying it again. */
import { Option, type Command } from 'commander';
import { HubError } from '../domain/hub-error.js';
import { dayInZone, systemClock } from '../platform/clock/clock.js';
import { readLatestRuns } from '../sync/runs.reader.js';
import { listDeadLetters, replayDeadLetters, STAGES, type DeadLetter, type Stage } from './dead-letters.js';
import { loginName } from './login-name.js';
import { limitOption } from './option-parsers.js';
import { policyVersionOf } from './run-once.js';
import type { Terminal } from './terminal.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface FilterOptions extends HubOptions {
  readonly stage?: Stage;
  readonly connection?: string;
  readonly cause?: string;
  readonly limit: number;
}

interface ReplayOptions extends FilterOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly by: string;
}

const REPLAY_WITHIN_MS = 600_000;

export function registerDeadLettersCommand(program: Command): void {
  withFilter(
    hubCommand(
      program,
      'dead-letters',
      'rows, jobs and operations that wait for a person, with cause, stage and context',
    ),
  ).action(listCommand);
  withFilter(
    hubCommand(program, 'replay [letters...]', 'try dead letters again: the named ones, those that fit, or all'),
  )
    .option('--all', 'every dead letter')
    .option('--dry-run', 'only show which would be tried')
    .option('--by <name>', 'who decides; goes into the audit trail (default: your login)', loginName())
    .action(replayCommand);
}

function withFilter(command: Command): Command {
  return command
    .addOption(new Option('--stage <stage>', 'only letters of this stage').choices(STAGES))
    .option('--connection <id>', 'only letters of this connection')
    .option('--cause <code>', 'only letters whose cause begins so')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 1000);
}

async function listCommand(options: FilterOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const letters = await listDeadLetters(hub, { ...options, tenantId: tenant.id, letters: null });
    tellLetters(terminal, letters);
    terminal.json({ letters });
  });
}

function tellLetters(terminal: Terminal, letters: readonly DeadLetter[]): void {
  terminal.table(
    ['letter', 'stage', 'cause', 'connection', 'context', 'since'],
    letters.map((each) => [
      ...[each.letter, each.stage, each.cause, each.connectionId ?? '', each.context],
      each.since.toISOString(),
    ]),
  );
}

/** Judges by the day of the newest run, so that a replay changes nothing but what is replayed. */
async function replayCommand(named: readonly string[], options: ReplayOptions): Promise<void> {
  const { stage, connection, cause } = options;
  const isFiltered = stage !== undefined || connection !== undefined || cause !== undefined;
  if (named.length === 0 && !isFiltered && options.all !== true) throw whichLetters();
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const filter = { ...options, tenantId: tenant.id, letters: named.length === 0 ? null : named };
    const letters = await listDeadLetters(hub, filter);
    if (options.dryRun === true) {
      tellLetters(terminal, letters);
      terminal.say(`${letters.length} letters would be tried.`);
      terminal.json({ dryRun: true, letters });
      return;
    }
    const [latest] = await hub.database.inTenant(tenant.id, (em) => readLatestRuns(em, tenant.id, 1));
    const report = await replayDeadLetters(hub, {
      ...{ tenantId: tenant.id, letters, actor: options.by, policyVersion: policyVersionOf(hub, tenant) },
      asOf: latest?.asOf ?? dayInZone(systemClock.now()),
      signal: AbortSignal.timeout(REPLAY_WITHIN_MS),
    });
    terminal.say(
      `rows: ${report.resolved} understood now, ${report.stillRejected} still as they were, ${report.waitForFullRun} wait for the next full run`,
    );
    terminal.say(`jobs: ${report.jobs} run again · operations: ${report.operations} queued again`);
    terminal.say('A running hub, or the next run, goes on from there.');
    terminal.json(report);
  });
}

function whichLetters(): HubError {
  return new HubError({
    code: 'which-letters',
    next: 'fix-config',
    message: 'Name the letters, or say which with --stage, --connection or --cause, or say --all.',
  });
}
