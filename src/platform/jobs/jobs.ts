/** How facts travel: written as jobs in the transaction of the change they report, run once it is committed, on any node. */
import { EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { run, type Runner, type Task, type TaskList, type WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import type { EntityManager } from 'typeorm';
import { NEWS, type FactName, type Facts } from '../../domain/facts.js';
import { HubError } from '../../domain/hub-error.js';
import type { Database } from '../database/database.js';
import type { Log } from '../log/log.js';
import { FACT_SCHEMAS } from './fact-schemas.js';
import { runnerFailure, tellFailure } from './job-failure.js';
import { RunnerPool } from './runner-pool.js';
import { WorkerPresence } from './worker-presence.js';
import { workerLogger } from './worker-logger.js';

export interface JobsOptions {
  readonly database: Database;
  /** The address `database` was opened with; workers use a pool of their own. */
  readonly url: string;
  readonly log: Log;
  /** How often workers look for others that died, in milliseconds; a dead one's jobs run again after two looks. Default 5,000. */
  readonly sweepMs?: number;
  /** How often workers look for jobs whose notification was lost, in milliseconds. Default 1,000. */
  readonly pollMs?: number;
  /** Whether anybody is to hear news of this tenant; what nobody would hear is not written. Default: somebody is. */
  readonly isHeard?: (tenantId: string) => boolean;
}

export interface PostOptions {
  /** Jobs of one queue run one after another, over all nodes. Name the tenant in it. At most 128 characters. */
  readonly queue?: string;
  /** A waiting job of the same key is replaced; one that already runs is followed by this one. Name the tenant in it. At most 512 characters. */
  readonly key?: string;
  /** Not before this time; default at once. */
  readonly runAt?: Date;
  /** How often it is tried before it rests as dead, ≥ 1; default 25, which spans about three days. */
  readonly maxAttempts?: number;
  /**
   * Smaller ones run first, equal ones in the order of their times; default 0. Whoever posts many jobs at once gives each its
   * place among them: then others, who post few, wait for some of them and not for all.
   */
  readonly priority?: number;
}

export type FactHandlers = { readonly [N in FactName]?: (fact: Facts[N]) => Promise<void> };

/** Found at the latest after this long, when a notification was lost and for jobs with a later time. */
const POLL_MS = 1_000;
const SWEEP_MS = 5_000;
/** Kept below the 25 s within which a node has to end. */
const STOP_WITHIN_MS = 20_000;

/**
 * Posts facts, and runs handlers for them. A handler may run again after a crash: it must be safe to repeat.
 * The runner's local queue stays off: measured with size 20 it took 695 ms instead of 1,073 ms for 3,000 empty jobs, but
 * ran four jobs of one named queue at the same time.
 */
export class Jobs {
  private running: Running | null = null;

  constructor(private readonly options: JobsOptions) {}

  /** Writes the fact as a job inside the caller's transaction; it exists only if that commits. News that nobody hears is passed over. */
  async post(em: EntityManager, fact: Facts[FactName], options: PostOptions = {}): Promise<void> {
    if (isNews(fact.fact) && this.options.isHeard?.(fact.tenantId) === false) return;
    const { queue = null, key = null, runAt = null, maxAttempts = null, priority = 0 } = options;
    await em.query('SELECT buduan.post_job($1, $2, $3, $4, $5, $6, $7)', [
      fact.fact,
      JSON.stringify(fact),
      queue,
      key,
      runAt,
      maxAttempts,
      priority,
    ]);
  }

  /** The same for many, without any options, in one statement. */
  async postAll(em: EntityManager, facts: readonly Facts[FactName][]): Promise<void> {
    const heard = facts.filter(({ fact, tenantId }) => !isNews(fact) || this.options.isHeard?.(tenantId) !== false);
    if (heard.length === 0) return;
    await em.query(
      `SELECT buduan.post_job(f->>'fact', f::json, NULL, NULL, NULL, NULL, 0) FROM json_array_elements($1::json) AS f`,
      [JSON.stringify(heard)],
    );
  }

  /**
   * Begins to run jobs of the named facts, `concurrency` (≥ 1) at a time. A handler that throws is tried again later,
   * after 3 s, 7 s, 20 s … Needs a migrated database.
   */
  async start(handlers: FactHandlers, { concurrency }: { readonly concurrency: number }): Promise<void> {
    if (this.running)
      throw new HubError({ code: 'jobs-running', next: 'bug', message: 'Jobs were started twice; stop them first.' });
    const { database, log, sweepMs = SWEEP_MS, pollMs = POLL_MS } = this.options;
    const turns = new QueueTurns(log);
    const onQueueFreed = (): void => turns.lookAgain();
    // One connection listens; workers hold one only between jobs.
    const pool = new RunnerPool({ url: this.options.url, log, size: concurrency + 2, onQueueFreed });
    const presence = new WorkerPresence({ database, pool, log, sweepMs });
    const events: WorkerEvents = new EventEmitter();
    events.on('pool:create', ({ workerPool }) => {
      presence.announce(workerPool.id);
      turns.nudge = () => workerPool.nudge(1);
    });
    // Who takes a job of a queue locks all queues for that moment: workers that looked then found nothing, and look once more.
    events.on('job:start', ({ job }) => {
      if (job.job_queue_id !== null) turns.lookAgain();
    });
    try {
      const runner = await run({
        pgPool: pool,
        taskList: this.tasks(handlers),
        concurrency,
        events,
        pollInterval: pollMs,
        noHandleSignals: true,
        crontab: '',
        logger: workerLogger(log),
      });
      const running: Running = { runner, presence, pool, turns, hasEnded: false };
      this.running = running;
      void runner.promise
        .catch((error: unknown) => log.error({ err: error }, 'The job runner ended by itself; restart this node.'))
        .finally(() => {
          running.hasEnded = true;
          turns.end();
        });
    } catch (error) {
      await presence.withdraw();
      await pool.end();
      throw runnerFailure(error);
    }
  }

  /** Whether this process takes jobs now. */
  get isRunning(): boolean {
    return this.running !== null && !this.running.hasEnded;
  }

  /** Takes no more jobs and waits for running ones, at most 20 s; later ones are given back to be run elsewhere. */
  async stop(): Promise<void> {
    const { running } = this;
    if (!running) return;
    this.running = null;
    running.turns.end();
    const late = new AbortController();
    const stopped = running.runner.stop().then(() => late.abort());
    await Promise.race([stopped, wait(STOP_WITHIN_MS, null, { signal: late.signal }).catch(() => null)]);
    if (!late.signal.aborted) await running.runner.kill();
    await running.presence.withdraw();
    await running.pool.end();
  }

  private tasks(handlers: FactHandlers): TaskList {
    const tasks: TaskList = {};
    for (const name of Object.keys(handlers) as FactName[]) {
      const task = this.task(name, handlers);
      if (task) tasks[name] = task;
    }
    return tasks;
  }

  private task<N extends FactName>(name: N, handlers: FactHandlers): Task | null {
    const handler: FactHandlers[N] = handlers[name];
    if (!handler) return null;
    return async (payload, { job }) => {
      try {
        await handler(parseFact(name, payload));
      } catch (error) {
        throw tellFailure(error, { log: this.options.log, fact: name, job });
      }
    };
  }
}

function isNews(name: FactName): boolean {
  return NEWS.some((news) => news === name);
}

/** Sends an idle worker to look for a job, as long as there are workers: those that have ended must not be sent. */
class QueueTurns {
  nudge: () => void = () => undefined;
  private isOver = false;

  constructor(private readonly log: Log) {}

  lookAgain(): void {
    if (this.isOver) return;
    try {
      this.nudge();
    } catch (error) {
      // The runner is about to end by itself, which it tells; no worker of it looks for anything any more.
      this.log.warn({ component: 'jobs', err: error }, 'A worker that has ended was to look for a job.');
    }
  }

  end(): void {
    this.isOver = true;
  }
}

interface Running {
  readonly runner: Runner;
  readonly turns: QueueTurns;
  readonly presence: WorkerPresence;
  readonly pool: pg.Pool;
  hasEnded: boolean;
}

function parseFact<N extends FactName>(name: N, payload: unknown): Facts[N] {
  const parsed = FACT_SCHEMAS[name].safeParse(payload);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new HubError({
    code: 'job-payload',
    next: 'bug',
    message: `A job ${name} does not fit its fact (fields: ${fields}). Another version of the hub may have written it.`,
  });
}
