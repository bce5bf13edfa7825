/** `buduan connection`: how connections stand, and taking one out of use or back into it. */
import type { Command } from 'commander';
import { ConnectionHealth } from '../connectors/connection-health.js';
import { readConnectionHealth } from '../connectors/connection-health.reader.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { systemClock } from '../platform/clock/clock.js';
import { dueKey } from '../push/plan-operations.js';
import { readLastSuccesses } from '../sync/freshness.reader.js';
import { silentReads } from '../sync/silent-reads.js';
import { freshnessRules } from './freshness-rules.js';
import { timeOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface HoldOptions extends HubOptions {
  readonly by: string;
  readonly reason?: string;
  readonly until?: Date;
}

const VERBS = [
  ['maintenance', 'maintenance', 'do not read from it and send nothing to it, until a time or until it is resumed'],
  ['quarantine', 'quarantined', 'do not use it until somebody resumes it'],
  ['resume', 'up', 'use it again'],
] as const;

export function registerConnectionCommand(program: Command): void {
  const connection = program.command('connection').description('how connections stand, and taking one out of use');
  hubCommand(connection, 'list', 'health of every connection, and reads that have been silent for too long').action(
    listCommand,
  );
  for (const [name, health, description] of VERBS) {
    const command = hubCommand(connection, `${name} <connection>`, description)
      .requiredOption('--by <name>', 'who decides; goes into the audit trail')
      .option('--reason <text>', 'why, for whoever looks later');
    if (health === 'maintenance')
      command.option('--until <time>', 'when it ends by itself, for example 2026-12-01T06:00+08:00', timeOption);
    command.action((connectionId: string, options: HoldOptions) => decideCommand(connectionId, health, options));
  }
}

async function listCommand(options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { connections, successes } = await hub.database.inTenant(tenant.id, async (em) => ({
      connections: await readConnectionHealth(em, tenant.id),
      successes: await readLastSuccesses(em, tenant.id),
    }));
    const silent = silentReads(freshnessRules(hub, tenant), successes, systemClock.now());
    terminal.table(
      ['connection', 'role', 'health', 'since', 'until', 'reason', 'by'],
      connections.map((each) => [
        ...[each.connectionId, each.role, each.health, each.since.toISOString(), each.until?.toISOString() ?? ''],
        ...[each.reason ?? '', each.by ?? ''],
      ]),
    );
    terminal.table(
      ['silent read', 'last complete', 'allowed hours'],
      silent.map((each) => [
        `${each.connectionId}/${each.read}`,
        each.lastAt?.toISOString() ?? 'never',
        each.allowedHours,
      ]),
    );
    terminal.json({ connections, silent });
  });
}

async function decideCommand(
  connectionId: string,
  health: 'maintenance' | 'quarantined' | 'up',
  options: HoldOptions,
): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const key = { tenantId: tenant.id, connectionId };
    const until = options.until ?? null;
    await hub.app.get(ConnectionHealth).decide(key, { health, by: options.by, reason: options.reason ?? null, until });
    // What waited for it is looked at now, not at the next look.
    if (health === 'up')
      await hub.database.inTenant(tenant.id, (em) =>
        hub.app.get(Jobs).post(em, { fact: 'OperationsDue', ...key }, dueKey(tenant.id, connectionId)),
      );
    terminal.say(`${connectionId}: ${health}${until === null ? '' : ` until ${until.toISOString()}`}`);
    terminal.json({ connectionId, health, until });
  });
}
