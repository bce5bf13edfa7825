/** How schedules start runs: every tick accounts for what became due, on any number of nodes, and exactly one starts each run. */
import type { SchedulerRegistry } from '@nestjs/schedule';
import type { EntityManager } from 'typeorm';
import { HubError } from '../../domain/hub-error.js';
import { RepeatedLook } from '../../platform/clock/repeated-look.js';
import { WorkingDays } from '../../platform/clock/working-days.js';
import type { MaintenanceWindow } from '../../platform/config/schedule.schema.js';
import { isFullRunAlive, readRun } from '../runs.reader.js';
import { accountInstants } from './account-instants.js';
import { dueInstants, latestDue } from './due-instants.js';
import { windowAt } from './maintenance-windows.js';
import { type Moment, fateOfOpen, pauseAt } from './occurrence-fate.js';
import {
  type OccurrenceRow,
  newestWantedAt,
  noteWaiting,
  openOccurrences,
  settleOccurrence,
  succeededSchedules,
} from './occurrence.store.js';
import { readPauses } from './schedule-pauses.reader.js';
import { type Schedule, keyOf } from './schedule.js';
import { ScheduledWork, type ScheduledWorkOptions } from './scheduled-work.js';

export interface ScheduleTicksOptions extends ScheduledWorkOptions {
  readonly schedules: readonly Schedule[];
  readonly calendar?: WorkingDays;
  /** Windows in which a schedule starts nothing; default: none. */
  readonly maintenanceOf?: (schedule: Schedule) => readonly MaintenanceWindow[];
}

const TICK_MS = 5_000;
/** A schedule that is not due before is looked at again after this long, for what other nodes left behind. */
const QUIET_AT_MOST_MS = 60_000;
const TICK_NAME = 'schedules';

/**
 * Looks at schedules. What is due is written down before anything starts, so that a node which dies leaves a trace that
 * others take up.
 */
export class ScheduleTicks extends RepeatedLook {
  private readonly work: ScheduledWork;
  private readonly calendar: WorkingDays;
  private readonly quietUntil = new Map<string, number>();

  constructor(private readonly options: ScheduleTicksOptions) {
    super({ name: TICK_NAME, everyMs: TICK_MS });
    this.work = new ScheduledWork(options);
    this.calendar = options.calendar ?? new WorkingDays();
  }

  override begin(registry: SchedulerRegistry): void {
    super.begin(registry);
    void this.look();
  }

  /** Resolves when no run that this node started is under way. */
  idle(): Promise<void> {
    return this.work.idle();
  }

  /** Breaks off what this node runs; the next node to look goes on with it at once. Safe to call twice. */
  override async stop(registry?: SchedulerRegistry): Promise<void> {
    await super.stop(registry);
    await this.work.stop();
  }

  /** A schedule that cannot be looked at waits for the next tick. */
  protected async lookAtAll(): Promise<void> {
    for (const schedule of this.options.schedules) {
      if (this.stopping.signal.aborted) return;
      try {
        await this.lookAt(schedule);
      } catch (error) {
        const code = error instanceof HubError ? error.code : 'unexpected';
        const told = { component: 'schedules', ...keyOf(schedule), code, err: error };
        this.options.tools.log.warn(told, 'A schedule could not be looked at; it waits for the next tick.');
      }
    }
  }

  private async lookAt(schedule: Schedule): Promise<void> {
    const now = this.options.clock.now();
    if (now.getTime() < (this.quietUntil.get(schedule.id) ?? 0)) return;
    const around = { calendar: this.calendar, maintenance: this.maintenanceOf(schedule) };
    const next = await accountInstants(this.options.tools, schedule, { now, around });
    const open = await this.lookAtOpen(schedule, now);
    if (open === 0) this.quietUntil.set(schedule.id, Math.min(next.getTime(), now.getTime() + QUIET_AT_MOST_MS));
  }

  /** Starts, ends or gives up what is without an end, oldest first; returns how much is still open. */
  private async lookAtOpen(schedule: Schedule, now: Date): Promise<number> {
    const rows = await this.inTenant(schedule, (em) => openOccurrences(em, keyOf(schedule)));
    let open = 0;
    for (const row of rows) {
      if (this.stopping.signal.aborted) return rows.length;
      if (!(await this.lookAtOne(schedule, { row, hasOlder: open > 0, now }))) open += 1;
      // Of a long outage each is made up for in its turn; those behind the first have nothing to be asked.
      if (open > 0 && schedule.misfire.policy === 'all') return rows.length;
    }
    return open;
  }

  /** True when the occurrence has its end. */
  private async lookAtOne(schedule: Schedule, { row, hasOlder, now }: Looked): Promise<boolean> {
    const { runId } = row;
    if (runId !== null && this.work.isRunning(runId)) return false;
    const { tenant: tenantId } = schedule;
    const run = runId === null ? null : await this.inTenant(schedule, (em) => readRun(em, { tenantId, runId }));
    const moment = await this.momentOf(schedule, { row, hasOlder, now });
    const fate = fateOfOpen(schedule, { ...row, run }, moment);
    switch (fate.do) {
      case 'wait':
        if (fate.waitsFor.length > 0)
          await this.inTenant(schedule, (em) => noteWaiting(em, keyOf(schedule), { ...row, waitedFor: fate.waitsFor }));
        return false;
      case 'end':
        await this.work.end(schedule, row);
        return true;
      case 'skip': {
        const { dueAt, attempts } = row;
        const end = { dueAt, attempts, state: 'skipped', reason: fate.reason, detail: fate.detail, at: now } as const;
        await this.inTenant(schedule, (em) => settleOccurrence(em, keyOf(schedule), end));
        return true;
      }
      case 'start':
        await this.work.start(schedule, { row, asOf: run?.asOf ?? null, without: fate.without });
        return false;
    }
  }

  private momentOf(schedule: Schedule, { row, hasOlder, now }: Looked): Promise<Moment> {
    const key = keyOf(schedule);
    return this.inTenant(schedule, async (em) => {
      const newest = await newestWantedAt(em, key);
      return {
        now,
        hasOlder,
        hasNewer: newest !== null && newest > row.dueAt,
        pause: pauseAt(await readPauses(em, { ...key, after: now }), now),
        isMaintenance: windowAt(this.maintenanceOf(schedule), now) !== null,
        isBusy: !this.work.isErrand(schedule) && (await isFullRunAlive(em, schedule.tenant)),
        missing: await missingOf(em, schedule, row.dueAt),
      };
    });
  }

  private maintenanceOf(schedule: Schedule): readonly MaintenanceWindow[] {
    return this.options.maintenanceOf?.(schedule) ?? [];
  }

  private inTenant<T>(schedule: Schedule, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.options.tools.database.inTenant(schedule.tenant, work);
  }
}

interface Looked {
  readonly row: OccurrenceRow;
  readonly hasOlder: boolean;
  readonly now: Date;
}

/** Of the schedules that must come first those without a success for an instant of the same day, by this schedule's zone. */
async function missingOf(
  em: EntityManager,
  { after, tenant, zone }: Schedule,
  dueAt: Date,
): Promise<readonly string[]> {
  if (after === undefined) return [];
  const midnight = { cron: '0 0 * * *', zone };
  const from = latestDue(midnight, dueAt) ?? dueAt;
  const to = dueInstants(midnight, dueAt).next().value;
  const succeeded = await succeededSchedules(em, tenant, { scheduleIds: after.schedules, from, to });
  return after.schedules.filter((id) => !succeeded.includes(id));
}
