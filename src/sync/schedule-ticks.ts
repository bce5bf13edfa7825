/** How schedules start runs: every tick accounts for what became due, on any number of nodes, and exactly one starts each run. */
import type { SchedulerRegistry } from '@nestjs/schedule';
import type { EntityManager } from 'typeorm';
import { HubError } from '../domain/hub-error.js';
import { lockTenant } from '../platform/database/lock-tenant.js';
import type { Day } from '../domain/month.js';
import { type Clock, dayInZone } from '../platform/clock/clock.js';
import { dueInstants, latestDue, type ScheduleRule } from './due-instants.js';
import { type SkipReason, fateOfNewest, fateOfOlder, fateOfUnsettled } from './occurrence-fate.js';
import {
  type OccurrenceRow,
  type ScheduleKey,
  type SkippedInstant,
  claimAgain,
  insertDue,
  insertSkipped,
  markEnqueued,
  newestDueAt,
  newestWanted,
  settleOccurrence,
  unsettledOccurrences,
} from './occurrence.store.js';
import { type RunHandle, startFullRun } from './run-full.js';
import { readRun } from './runs.reader.js';
import type { ConnectionReader } from './connection-readers.js';
import type { SyncTools } from './sync-tools.js';

export interface Schedule extends ScheduleRule {
  readonly id: string;
  readonly tenant: string;
}

export interface ScheduleTicksOptions {
  readonly schedules: readonly Schedule[];
  readonly tools: SyncTools;
  readonly clock: Clock;
  /** See FullRunRequest.policyVersion. */
  readonly policyVersionOf: (tenantId: string) => string | Promise<string>;
  /**
   * What is done instead of a run, by schedule id. Safe to repeat; ends within two minutes: one that has not, or that failed
   * with `retry`, is begun again after three, by whichever node looks.
   */
  readonly errands?: ReadonlyMap<string, (asOf: Day) => Promise<void>>;
  /** See FullRunRequest.readers. */
  readonly readers?: readonly ConnectionReader[];
}

const TICK_MS = 5_000;
/** A schedule that is not due before is looked at again after this long, for what other nodes left behind. */
const QUIET_AT_MOST_MS = 60_000;
/** Instants of a long outage that are accounted for in one statement. */
const INSTANTS_AT_ONCE = 500;
const TICK_NAME = 'schedules';
const LONG_AGO = new Date(0);

/**
 * Looks at schedules. What is due is written down before anything starts, so that a node which dies leaves a trace that
 * others take up, and after an outage exactly the newest missed instant is caught up.
 */
export class ScheduleTicks {
  private readonly running = new Map<string, { readonly handle: RunHandle; readonly ended: Promise<void> }>();
  private readonly underWay = new Set<Promise<void>>();
  private readonly quietUntil = new Map<string, number>();
  private ticking: Promise<void> | null = null;
  private stopping = false;

  constructor(private readonly options: ScheduleTicksOptions) {}

  /** Ticks every few seconds until `stop`. */
  begin(registry: SchedulerRegistry): void {
    registry.addInterval(
      TICK_NAME,
      setInterval(() => void this.tick(), TICK_MS),
    );
    void this.tick();
  }

  /** Looks once at every schedule; never rejects: a schedule that cannot be looked at waits for the next tick. */
  tick(): Promise<void> {
    if (this.stopping) return Promise.resolve();
    this.ticking ??= this.lookAtAll().finally(() => (this.ticking = null));
    return this.ticking;
  }

  /** Resolves when no run that this node started is under way. */
  async idle(): Promise<void> {
    await Promise.all([...this.underWay, ...[...this.running.values()].map(({ ended }) => ended)]);
  }

  /** Breaks off what this node runs; the next node to look goes on with it at once. Safe to call twice. */
  async stop(registry?: SchedulerRegistry): Promise<void> {
    this.stopping = true;
    if (registry?.doesExist('interval', TICK_NAME) === true) registry.deleteInterval(TICK_NAME);
    await this.ticking;
    await Promise.all([...this.running.values()].map(({ handle }) => handle.stop()));
    await this.idle();
  }

  private async lookAtAll(): Promise<void> {
    for (const schedule of this.options.schedules) {
      if (this.stopping) return;
      try {
        await this.lookAt(schedule);
      } catch (error) {
        this.warn(schedule, error, 'A schedule could not be looked at; it waits for the next tick.');
      }
    }
  }

