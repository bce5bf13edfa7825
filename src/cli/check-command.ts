/** `buduan check`: whether everything a run needs is there: configuration, policy, database, and every connection's answer. */
import type { Command } from 'commander';
import { ConnectionRegistry } from '../connectors/registry.js';
import type { Connection } from '../connectors/port.js';
import { PolicyBooks } from '../policy/policy-books.js';
import { EXIT } from './exit-codes.js';
import { openHub } from './open-hub.js';
import { createTerminal } from './terminal.js';
import { loadConfig, type HubOptions } from './with-hub.js';

interface Checked {
  readonly tenant: string;
  readonly connection: string;
  readonly ok: boolean;
  readonly says: string;
}

const CHECK_WITHIN_MS = 30_000;

export function registerCheckCommand(program: Command): void {
  program
    .command('check')
    .description('check the configuration, the database, and the reachability and credentials of every connection')
    .option('--config <file>', 'the hub’s configuration (default: BUDUAN_CONFIG or hub.yaml)')
    .option('--json', 'one JSON object on standard output')
    .action(checkCommand);
}

async function checkCommand(options: HubOptions): Promise<void> {
  const { config, log } = loadConfig(options);
  const terminal = createTerminal(options);
  const hub = await openHub(config, log);
  try {
    const registry = hub.app.get(ConnectionRegistry);
    const connections = config.tenants.flatMap((tenant) => registry.all(tenant.id));
    const checked = await Promise.all(connections.map(checkConnection));
    const warnings = [
      ...new Set(config.tenants.flatMap((tenant) => hub.app.get(PolicyBooks).forTenant(tenant.id).warnings)),
    ];
    terminal.say(
      `configuration ${config.file}: ok\ndatabase: ok${config.database.url === null ? ' (trial mode)' : ''}`,
    );
    terminal.table(
      ['tenant', 'connection', 'ok', 'says'],
      checked.map((each) => [each.tenant, each.connection, each.ok ? 'yes' : 'NO', each.says]),
    );
    for (const warning of warnings) terminal.say(`policy: ${warning}`);
    const ok = checked.every((each) => each.ok);
    terminal.json({ ok, connections: checked, policyWarnings: warnings });
    process.exitCode = ok ? EXIT.done : EXIT.badConfig;
  } finally {
    await hub.close();
  }
}

async function checkConnection(connection: Connection): Promise<Checked> {
  const report = await connection.check(AbortSignal.timeout(CHECK_WITHIN_MS));
  const says = report.ok ? report.detail : `${report.code}: ${report.message}`;
  return { tenant: connection.tenantId, connection: connection.connectionId, ok: report.ok, says };
}
