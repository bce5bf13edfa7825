/** `buduan schedule`: when schedules are due and why one would be skipped, what became of past instants, pausing one. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { HubError } from '../domain/hub-error.js';
import { systemClock } from '../platform/clock/clock.js';
import type { TenantConfig } from '../platform/config/hub-config.js';
import { type ForeseenInstant, foresee } from '../sync/schedules/account-instants.js';
import { OCCURRENCE_STATES, type OccurrenceState, type Pause, pauseAt } from '../sync/schedules/occurrence-fate.js';
import { type Occurrence, readLatestOccurrences, readOccurrences } from '../sync/schedules/occurrences.reader.js';
import { pauseSchedule, resumeSchedule } from '../sync/schedules/pause-schedule.js';
import { type Schedule, keyOf, whenBusyOf } from '../sync/schedules/schedule.js';
import { readPauses } from '../sync/schedules/schedule-pauses.reader.js';
import { SyncTools } from '../sync/sync-tools.js';
import type { OpenHub } from './open-hub.js';
import { limitOption, timeOption } from './option-parsers.js';
import { scheduleSurroundings } from './schedule-surroundings.js';
import { outcomeText, ruleText, standingText } from './schedule-texts.js';
import { policyUpdates } from './serve/policy-updates.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';
import { zonedTime } from './zoned-time.js';

interface NextOptions extends HubOptions {
  readonly count: number;
}

interface HistoryOptions extends HubOptions {
  readonly limit: number;
  readonly state?: OccurrenceState;
}

interface PauseOptions extends HubOptions {
  readonly by: string;
  readonly reason: string;
  readonly until?: Date;
}

interface ResumeOptions extends HubOptions {
  readonly by: string;
  readonly reason?: string;
}

/** How far the list looks for an instant that really runs: a year of nights. */
const INSTANTS_TO_A_RUN = 366;

export function registerScheduleCommand(program: Command): void {
  const schedule = program
    .command('schedule')
    .description('when schedules are due, what became of it, and pausing one');
  hubCommand(schedule, 'list', 'every schedule with its next instant and how the last one ended').action(listCommand);
  hubCommand(schedule, 'next <schedule>', 'the next instants, and why one would be skipped')
    .option('--count <count>', 'how many, 1–1000', limitOption, 10)
    .action(nextCommand);
  hubCommand(schedule, 'history <schedule>', 'past instants with outcome and reason, newest first')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 20)
    .addOption(new Option('--state <state>', 'only those').choices(OCCURRENCE_STATES))
    .action(historyCommand);
  hubCommand(schedule, 'pause <schedule>', 'start nothing from now on; what is under way goes on')
    .requiredOption('--by <name>', 'who decides; goes into the audit trail')
    .requiredOption('--reason <text>', 'why; stands beside every instant that is skipped', textOption)
    .option('--until <time>', 'when it ends by itself, for example 2026-12-01T06:00+08:00', timeOption)
    .action(pauseCommand);
  hubCommand(schedule, 'resume <schedule>', 'start again; what was due in between stays skipped')
    .requiredOption('--by <name>', 'who decides; goes into the audit trail')
    .option('--reason <text>', 'why', textOption)
    .action(resumeCommand);
}

async function listCommand(options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const now = systemClock.now();
    const latest = await hub.database.inTenant(tenant.id, (em) => readLatestOccurrences(em, tenant.id));
    const listed = [];
    for (const schedule of schedulesOf(hub, tenant)) {
      const last = latest.find(({ scheduleId }) => scheduleId === schedule.id) ?? null;
      const { foreseen, paused } = await lookAhead(hub, schedule, now);
      const ahead = take(foreseen, INSTANTS_TO_A_RUN, ({ reason }) => reason === null);
      const runsAt = ahead.find(({ reason }) => reason === null)?.dueAt ?? null;
      listed.push({ schedule, last, paused, next: ahead[0] ?? null, runsAt });
    }
    terminal.table(
      ['schedule', 'does', 'when', 'next', 'would', 'last', 'outcome'],
      listed.map(({ schedule, last, next, runsAt }) => [
        ...[schedule.id, doesText(schedule), ruleText(schedule)],
        ...(next === null ? ['', ''] : [zonedTime(next.dueAt, schedule.zone), aheadText(schedule, next, runsAt)]),
        ...(last === null
          ? ['', 'never seen']
          : [zonedTime(last.dueAt, schedule.zone), outcomeText(last, schedule.zone)]),
      ]),
    );
    terminal.json({
      schedules: listed.map(({ schedule, ...seen }) => ({ ...schedule, whenBusy: whenBusyOf(schedule), ...seen })),
    });
  });
}

