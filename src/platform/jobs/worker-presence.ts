/** How nodes notice that another died at work, and free its jobs within seconds instead of the job runner's four hours. */
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { Database, DatabaseSession } from '../database/database.js';
import type { Log } from '../log/log.js';
import { errorCode } from '../database/database-error.js';

/** First half of the advisory keys under which worker pools announce themselves: "work" in ASCII. */
const PRESENCE = 0x776f726b;

/** Who holds jobs or queues although its announcement is gone. The second half of the key is a hash of the pool's id. */
const ABSENT_HOLDERS = `
WITH holder AS (
  SELECT j.locked_by AS id FROM graphile_worker._private_jobs j WHERE j.locked_by IS NOT NULL
  UNION
  SELECT q.locked_by FROM graphile_worker._private_job_queues q WHERE q.locked_by IS NOT NULL
)
SELECT h.id FROM holder h
 WHERE NOT EXISTS (
   SELECT 1 FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.classid = ${PRESENCE} AND l.objsubid = 2
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND l.objid::bigint = (hashtext(h.id)::bigint & 4294967295))
 ORDER BY h.id LIMIT 1000`;

/**
 * Queues that a living worker holds without a job. A node that was taken for dead and woke up finishes its job while another
 * runs it too; that other then has nothing to finish, and the runner frees a queue only together with its job.
 */
const FREE_EMPTY_HANDED = `
UPDATE graphile_worker._private_job_queues q SET locked_by = NULL, locked_at = NULL
 WHERE q.locked_by IS NOT NULL AND q.locked_at < now() - $1::int * interval '1 millisecond'
   AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs j WHERE j.job_queue_id = q.id AND j.locked_by = q.locked_by)
RETURNING q.id`;

export interface PresenceOptions {
  readonly database: Database;
  readonly pool: pg.Pool;
  readonly log: Log;
  /** Milliseconds between two looks for absent holders. */
  readonly sweepMs: number;
}

/**
 * A living pool holds a session advisory lock on its id; PostgreSQL drops the lock with the connection. A holder found
 * absent in two sweeps in a row is taken for dead: its jobs are freed, and count the attempt. A node that only lost its
 * connection may then run beside the one that took over, which is why handlers must be safe to repeat.
 */
export class WorkerPresence {
  private readonly ended = new AbortController();
  private readonly poolIds = new Set<string>();
  private session: DatabaseSession | null = null;
  private suspects: ReadonlySet<string> = new Set();
  private beat: Promise<void> | null = null;

  constructor(private readonly around: PresenceOptions) {}

  /** Begins to stand for a worker pool of this process. */
  announce(poolId: string): void {
    this.poolIds.add(poolId);
    this.beat ??= this.keepBeating();
  }

  /** Ends the announcements; call after the last job. */
  async withdraw(): Promise<void> {
    this.ended.abort();
    await this.beat;
    await this.session?.release();
  }

  private async keepBeating(): Promise<void> {
    while (!this.ended.signal.aborted) {
      try {
        await this.standUp();
        await this.sweep();
        await this.freeEmptyHanded();
      } catch (error) {
        this.around.log.warn(
          { component: 'jobs', code: errorCode(error) },
          'Presence of workers could not be renewed; trying again.',
        );
      }
      await wait(this.around.sweepMs, null, { signal: this.ended.signal, ref: false }).catch(() => null);
    }
  }

  private async standUp(): Promise<void> {
    if (this.session && !this.session.lost.aborted) return;
    await this.session?.release().catch(() => undefined);
    this.session = await this.around.database.session();
    for (const id of this.poolIds)
      await this.session.query('SELECT pg_advisory_lock($1, hashtext($2))', [PRESENCE, id]);
  }

  private async sweep(): Promise<void> {
    const { rows } = await this.around.pool.query<{ id: string }>(ABSENT_HOLDERS);
    const absent = rows.map(({ id }) => id).filter((id) => !this.poolIds.has(id));
    const dead = absent.filter((id) => this.suspects.has(id));
    this.suspects = new Set(absent);
    if (dead.length === 0) return;
    await this.around.pool.query('SELECT graphile_worker.force_unlock_workers($1)', [dead]);
    this.around.log.warn({ component: 'jobs', pools: dead.length }, 'Workers died at work; their jobs were freed.');
  }

  private async freeEmptyHanded(): Promise<void> {
    const { pool, log, sweepMs } = this.around;
    const { rows } = await pool.query(FREE_EMPTY_HANDED, [2 * sweepMs]);
    if (rows.length > 0)
      log.warn({ component: 'jobs', queues: rows.length }, 'Queues were held without a job; they were freed.');
  }
}
