/** What this node does for schedules at this moment: the runs and errands it started, watched to their end. */
import type { EntityManager } from 'typeorm';
import { HubError } from '../../domain/hub-error.js';
import type { Day } from '../../domain/month.js';
import { type Clock, dayInZone } from '../../platform/clock/clock.js';
import type { ConnectionReader } from '../connection-readers.js';
import { type RunHandle, startFullRun } from '../run-full.js';
import type { SyncTools } from '../sync-tools.js';
import {
  type OccurrenceRow,
  type SeenOccurrence,
  claimOccurrence,
  releaseOccurrence,
  settleOccurrence,
} from './occurrence.store.js';
import { type Schedule, keyOf, startedByOf, workOf } from './schedule.js';

export interface ScheduledWorkOptions {
  readonly tools: SyncTools;
  readonly clock: Clock;
  /** See FullRunRequest.policyVersion. */
  readonly policyVersionOf: (tenantId: string) => string | Promise<string>;
  /**
   * What is done instead of a run, by schedule id. Safe to repeat; ends within two minutes: one that has not, or that failed
   * with `retry`, is begun again after three, by whichever node looks.
   */
  readonly errands?: ReadonlyMap<string, (asOf: Day) => Promise<void>>;
  /** Takes connections in a maintenance window out of use before a run begins. */
  readonly holdConnections?: (em: EntityManager, tenantId: string) => Promise<void>;
  /** See FullRunRequest.readers. */
  readonly readers?: readonly ConnectionReader[];
}

export interface Start {
  readonly row: OccurrenceRow;
  /** As on which day; null = the occurrence says so. */
  readonly asOf: Day | null;
  /** Schedules that it was to wait for, and that had not succeeded when its time to wait was over. */
  readonly without: readonly string[];
}

export class ScheduledWork {
  private readonly running = new Map<string, { readonly handle: RunHandle; readonly ended: Promise<void> }>();
  private readonly underWay = new Set<Promise<void>>();
  private stopping = false;

  constructor(private readonly options: ScheduledWorkOptions) {}

  isErrand({ id }: Schedule): boolean {
    return this.options.errands?.has(id) === true;
  }

  isRunning(runId: string): boolean {
    return this.running.has(runId);
  }

  /** Of all nodes that start the same occurrence at once one does; returns whether this one did. */
  async start(schedule: Schedule, { row, asOf: given, without }: Start): Promise<boolean> {
    const asOf = given ?? dayOf(schedule, row, this.options.clock.now());
    const errand = this.options.errands?.get(schedule.id);
    return errand === undefined
      ? this.startRun(schedule, { row, asOf, without })
      : this.startErrand(schedule, { row, asOf, without }, errand);
  }

  /** Resolves when nothing that this node started is under way. */
  async idle(): Promise<void> {
    await Promise.all([...this.underWay, ...[...this.running.values()].map(({ ended }) => ended)]);
  }