  private async lookAt(schedule: Schedule): Promise<void> {
    const now = this.options.clock.now();
    if (now.getTime() < (this.quietUntil.get(schedule.id) ?? 0)) return;
    const last = await this.lastAccounted(schedule, now);
    const { due, nextMs } = await this.account(schedule, { last, now });
    if (due !== null) await this.startRun(schedule, { ...due, isAgain: false });
    const open = await this.settleLeftOver(schedule, now);
    if (open === 0) this.quietUntil.set(schedule.id, Math.min(nextMs, now.getTime() + QUIET_AT_MOST_MS));
  }

  /** A schedule seen for the first time begins behind its latest instant, which is nobody's fault. */
  private async lastAccounted(schedule: Schedule, now: Date): Promise<Date> {
    const key = keyOf(schedule);
    const known = await this.inTenant(schedule, (em) => newestDueAt(em, key));
    if (known !== null) return known;
    const before = latestDue(schedule, now) ?? LONG_AGO;
    const name = this.options.tools.settingsOf(schedule.tenant).name;
    return this.inTenant(schedule, async (em) => {
      await lockTenant(em, { tenantId: schedule.tenant, name });
      const byOther = await newestDueAt(em, key);
      if (byOther !== null) return byOther;
      await insertSkipped(em, key, { instants: [{ dueAt: before, reason: 'before-start' }], at: now });
      return before;
    });
  }

  /** Writes down every instant since the last one; returns the one this node has to run, and when the next is due. */
  private async account(
    schedule: Schedule,
    { last, now }: { readonly last: Date; readonly now: Date },
  ): Promise<{ readonly due: Due | null; readonly nextMs: number }> {
    let older: SkippedInstant[] = [];
    let newest: Date | null = null;
    let nextMs = Infinity;
    for (const instant of dueInstants(schedule, last)) {
      nextMs = instant.getTime();
      if (nextMs > now.getTime()) break;
      if (newest !== null) older.push({ dueAt: newest, reason: fateOfOlder(newest, now) });
      newest = instant;
      if (older.length < INSTANTS_AT_ONCE) continue;
      await this.skip(schedule, older, now);
      older = [];
    }
    if (older.length > 0) await this.skip(schedule, older, now);
    return { due: newest === null ? null : await this.claim(schedule, newest, now), nextMs };
  }

  private async claim(schedule: Schedule, dueAt: Date, now: Date): Promise<Due | null> {
    const fate = fateOfNewest(dueAt, now);
    if (fate === 'too-old') {
      await this.skip(schedule, [{ dueAt, reason: 'too-old' }], now);
      return null;
    }
    const isMissed = fate === 'missed';
    const isOurs = await this.inTenant(schedule, (em) => insertDue(em, keyOf(schedule), { dueAt, isMissed, at: now }));
    return isOurs ? { dueAt, isMissed, asOf: dayInZone(isMissed ? now : dueAt, schedule.zone) } : null;
  }

  private async skip(schedule: Schedule, instants: readonly SkippedInstant[], at: Date): Promise<void> {
    await this.inTenant(schedule, (em) => insertSkipped(em, keyOf(schedule), { instants, at }));
  }

  private async startRun(schedule: Schedule, due: Due & { readonly isAgain: boolean }): Promise<void> {
    const { tools, clock, policyVersionOf, readers } = this.options;
    const errand = this.options.errands?.get(schedule.id);
    if (errand !== undefined) {
      const done: Promise<void> = this.runErrand(schedule, due, errand).finally(() => this.underWay.delete(done));
      this.underWay.add(done);
      return;
    }
    const trigger = due.isMissed ? 'catch-up' : 'cron';
    let handle: RunHandle;
    try {
      handle = await startFullRun(tools, {
        tenantId: schedule.tenant,
        asOf: due.asOf,
        trigger,
        startedBy: `schedule:${schedule.id}`,
        dryRun: false,
        policyVersion: await policyVersionOf(schedule.tenant),
        ...(readers === undefined ? {} : { readers }),
      });
    } catch (error) {
      if (!(error instanceof HubError && error.code === 'run-active')) throw error;
      // Taken up again at the same time by another node: the run that lives is the one of this occurrence.
      if (!due.isAgain) await this.settle(schedule, { dueAt: due.dueAt, state: 'skipped', reason: 'overlap' });
      return;
    }
    const started = { dueAt: due.dueAt, runId: handle.runId, at: clock.now() };
    const ended = this.watch(schedule, due, handle).finally(() => this.running.delete(handle.runId));
    this.running.set(handle.runId, { handle, ended });
    await this.inTenant(schedule, (em) => markEnqueued(em, keyOf(schedule), started));
    tools.log.info(
      { ...keyOf(schedule), runId: handle.runId, dueAt: due.dueAt, trigger, isResumed: handle.isResumed },
      'A schedule started a run.',
    );
  }

