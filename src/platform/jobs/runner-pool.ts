/** Which connections the job runner works on, and what it is told when one of them breaks. */
import pg from 'pg';
import type { Log } from '../log/log.js';
import { sharedSettings } from '../database/database.js';
import { errorCode } from '../database/database-error.js';

/** SQLSTATE class 08, and what a server says that stops or restarts. */
const SERVER_WENT_AWAY = /^(?:08...|57P0[123])$/;
const SOCKET_BROKE = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** What pg says without any code. */
const SAID_SO = /connection terminated|not queryable|timeout exceeded when trying to connect|connection error/i;

/** One that the runner tries again on, after three seconds and more, a hundred times. */
const TRIED_AGAIN = 'EHOSTUNREACH';

export interface RunnerPoolOptions {
  readonly url: string;
  readonly log: Log;
  readonly size: number;
  /** Told when a queue is free again: the runner looks for the next job before it has written down that one is done. */
  readonly onQueueFreed: () => void;
}

/**
 * A pool whose broken connections look to the runner like an unreachable host. Writing down that a job is done or failed it
 * tries again only for few codes, a reset connection not among them; nobody waits for that promise (graphile-worker 0.17,
 * worker.js), so that a database which restarts in that moment ended the whole process. Doing it again is harmless.
 */
export class RunnerPool extends pg.Pool {
  constructor(around: RunnerPoolOptions) {
    super({ ...sharedSettings(around.url), max: around.size, application_name: 'buduan jobs' });
    const tell = (error: Error): void =>
      around.log.warn(
        { component: 'jobs', code: errorCode(error) },
        'A connection of the job runner was lost; it connects again.',
      );
    this.on('error', tell);
    this.on('connect', (client) => {
      client.on('error', tell);
      translateQueries(client, around.onQueueFreed);
    });
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(
    callback: (error: Error | undefined, client: pg.PoolClient | undefined, done: (release?: unknown) => void) => void,
  ): void;
  override connect(
    callback?: (error: Error | undefined, client: pg.PoolClient | undefined, done: (release?: unknown) => void) => void,
  ): Promise<pg.PoolClient> | void {
    if (callback !== undefined) return super.connect(callback);
    return super.connect().catch((error: unknown) => {
      throw translated(error);
    });
  }
}

/** In what the runner writes when a job of a queue is done or has failed (graphile-worker 0.17, completeJobs.js and failJobs.js). */
const FREES_QUEUE = 'set locked_by = null, locked_at = null';

function translateQueries(client: pg.PoolClient, onQueueFreed: () => void): void {
  const query = client.query.bind(client) as (...args: readonly unknown[]) => unknown;
  const translating = (...args: readonly unknown[]): unknown => {
    const answer = query(...args);
    if (!(answer instanceof Promise)) return answer;
    if (textOf(args[0]).includes(FREES_QUEUE)) void answer.then(onQueueFreed, () => undefined);
    return answer.catch((error: unknown) => {
      throw translated(error);
    });
  };
  Object.assign(client, { query: translating });
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  const { text } = (query ?? {}) as { readonly text?: unknown };
  return typeof text === 'string' ? text : '';
}

function translated(error: unknown): unknown {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const isBroken = SOCKET_BROKE.has(code) || SERVER_WENT_AWAY.test(code) || (code === '' && SAID_SO.test(message));
  if (!isBroken) return error;
  const told = new Error(`The connection to the database broke (${message}).`, { cause: error });
  return Object.assign(told, { code: TRIED_AGAIN });
}
