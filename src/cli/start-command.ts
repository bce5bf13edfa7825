/** `buduan start`: serves and works until it is told to stop. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { dayInZone, systemClock } from '../platform/clock/clock.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import { nodeWarning } from '../platform/node-support.js';
import { EXIT } from './exit-codes.js';
import { threadsOf } from './open-hub.js';
import { ROLES, type NodeRole } from './serve/role.js';
import { serveHub } from './serve/serve-hub.js';
import { loadConfig } from './with-hub.js';

interface StartOptions {
  readonly config?: string;
  readonly role: NodeRole;
  readonly host?: string;
  readonly port?: number;
}

/** What service managers grant between asking and killing, with a little to spare. */
const STOP_WITHIN_MS = 25_000;

export function registerStartCommand(program: Command): void {
  program
    .command('start')
    .description('serve and work until told to stop: HTTP, jobs, schedules')
    .option('--config <file>', 'the hub’s configuration (default: BUDUAN_CONFIG or hub.yaml)')
    .addOption(
      new Option('--role <role>', 'server answers callers, worker runs jobs and schedules')
        .choices(ROLES)
        .default('all'),
    )
    .option('--host <address>', 'where to listen (default: server.host of the configuration, else 127.0.0.1)')
    .option(
      '--port <number>',
      'which port, 0 for any free one (default: server.port of the configuration, else 4080)',
      portNumber,
    )
    .action(startCommand);
}

async function startCommand(options: StartOptions): Promise<void> {
  const { config, log } = loadConfig(options);
  const told = toldToStop();
  const warning = nodeWarning(process.versions.node, dayInZone(systemClock.now()));
  if (warning !== null) log.warn({ component: 'server' }, warning);
  const serving = await serveHub({
    config: withAddress(config, options),
    log,
    role: options.role,
    threads: threadsOf(config),
  });
  process.stdout.write(`buduan listens on ${serving.url} (${options.role})\n`);
  await told;
  const late = setTimeout(() => {
    log.error(
      { component: 'server' },
      'The hub did not stop in time and ends now; what it was doing is taken up by the next start.',
    );
    process.exit(EXIT.failed);
  }, STOP_WITHIN_MS);
  await serving.stop();
  clearTimeout(late);
}

/** Resolves at the first SIGTERM or SIGINT, also one that comes while the hub is still starting; later ones change nothing. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
}

function withAddress(config: HubConfig, { host, port }: StartOptions): HubConfig {
  return {
    ...config,
    server: { ...config.server, ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) },
  };
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || text.trim() === '')
    throw new InvalidArgumentError('expected a port number from 0 to 65535');
  return port;
}