  /** Beside the ticks, which must go on; never rejects. */
  private async runErrand(schedule: Schedule, due: Due, errand: (asOf: Day) => Promise<void>): Promise<void> {
    try {
      await errand(due.asOf);
    } catch (error) {
      this.warn(schedule, error, 'The errand of a schedule failed.');
      if (!(error instanceof HubError) || error.next === 'retry') return;
    }
    await this.settle(schedule, endOf(due.dueAt, due.isMissed)).catch((error: unknown) =>
      this.warn(schedule, error, 'The end of an errand could not be written; it is done again in some minutes.'),
    );
  }

  /** Ends the occurrence with its run; never rejects. */
  private async watch(schedule: Schedule, due: Due, handle: RunHandle): Promise<void> {
    const key = keyOf(schedule);
    try {
      await handle.finished;
      // With its run: one that ends at once has its end before its beginning is noted.
      await this.settle(schedule, { ...endOf(due.dueAt, due.isMissed), runId: handle.runId });
    } catch (error) {
      if (!this.stopping)
        this.warn(schedule, error, 'A run of a schedule was broken off; a node takes it up again in some minutes.');
      const at = this.stopping ? LONG_AGO : this.options.clock.now();
      await this.inTenant(schedule, (em) => markEnqueued(em, key, { dueAt: due.dueAt, runId: handle.runId, at })).catch(
        () => undefined,
      );
    }
  }

  /** Ends or takes up what nodes that went away left without an end; returns how much is still open. */
  private async settleLeftOver(schedule: Schedule, now: Date): Promise<number> {
    const key = keyOf(schedule);
    const { rows, wanted } = await this.inTenant(schedule, async (em) => ({
      rows: await unsettledOccurrences(em, key),
      wanted: await newestWanted(em, key),
    }));
    let open = 0;
    for (const row of rows) {
      const isNewest = wanted !== null && wanted.dueAt.getTime() === row.dueAt.getTime();
      if (!(await this.settleOne(schedule, { row, isNewest, now }))) open += 1;
    }
    return open;
  }

  /** True when the occurrence has its end. */
  private async settleOne(
    schedule: Schedule,
    { row, isNewest, now }: { readonly row: OccurrenceRow; readonly isNewest: boolean; readonly now: Date },
  ): Promise<boolean> {
    const { runId, dueAt } = row;
    if (runId !== null && this.running.has(runId)) return false;
    const run =
      runId === null ? null : await this.inTenant(schedule, (em) => readRun(em, { tenantId: schedule.tenant, runId }));
    const isMissed = row.reason === 'missed';
    const fate = fateOfUnsettled({ dueAt, updatedAt: row.updatedAt, run, isNewest }, now);
    switch (fate.do) {
      case 'wait':
        return false;
      case 'end':
        await this.settle(schedule, endOf(dueAt, isMissed));
        return true;
      case 'skip':
        await this.settle(schedule, { dueAt, state: 'skipped', reason: fate.reason });
        return true;
      case 'start-again': {
        const asOf = run?.asOf ?? dayInZone(isMissed ? now : dueAt, schedule.zone);
        if (await this.inTenant(schedule, (em) => claimAgain(em, keyOf(schedule), { ...row, at: now })))
          await this.startRun(schedule, { dueAt, isMissed, asOf, isAgain: true });
        return false;
      }
    }
  }

  private async settle(schedule: Schedule, end: OccurrenceEnd): Promise<void> {
    await this.inTenant(schedule, (em) =>
      settleOccurrence(em, keyOf(schedule), { ...end, at: this.options.clock.now() }),
    );
  }

  private inTenant<T>(schedule: Schedule, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.options.tools.database.inTenant(schedule.tenant, work);
  }

  private warn(schedule: Schedule, error: unknown, message: string): void {
    const code = error instanceof HubError ? error.code : 'unexpected';
    this.options.tools.log.warn({ component: 'schedules', ...keyOf(schedule), code, err: error }, message);
  }
}

interface Due {
  readonly dueAt: Date;
  readonly isMissed: boolean;
  readonly asOf: Day;
}

interface OccurrenceEnd {
  readonly dueAt: Date;
  readonly state: 'ran' | 'caught-up' | 'skipped';
  readonly reason: SkipReason | 'missed' | null;
  readonly runId?: string;
}

function endOf(dueAt: Date, isMissed: boolean): OccurrenceEnd {
  return isMissed ? { dueAt, state: 'caught-up', reason: 'missed' } : { dueAt, state: 'ran', reason: null };
}

function keyOf(schedule: Schedule): ScheduleKey {
  return { tenantId: schedule.tenant, scheduleId: schedule.id };
}
