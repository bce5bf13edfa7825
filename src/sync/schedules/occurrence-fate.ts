/** What becomes of a due instant: written down as wanted or skipped, then waiting, started, ended with its run, or given up. Pure. */
import { dayInZone } from '../../platform/clock/clock.js';
import type { WorkingDays } from '../../platform/clock/working-days.js';
import type { MaintenanceWindow } from '../../platform/config/schedule.schema.js';
import type { RunStatus } from '../runs.reader.js';
import { type OtherDay, judgeDay } from './day-window.js';
import { windowAt } from './maintenance-windows.js';
import { type Schedule, maxAgeMsOf, startsAtOf, waitMsOf, whenBusyOf } from './schedule.js';

export const OCCURRENCE_STATES = ['due', 'enqueued', 'ran', 'caught-up', 'skipped'] as const;
export type OccurrenceState = (typeof OCCURRENCE_STATES)[number];

/**
 * `overlap`: another run of the tenant was under way. `missed`: no node was there, and the schedule makes up for nothing.
 * `too-old`: missed, or kept waiting, for longer than the schedule allows. `superseded`: a newer instant is run instead.
 * `interrupted`: its run was given up for a newer one. `before-start`: older than the hub's first look at the schedule.
 * `dependency`: what it waits for did not succeed in time. The rest says for which days the schedule is not meant.
 */
export type SkipReason =
  | 'overlap'
  | 'missed'
  | 'too-old'
  | 'superseded'
  | 'interrupted'
  | 'before-start'
  | 'paused'
  | 'maintenance'
  | 'dependency'
  | OtherDay;

/** What a reason leaves open; stored with the occurrence. */
export interface OccurrenceDetail {
  /** No calendar is known of this year; Monday to Friday were taken for working days. */
  readonly unknownCalendar?: number;
  readonly pausedBy?: string;
  /** Why it was paused, or what the maintenance is for. */
  readonly because?: string;
  /** What it waited for last: `run`, `maintenance`, or the schedules that had not succeeded. */
  readonly waitedFor?: readonly string[];
}

/** Found later than this, an instant counts as missed. */
export const ON_TIME_WITHIN_MS = 60_000;
/**
 * A started occurrence not touched for this long, whose run does not live, is taken up again. Above the minute after which a
 * silent run counts as dead, so that a run begun just before the crash is found dead too.
 */
export const LEFT_ALONE_AFTER_MS = 180_000;

/** A time in which somebody wants nothing started; open while `until` is null. */
export interface Pause {
  readonly from: Date;
  readonly until: Date | null;
  readonly by: string;
  readonly reason: string;
}

/** What a schedule is surrounded by, beyond its own line. */
export interface Surroundings {
  readonly calendar: WorkingDays;
  readonly pauses: readonly Pause[];
  /** Of its tenant, and of its connection where it has one. */
  readonly maintenance: readonly MaintenanceWindow[];
}

export interface Standing {
  /** Why the instant is not for running, whenever it is found; null = it is. */
  readonly reason: SkipReason | null;
  readonly detail: OccurrenceDetail;
}

export function standingOf(schedule: Schedule, dueAt: Date, around: Surroundings): Standing {
  const { reason, unknownYear } = judgeDay(schedule, dayInZone(dueAt, schedule.zone), around.calendar);
  const guessed = unknownYear === null ? {} : { unknownCalendar: unknownYear };
  if (reason !== null) return { reason, detail: guessed };
  const pause = pauseAt(around.pauses, dueAt);
  if (pause !== null) return { reason: 'paused', detail: { ...guessed, pausedBy: pause.by, because: pause.reason } };
  const window = windowAt(around.maintenance, dueAt);
  if (window !== null)
    return {
      reason: 'maintenance',
      detail: { ...guessed, ...(window.reason === null ? {} : { because: window.reason }) },
    };
  return { reason: null, detail: guessed };
}

export function pauseAt(pauses: readonly Pause[], at: Date): Pause | null {
  return pauses.find(({ from, until }) => from <= at && (until === null || at < until)) ?? null;
}

export interface AccountedInstant {
  readonly dueAt: Date;
  readonly startsAt: Date;
  readonly state: 'due' | 'skipped';
  readonly reason: SkipReason | null;
  readonly detail: OccurrenceDetail;
}

/** Decides about every one of the due instants, each exactly once; ascending in, in any order out. */
export function* accountFor(
  schedule: Schedule,
  instants: Iterable<Date>,
  { now, around }: { readonly now: Date; readonly around: Surroundings },
): Generator<AccountedInstant> {
  let newest: AccountedInstant | null = null;
  for (const dueAt of instants) {
    const { reason, detail } = standingOf(schedule, dueAt, around);
    const instant = { dueAt, startsAt: startsAtOf(schedule, dueAt), detail };
    if (reason !== null) {
      yield { ...instant, state: 'skipped', reason };
      continue;
    }
    if (newest !== null) yield whenFound(schedule, newest, { now, isNewest: false });
    newest = { ...instant, state: 'due', reason: null };
  }
  if (newest !== null) yield whenFound(schedule, newest, { now, isNewest: true });
}

