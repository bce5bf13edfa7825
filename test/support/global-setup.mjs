/** Starts one PostgreSQL for the whole test run, unless BUDUAN_TEST_DATABASE_URL names one. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { transpile } from './transpile.mjs';

/** Speed before safety: whatever a power cut takes from these databases is not missed. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  io_method: 'sync',
  jit: 'off',
};

export default async function globalSetup() {
  if (process.env.BUDUAN_TEST_DATABASE_URL) return;
  const { startTrial } = await import(transpile('src/platform/database/trial.ts'));
  const silent = { warn() {}, info() {}, debug() {}, error() {} };
  // Runs of one checkout at the same time share the server; a server that a killed run left behind is taken over.
  const checkout = createHash('sha256')
    .update(import.meta.url)
    .digest('hex')
    .slice(0, 12);
  const dataDir = join(tmpdir(), `buduan-test-${process.getuid?.() ?? 'user'}-${checkout}`);
  removeBroken(dataDir);
  const server = await startTrial({ dataDir, log: silent, settings: SETTINGS });
  if (!server.adopted) await dropLeftovers(server.url);
  process.env.BUDUAN_TEST_DATABASE_URL = server.url;
  globalThis.buduanTestServer = server;
}

/** Without fsync a cluster whose server did not end by itself cannot be trusted: it is made anew. */
function removeBroken(dataDir) {
  const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
  if (!existsSync(pidFile) || existsSync(join(dataDir, 'start.lock'))) return;
  if (!isAlive(Number.parseInt(readFileSync(pidFile, 'utf8'), 10))) rmSync(dataDir, { recursive: true, force: true });
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Databases of runs that were killed; their names tell the process. */
async function dropLeftovers(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+_' ORDER BY datname`,
  );
  for (const { datname } of rows) {
    if (!isAlive(Number(datname.split('_')[1]))) await client.query(`DROP DATABASE ${datname} WITH (FORCE)`);
  }
  await client.end();
}
