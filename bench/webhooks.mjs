/**
 * npm run bench -- webhooks [--employees N] [--seconds S] [--rate R] [--deliveries D] [--json]
 * A serving hub with its sandbox beside it, after two full runs. Without --deliveries: R changes a second for S seconds, each told
 * by a signed call; prints how long calls waited for their answer, and how long it took from the change to the last correction at
 * the other systems, by the sandbox's own history. With --deliveries: D calls, three times each and shuffled; then a full run, which
 * must find nothing that the calls had not brought already.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { sandboxVariables } from '../dist/cli/demo/sandbox-variables.js';
import { startTrial } from '../dist/platform/database/trial.js';
import { createLog } from '../dist/platform/log/log.js';
import { startSandbox } from '../dist/sandbox/sandbox.js';
import { signedCall } from '../dist/sandbox/webhooks.js';

const AS_OF = '2023-03-20';
const SETTLED_WITHIN_MS = 600_000;
const say = (line) => process.stderr.write(`${line}\n`);

function quantile(sorted, share) {
  return sorted.length === 0
    ? null
    : Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1));
}

function summary(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return {
    count: sorted.length,
    median: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: sorted.at(-1) ?? null,
  };
}

/** The hub as a process of its own, listening. */
function startHub(env) {
  const args = ['--max-semi-space-size=32', 'dist/cli/main.js', 'start', '--config', 'bench/hub.yaml', '--port', '0'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((done, fail) => {
    child.once('exit', (code) => fail(new Error(`the hub ended with code ${code}`)));
    createInterface({ input: child.stdout }).once('line', (line) => {
      const url = /listens on (\S+)/.exec(line)?.[1];
      const stop = () => stopChild(child);
      done({ url, pid: child.pid, stop });
    });
  });
}

function stopChild(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((ended) => {
    child.removeAllListeners('exit').once('exit', ended);
    child.kill('SIGTERM');
  });
}

function fullRun(env) {
  const args = ['dist/cli/main.js', 'run', '--config', 'bench/hub.yaml', '--as-of', AS_OF, '--json'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  return new Promise((done) => child.once('exit', () => done(JSON.parse(output.trim().split('\n').at(-1)))));
}

async function send(hub, { path, headers, body }) {
  const startedMs = performance.now();
  const reply = await fetch(`${hub.url}/webhooks/company-a${path}`, { method: 'POST', headers, body });
  await reply.arrayBuffer();
  return { status: reply.status, ms: performance.now() - startedMs };
}

async function control(sandbox, path, body) {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const reply = await fetch(`${sandbox.control}/_sandbox/${path}`, init);
  if (!reply.ok) throw new Error(`the sandbox refused ${path}: ${await reply.text()}`);
  return reply.json();
}

/** Persons with one missing month, which is paid: every other system that shows a status must then be corrected. */
async function peopleWithGaps(sandbox, employees) {
  const people = [];
  for (let from = 0; from < employees; from += 5000) {
    const { employees: page } = await control(sandbox, `truth?from=${from}&limit=5000`);
    for (const { index, status, untouchable, gaps } of page) {
      const postings = Object.entries(gaps).flatMap(([insurance, months]) =>
        months.map((month) => ({ insurance, month })),
      );
      if (status === 'gap' && untouchable === null && postings.length > 0) people.push({ index, postings });
    }
  }
  return people;
}

/** Waits until no reading, judgement or operation is due any more. */
async function settled(database) {
  const look = `SELECT (SELECT count(*) FROM graphile_worker._private_jobs j WHERE j.run_at <= now())::int
    + (SELECT count(*) FROM buduan.operation o WHERE o.state IN ('queued', 'sending'))::int AS left`;
  for (const end = Date.now() + SETTLED_WITHIN_MS; Date.now() < end; await pause(100)) {
    await database.query(`SELECT set_config('buduan.tenant', 'company-a', false)`);
    if ((await database.query(look)).rows[0].left === 0) return;
  }
  throw new Error('the hub did not come to rest');
}

/** CPU time of processes so far, in ms, ended children included; null where the system does not tell. */
async function cpuMs(pids) {
  try {
    const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
    // After the name in brackets: state is field 0, so utime, stime, cutime and cstime are 11 to 14, in hundredths of a second.
    const ticks = texts.filter(Boolean).map((text) =>
      text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 15),
    );
    return ticks.flat().reduce((sum, each) => sum + Number(each) * 10, 0);
  } catch {
    return null;
  }
}

/** The server's first process and all it has begun. */
async function serverPids(database) {
  const pidOf = async (pid) => Number((await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ')[1]);
  const own = (await database.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  try {
    const first = await pidOf(own);
    const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const children = await Promise.all(
      all.map(async (pid) => ((await pidOf(pid).catch(() => 0)) === first ? pid : null)),
    );
    return [first, ...children.filter((pid) => pid !== null)];
  } catch {
    return [];
  }
}

async function cpuSoFar({ hub, database }) {
  const transactions = await database.query(
    'SELECT xact_commit::int AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  const { user, system } = process.cpuUsage();
  return {
    hub: await cpuMs([hub.pid]),
    database: await cpuMs(await serverPids(database)),
    sandboxAndCaller: (user + system) / 1000,
    transactions: transactions.rows[0].count,
  };
}

function perDelivery(before, after, deliveries) {
  const each = Object.keys(before).map((name) => [
    name,
    Number(((after[name] - before[name]) / deliveries).toFixed(1)),
  ]);
  return Object.fromEntries(each);
}

/** Medians and 99th percentiles of the way of a delivery, by the database's own times: stored, read, judged, planned, sent, answered. */
async function stagesOf(database, ids) {
  const { rows } = await database.query(
    `SELECT extract(epoch FROM r.moved_at - d.received_at) * 1000 AS read, extract(epoch FROM p.created_at - r.moved_at) * 1000 AS planned,
            extract(epoch FROM o.first_sent - p.created_at) * 1000 AS sent, extract(epoch FROM o.acknowledged - o.first_sent) * 1000 AS answered
       FROM buduan.webhook_delivery d JOIN buduan.webhook_reading r USING (tenant_id, connection_id, delivery_id)
       JOIN buduan.plan p ON p.tenant_id = r.tenant_id AND p.run_id = r.run_id
       JOIN LATERAL (SELECT max(o.sent_at) AS first_sent, max(o.acknowledged_at) AS acknowledged FROM buduan.operation o
                      WHERE o.tenant_id = r.tenant_id AND o.run_id = r.run_id) o ON true
      WHERE d.delivery_id = ANY($1)`,
    [ids],
  );
  const of = (name) => summary(rows.map((row) => Number(row[name])));
  return {
    receivedToRead: of('read'),
    readToPlanned: of('planned'),
    plannedToSent: of('sent'),
    sentToAnswered: of('answered'),
  };
}

/** Changes one person after another at the given pace and tells of each; resolves to when each was told. */
async function tellChanges({ sandbox, hub }, { people, rate, acks }) {
  const toldAt = new Map();
  const calls = [];
  const startedMs = performance.now();
  const one = async ({ index, postings }) => {
    for (const posting of postings) await control(sandbox, 'change', { index, posting });
    toldAt.set(index, Date.now());
    const call = signedCall('bureau', index, { id: `bench-${index}`, now: Date.now() });
    const { status, ms } = await send(hub, call);
    if (status === 200) acks.push(ms);
    else say(`  answered ${status}`);
  };
  for (const [place, person] of people.entries()) {
    await pause(Math.max(0, (place * 1000) / rate - (performance.now() - startedMs)));
    calls.push(one(person));
  }
  await Promise.all(calls);
  return { toldAt, seconds: (performance.now() - startedMs) / 1000 };
}

async function measureLatency(world, { people: all, rate, warmUp }) {
  const { sandbox, database } = world;
  const acks = [];
  await tellChanges(world, { people: all.slice(0, warmUp), rate, acks: [] });
  await settled(database);
  const people = all.slice(warmUp);
  const before = await cpuSoFar(world);
  const { toldAt, seconds } = await tellChanges(world, { people, rate, acks });
  await settled(database);
  const cpu = perDelivery(before, await cpuSoFar(world), people.length);
  const lastWrite = new Map();
  for (const { object, at } of (await control(sandbox, 'history?limit=100000')).entries) {
    const [, kind, index] = object.split('/');
    const told = toldAt.get(Number(index));
    if (kind === 'status' && told !== undefined && Date.parse(at) >= told)
      lastWrite.set(Number(index), Date.parse(at) - told);
  }
  const { missing, wrong, extra, duplicated } = await control(sandbox, 'report');
  return {
    rate: Number((people.length / seconds).toFixed(1)),
    acknowledgedMs: summary(acks),
    correctedMs: summary([...lastWrite.values()]),
    stagesMs: await stagesOf(
      database,
      people.map(({ index }) => `bench-${index}`),
    ),
    perDelivery: cpu,
    report: { missing, wrong, extra, duplicated },
  };
}

async function measureDisorder({ sandbox, hub, database, env }, { people, deliveries }) {
  for (const { index, postings } of people)
    for (const posting of postings) await control(sandbox, 'change', { index, posting });
  const calls = Array.from({ length: deliveries }, (_, place) => ({
    index: people[place % people.length].index,
    id: `d-${place}`,
  }));
  const queue = [...calls, ...calls, ...calls].sort(() => Math.random() - 0.5);
  const acks = [];
  let refused = 0;
  const sender = async () => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const { status, ms } = await send(hub, signedCall('bureau', next.index, { id: next.id, now: Date.now() }));
      if (status === 200) acks.push(ms);
      else refused += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, sender));
  await settled(database);
  const { rows } = await database.query(
    'SELECT count(*)::int AS stored, sum(repeats)::int AS repeats FROM buduan.webhook_delivery',
  );
  const { missing, wrong, extra, duplicated } = await control(sandbox, 'report');
  await hub.stop();
  const before = (await control(sandbox, 'history')).total;
  await fullRun(env);
  const changed = await database.query(
    `SELECT coalesce(sum(s.changed_count), 0)::int AS rows FROM buduan.stream_run s
     WHERE s.run_id = (SELECT r.run_id FROM buduan.run r WHERE r.mode = 'full' ORDER BY r.started_at DESC LIMIT 1) AND s.connection_id = 'bureau'`,
  );
  return {
    sent: deliveries * 3,
    refused,
    ...rows[0],
    acknowledgedMs: summary(acks),
    report: { missing, wrong, extra, duplicated },
    fullRunAfterwards: {
      changedAtBureau: changed.rows[0].rows,
      wrote: (await control(sandbox, 'history')).total - before,
    },
  };
}

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      employees: { type: 'string', default: '5000' },
      seconds: { type: 'string', default: '5' },
      rate: { type: 'string', default: '50' },
      'warm-up': { type: 'string', default: '25' },
      deliveries: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const employees = Number(values.employees);
  const folder = await mkdtemp(join(tmpdir(), 'buduan-webhooks-'));
  const trial = await startTrial({ dataDir: folder, log: createLog({ level: 'error' }) });
  const sandbox = await startSandbox({ employees, seed: 7, profile: 'bench' });
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
    hub = await startHub(env);
    const wanted =
      values.deliveries === undefined
        ? Number(values.rate) * Number(values.seconds) + Number(values['warm-up'])
        : Infinity;
    const people = (await peopleWithGaps(sandbox, employees)).slice(0, wanted);
    say(`${employees} employees, ${people.length} of them with a gap that gets paid`);
    const world = { sandbox, hub, database, env };
    const result =
      values.deliveries === undefined
        ? await measureLatency(world, { people, rate: Number(values.rate), warmUp: Number(values['warm-up']) })
        : await measureDisorder(world, { people, deliveries: Number(values.deliveries) });
    process.stdout.write(`${JSON.stringify(result, null, values.json ? 0 : 2)}\n`);
    const { missing, wrong, extra, duplicated } = result.report;
    process.exitCode = missing + wrong + extra + duplicated + (result.refused ?? 0) === 0 ? 0 : 1;
  } finally {
    await hub?.stop();
    await database.end().catch(() => undefined);
    await sandbox.stop();
    await trial.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
