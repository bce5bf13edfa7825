/**
 * npm run bench -- webhooks [--employees N] [--seconds S] [--rate R] [--warm-up W] [--nodes 1|2] [--shuffled D | --flood F] [--json]
 * A serving hub with its sandbox beside it, each in processes of its own, after two full runs. Two nodes: one answers calls, the
 * other works; with --nodes 1 one process does both.
 * By itself: R changes a second for S seconds after W that are not counted, each told by a signed call; prints how long calls waited
 * for their answer, how long it took from the change to the last correction at the other systems by the sandbox's own history, the
 * time of each stage by the database's clock, and the processor time of each process per delivery.
 * --shuffled: D deliveries, three times each and in disorder; then a full run, which must leave the state as it is.
 * --flood: F forged calls a second from a process of their own for S seconds, with R real ones a second among them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startSandboxProcess } from '../dist/cli/demo/sandbox-process.js';
import { sandboxVariables } from '../dist/cli/demo/sandbox-variables.js';
import { startTrial } from '../dist/platform/database/trial.js';
import { createLog } from '../dist/platform/log/log.js';
import { measureDisorder } from './webhooks/disorder.mjs';
import { measureFlood } from './webhooks/flood.mjs';
import { measureLatency } from './webhooks/latency.mjs';
import { fullRun, peopleWithGaps, say, startHub } from './webhooks/world.mjs';

const OPTIONS = {
  employees: { type: 'string', default: '20000' },
  nodes: { type: 'string', default: '2' },
  seconds: { type: 'string', default: '5' },
  rate: { type: 'string', default: '50' },
  'warm-up': { type: 'string', default: '100' },
  shuffled: { type: 'string' },
  flood: { type: 'string' },
  json: { type: 'boolean', default: false },
};

function measure(world, people, values) {
  const [rate, seconds, warmUp] = [values.rate, values.seconds, values['warm-up']].map(Number);
  const some = people.slice(0, rate * seconds + warmUp);
  say(`${values.employees} employees, ${some.length} of them with a gap that gets paid`);
  if (values.shuffled !== undefined) return measureDisorder(world, { people, deliveries: Number(values.shuffled) });
  if (values.flood !== undefined)
    return measureFlood(world, { people: some, rate, flood: Number(values.flood), seconds });
  return measureLatency(world, { people: some, rate, warmUp });
}

export async function run(args) {
  const { values } = parseArgs({ args, options: OPTIONS });
  const employees = Number(values.employees);
  const folder = await mkdtemp(join(tmpdir(), 'buduan-webhooks-'));
  const trial = await startTrial({ dataDir: folder, log: createLog({ level: 'error' }) });
  const sandbox = await startSandboxProcess({ employees, seed: 7, profile: 'bench' });
  let hub = null;
  const database = new pg.Client(trial.url);
  try {
    const key = (fill) => Buffer.alloc(32, fill).toString('base64');
    const env = {
      ...process.env,
      ...sandboxVariables(sandbox.urls),
      BUDUAN_IDENTITY_KEY: key(1),
      BUDUAN_BLIND_INDEX_KEY: key(2),
      DATABASE_URL: trial.url,
      BUDUAN_LOG_LEVEL: 'error',
    };
    await fullRun(env);
    await fullRun(env);
    await database.connect();
    hub = await startHub(env, Number(values.nodes));
    const result = await measure({ sandbox, hub, database, env }, await peopleWithGaps(sandbox, employees), values);
    process.stdout.write(`${JSON.stringify(result, null, values.json ? 0 : 2)}\n`);
    const { missing, wrong, extra, duplicated } = result.report;
    const isWhole = missing + wrong + extra + duplicated + (result.refused ?? 0) === 0;
    const isSame = result.fullRunAfterwards?.sameState ?? true;
    process.exitCode = isWhole && isSame && (result.holds ?? true) ? 0 : 1;
  } finally {
    await hub?.stop();
    await database.end().catch(() => undefined);
    await sandbox.stop();
    await trial.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
