/** `buduan connector test`: whether a live system does what a manifest says. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { runContract } from '../connectors/contract/run-contract.js';
import { loadAnyManifest } from '../connectors/load-any-manifest.js';
import { ConnectionRegistry } from '../connectors/registry.js';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import { dayInZone, systemClock } from '../platform/clock/clock.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import { EXIT } from './exit-codes.js';
import { dayOption } from './option-parsers.js';
import { createTerminal } from './terminal.js';
import { loadConfig, type HubOptions } from './with-hub.js';

interface TestOptions extends HubOptions {
  readonly manifest: string;
  readonly connection?: string;
  readonly asOf?: Day;
  readonly write?: string;
}

const TEST_WITHIN_MS = 600_000;

export function registerConnectorCommand(program: Command): void {
  const connector = program.command('connector').description('connectors and their manifests');
  connector
    .command('test')
    .description('ask the live system and say what the manifest gets wrong; reads only')
    .requiredOption('--manifest <file>', 'the manifest to test')
    .option(
      '--config <file>',
      'the configuration whose connection lends address and credentials; without it only the manifest’s text is checked',
    )
    .option('--connection <id>', 'which connection (default: the one that uses the manifest)')
    .option('--as-of <day>', 'ask for the months before this day, YYYY-MM-DD (default: today in China)', dayOption)
    .option('--write <person>', 'also write this person’s present status and base back; that system’s own id')
    .option('--json', 'one JSON object on standard output')
    .action(testCommand);
}

async function testCommand(options: TestOptions): Promise<void> {
  const terminal = createTerminal(options);
  const manifest = loadAnyManifest(options.manifest);
  if (options.config === undefined) {
    terminal.say(`${options.manifest}: the text is right. Name a --config to ask the live system.`);
    terminal.json({ ok: true, checks: [] });
    return;
  }
  const { config, log } = loadConfig(options);
  const { tested, tenantId, connectionId } = withManifest(config, options);
  const registry = new ConnectionRegistry({ config: tested, log, clock: systemClock });
  try {
    const report = await runContract({
      manifest,
      connection: registry.open(tenantId, connectionId),
      asOf: options.asOf ?? dayInZone(systemClock.now()),
      writeOwner: options.write ?? null,
      signal: AbortSignal.timeout(TEST_WITHIN_MS),
    });
    terminal.table(
      ['', 'check', 'says', 'to mend it'],
      report.checks.map((check) => [check.ok ? 'ok' : 'NO', check.name, check.says, check.fix ?? '']),
    );
    terminal.say(report.ok ? 'The system does what the manifest says.' : 'The manifest and the system differ.');
    terminal.json(report);
    process.exitCode = report.ok ? EXIT.done : EXIT.failed;
  } finally {
    await registry.close();
  }
}

/** The configuration with the tested manifest in the place of the connection's own. */
function withManifest(
  config: HubConfig,
  options: TestOptions,
): { readonly tested: HubConfig; readonly tenantId: string; readonly connectionId: string } {
  const file = resolve(options.manifest);
  const all = config.tenants.flatMap((tenant) => tenant.connections.map((connection) => ({ tenant, connection })));
  const fitting = all.filter(({ connection }) =>
    options.connection === undefined ? connection.manifest === file : connection.id === options.connection,
  );
  const [chosen] = fitting;
  if (chosen === undefined || fitting.length > 1) {
    const ids = all.map(({ tenant, connection }) => `${tenant.id}/${connection.id}`).join(', ');
    throw new HubError({
      code: 'which-connection',
      next: 'fix-config',
      message: `Name one connection with --connection; the configuration has: ${ids}.`,
    });
  }
  const { tenant, connection } = chosen;
  const connections = tenant.connections.map((each) => (each === connection ? { ...each, manifest: file } : each));
  const tenants = config.tenants.map((each) => (each === tenant ? { ...each, connections } : each));
  return { tested: { ...config, tenants }, tenantId: tenant.id, connectionId: connection.id };
}
