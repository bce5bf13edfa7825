/** What database a test works on: a fresh copy of a migrated template, gone afterwards, with no connection left behind. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Database } from '../../src/platform/database/database.js';
import { silentLog } from '../../src/platform/log/log.js';

export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  /** Closes `database`, fails when any other connection is still open, and drops the copy. */
  close(): Promise<void>;
}

const TEMPLATE_LOCK = 0x627574657374;
/** What a pool or worker that was just closed needs to say goodbye. */
const GOODBYE_MS = 2_000;

const log = silentLog();

/** Opens a copy of the migrated, empty schema; `poolSize` defaults to the hub's own. */
export async function openTestDatabase(options: { readonly poolSize?: number } = {}): Promise<TestDatabase> {
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  const template = await migratedTemplate();
  await asAdmin((admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const url = urlOf(name);
  const database = await Database.open({ url, allowUnsafeFsync: true, log, ...options });
  return {
    database,
    url,
    close: async () => {
      await database.close();
      await dropDatabase(name);
    },
  };
}

/** A database without any schema, for tests of migrations; the caller drops it with `dropDatabase`. */
export async function createEmptyDatabase(): Promise<{ readonly name: string; readonly url: string }> {
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await asAdmin((admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE template0`));
  return { name, url: urlOf(name) };
}

/** Drops a database; first closes and then reports connections that a test left open, as a failure. */
export async function dropDatabase(name: string): Promise<void> {
  const left = await asAdmin(async (admin) => {
    const open = await openConnections(admin, name);
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    return open;
  });
  if (left.length > 0) throw new Error(`The test left ${left.length} connection(s) open:\n${left.join('\n')}`);
}

/** Rounds of looking, not a pause: a connection that was closed is gone within a few. */
async function openConnections(admin: pg.Client, name: string): Promise<readonly string[]> {
  const seen = `SELECT format('%s: %s, last statement: %s', a.application_name, a.state, left(a.query, 120)) AS line
                  FROM pg_stat_activity a WHERE a.datname = $1 AND a.backend_type = 'client backend' ORDER BY a.pid`;
  for (const end = Date.now() + GOODBYE_MS; ;) {
    const { rows } = await admin.query<{ line: string }>(seen, [name]);
    if (rows.length === 0 || Date.now() > end) return rows.map(({ line }) => line);
    await admin.query('SELECT pg_sleep(0.01)');
  }
}

/** Made by the first test that asks, under a lock; named by what it is made from, so that a changed schema gets a new one. */
async function migratedTemplate(): Promise<string> {
  const name = `buduan_template_${schemaHash()}`;
  await asAdmin(async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await buildTemplate(admin, name);
  });
  return name;
}

async function buildTemplate(admin: pg.Client, name: string): Promise<void> {
  const building = `${name}_building`;
  await admin.query(`DROP DATABASE IF EXISTS ${building} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${building} TEMPLATE template0`);
  const database = await Database.open({ url: urlOf(building), poolSize: 2, allowUnsafeFsync: true, log });
  try {
    await database.migrate();
  } finally {
    await database.close();
  }
  await admin.query(`ALTER DATABASE ${building} RENAME TO ${name}`);
}

function schemaHash(): string {
  const folder = new URL('../../src/platform/database/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /migrat|post-job/.test(file) && file.endsWith('.ts'),
  );
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(readFileSync(fileURLToPath(new URL(file, folder))));
  return hash.digest('hex').slice(0, 12);
}

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: serverUrl(), application_name: 'buduan test admin' });
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function serverUrl(): string {
  const url = process.env['BUDUAN_TEST_DATABASE_URL'];
  if (!url) throw new Error('Tests of the database need the global set-up of jest, or BUDUAN_TEST_DATABASE_URL.');
  return url;
}
