/** How a trial server is found alive, started and stopped. */
import type { ChildProcess } from 'node:child_process';
import { realpathSync, rmSync, statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { HubError } from '../../domain/hub-error.js';
import { errorCode } from './database-error.js';
import { TRIAL_USER, type TrialCluster } from './trial-cluster.js';
import { processMark, readOrNull } from './trial-owners.js';
import { runProgram, startProgram } from './trial-program.js';

export type ServerSettings = Readonly<Record<string, string>>;

const DATABASE = 'buduan';
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 25;
const PORT_ATTEMPTS = 5;
const LONGEST_LOG_BYTES = 10_000_000;

/** Statements and DETAIL lines stay out of the server's log: they quote rows. */
const SETTINGS: ServerSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  full_page_writes: 'on',
  lc_messages: 'C',
  timezone: 'UTC',
  max_connections: '100',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/**
 * The port of the server that already runs on this cluster, after a login proved it; null when none runs. One that is
 * starting or stopping is waited for. Never stops a server it cannot enter: others may be using it. Call under the start
 * lock. Throws HubError `trial-password` or `trial-unanswered`.
 */
export async function adoptServer(cluster: TrialCluster): Promise<number | null> {
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end; await wait(POLL_MS)) {
    const running = readPostmaster(cluster);
    if (running === null) return null;
    if (running.port > 0 && (await answers(cluster, running.port))) return running.port;
  }
  throw new HubError({
    code: 'trial-unanswered',
    next: 'retry',
    message: `The trial database of ${cluster.folder} runs but does not answer. Read ${cluster.serverLog}, or stop it by hand.`,
  });
}

/** Starts the server on a free port of the loopback address and waits until it answers; returns the port. */
export async function startServer(cluster: TrialCluster, settings: ServerSettings): Promise<number> {
  if ((statSync(cluster.serverLog, { throwIfNoEntry: false })?.size ?? 0) > LONGEST_LOG_BYTES)
    truncateSync(cluster.serverLog);
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt += 1) {
    const port = await findFreePort();
    const child = await startProgram(
      cluster,
      cluster.programs.postgres,
      startParameters(cluster, { ...SETTINGS, ...settings, port: String(port) }),
    );
    child.unref();
    if (await becomesReady(cluster, { child, port })) {
      await createDatabase(cluster, port);
      return port;
    }
    // The backends of a server that was killed need a moment to notice.
    await wait(200);
  }
  throw new HubError({
    code: 'trial-start-failed',
    next: 'fix-config',
    message: `The trial database ended right after its start, ${PORT_ATTEMPTS} times. Read ${cluster.serverLog} for its reason.`,
  });
}

/** A fast shutdown: open transactions are rolled back, everything committed is on disk, no process is left. */
export async function stopServer(cluster: TrialCluster): Promise<void> {
  if (readPostmaster(cluster) === null) return;
  await runProgram(cluster, cluster.programs.pgCtl, ['stop', '-D', cluster.data, '-m', 'fast', '-w', '-t', '60', '-s']);
}

export function urlOf(cluster: TrialCluster, port: number): string {
  return `postgres://${TRIAL_USER}:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/${DATABASE}`;
}

interface Postmaster {
  /** 0 while the server has not written it yet. */
  readonly port: number;
}

/**
 * Reads postmaster.pid. A file whose process is gone, or whose id now belongs to another program, is stale; the second
 * kind is removed here because PostgreSQL itself could not tell.
 */
function readPostmaster({ data }: TrialCluster): Postmaster | null {
  const path = join(data, 'postmaster.pid');
  const lines = (readOrNull(path) ?? '').split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  if (!(pid > 0) || processMark(pid) === null) return null;
  if (isOtherProgram(pid, data)) {
    rmSync(path, { force: true });
    return null;
  }
  return { port: Number.parseInt(lines[3] ?? '', 10) || 0 };
}

/** A server works inside its data folder. Where the system does not tell, the process is taken for the server. */
function isOtherProgram(pid: number, data: string): boolean {
  try {
    return realpathSync(`/proc/${pid}/cwd`) !== realpathSync(data);
  } catch {
    return false;
  }
}

function startParameters(cluster: TrialCluster, settings: ServerSettings): readonly string[] {
  return ['-D', cluster.data, ...Object.entries(settings).flatMap(([name, setting]) => ['-c', `${name}=${setting}`])];
}

/** False when the server ended again, most often because another program took the port meanwhile. */
async function becomesReady(
  cluster: TrialCluster,
  started: { readonly child: ChildProcess; readonly port: number },
): Promise<boolean> {
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end; await wait(POLL_MS)) {
    if (started.child.exitCode !== null || started.child.signalCode !== null) return false;
    if (await answers(cluster, started.port)) return true;
  }
  await stopServer(cluster);
  return false;
}

/** Whether the server of this very cluster lets us in on this port. */
async function answers(cluster: TrialCluster, port: number): Promise<boolean> {
  try {
    const rows = await ask(cluster, port, "SELECT current_setting('data_directory') AS place");
    return realpathSync(String(rows[0]?.['place'])) === realpathSync(cluster.data);
  } catch (error) {
    if (errorCode(error) !== '28P01') return false;
    throw new HubError({
      code: 'trial-password',
      next: 'fix-config',
      message: `The password file in ${cluster.folder} does not open its trial database. Put the old file back, or choose an empty data folder.`,
      cause: error,
    });
  }
}

async function createDatabase(cluster: TrialCluster, port: number): Promise<void> {
  const rows = await ask(cluster, port, `SELECT 1 AS found FROM pg_database WHERE datname = '${DATABASE}'`);
  if (rows.length === 0) await ask(cluster, port, `CREATE DATABASE ${DATABASE}`);
}

async function ask(cluster: TrialCluster, port: number, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: TRIAL_USER,
    password: cluster.password,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
    application_name: 'buduan trial',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('No port.')),
      );
    });
  });
}
