/** `buduan status`: how the tenant stands: last runs, schedules, persons, findings, operations, quarantine. */
import type { Command } from 'commander';
import { readTenantStatus } from './read-tenant-status.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

export function registerStatusCommand(program: Command): void {
  hubCommand(program, 'status', 'last runs, schedules, persons by status, findings, operations, quarantine').action(
    statusCommand,
  );
}

async function statusCommand(options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const status = await hub.database.inTenant(tenant.id, (em) => readTenantStatus(em, tenant.id));
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
    terminal.table(
      ['connection', 'operations', 'state', 'count'],
      status.operations.map((each) => [each.connectionId, each.kind, each.state, each.count]),
    );
    terminal.table(
      ['quarantine', 'stream', 'reason', 'rows'],
      status.quarantine.map((each) => [each.connectionId, each.stream, each.reason, each.rows]),
    );
    terminal.json({ tenant: tenant.id, ...status });
  });
}
