/** `buduan webhooks`: what outside systems called about, what became of it, and following a call again. */
import { Option, type Command } from 'commander';
import { HubError } from '../domain/hub-error.js';
import type { TenantConfig } from '../platform/config/hub-config.js';
import { replayWebhooks } from '../sync/replay-webhooks.js';
import { SyncTools } from '../sync/sync-tools.js';
import {
  countReadings,
  countRefusals,
  listReadings,
  READING_STATES,
  type ReadingState,
} from '../sync/webhooks.reader.js';
import { limitOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface ListOptions extends HubOptions {
  readonly state?: ReadingState;
  readonly connection?: string;
  readonly limit: number;
}

interface ReplayOptions extends HubOptions {
  readonly all?: boolean;
}

export function registerWebhooksCommand(program: Command): void {
  const webhooks = program.command('webhooks').description('calls of outside systems that said something changed');
  hubCommand(webhooks, 'list', 'counts by connection and state, calls refused, and the newest deliveries')
    .addOption(new Option('--state <state>', 'only persons in this state').choices(READING_STATES))
    .option('--connection <id>', 'only deliveries of this connection')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 100)
    .action(listCommand);
  hubCommand(webhooks, 'replay [deliveries...]', 'read the persons of deliveries again: the named ones, or --all')
    .option('--all', 'every delivery that failed, died or waits')
    .action(replayCommand);
}

async function listCommand(options: ListOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    refuseUnknown(options.connection, tenant);
    const filter = {
      tenantId: tenant.id,
      connectionId: options.connection ?? null,
      state: options.state ?? null,
      limit: options.limit,
    };
    const { counts, refused, deliveries } = await hub.database.inTenant(tenant.id, async (em) => ({
      counts: await countReadings(em, tenant.id),
      refused: await countRefusals(em, tenant.id),
      deliveries: await listReadings(em, filter),
    }));
    terminal.table(
      ['connection', 'state', 'persons'],
      counts.map((each) => [each.connectionId, each.state, each.persons]),
    );
    if (refused.length > 0)
      terminal.table(
        ['connection', 'refused', 'calls', 'last'],
        refused.map((each) => [each.connectionId, each.reason, each.calls, each.lastAt.toISOString()]),
      );
    terminal.table(
      ['received', 'connection', 'delivery', 'type', 'person no.', 'state', 'reason', 'came again', 'next read'],
      deliveries.map((each) => [
        each.receivedAt.toISOString(),
        each.connectionId,
        each.deliveryId,
        each.eventType ?? '',
        each.ownerNo + 1,
        each.state,
        each.reason ?? '',
        each.repeats,
        each.nextAt?.toISOString() ?? '',
      ]),
    );
    terminal.json({ counts, refused, deliveries });
  });
}

async function replayCommand(ids: readonly string[], options: ReplayOptions): Promise<void> {
  if ((ids.length === 0) === (options.all !== true))
    throw new HubError({
      code: 'which-deliveries',
      next: 'fix-config',
      message: 'Name the deliveries, or say --all; not both and not neither.',
    });
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const request = { tenantId: tenant.id, deliveryIds: options.all === true ? null : ids };
    const { persons, unknown } = await replayWebhooks(hub.app.get(SyncTools), request);
    if (persons > 0) terminal.say(`${counted(persons)} read again by a running hub, or during the next run.`);
    else if (unknown.length === 0) terminal.say('Nothing to read again: no delivery failed, died or waits.');
    terminal.json({ persons, unknown });
    if (unknown.length > 0)
      throw new HubError({
        code: 'unknown-delivery',
        next: 'fix-config',
        message: `There is no delivery that names somebody with the id ${unknown.join(', ')}; "buduan webhooks list" shows them.`,
      });
  });
}

function counted(persons: number): string {
  return persons === 1 ? '1 person is' : `${persons} persons are`;
}

function refuseUnknown(connectionId: string | undefined, { id, connections }: TenantConfig): void {
  if (connectionId === undefined || connections.some((each) => each.id === connectionId)) return;
  throw new HubError({
    code: 'unknown-connection',
    next: 'fix-config',
    message: `Tenant ${id} has no connection ${connectionId}; it has ${connections.map((each) => each.id).join(', ')}.`,
  });
}
