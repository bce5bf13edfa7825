/**
 * npm run bench -- [--employees N] [--seed S] [--json] [--skip-floor] [--profile DIR]
 * One night of N employees through four sandbox systems: the floor first (bench/floor.mjs), then the hub's first full run, then an
 * unchanged one, then the sandbox's own report of what was corrected. Every part runs in a process of its own, one after another;
 * both work on the same PostgreSQL (DATABASE_URL when set, a trial server otherwise).
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startSandboxProcess } from '../dist/cli/demo/sandbox-process.js';
import { sandboxVariables } from '../dist/cli/demo/sandbox-variables.js';
import { createLog } from '../dist/platform/log/log.js';
import { startTrial } from '../dist/platform/database/trial.js';
import { SANDBOX_CREDENTIALS } from '../dist/sandbox/credentials.js';
import { floorCorrections } from './floor-corrections.mjs';

const { values: options } = parseArgs({
  options: {
    employees: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
    'skip-floor': { type: 'boolean', default: false },
    /** A folder for CPU profiles of the hub's runs, to be opened in a browser's developer tools. */
    profile: { type: 'string' },
  },
});
const employees = Number(options.employees);
const seed = Number(options.seed);
const say = (line) => process.stderr.write(`${line}\n`);

/** Runs a program to its end and returns its last line of output, parsed. */
function finish(args, { env = {}, input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.stdin.end(input);
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.on('exit', (code) => {
      const line = output.trim().split('\n').at(-1) ?? '';
      try {
        resolve({ ...JSON.parse(line), exitCode: code });
      } catch {
        reject(new Error(`${args[0]} ended with code ${code} and said: ${line.slice(0, 300)}`));
      }
    });
  });
}

async function withDatabase(server, name, work) {
  const admin = new pg.Client(server);
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  try {
    return await work(url.href);
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.end();
  }
}

async function withSandbox(work) {
  const sandbox = await startSandboxProcess({ employees, seed, profile: 'bench' });
  try {
    return await work(sandbox);
  } finally {
    await sandbox.stop();
  }
}

async function measureFloor(server) {
  return withSandbox((sandbox) =>
    withDatabase(server, 'buduan_bench_floor', async (databaseUrl) => {
      const corrections = floorCorrections((await sandbox.ask('report')).bySystem);
      return finish(['bench/floor.mjs'], {
        input: JSON.stringify({ urls: sandbox.urls, credentials: SANDBOX_CREDENTIALS, databaseUrl, corrections }),
      });
    }),
  );
}

async function measureHub(server, dataDir) {
  return withSandbox((sandbox) =>
    withDatabase(server, 'buduan_bench_hub', async (databaseUrl) => {
      const keys = {
        BUDUAN_IDENTITY_KEY: Buffer.alloc(32, 1).toString('base64'),
        BUDUAN_BLIND_INDEX_KEY: Buffer.alloc(32, 2).toString('base64'),
      };
      const env = { ...sandboxVariables(sandbox.urls), ...keys, DATABASE_URL: databaseUrl, BUDUAN_LOG_LEVEL: 'warn' };
      const profile = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [];
      const command = [
        ...profile,
        '--max-semi-space-size=16',
        '--max-old-space-size=1024',
        'dist/cli/main.js',
        'run',
        '--config',
        'bench/hub.yaml',
        '--as-of',
        '2023-03-20',
        '--json',
      ];
      const first = await finish(command, { env });
      say(`  first run ${first.seconds} s`);
      const second = await finish(command, { env });
      say(`  unchanged run ${second.seconds} s`);
      const stats = await sandbox.ask('stats');
      return { first, second, report: await sandbox.ask('report'), stats, dataDir };
    }),
  );
}

const dataDir = await mkdtemp(join(tmpdir(), 'buduan-bench-'));
const trial = process.env.DATABASE_URL
  ? null
  : await startTrial({
      dataDir,
      log: createLog({ level: 'error' }),
      settings: { shared_buffers: '512MB', max_wal_size: '4GB' },
    });
try {
  const server = process.env.DATABASE_URL ?? trial.url;
  say(
    `${employees} employees, seed ${seed}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  );
  const floor = options['skip-floor'] ? null : await measureFloor(server);
  if (floor) say(`  floor ${floor.seconds.total} s (${floor.requests} requests, ${floor.rows} rows)`);
  const { first, second, report } = await measureHub(server, dataDir);
  const result = {
    employees,
    floor,
    first,
    second,
    ratio: floor ? Number((first.seconds / floor.seconds.total).toFixed(2)) : null,
    secondToFirst: Number((second.seconds / first.seconds).toFixed(2)),
    peakRssMb: Math.max(first.peakRssMb, second.peakRssMb),
    report: {
      expected: report.expected,
      ok: report.ok,
      missing: report.missing,
      wrong: report.wrong,
      extra: report.extra,
      duplicated: report.duplicated,
    },
  };
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    say('');
    console.table({
      floor: {
        seconds: floor?.seconds.total ?? '-',
        cpuSeconds: floor?.cpuSeconds ?? '-',
        peakRssMb: floor?.peakRssMb ?? '-',
      },
      'first run': { seconds: first.seconds, cpuSeconds: first.cpuSeconds, peakRssMb: first.peakRssMb },
      'unchanged run': { seconds: second.seconds, cpuSeconds: second.cpuSeconds, peakRssMb: second.peakRssMb },
    });
    say(`first run / floor: ${result.ratio ?? '-'}   unchanged / first: ${result.secondToFirst}`);
    say(`report: ${JSON.stringify(result.report)}`);
  }
  const right = report.missing + report.wrong + report.extra + report.duplicated === 0;
  process.exitCode = right ? 0 : 1;
} finally {
  await trial?.stop();
  await rm(dataDir, { recursive: true, force: true });
}
