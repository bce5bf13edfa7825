/** How schedules and their instants are put into words. */
import type { ForeseenInstant } from '../sync/schedules/account-instants.js';
import type { OccurrenceDetail, SkipReason } from '../sync/schedules/occurrence-fate.js';
import type { Occurrence } from '../sync/schedules/occurrences.reader.js';
import type { Schedule } from '../sync/schedules/schedule.js';
import { zonedTime } from './zoned-time.js';

/** For example `0 9 * * * Asia/Shanghai, workdays, working days 3 of the month`. */
export function ruleText({ cron, zone, days, daysOfMonth, workdaysOfMonth, after }: Schedule): string {
  return [
    `${cron} ${zone}`,
    ...(days === 'all' ? [] : [days]),
    ...(daysOfMonth === undefined ? [] : [`days ${daysOfMonth}`]),
    ...(workdaysOfMonth === undefined ? [] : [`working day ${workdaysOfMonth.join(', ')} of the month`]),
    ...(after === undefined ? [] : [`after ${after.schedules.join(', ')}`]),
  ].join(', ');
}

/** What would become of an instant to come. */
export function standingText({ after }: Schedule, { reason, detail }: ForeseenInstant): string {
  if (reason !== null) return `skip: ${reasonText(reason, detail)}`;
  return [
    'run',
    ...(after === undefined ? [] : [`once ${after.schedules.join(', ')} succeeded`]),
    ...guessText(detail),
  ].join(', ');
}

/** What became of an instant; `zone` is that of its schedule. */
export function outcomeText({ dueAt, startsAt, state, reason, detail }: Occurrence, zone: string): string {
  const waited = detail.waitedFor?.join(', ');
  switch (state) {
    case 'due':
      return [
        'due',
        ...(startsAt !== null && startsAt > dueAt ? [`begins ${zonedTime(startsAt, zone)}`] : []),
        ...(waited === undefined ? [] : [`waits for ${waited}`]),
        ...guessText(detail),
      ].join(', ');
    case 'enqueued':
      return ['its run is under way', ...guessText(detail)].join(', ');
    case 'ran':
      return ['ran', ...(waited === undefined ? [] : [`waited for ${waited}`]), ...guessText(detail)].join(', ');
    case 'caught-up':
      return ['caught up: no node was there in time', ...guessText(detail)].join(', ');
    case 'skipped':
      return reason === null ? 'skipped' : `skipped: ${reasonText(reason, detail)}`;
  }
}

function reasonText(reason: SkipReason, detail: OccurrenceDetail): string {
  const because = detail.because === undefined ? '' : ` (${detail.because})`;
  switch (reason) {
    case 'overlap':
      return 'overlap, another run of the tenant was under way';
    case 'missed':
      return 'missed, no node was there and nothing is made up for';
    case 'too-old':
      return 'too-old, missed or kept waiting for longer than misfire.maxAgeHours';
    case 'superseded':
      return 'superseded by a newer instant';
    case 'interrupted':
      return 'interrupted, its run was given up for a newer one';
    case 'before-start':
      return 'before-start, the last one before the hub knew this schedule';
    case 'paused':
      return `paused by ${detail.pausedBy ?? 'somebody'}${because}`;
    case 'maintenance':
      return `maintenance${because}`;
    case 'dependency':
      return `dependency, no success in time of ${detail.waitedFor?.join(', ') ?? 'what it waits for'}`;
    case 'rest-day':
      return ['rest-day', ...guessText(detail)].join(', ');
    case 'workday':
      return ['workday', ...guessText(detail)].join(', ');
    case 'other-day':
      return ['other-day', ...guessText(detail)].join(', ');
    case 'unknown-calendar':
      return `unknown-calendar, no calendar of ${detail.unknownCalendar ?? 'its year'} is known`;
  }
}

function guessText({ unknownCalendar }: OccurrenceDetail): string[] {
  return unknownCalendar === undefined
    ? []
    : [`no calendar of ${unknownCalendar} is known: Monday to Friday count as working days`];
}
