/** What a schedule is in this room: its line of hub.yaml, and what is derived from it. */
import { createHash } from 'node:crypto';
import type { ScheduleConfig } from '../../platform/config/schedule.schema.js';
import type { FullRunRequest } from '../run-full.js';
import type { ScheduleKey } from './occurrence.store.js';

export type Schedule = ScheduleConfig;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function keyOf({ tenant, id }: Pick<Schedule, 'tenant' | 'id'>): ScheduleKey {
  return { tenantId: tenant, scheduleId: id };
}

/** How runs name the schedule that started them. */
export function startedByOf({ id }: Pick<Schedule, 'id'>): string {
  return `schedule:${id}`;
}

/** What its runs do. */
export function workOf({ does, connection }: Schedule): Pick<FullRunRequest, 'does' | 'only'> {
  return { does, ...(connection === undefined ? {} : { only: { connectionId: connection, reads: null } }) };
}

/** A whole run brings what one under way brings; a part may be another part. */
export function whenBusyOf({ whenBusy, does, connection }: Schedule): 'skip' | 'wait' {
  return whenBusy ?? (does === 'run' && connection === undefined ? 'skip' : 'wait');
}

export function maxAgeMsOf({ misfire }: Schedule): number {
  return misfire.maxAgeHours * HOUR_MS;
}

export function waitMsOf({ after }: Schedule): number {
  return (after?.withinHours ?? 0) * HOUR_MS;
}

/** When an instant begins: whole seconds after it is due, drawn from the schedule and the instant, so that all nodes agree. */
export function startsAtOf({ tenant, id, jitterMinutes }: Schedule, dueAt: Date): Date {
  if (jitterMinutes === 0) return dueAt;
  const drawn = createHash('sha256').update(`${tenant}/${id}/${dueAt.toISOString()}`).digest().readUInt32BE(0);
  const seconds = drawn % (jitterMinutes * 60 + 1);
  return new Date(dueAt.getTime() + seconds * 1000);
}
