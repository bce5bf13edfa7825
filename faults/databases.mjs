/** The database of a rig: one of its own on the given server, gone afterwards; and a trial server that can be restarted. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Database } from '../dist/platform/database/database.js';
import { startTrial } from '../dist/platform/database/trial.js';
import { silentLog } from '../dist/platform/log/log.js';

export const TENANT = 'company-a';

export const KEYS = {
  FAULTS_IDENTITY_KEY: Buffer.alloc(32, 1).toString('base64'),
  FAULTS_BLIND_INDEX_KEY: Buffer.alloc(32, 2).toString('base64'),
};

/** A server that the rig may stop and start; PostgreSQL as shipped, with fsync on. */
export async function startServer() {
  stopOnSignal();
  const dataDir = await mkdtemp(join(tmpdir(), 'buduan-faults-'));
  const options = { dataDir, log: silentLog(), settings: { max_connections: '200' } };
  let trial = await startTrial(options);
  const server = {
    get url() {
      return trial.url;
    },
    /** Fast shutdown and start; every connection is lost, the port may be another one afterwards. */
    async restart() {
      await trial.stop();
      trial = await startTrial(options);
      return trial.url;
    },
    async stop() {
      running.delete(server);
      await trial.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  running.add(server);
  return server;
}

const running = new Set();
let isWatching = false;

/** Who breaks a rig off finds nothing of it left: hubs die with the process, servers are stopped before. */
function stopOnSignal() {
  if (isWatching) return;
  isWatching = true;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, async () => {
      await Promise.allSettled([...running].map((server) => server.stop()));
      process.exit(130);
    });
}

/** A migrated, empty database on the server. Its name is the same after a restart. */
export async function makeDatabase(serverUrl) {
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await asAdmin(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = onServer(serverUrl, name);
  const database = await openDatabase(url);
  await database.migrate();
  await database.close();
  return { name, url, drop: (nowAt = serverUrl) => asAdmin(nowAt, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

export function openDatabase(url) {
  return Database.open({ url, poolSize: 4, allowUnsafeFsync: true, log: silentLog() });
}

export function onServer(serverUrl, name) {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function asAdmin(serverUrl, statement) {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}
