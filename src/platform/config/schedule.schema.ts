/** What hub.yaml may say about when something runs: schedules, maintenance windows, years of the working-day calendar. */
import { z } from 'zod';
import { id, wholeNumber } from './schema-words.js';

const hoursUpTo = (largest: number): z.ZodNumber =>
  z
    .number()
    .positive({ error: 'is not above 0; expected hours' })
    .max(largest, { error: `is too long; expected at most ${largest} hours` });

const zone = z.string().default('Asia/Shanghai');
const reason = z.string().min(1).max(200, { error: 'is longer than 200 characters' }).optional();

/** A month back at most: what is older is told by the next run anyway. */
const MOST_HOURS = 31 * 24;

const misfire = z.strictObject({
  /**
   * Instants found later than a minute, because no node was there: `skip` runs none of them, `once` the newest only, `all`
   * each, oldest first, as on its own day.
   */
  policy: z.enum(['skip', 'once', 'all']).default('once'),
  /** Missed by more than this, an instant is not made up for, and one that waits is given up. */
  maxAgeHours: hoursUpTo(MOST_HOURS).default(24),
});

const after = z.strictObject({
  /** Schedules of the same tenant that must have succeeded for an instant of the same day: every read of theirs complete. */
  schedules: z.array(id).min(1, { error: 'is empty; expected at least one schedule' }),
  /** How long it waits for them from its instant, or from when it was found; less than `misfire.maxAgeHours`. */
  withinHours: hoursUpTo(MOST_HOURS).default(6),
  /** What happens when they have not succeeded by then. */
  otherwise: z.enum(['skip', 'run']).default('skip'),
});

/** `1-15`, `10`, `25-L`, `L`, or several with commas; L is the last day of the month. */
const DAYS_OF_MONTH = /^(?:\d{1,2}|L)(?:-(?:\d{1,2}|L))?(?:,(?:\d{1,2}|L)(?:-(?:\d{1,2}|L))?)*$/;

export const scheduleSchema = z.strictObject({
  id: id,
  tenant: id,
  /** Reads this connection alone; default: all of the tenant's. */
  connection: id.optional(),
  /** `run` reads, judges and sends; `read` only reads; `reconcile` judges and sends what was read, without reading. */
  does: z.enum(['run', 'read', 'reconcile']).default('run'),
  /** Five fields: minute hour day month weekday. */
  cron: z.string(),
  zone,
  /** Of the instants of the cron line only those on such days, by the calendar of China with its make-up days. */
  days: z.enum(['all', 'workdays', 'rest-days']).default('all'),
  /** And only on these days of the month. */
  daysOfMonth: z
    .union([
      wholeNumber(1, 31),
      z.string().regex(DAYS_OF_MONTH, { error: 'is not a list of days; expected for example 1-15, "5,20" or 25-L' }),
    ])
    .optional(),
  /** And only on these working days of the month: 3 = the third, -1 = the last. */
  workdaysOfMonth: z
    .array(
      wholeNumber(-23, 23).refine((rank) => rank !== 0, { error: 'is 0; expected 1 for the first, -1 for the last' }),
    )
    .min(1, { error: 'is empty; expected at least one' })
    .optional(),
  /** In a year without a calendar: `run` takes Monday to Friday for working days, `skip` skips what it would have to judge. */
  onUnknownCalendar: z.enum(['run', 'skip']).default('run'),
  misfire: misfire.prefault({}),
  /** Begins up to this much later than due; how much is the same on every node for the same instant. */
  jitterMinutes: wholeNumber(0, 720).default(0),
  /** While another run of the tenant is under way. Default: `skip` for a whole run, `wait` for parts. */
  whenBusy: z.enum(['skip', 'wait']).optional(),
  after: after.optional(),
});

/** Either every time of a cron line for some hours, or once from a time to a time. */
export const maintenanceWindow = z.strictObject({
  cron: z.string().optional(),
  hours: hoursUpTo(7 * 24).optional(),
  zone,
  /** With its zone, for example 2026-12-01T22:00+08:00. */
  from: z.string().optional(),
  to: z.string().optional(),
  reason,
});

const daySpan = z.string().regex(/^\d{4}-\d\d-\d\d(?:\/\d{4}-\d\d-\d\d)?$/, {
  error: 'is not a day; expected 2027-01-01, or 2027-10-01/2027-10-07 with both ends counted',
});

export const arrangedYear = z.strictObject({
  year: wholeNumber(2000, 2100),
  /** Public holidays with the weekdays off beside them. */
  off: z.array(daySpan).min(1, { error: 'is empty; expected the public holidays of the year' }),
  /** Saturdays and Sundays worked in exchange. */
  work: z.array(daySpan).default([]),
  /** The notice it is taken from, for whoever looks later. */
  source: z.string().min(1, { error: 'is empty; expected the notice' }).max(300),
});

export type ScheduleConfig = z.output<typeof scheduleSchema>;
export type MaintenanceWindow = z.output<typeof maintenanceWindow>;
export type ArrangedYearConfig = z.output<typeof arrangedYear>;

/** A schedule with every default filled in, for those that hub.yaml does not list. */
export function scheduleOf(written: z.input<typeof scheduleSchema>): ScheduleConfig {
  return scheduleSchema.parse(written);
}