  /** Breaks off what this node runs; the next node to look goes on with it at once. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.running.values()].map(({ handle }) => handle.stop()));
    await this.idle();
  }

  private async startRun(schedule: Schedule, { row, asOf, without }: Start & { readonly asOf: Day }): Promise<boolean> {
    const { tools, clock, policyVersionOf, readers } = this.options;
    const key = keyOf(schedule);
    const trigger = row.reason === 'missed' ? 'catch-up' : 'cron';
    let handle: RunHandle;
    try {
      handle = await startFullRun(tools, {
        ...{ tenantId: schedule.tenant, asOf, trigger, startedBy: startedByOf(schedule), dryRun: false },
        ...workOf(schedule),
        policyVersion: await policyVersionOf(schedule.tenant),
        ...(readers === undefined ? {} : { readers }),
        whenClaimed: async (em, runId) => {
          const claim = { ...row, runId, waitedFor: without, at: clock.now() };
          if (!(await claimOccurrence(em, key, claim))) throw startedByOther(schedule);
          await this.options.holdConnections?.(em, schedule.tenant);
        },
      });
    } catch (error) {
      // Another node was faster, with this occurrence or with another run; the next look sees which.
      if (error instanceof HubError && (error.code === 'run-active' || error.code === STARTED_BY_OTHER)) return false;
      throw error;
    }
    const seen = { dueAt: row.dueAt, attempts: row.attempts + 1 };
    const ended = this.watch(schedule, { ...row, ...seen }, handle).finally(() => this.running.delete(handle.runId));
    this.running.set(handle.runId, { handle, ended });
    tools.log.info(
      { ...key, runId: handle.runId, dueAt: row.dueAt, trigger, isResumed: handle.isResumed },
      'A schedule started a run.',
    );
    return true;
  }

  private async startErrand(
    schedule: Schedule,
    { row, asOf, without }: Start & { readonly asOf: Day },
    errand: (asOf: Day) => Promise<void>,
  ): Promise<boolean> {
    const claim = { ...row, runId: null, waitedFor: without, at: this.options.clock.now() };
    const isOurs = await this.options.tools.database.inTenant(schedule.tenant, (em) =>
      claimOccurrence(em, keyOf(schedule), claim),
    );
    if (!isOurs) return false;
    const claimed = { ...row, attempts: row.attempts + 1 };
    const done: Promise<void> = this.runErrand(schedule, claimed, () => errand(asOf)).finally(() =>
      this.underWay.delete(done),
    );
    this.underWay.add(done);
    return true;
  }

  /** Beside the ticks, which must go on; never rejects. */
  private async runErrand(schedule: Schedule, row: OccurrenceRow, errand: () => Promise<void>): Promise<void> {
    try {
      await errand();
    } catch (error) {
      this.warn(schedule, error, 'The errand of a schedule failed.');
      if (!(error instanceof HubError) || error.next === 'retry') return;
    }
    await this.end(schedule, row).catch((error: unknown) =>
      this.warn(schedule, error, 'The end of an errand could not be written; it is done again in some minutes.'),
    );
  }

  /** Ends the occurrence with its run; never rejects. */
  private async watch(schedule: Schedule, row: OccurrenceRow, handle: RunHandle): Promise<void> {
    try {
      await handle.finished;
      await this.end(schedule, row);
    } catch (error) {
      if (this.stopping) return this.release(schedule, row);
      this.warn(schedule, error, 'A run of a schedule was broken off; a node takes it up again in some minutes.');
    }
  }

  private async release(schedule: Schedule, seen: SeenOccurrence): Promise<void> {
    await this.options.tools.database
      .inTenant(schedule.tenant, (em) => releaseOccurrence(em, keyOf(schedule), seen))
      .catch((error: unknown) => this.warn(schedule, error, 'A stopped run is taken up again in some minutes only.'));
  }

  /** Says that its run, or errand, is over. */
  async end(schedule: Schedule, row: OccurrenceRow): Promise<void> {
    const end = { ...endOf(row), detail: {}, at: this.options.clock.now() };
    await this.options.tools.database.inTenant(schedule.tenant, (em) =>
      settleOccurrence(em, keyOf(schedule), { dueAt: row.dueAt, attempts: row.attempts, ...end }),
    );
  }

  private warn(schedule: Schedule, error: unknown, message: string): void {
    const code = error instanceof HubError ? error.code : 'unexpected';
    this.options.tools.log.warn({ component: 'schedules', ...keyOf(schedule), code, err: error }, message);
  }
}

const STARTED_BY_OTHER = 'occurrence-started';

function startedByOther({ id }: Schedule): HubError {
  return new HubError({
    code: STARTED_BY_OTHER,
    next: 'retry',
    message: `An instant of schedule ${id} was started by another node at the same time.`,
  });
}

/** Caught up, an instant is judged as on the day it is; where each missed one is made up for, as on its own. */
function dayOf({ zone, misfire }: Schedule, { dueAt, reason }: OccurrenceRow, now: Date): Day {
  return dayInZone(reason === 'missed' && misfire.policy !== 'all' ? now : dueAt, zone);
}

function endOf({ reason }: OccurrenceRow): Pick<Parameters<typeof settleOccurrence>[2], 'state' | 'reason'> {
  return reason === 'missed' ? { state: 'caught-up', reason } : { state: 'ran', reason: null };
}
