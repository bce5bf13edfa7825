/** How long real calls wait while a flood of forged ones comes, and what the flood costs in processor time, memory and rows. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSoFar } from './cpu.mjs';
import { tellChanges } from './latency.mjs';
import { control, settled, summary } from './world.mjs';

const SETTLES_IN_MS = 2_000;
const SAMPLE_MS = 250;

async function memoryMb(pid) {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kb = /VmRSS:\s+(\d+)/.exec(text)?.[1];
  return kb === undefined ? null : Math.round(Number(kb) / 1024);
}

/** Looks at the memory of a process again and again; what it returns ends that and gives the most that was seen. */
function watchMemory(pid) {
  let mostMb = 0;
  const look = async () => (mostMb = Math.max(mostMb, (await memoryMb(pid)) ?? 0));
  const timer = setInterval(() => void look(), SAMPLE_MS);
  return async () => {
    clearInterval(timer);
    await look();
    return mostMb;
  };
}

function startJunk(url, rate) {
  const child = spawn(process.execPath, ['bench/webhooks/junk-sender.mjs', url, String(rate)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  return () =>
    new Promise((done) => {
      child.once('exit', () => done(JSON.parse(output)));
      child.kill('SIGTERM');
    });
}

export async function measureFlood(world, { people, rate, flood, seconds }) {
  const { sandbox, hub, database } = world;
  const [answering] = hub.pids;
  const rowsOf = async () => {
    await database.query(`SELECT set_config('buduan.tenant', 'company-a', false)`);
    const { rows } = await database.query(
      `SELECT (SELECT count(*)::int FROM buduan.webhook_delivery) AS deliveries, (SELECT count(*)::int FROM buduan.webhook_refusal) AS refusals`,
    );
    return rows[0];
  };
  const before = { memory: await memoryMb(answering), cpu: await cpuSoFar(world), rows: await rowsOf() };
  const startedMs = performance.now();
  const mostMemory = watchMemory(answering);
  const stopJunk = startJunk(`${hub.url}/webhooks/company-a/bureau`, flood);
  await pause(SETTLES_IN_MS);
  const acks = [];
  await tellChanges(world, { people, rate, acks });
  await pause(Math.max(0, seconds * 1000 - (performance.now() - startedMs)));
  const junk = await stopJunk();
  const lasted = (performance.now() - startedMs) / 1000;
  const most = await mostMemory();
  const cpu = await cpuSoFar(world);
  await settled(database);
  // Refused calls are counted in memory for five seconds at most.
  await pause(6_000);
  const rows = await rowsOf();
  const { missing, wrong, extra, duplicated } = await control(sandbox, 'report');
  const cores = (name) => Number(((cpu[name] - before.cpu[name]) / lasted / 1000).toFixed(2));
  return {
    seconds: Number(lasted.toFixed(1)),
    junk,
    real: { told: people.length, acknowledgedMs: summary(acks) },
    coresUsed: Object.fromEntries(['hub', 'database', 'sandbox', 'caller'].map((name) => [name, cores(name)])),
    hubMemoryMb: { before: before.memory, most, after: await memoryMb(answering) },
    loadAverage: Number(loadavg()[0].toFixed(1)),
    rowsAdded: {
      deliveries: rows.deliveries - before.rows.deliveries,
      refusals: rows.refusals - before.rows.refusals,
    },
    report: { missing, wrong, extra, duplicated },
    holds: rows.deliveries - before.rows.deliveries === people.length,
  };
}
