/** `buduan status`: how the tenant stands: last runs, schedules, persons, findings, operations, quarantine. */
import type { Command } from 'commander';
import { setTimeout as wait } from 'node:timers/promises';
import { readTenantStatus, type TenantStatus } from './read-tenant-status.js';
import type { Terminal } from './terminal.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

export function registerStatusCommand(program: Command): void {
  hubCommand(program, 'status', 'last runs, schedules, persons by status, findings, operations, quarantine')
    .option('--watch', 'show it anew every two seconds until Ctrl-C')
    .action(statusCommand);
}

interface StatusOptions extends HubOptions {
  readonly watch?: boolean;
}

const WATCH_EVERY_MS = 2_000;
const CLEAR_SCREEN = '\x1b[H\x1b[2J\x1b[3J';

async function statusCommand(options: StatusOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    for (;;) {
      const status = await hub.database.inTenant(tenant.id, (em) => readTenantStatus(em, tenant.id));
      if (options.watch === true && !terminal.isJson && process.stdout.isTTY) process.stdout.write(CLEAR_SCREEN);
      tellStatus(terminal, status);
      terminal.json({ tenant: tenant.id, ...status });
      if (options.watch !== true) return;
      await wait(WATCH_EVERY_MS);
    }
  });
}

function tellStatus(terminal: Terminal, status: TenantStatus): void {
  terminal.table(
    ['run', 'as of', 'trigger', 'state', 'started'],
    status.runs.map((run) => [
      run.runId,
      run.asOf,
      run.trigger,
      run.isStale ? 'stale' : run.state,
      run.startedAt.toISOString(),
    ]),
  );
  terminal.table(
    ['schedule', 'last due', 'state', 'reason'],
    status.schedules.map((each) => [each.scheduleId, each.dueAt.toISOString(), each.state, each.reason ?? '']),
  );
  terminal.table(
    ['status', 'persons'],
    status.persons.map((each) => [each.status, each.count]),
  );
  terminal.table(
    ['inconclusive because', 'connection', 'stream', 'persons'],
    status.inconclusive.map((each) => [each.reason, each.connectionId ?? '', each.stream ?? '', each.count]),
  );
  terminal.table(
    ['open findings', 'count', 'persons'],
    status.findings.map((each) => [each.situation, each.findings, each.persons]),
  );
  if (status.frozen !== null)
    terminal.say(`FROZEN since ${status.frozen.since.toISOString()}, nothing leaves: ${freezeText(status.frozen)}`);
  terminal.table(
    ['connection', 'operations', 'state', 'count'],
    status.operations.map((each) => [each.connectionId, each.kind, each.state, each.count]),
  );
  terminal.table(
    ['quarantine', 'stream', 'reason', 'rows'],
    status.quarantine.map((each) => [each.connectionId, each.stream, each.reason, each.rows]),
  );
}

function freezeText({ cause, by, reason }: NonNullable<TenantStatus['frozen']>): string {
  const why =
    cause === 'restored' ? 'the database was restored; a full run, then "buduan thaw"' : `by ${by ?? 'nobody'}`;
  return reason === null ? why : `${why} (${reason})`;
}