/** What the misfire policy makes of an instant that is for running. */
function whenFound(
  schedule: Schedule,
  instant: AccountedInstant,
  { now, isNewest }: { readonly now: Date; readonly isNewest: boolean },
): AccountedInstant {
  const isLate = now.getTime() - instant.startsAt.getTime() > ON_TIME_WITHIN_MS;
  const isTooOld = isLate && now.getTime() - instant.startsAt.getTime() > maxAgeMsOf(schedule);
  const skipped = (reason: SkipReason): AccountedInstant => ({ ...instant, state: 'skipped', reason });
  const wanted: AccountedInstant = isLate ? { ...instant, reason: 'missed' } : instant;
  switch (schedule.misfire.policy) {
    case 'skip':
      return isLate ? skipped('missed') : wanted;
    case 'once':
      if (isTooOld) return skipped('too-old');
      return isNewest ? wanted : skipped('superseded');
    case 'all':
      return isTooOld ? skipped('too-old') : wanted;
  }
}

export interface OpenOccurrence {
  readonly dueAt: Date;
  /** Null where an older version wrote it. */
  readonly startsAt: Date | null;
  /** When it was found to be due. */
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** How often it was started. */
  readonly attempts: number;
  /** The run it was given; null before one was started. */
  readonly run: Pick<RunStatus, 'state' | 'isStale'> | null;
}

/** How things stand around an open occurrence at this moment. */
export interface Moment {
  readonly now: Date;
  /** Whether a newer occurrence of the schedule was, is or is to be run. */
  readonly hasNewer: boolean;
  /** Whether an older one of the schedule is still open. */
  readonly hasOlder: boolean;
  readonly pause: Pause | null;
  readonly isMaintenance: boolean;
  /** Another run of the tenant is under way that this one would get in the way of. */
  readonly isBusy: boolean;
  /** Schedules it waits for that have not succeeded yet. */
  readonly missing: readonly string[];
}

export type OpenFate =
  | { readonly do: 'wait'; readonly waitsFor: readonly string[] }
  | { readonly do: 'end' }
  | { readonly do: 'skip'; readonly reason: SkipReason; readonly detail: OccurrenceDetail }
  | { readonly do: 'start'; readonly without: readonly string[] };

/** What a look at an occurrence without an end concludes. */
export function fateOfOpen(schedule: Schedule, occurrence: OpenOccurrence, moment: Moment): OpenFate {
  const { run } = occurrence;
  if (run === null) return fateOfUnstarted(schedule, occurrence, moment);
  switch (run.state) {
    case 'queued':
    case 'running':
      return run.isStale ? fateOfAbandoned(schedule, occurrence, moment) : wait();
    case 'expired':
      return skip('interrupted');
    case 'succeeded':
    case 'partial':
    case 'failed':
    case 'cancelled':
    case 'suspended':
      return { do: 'end' };
  }
}

function fateOfUnstarted(schedule: Schedule, occurrence: OpenOccurrence, moment: Moment): OpenFate {
  const { now } = moment;
  const makesUpForAll = schedule.misfire.policy === 'all';
  if (isBegunElsewhere(occurrence, now)) return wait();
  if (!makesUpForAll && moment.hasNewer) return skip('superseded');
  if (makesUpForAll && moment.hasOlder) return wait();
  if (moment.pause !== null) return skip('paused', { pausedBy: moment.pause.by, because: moment.pause.reason });
  if (now < startOf(occurrence)) return wait();
  const isTooOld = isOlder(schedule, occurrence, now);
  if (moment.isMaintenance) return isTooOld ? skip('maintenance') : wait('maintenance');
  const without = moment.missing;
  if (without.length > 0) {
    // From when it was found: after an outage its reads are caught up at the same time as it is.
    const isPatient = now.getTime() - occurrence.createdAt.getTime() < waitMsOf(schedule);
    if (isPatient && !isTooOld) return wait(...without);
    if (schedule.after?.otherwise !== 'run') return skip('dependency', { waitedFor: without });
  }
  if (moment.isBusy) {
    const mayWait = !isTooOld && (makesUpForAll || whenBusyOf(schedule) === 'wait');
    return mayWait ? wait('run') : skip('overlap');
  }
  return isTooOld ? skip('too-old') : { do: 'start', without };
}

/** Its run, and the node that had it, have not been heard of for a minute. */
function fateOfAbandoned(schedule: Schedule, occurrence: OpenOccurrence, moment: Moment): OpenFate {
  const { now, hasNewer } = moment;
  if (isTouched(occurrence, now)) return wait();
  // The newer one gives its run up when it begins.
  if (hasNewer && schedule.misfire.policy !== 'all') return wait();
  return isOlder(schedule, occurrence, now) ? skip('too-old') : { do: 'start', without: [] };
}

function startOf({ startsAt, dueAt }: OpenOccurrence): Date {
  return startsAt ?? dueAt;
}

function isOlder(schedule: Schedule, occurrence: OpenOccurrence, now: Date): boolean {
  return now.getTime() - startOf(occurrence).getTime() > maxAgeMsOf(schedule);
}

/** Started by a node that has noted no run: one that does something else than a run, or one of an older version. */
function isBegunElsewhere(occurrence: OpenOccurrence, now: Date): boolean {
  return (occurrence.attempts > 0 || occurrence.startsAt === null) && isTouched(occurrence, now);
}

function isTouched({ updatedAt }: OpenOccurrence, now: Date): boolean {
  return now.getTime() - updatedAt.getTime() < LEFT_ALONE_AFTER_MS;
}

function wait(...waitsFor: readonly string[]): OpenFate {
  return { do: 'wait', waitsFor };
}

function skip(reason: SkipReason, detail: OccurrenceDetail = {}): OpenFate {
  return { do: 'skip', reason, detail };
}
