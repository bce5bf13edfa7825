/** How a command gets its hub: reads the configuration, opens everything, runs the command, closes everything. */
import type { Command } from 'commander';
import { readEnvironment } from '../platform/config/environment.js';
import { loadHubConfig, type HubConfig, type TenantConfig } from '../platform/config/hub-config.js';
import { chooseTenant } from '../platform/config/tenant-of.js';
import { createLog, type Log } from '../platform/log/log.js';
import { openHub, type OpenHub } from './open-hub.js';
import { createTerminal, type Terminal } from './terminal.js';

export interface HubOptions {
  readonly config?: string | undefined;
  readonly tenant?: string | undefined;
  readonly json?: boolean | undefined;
}

export interface CommandContext {
  readonly hub: OpenHub;
  readonly terminal: Terminal;
  readonly tenant: TenantConfig;
}

/** The options that every command over a hub takes. */
export function hubCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--config <file>', 'the hub’s configuration (default: BUDUAN_CONFIG or hub.yaml)')
    .option('--tenant <id>', 'which tenant; needed when the configuration has several')
    .option('--json', 'one JSON object on standard output');
}

export interface LoadedConfig {
  readonly config: HubConfig;
  readonly log: Log;
}

/** Reads hub.yaml and makes the log it asks for; the environment wins over the file. */
export function loadConfig(options: HubOptions): LoadedConfig {
  const environment = readEnvironment();
  const config = loadHubConfig(options.config ?? environment.configFile, environment.variables);
  const pretty = environment.logFormat === null ? {} : { pretty: environment.logFormat === 'pretty' };
  return { config, log: createLog({ level: environment.logLevel ?? config.log.level, ...pretty }) };
}

/** Opens the hub for one tenant, runs `work`, and closes it whatever happens, also on SIGINT and SIGTERM. */
export async function withHub(options: HubOptions, work: (context: CommandContext) => Promise<void>): Promise<void> {
  const { config, log } = loadConfig(options);
  const tenant = chooseTenant(config, options.tenant);
  const hub = await openHub(config, log);
  const end = (): void => void hub.close().finally(() => process.exit(130));
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    await work({ hub, terminal: createTerminal(options), tenant });
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    await hub.close();
  }
}