async function nextCommand(id: string, options: NextOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const schedule = scheduleNamed(hub, tenant, id);
    const foreseen = take((await lookAhead(hub, schedule, systemClock.now())).foreseen, options.count);
    terminal.say(ruleText(schedule));
    terminal.table(
      ['due', 'begins', 'would'],
      foreseen.map((each) => [
        ...[zonedTime(each.dueAt, schedule.zone), zonedTime(each.startsAt, schedule.zone)],
        standingText(schedule, each),
      ]),
    );
    terminal.json({ schedule: id, instants: foreseen });
  });
}

async function historyCommand(id: string, options: HistoryOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { zone } = scheduleNamed(hub, tenant, id);
    const filter = { tenantId: tenant.id, scheduleId: id, state: options.state ?? null, limit: options.limit };
    const occurrences = await hub.database.inTenant(tenant.id, (em) => readOccurrences(em, filter));
    terminal.table(
      ['due', 'outcome', 'run', 'run state'],
      occurrences.map((each: Occurrence) => [
        ...[zonedTime(each.dueAt, zone), outcomeText(each, zone), each.runId ?? '', each.runState ?? ''],
      ]),
    );
    if (occurrences.length === options.limit) terminal.say('There may be more: --limit');
    terminal.json({ schedule: id, occurrences });
  });
}

async function pauseCommand(id: string, options: PauseOptions): Promise<void> {
  const { by, reason } = options;
  const until = options.until ?? null;
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const schedule = scheduleNamed(hub, tenant, id);
    const request = { by, reason, at: systemClock.now(), until };
    await pauseSchedule(hub.app.get(SyncTools), keyOf(schedule), request);
    const end = until === null ? `until "buduan schedule resume ${id}"` : `until ${zonedTime(until, schedule.zone)}`;
    terminal.say(`${id} is paused ${end}. A run under way goes on.`);
    terminal.json({ schedule: id, paused: true, until });
  });
}

async function resumeCommand(id: string, options: ResumeOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const schedule = scheduleNamed(hub, tenant, id);
    const at = systemClock.now();
    const request = { by: options.by, reason: options.reason ?? null, at };
    await resumeSchedule(hub.app.get(SyncTools), keyOf(schedule), request);
    const foreseen = take((await lookAhead(hub, schedule, at)).foreseen, 1);
    terminal.say(`${id} goes on; next due ${foreseen.map(({ dueAt }) => zonedTime(dueAt, schedule.zone)).join()}.`);
    terminal.json({ schedule: id, paused: false, next: foreseen[0] ?? null });
  });
}

interface Ahead {
  /** Without end. */
  readonly foreseen: Iterable<ForeseenInstant>;
  /** null = it is not paused now. */
  readonly paused: Pause | null;
}

async function lookAhead(hub: OpenHub, schedule: Schedule, now: Date): Promise<Ahead> {
  const pauses = await hub.database.inTenant(schedule.tenant, (em) =>
    readPauses(em, { ...keyOf(schedule), after: now }),
  );
  const { calendar, maintenanceOf } = scheduleSurroundings(hub.config);
  const around = { calendar, pauses, maintenance: maintenanceOf(schedule) };
  return { foreseen: foresee(schedule, now, around), paused: pauseAt(pauses, now) };
}

/** The first `most`, or up to and with the first that is enough. */
function take(
  foreseen: Iterable<ForeseenInstant>,
  most: number,
  isEnough: (instant: ForeseenInstant) => boolean = () => false,
): ForeseenInstant[] {
  const taken: ForeseenInstant[] = [];
  for (const instant of foreseen) {
    taken.push(instant);
    if (taken.length >= most || isEnough(instant)) break;
  }
  return taken;
}

/** With the day on which it really runs, where the next instant is not for running. */
function aheadText(schedule: Schedule, next: ForeseenInstant, runsAt: Date | null): string {
  const text = standingText(schedule, next);
  if (next.reason === null) return text;
  return `${text}; ${runsAt === null ? `none of the next ${INSTANTS_TO_A_RUN} runs` : `runs ${zonedTime(runsAt, schedule.zone)}`}`;
}

function schedulesOf(hub: OpenHub, tenant: TenantConfig): readonly Schedule[] {
  return [...hub.config.schedules, ...policyUpdates(hub).schedule].filter((each) => each.tenant === tenant.id);
}

function scheduleNamed(hub: OpenHub, tenant: TenantConfig, id: string): Schedule {
  const all = schedulesOf(hub, tenant);
  const found = all.find((each) => each.id === id);
  if (found !== undefined) return found;
  const known = all.length === 0 ? 'It has none.' : `Expected one of: ${all.map((each) => each.id).join(', ')}.`;
  throw new HubError({
    code: 'unknown-schedule',
    next: 'fix-config',
    message: `Tenant ${tenant.id} has no schedule ${id}. ${known}`,
  });
}

function doesText({ does, connection }: Schedule): string {
  return connection === undefined ? does : `${does} ${connection}`;
}

function textOption(text: string): string {
  if (text.trim() === '' || text.length > 200) throw new InvalidArgumentError('expected 1 to 200 characters');
  return text;
}
