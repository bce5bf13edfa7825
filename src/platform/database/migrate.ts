/** How the schema and the job tables are brought up to date by exactly one of all nodes that start at once. */
import { runMigrations } from 'graphile-worker';
import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { silentWorkerLogger } from '../jobs/worker-logger.js';
import { MIGRATIONS } from './migrations/all-migrations.js';
import { POST_JOB } from './post-job-function.js';

export interface Migrated {
  /** Names of the migrations applied by this call, oldest first; empty when nothing was missing. */
  readonly applied: string[];
  /** Names of migrations of a newer program that were there before. */
  readonly unknown: readonly string[];
}

/** How the schema stands to this program. */
export interface SchemaState {
  /** What this program needs and the database lacks, oldest first. */
  readonly missing: readonly string[];
  /** What a newer program has applied. */
  readonly unknown: readonly string[];
}

/** The key of the advisory lock under which all schema changes happen: "buduan" in ASCII. */
const MIGRATION_LOCK = 0x62756475616e;

/** Waits for the lock, then applies what is missing: each migration in its own transaction, then the job tables. */
export async function migrateDatabase(source: DataSource, url: string): Promise<Migrated> {
  return underLock(source, async (runner) => {
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'each';
    const { unknown } = await stateOf(runner);
    const applied = await executor.executePendingMigrations();
    // No-ops when current, and run every time: a restored or reverted schema gets its job function back. Not where a newer
    // program was before: its job tables and function are its own, and ours would replace them with older ones.
    if (unknown.length === 0) {
      await runMigrations({ connectionString: url, maxPoolSize: 1, noHandleSignals: true, logger: silentWorkerLogger });
      await runner.query(POST_JOB);
    }
    return { applied: applied.map((migration) => migration.name), unknown };
  });
}

/** Asks and changes nothing. */
export async function readSchemaState(source: DataSource): Promise<SchemaState> {
  const runner = source.createQueryRunner();
  try {
    return await stateOf(runner);
  } finally {
    await runner.release();
  }
}

async function stateOf(runner: QueryRunner): Promise<SchemaState> {
  const known = MIGRATIONS.map((migration) => migration.name);
  const [there] = (await runner.query(`SELECT to_regclass('public.buduan_migration') IS NOT NULL AS "hasList"`)) as {
    hasList: boolean;
  }[];
  const rows =
    there?.hasList === true
      ? ((await runner.query('SELECT m.name FROM public.buduan_migration m ORDER BY m.timestamp, m.id')) as {
          name: string;
        }[])
      : [];
  const applied = rows.map(({ name }) => name);
  return {
    missing: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}

/** Takes back the newest migration; for tests and for an operator's way back. Returns its name, or null when none is left. */
export async function revertNewest(source: DataSource): Promise<string | null> {
  return underLock(source, async (runner) => {
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'each';
    const [newest] = (await executor.getExecutedMigrations()).sort((a, b) => b.timestamp - a.timestamp);
    if (!newest) return null;
    await executor.undoLastMigration();
    return newest.name;
  });
}

async function underLock<T>(source: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner();
  try {
    await runner.query('SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      return await work(runner);
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      await runner.query('RESET ALL');
    }
  } finally {
    await runner.release();
  }
}
