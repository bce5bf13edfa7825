/** `buduan notifications`: who was told what, what did not get through, telling it again, and trying an endpoint. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { v7 as newId } from 'uuid';
import { HubError } from '../domain/hub-error.js';
import { isEventFilter } from '../domain/events.js';
import {
  countNotifications,
  listNotifications,
  NOTIFICATION_STATES,
  readNotification,
  readTroubledEndpoints,
  type NotificationFilter,
  type NotificationState,
  type NotificationView,
} from '../notify/notifications.reader.js';
import { ReplayNotifications } from '../notify/replay-notifications.js';
import { SendNotifications } from '../notify/send-notifications.js';
import { systemClock } from '../platform/clock/clock.js';
import { loginName } from './login-name.js';
import { limitOption, uuidArgument } from './option-parsers.js';
import type { Terminal } from './terminal.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface FilterOptions extends HubOptions {
  readonly state?: NotificationState;
  readonly endpoint?: string;
  readonly event?: string;
  readonly since?: Date;
  readonly limit: number;
}

interface ReplayOptions extends FilterOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly by: string;
}

export function registerNotificationsCommand(program: Command): void {
  const notifications = program
    .command('notifications')
    .description('what webhooks, groups and employees were told, and what did not get through');
  withFilter(hubCommand(notifications, 'list', 'counts by endpoint and state, endpoints in trouble, the newest ones'))
    .addOption(new Option('--state <state>', 'only those in this state').choices(NOTIFICATION_STATES))
    .action(listCommand);
  hubCommand(notifications, 'show', 'one notification with what it says')
    .argument('<notification>', 'its id', uuidArgument)
    .action(showCommand);
  withFilter(hubCommand(notifications, 'replay', 'send again: the named ones, those that fit, or all dead ones'))
    .addOption(
      new Option('--state <state>', 'which ended ones')
        .choices(['dead', 'delivered'])
        .default('dead' satisfies NotificationState),
    )
    .argument('[notifications...]', 'their ids', (text: string, named: readonly string[] = []) => [
      ...named,
      uuidArgument(text),
    ])
    .option('--all', 'every one in this state')
    .option('--dry-run', 'only show which would be sent')
    .option('--by <name>', 'who decides; goes into the audit trail (default: your login)', loginName())
    .action(replayCommand);
  hubCommand(notifications, 'test', 'send one made-up event to an endpoint now, and say what became of it')
    .argument('<endpoint>', 'its id in hub.yaml')
    .option('--to <address>', 'where it reaches employees: one address')
    .action(testCommand);
}

function withFilter(command: Command): Command {
  return command
    .option('--endpoint <id>', 'only those of this endpoint')
    .option('--event <type>', 'only events of this type or group, for example finding.opened or case.*', eventOption)
    .option('--since <time>', 'only events since, for example 2026-03-20 or 2026-03-20T08:00:00Z', timeOption)
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 100);
}

function eventOption(text: string): string {
  if (!isEventFilter(text)) throw new InvalidArgumentError('expected an event or a group of events such as run.*');
  return text;
}

function timeOption(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('expected a day or a time, for example 2026-03-20');
  return time;
}

function filterOf(options: FilterOptions, tenantId: string): NotificationFilter {
  const { state, endpoint, since, limit } = options;
  const event = options.event === '*' ? undefined : options.event;
  return { tenantId, state, endpoint, event, since, limit, notificationIds: null };
}

async function listCommand(options: FilterOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { counts, troubled, notifications } = await hub.database.inTenant(tenant.id, async (em) => ({
      counts: await countNotifications(em, tenant.id),
      troubled: await readTroubledEndpoints(em, tenant.id),
      notifications: await listNotifications(em, filterOf(options, tenant.id)),
    }));
    terminal.table(
      ['endpoint', 'state', 'notifications'],
      counts.map((each) => [each.endpointId, each.state, each.count]),
    );
    if (troubled.length > 0)
      terminal.table(
        ['endpoint', 'failures in a row', 'rests until', 'why'],
        troubled.map((each) => [
          ...[each.endpointId, each.failures],
          ...[each.pausedUntil?.toISOString() ?? '', each.lastCode ?? ''],
        ]),
      );
    tellNotifications(terminal, notifications);
    terminal.json({ counts, troubled, notifications });
  });
}

function tellNotifications(terminal: Terminal, notifications: readonly NotificationView[]): void {
  terminal.table(
    ['notification', 'occurred', 'event', 'endpoint', 'state', 'attempts', 'why', 'next attempt'],
    notifications.map((each) => [
      ...[
        each.notificationId,
        each.occurredAt.toISOString(),
        each.eventType,
        each.endpointId,
        each.state,
        each.attempts,
      ],
      ...[each.lastCode ?? '', each.nextAt?.toISOString() ?? ''],
    ]),
  );
}

async function showCommand(notificationId: string, options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const found = await hub.database.inTenant(tenant.id, (em) => readNotification(em, tenant.id, notificationId));
    if (found === null) throw unknownNotification(notificationId);
    const { body, ...view } = found;
    const data: unknown = JSON.parse(body);
    const shown = Object.entries(view).filter(([, value]) => value !== null);
    for (const [name, value] of shown)
      terminal.say(`${name}: ${value instanceof Date ? value.toISOString() : String(value)}`);
    terminal.say(JSON.stringify(data, null, 2));
    terminal.json({ ...view, data });
  });
}

async function replayCommand(named: readonly string[] | undefined, options: ReplayOptions): Promise<void> {
  const { endpoint, event, since, all } = options;
  const isFiltered = endpoint !== undefined || event !== undefined || since !== undefined;
  const notificationIds = named === undefined || named.length === 0 ? null : named;
  if (notificationIds === null && !isFiltered && all !== true) throw whichNotifications();
  await withHub(options, async ({ hub, terminal, tenant }) => {
    // Named ones are meant whatever ended state they are in.
    const filter = { ...filterOf(options, tenant.id), notificationIds };
    const chosen = notificationIds === null ? filter : { ...filter, state: undefined, limit: 1000 };
    const found = (await hub.database.inTenant(tenant.id, (em) => listNotifications(em, chosen))).filter(
      ({ state }) => state === 'dead' || state === 'delivered',
    );
    if (options.dryRun === true) {
      tellNotifications(terminal, found);
      terminal.say(`${found.length} notifications would be sent again.`);
      terminal.json({ dryRun: true, notifications: found });
      return;
    }
    const replayed = await hub.app.get(ReplayNotifications).replay({
      ...{ tenantId: tenant.id, actor: options.by },
      notificationIds: found.map((each) => each.notificationId),
    });
    terminal.say(`${replayed} notifications wait to be sent again, by a running hub or during the next run.`);
    terminal.json({ replayed });
  });
}

async function testCommand(endpointId: string, options: HubOptions & { readonly to?: string }): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const now = systemClock.now();
    const data = { tenantId: tenant.id };
    const delivery = await hub.app.get(SendNotifications).try(
      { tenantId: tenant.id, endpointId },
      {
        ...{ tenantId: tenant.id, notificationId: newId(), eventId: newId(), type: 'hub.test', occurredAt: now },
        ...{ body: JSON.stringify(data), receipt: null, to: options.to === undefined ? [] : [options.to] },
        text: { title: '不断 buduan 测试消息 / test message', body: `${tenant.id}: ${now.toISOString()}` },
      },
    );
    if (delivery === null)
      throw unknownEndpoint(
        endpointId,
        tenant.notify.map(({ id }) => id),
      );
    terminal.say(`${endpointId}: ${delivery.outcome}${'code' in delivery ? ` (${delivery.code})` : ''}`);
    terminal.json({ endpointId, ...delivery });
    if (delivery.outcome !== 'delivered' && delivery.outcome !== 'taken') process.exitCode = 1;
  });
}

function whichNotifications(): HubError {
  return new HubError({
    code: 'which-notifications',
    next: 'fix-config',
    message: 'Name the notifications, or say which with --endpoint, --event or --since, or say --all.',
  });
}

function unknownNotification(notificationId: string): HubError {
  return new HubError({
    code: 'unknown-notification',
    next: 'fix-config',
    message: `There is no notification ${notificationId}; "buduan notifications list" shows those there are.`,
  });
}

function unknownEndpoint(endpointId: string, known: readonly string[]): HubError {
  return new HubError({
    code: 'unknown-endpoint',
    next: 'fix-config',
    message: `The tenant has no endpoint ${endpointId} under "notify"; expected one of: ${known.join(', ')}.`,
  });
}
