/** How the hub reaches PostgreSQL: one pool, transactions fenced to one tenant, and a refusal of databases that would lose rows. */
import pg from 'pg';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { HubError } from '../../domain/hub-error.js';
import type { Log } from '../log/log.js';
import { connectionError, withoutValues } from './database-error.js';
import { keepStatements } from './kept-statements.js';
import { type Migrated, type SchemaState, migrateDatabase, readSchemaState, revertNewest } from './migrate.js';
import { MIGRATIONS } from './migrations/all-migrations.js';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Most connections of the pool, ≥ 1; sessions and migrations come on top. Default 10. */
  readonly poolSize?: number;
  /** Accept a server with fsync=off, which loses acknowledged rows in a power cut. For tests. Default false. */
  readonly allowUnsafeFsync?: boolean;
  readonly log: Log;
}

/**
 * When a commit is on disk. `later` = within a second, in order: a power cut may take the newest such commits together, never
 * one of them alone. For work that is simply done again from its checkpoint; never for what leaves the house.
 */
export type Flush = 'now' | 'later';

export interface TransactionOptions {
  readonly flush?: Flush;
  /**
   * `kept` = parsed and planned once per connection, for transactions that touch few rows and come often: judging one person
   * spent more time planning than running. A kept plan does not look at the length of its lists, so bulk work plans anew.
   */
  readonly plans?: 'new' | 'kept';
}

/** One connection of its own, outside the pool: session advisory locks, LISTEN. No statement or lock timeout. */
export interface DatabaseSession {
  /** Aborted when the connection is gone, and with it every lock it held. */
  readonly lost: AbortSignal;
  query(sql: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Closes the connection; safe to call twice. */
  release(): Promise<void>;
}

/** The role whose rights and row-level security bind the hub's own statements when its login could bypass them. */
export const APP_ROLE = 'buduan_app';

const OLDEST_SERVER = 150_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Longer than the ten seconds of the driver: a burst of webhooks would pay for processes, logins and kept plans each time. */
const IDLE_CONNECTION_MS = 300_000;
/** Idle sessions kept in one process; more than so many connections seldom have something to send at once. */
const KEPT_SESSIONS = 4;
/** A bulk statement over 100,000 persons takes seconds; five minutes means that it hangs. */
const STATEMENT_TIMEOUT_MS = 300_000;
const LOCK_TIMEOUT_MS = 60_000;
/** No transaction may wait for an outside system: a minute of silence inside one is a fault. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/** The hub's database. Every statement of the hub runs through `inTenant`, `acrossTenants` or a `session`. */
export class Database {
  private readonly sessions: DatabaseSession[] = [];

  private constructor(
    private readonly source: DataSource,
    private readonly url: string,
    private readonly mustSwitchRole: boolean,
  ) {}

  /**
   * Connects and checks the server; does not migrate. Throws HubError `database-unreachable` (retry),
   * `database-login-refused`, `database-missing`, `database-too-old`, `database-unsafe` (fix-config).
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const source = new DataSource({
      type: 'postgres',
      migrations: [...MIGRATIONS],
      migrationsTableName: 'buduan_migration',
      // Said aloud: a login called "buduan" would otherwise find the schema of that name first, once it exists.
      schema: 'public',
      synchronize: false,
      logging: false,
      installExtensions: false,
      extra: poolSettings(options),
      poolErrorHandler: (error: Error) =>
        options.log.warn({ reason: error.message }, 'An idle database connection was lost.'),
    });
    try {
      await source.initialize();
    } catch (error) {
      throw connectionError(error, options.url);
    }
    try {
      const server = await readServer(source);
      refuseUnfit(server, options.allowUnsafeFsync ?? false);
      return new Database(source, options.url, server.bypasses);
    } catch (error) {
      await source.destroy();
      throw error;
    }
  }

  /**
   * Applies what is missing of the schema and of the job tables, under one advisory lock: of several nodes starting at
   * once exactly one applies, the others wait and find nothing to do. Returns the names applied, in order.
   */
  async migrate(): Promise<Migrated> {
    return migrateDatabase(this.source, this.url);
  }

  /** How the schema stands to this program; changes nothing. */
  async schemaState(): Promise<SchemaState> {
    return readSchemaState(this.source);
  }

  /**
   * One transaction that sees and writes rows of one tenant only; committed when `work` resolves, rolled back when it
   * throws. Errors of the database arrive without the values that caused them.
   */
  async inTenant<T>(
    tenantId: string,
    work: (em: EntityManager) => Promise<T>,
    { flush = 'now', plans = 'new' }: TransactionOptions = {},
  ): Promise<T> {
    if (tenantId === '')
      throw new HubError({ code: 'no-tenant', next: 'bug', message: 'A tenant transaction needs a tenant id.' });
    const settings = [
      `set_config('buduan.tenant', ${pg.escapeLiteral(tenantId)}, true)`,
      ...(this.mustSwitchRole ? [`set_config('role', '${APP_ROLE}', true)`] : []),
      ...(flush === 'later' ? [`set_config('synchronous_commit', 'off', true)`] : []),
    ];
    return this.transaction(work, { first: `SELECT ${settings.join(', ')}`, plans });
  }

  /** One transaction as the login role, for jobs and the list of tenants. Never for tables fenced by tenant. */
  async acrossTenants<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.transaction(work, { first: '', plans: 'new' });
  }

