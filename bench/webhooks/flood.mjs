/** How long real calls wait while a flood of forged ones comes, and what the flood costs in processor time, memory and rows. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSoFar } from './cpu.mjs';
import { tellChanges } from './latency.mjs';
import { control, settled, summary } from './world.mjs';

const SETTLES_IN_MS = 2_000;

async function memoryMb(pid) {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kb = /VmRSS:\s+(\d+)/.exec(text)?.[1];
  return kb === undefined ? null : Math.round(Number(kb) / 1024);
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
  const rowsOf = async () => {
    await database.query(`SELECT set_config('buduan.tenant', 'company-a', false)`);
    const { rows } = await database.query(
      `SELECT (SELECT count(*)::int FROM buduan.webhook_delivery) AS deliveries, (SELECT count(*)::int FROM buduan.webhook_refusal) AS refusals`,
    );
    return rows[0];
  };
  const before = { memory: await memoryMb(hub.pid), cpu: await cpuSoFar(world), rows: await rowsOf() };
  const startedMs = performance.now();
  const stopJunk = startJunk(`${hub.url}/webhooks/company-a/bureau`, flood);
  await pause(SETTLES_IN_MS);
  const acks = [];
  await tellChanges(world, { people, rate, acks });
  await pause(Math.max(0, seconds * 1000 - (performance.now() - startedMs)));
  const junk = await stopJunk();
  const lasted = (performance.now() - startedMs) / 1000;
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
    coresUsed: { hub: cores('hub'), database: cores('database'), sandboxAndCaller: cores('sandboxAndCaller') },
    hubMemoryMb: { before: before.memory, after: await memoryMb(hub.pid) },
    rowsAdded: {
      deliveries: rows.deliveries - before.rows.deliveries,
      refusals: rows.refusals - before.rows.refusals,
    },
    report: { missing, wrong, extra, duplicated },
    holds: rows.deliveries - before.rows.deliveries === people.length,
  };
}
