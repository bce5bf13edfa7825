/** What the benchmarks of webhooks share: a serving hub, its sandbox, and how to call, change, wait and count. */
import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const AS_OF = '2023-03-20';
const SETTLED_WITHIN_MS = 900_000;
export const say = (line) => process.stderr.write(`${line}\n`);

function quantile(sorted, share) {
  return sorted.length === 0
    ? null
    : Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1));
}

export function summary(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return {
    count: sorted.length,
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: sorted.at(-1) ?? null,
  };
}

/** The hub as two nodes, one that answers calls and one that works, or as one that does both; `pids`: first who answers. */
export async function startHub(env, nodes) {
  const roles = nodes === 1 ? ['all'] : ['server', 'worker'];
  const started = await Promise.all(roles.map((role) => startNode(env, role)));
  const stop = () => Promise.all(started.map(({ child }) => stopChild(child)));
  return { url: started[0].url, pids: started.map(({ child }) => child.pid), stop };
}

function startNode(env, role) {
  const args = [
    '--max-semi-space-size=16',
    'dist/cli/main.js',
    'start',
    '--role',
    role,
    '--config',
    'bench/hub.yaml',
    '--port',
    '0',
  ];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((done, fail) => {
    child.once('exit', (code) => fail(new Error(`the hub's ${role} ended with code ${code}`)));
    createInterface({ input: child.stdout }).once('line', (line) =>
      done({ url: /listens on (\S+)/.exec(line)?.[1], child }),
    );
  });
}

function stopChild(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((ended) => {
    child.removeAllListeners('exit').once('exit', ended);
    child.kill('SIGTERM');
  });
}

export function fullRun(env) {
  const args = ['dist/cli/main.js', 'run', '--config', 'bench/hub.yaml', '--as-of', AS_OF, '--json'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  return new Promise((done) => child.once('exit', () => done(JSON.parse(output.trim().split('\n').at(-1)))));
}

/** Few and kept: what a caller spends on a new connection the hub cannot spend on its work. */
const CONNECTIONS = new Agent({ keepAlive: true, maxSockets: 50 });

/** By Node's plain client: `fetch` takes several times the processor time, of the same two cores. Resolves to {status, text}. */
function call(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((done, fail) => {
    const calling = request(url, { method, headers, agent: CONNECTIONS }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      reply.once('end', () => done({ status: reply.statusCode, text }));
    });
    calling.once('error', fail);
    calling.end(body);
  });
}

export async function send(hub, { path, headers, body }) {
  const startedMs = performance.now();
  const { status } = await call(`${hub.url}/webhooks/company-a${path}`, { method: 'POST', headers, body });
  return { status, ms: performance.now() - startedMs };
}

export async function control(sandbox, path, body) {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const { status, text } = await call(`${sandbox.control}/_sandbox/${path}`, init);
  if (status >= 400) throw new Error(`the sandbox refused ${path}: ${text}`);
  return JSON.parse(text);
}

/** Persons with one missing month, which is paid: every other system that shows a status must then be corrected. */
export async function peopleWithGaps(sandbox, employees) {
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
export async function settled(database) {
  const look = `SELECT (SELECT count(*) FROM graphile_worker._private_jobs j WHERE j.run_at <= now())::int
    + (SELECT count(*) FROM buduan.operation o WHERE o.state IN ('queued', 'sending'))::int AS left`;
  for (const end = Date.now() + SETTLED_WITHIN_MS; Date.now() < end; await pause(100)) {
    await database.query(`SELECT set_config('buduan.tenant', 'company-a', false)`);
    if ((await database.query(look)).rows[0].left === 0) return;
  }
  throw new Error('the hub did not come to rest');
}