  /** Each statement of `work` is a transaction of its own, as the login role: for a single one, which needs no second and third. */
  async atOnce<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await work(this.source.manager);
    } catch (error) {
      throw withoutValues(error);
    }
  }

  /** Opens a dedicated connection; the caller releases it. */
  async session(): Promise<DatabaseSession> {
    const client = new pg.Client({ ...sharedSettings(this.url), application_name: 'buduan session' });
    const lost = new AbortController();
    client.on('error', (error) => lost.abort(error));
    client.on('end', () => lost.abort());
    try {
      await client.connect();
      // A peer that vanished without a word is noticed within 25 s, so that its locks fall to the others.
      await client.query('SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3');
    } catch (error) {
      await client.end().catch(() => undefined);
      throw connectionError(error, this.url);
    }
    return sessionOf(client, lost.signal);
  }

  /**
   * Works with a session that is kept afterwards for the next caller: opening one takes a process of the server and a login.
   * Whoever fails loses the session and with it every lock it held; whoever succeeds has given his locks back.
   */
  async withSession<T>(work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    const session = (await this.keptSession()) ?? (await this.session());
    try {
      const result = await work(session);
      if (this.source.isInitialized && this.sessions.length < KEPT_SESSIONS) this.sessions.push(session);
      else await session.release();
      return result;
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** One that still answers. */
  private async keptSession(): Promise<DatabaseSession | null> {
    for (let kept = this.sessions.pop(); kept !== undefined; kept = this.sessions.pop()) {
      if (
        await kept.query('SELECT 1').then(
          () => true,
          () => false,
        )
      )
        return kept;
      await kept.release().catch(() => undefined);
    }
    return null;
  }

  /** Takes back the newest migration and whatever it held. For an operator's way back, after a backup; null when none is left. */
  async revertNewest(): Promise<string | null> {
    return revertNewest(this.source);
  }

  /** Waits for running transactions and closes the pool. */
  async close(): Promise<void> {
    const closing = this.source.isInitialized ? this.source.destroy() : Promise.resolve();
    await Promise.all(this.sessions.splice(0).map((session) => session.release()));
    await closing;
  }

  /** `first` goes in one message with the beginning: a way to the server and back less for each transaction. */
  private async transaction<T>(
    work: (em: EntityManager) => Promise<T>,
    { first, plans }: { readonly first: string; readonly plans: 'new' | 'kept' },
  ): Promise<T> {
    const runner = this.source.createQueryRunner();
    let mayBeOpen = false;
    try {
      await runner.connect();
      mayBeOpen = true;
      await runner.query(`START TRANSACTION; ${first}`);
      if (plans === 'kept') keepStatements(runner);
      const result = await work(runner.manager);
      await runner.query('COMMIT');
      return result;
    } catch (error) {
      if (mayBeOpen) await rollBack(runner);
      throw withoutValues(error);
    } finally {
      await runner.release();
    }
  }
}

/** Connection settings of pools beside TypeORM's own, for example the job runner's. */
export function sharedSettings(url: string): pg.ClientConfig & Pick<pg.PoolConfig, 'idleTimeoutMillis'> {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    keepAlive: true,
  };
}

function poolSettings(options: DatabaseOptions): pg.PoolConfig {
  return {
    ...sharedSettings(options.url),
    max: options.poolSize ?? 10,
    application_name: 'buduan',
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}

interface ServerFacts {
  readonly version: number;
  readonly fsync: string;
  readonly bypasses: boolean;
}

async function readServer(source: DataSource): Promise<ServerFacts> {
  const rows = await source.query<ServerFacts[]>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,
            (SELECT r.rolsuper OR r.rolbypassrls FROM pg_roles r WHERE r.rolname = current_user) AS bypasses`,
  );
  const [server] = rows;
  if (!server)
    throw new HubError({
      code: 'database-unreachable',
      next: 'retry',
      message: 'The database did not answer a first question.',
    });
  return server;
}

function refuseUnfit(server: ServerFacts, allowUnsafeFsync: boolean): void {
  if (server.version < OLDEST_SERVER) {
    const major = Math.floor(server.version / 10_000);
    throw new HubError({
      code: 'database-too-old',
      next: 'fix-config',
      message: `The database is PostgreSQL ${major}; 15 or newer is needed. Upgrade the server.`,
      detail: { major },
    });
  }
  if (server.fsync !== 'on' && !allowUnsafeFsync) {
    throw new HubError({
      code: 'database-unsafe',
      next: 'fix-config',
      message:
        'The database runs with fsync=off and would lose acknowledged rows in a power cut. Set fsync=on and restart it.',
    });
  }
}

/** A connection whose rollback failed is closed instead of going back to the pool half-way through a transaction. */
async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    await runner.query('ROLLBACK');
  } catch {
    const client = (await runner.connect().catch(() => null)) as pg.PoolClient | null;
    if (client instanceof pg.Client) void client.end().catch(() => undefined);
  }
}

function sessionOf(client: pg.Client, lost: AbortSignal): DatabaseSession {
  let closing: Promise<void> | null = null;
  return {
    lost,
    query: async (sql, parameters = []) => (await client.query<Record<string, unknown>>(sql, [...parameters])).rows,
    release: () => (closing ??= client.end()),
  };
}
