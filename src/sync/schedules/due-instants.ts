/** At which instants a schedule is due: its cron line read on the wall clock of its zone, across every change of that clock. */
import { CronExpressionParser } from 'cron-parser';
import { nextOffsetChange, offsetAt, type OffsetChange } from './zone-offsets.js';

/** A checked cron line of five fields and an IANA zone, as a schedule of hub.yaml has them. */
export interface ScheduleRule {
  readonly cron: string;
  readonly zone: string;
}

const HOUR_MS = 3_600_000;
/** The widest that any clock was ever turned back, with room. */
const WIDEST_TURN_MS = 26 * HOUR_MS;
const AHEAD_MS = 7 * 24 * HOUR_MS;

/**
 * Every due instant after `after`, ascending, without end; the same whatever instant one begins after. Where the clock
 * jumps forward, times it jumps over are due once, at the jump. Where it is turned back, a time that comes twice is due
 * the first time only, unless the hour field begins with `*`: then it is due both times.
 *
 * cron-parser reads the line on a clock without changes, and the changes are added here: asked with a zone directly, its
 * version 5.10 left out a day at the half-hour change of Australia/Lord_Howe and did not come back from another.
 */
export function* dueInstants(rule: ScheduleRule, after: Date): Generator<Date, never> {
  const { zone } = rule;
  let fromMs = after.getTime();
  let offsetMs = offsetAt(zone, fromMs);
  let wall = wallTimes(rule, Math.max(fromMs + offsetMs, lastTurnBack(rule, fromMs)));
  let ahead = seenUntil(fromMs);
  for (;;) {
    const dueWallMs = wall.next().value;
    const dueMs = dueWallMs - offsetMs;
    if (dueMs > ahead.untilMs) ahead = lookAhead(zone, fromMs, dueMs);
    const { change } = ahead;
    if (change === null || change.atMs > dueMs) {
      yield new Date(dueMs);
      fromMs = dueMs;
      continue;
    }
    if (dueWallMs < change.atMs + change.afterMs) yield new Date(change.atMs);
    wall = wallTimes(rule, wallAfter(rule, { change, dueWallMs }));
    fromMs = change.atMs;
    offsetMs = change.afterMs;
    ahead = seenUntil(fromMs);
  }
}

/** The newest due instant at or before `at`; null when the zone's calendar has none in ten years. */
export function latestDue(rule: ScheduleRule, at: Date): Date | null {
  for (let back = HOUR_MS; back <= 10 * 366 * 24 * HOUR_MS; back *= 4) {
    let latest: Date | null = null;
    for (const due of dueInstants(rule, new Date(at.getTime() - back))) {
      if (due.getTime() > at.getTime()) break;
      latest = due;
    }
    if (latest !== null) return latest;
  }
  return null;
}

/** Every match after a wall time, on a clock that never changes. All are wall times written as if they were UTC. */
function* wallTimes({ cron }: ScheduleRule, afterMs: number): Generator<number, never> {
  // Read once: an outage of months is accounted for instant by instant, under a lock, and reading took most of that time.
  const line = CronExpressionParser.parse(cron, { currentDate: new Date(afterMs), tz: 'UTC' });
  for (;;) yield line.next().getTime();
}

/** Up to when it is known whether the clock changes, and its first change until then. */
interface Ahead {
  readonly untilMs: number;
  readonly change: OffsetChange | null;
}

function seenUntil(untilMs: number): Ahead {
  return { untilMs, change: null };
}

/** A week at least, so that a schedule of every few minutes asks once for thousands of instants. */
function lookAhead(zone: string, fromMs: number, dueMs: number): Ahead {
  const untilMs = Math.max(dueMs, fromMs + AHEAD_MS);
  return { untilMs, change: nextOffsetChange(zone, fromMs, untilMs) };
}

interface PassedChange {
  readonly change: OffsetChange;
  readonly dueWallMs: number;
}

/** After which wall time to go on behind a change of the clock. */
function wallAfter(rule: ScheduleRule, { change, dueWallMs }: PassedChange): number {
  const { atMs, beforeMs, afterMs } = change;
  const wasJumpedOver = dueWallMs < atMs + afterMs;
  // The jump itself was due already; otherwise its first moment may still be.
  if (wasJumpedOver) return atMs + afterMs;
  return (isEveryHour(rule) ? atMs + afterMs : atMs + Math.max(beforeMs, afterMs)) - 1;
}

/** The wall time up to which the clock was turned back shortly before `atMs`, for rules that are not due twice. */
function lastTurnBack(rule: ScheduleRule, atMs: number): number {
  if (isEveryHour(rule)) return -Infinity;
  const change = nextOffsetChange(rule.zone, atMs - WIDEST_TURN_MS, atMs);
  if (change === null || change.afterMs > change.beforeMs) return -Infinity;
  return change.atMs + change.beforeMs - 1;
}

function isEveryHour({ cron }: ScheduleRule): boolean {
  return cron.trim().split(/\s+/)[1]?.startsWith('*') ?? false;
}
