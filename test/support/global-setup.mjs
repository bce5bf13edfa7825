/** Starts one PostgreSQL for the whole test run, unless BUDUAN_TEST_DATABASE_URL names one. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  const checkout = createHash('sha256').update(import.meta.url).digest('hex').slice(0, 12);
  const dataDir = join(tmpdir(), `buduan-test-${process.getuid?.() ?? 'user'}-${checkout}`);
  const server = await startTrial({ dataDir, log: silent, settings: SETTINGS });
  process.env.BUDUAN_TEST_DATABASE_URL = server.url;
  globalThis.buduanTestServer = server;
}
