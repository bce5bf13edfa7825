/** Nights of four sandbox systems that are broken off and taken up again: what do the systems say in the end? */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startSandboxProcess } from '../dist/cli/demo/sandbox-process.js';
import { sandboxVariables } from '../dist/cli/demo/sandbox-variables.js';
import { KEYS, TENANT, makeDatabase } from './databases.mjs';
import { STALL_MS, startHub } from './hub-process.mjs';
import { judgeNights } from './judge.mjs';
import { PULL_POINTS } from './loader/points.mjs';
import { pick, randomOf } from './random.mjs';
import { endOf, startProxy, through } from './tcp-proxy.mjs';

const AS_OF = '2023-03-20';
/** Believes a source that shows far fewer people than before, so that only the brake on the plan is left. */
const TRUSTING =
  'brakes: { firstRun: send, countDropPercent: 100, worseStatus: { persons: 5, percent: 2 }, bases: { persons: 20, percent: 100 } }';

/** Where the nights of a seed are broken off; the same seed gives the same list. */
export function planNights(seed, { kills, pauses, cuts }) {
  const random = randomOf(seed ^ 0x6e69);
  const place = () => ({ point: pick(random, PULL_POINTS), after: Math.floor(random() * 6) });
  return [
    ...Array.from({ length: kills }, () => ({ type: 'kill', ...place() })),
    ...Array.from({ length: pauses }, () => ({ type: 'pause', ...place() })),
    ...Array.from({ length: cuts }, () => ({ type: 'cut', bytes: 20_000 + Math.floor(random() * 200_000) })),
  ];
}

export class NightRig {
  constructor({ seed, variant = null, serverUrl, employees }) {
    Object.assign(this, { seed, variant, serverUrl, employees });
    this.counts = { nights: 0, kills: 0, pauses: 0, cuts: 0 };
  }

  async open() {
    this.database = await makeDatabase(this.serverUrl);
    this.folder = await smallPages();
    this.proxy = await startProxy(endOf(this.database.url));
    this.sandbox = await startSandboxProcess({ employees: this.employees, seed: this.seed, profile: 'demo' });
    this.client = new pg.Client({ connectionString: this.database.url });
    this.client.on('error', () => undefined);
    await this.client.connect();
    return this;
  }

  async close() {
    await this.client?.end().catch(() => undefined);
    await this.sandbox?.stop();
    await this.proxy?.stop();
    await this.database?.drop();
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }

  /** Switches a fault of the sandbox on; `{clear: true}` clears all. */
  async fault(order) {
    const reply = await fetch(`${this.sandbox.control}/_sandbox/faults`, {
      method: 'POST',
      body: JSON.stringify(order),
    });
    if (!reply.ok) throw new Error(`The sandbox refused the fault: ${await reply.text()}`);
  }

  start(config) {
    const env = {
      ...KEYS,
      ...sandboxVariables(this.sandbox.urls),
      FAULTS_DATABASE_URL: through(this.database.url, this.proxy.port),
      BUDUAN_LOG_LEVEL: 'error',
    };
    return startHub(['run', '--config', join(this.folder, config), '--as-of', AS_OF, '--json'], {
      env,
      variant: this.variant,
    });
  }

  /** One night; broken off at a point when `killAt` names one. Gives how it ended. */
  async night({ config = 'night.hub.yaml', killAt = null } = {}) {
    await this.forgetHeartbeat();
    const hub = await this.start(config);
    if (killAt !== null) hub.arm(killAt.point, 'SIGKILL', killAt.after);
    const end = await hub.exited;
    this.counts.nights += 1;
    if (end.signal === 'SIGKILL') this.counts.kills += 1;
    else if (killAt !== null) throw new Error(`The night ended before it came to ${killAt.point}: ${end.complaint}`);
    else if (![0, 3, 4, 5].includes(end.code)) throw new Error(`A night ended with code ${end.code}: ${end.complaint}`);
    return end;
  }

  /** One planned strike on a night. */
  async strike(strike) {
    await this.forgetHeartbeat();
    const hub = await this.start('night.hub.yaml');
    this.counts.nights += 1;
    if (strike.type === 'kill') {
      hub.arm(strike.point, 'SIGKILL', strike.after);
      const end = await hub.exited;
      if (end.signal === 'SIGKILL') this.counts.kills += 1;
    } else if (strike.type === 'cut') {
      this.proxy.cutAfter(strike.bytes);
      await hub.exited;
      this.counts.cuts += 1;
    } else await this.pause(hub, strike);
  }

  /** Stopped at a point for longer than a run counts as alive; another takes the night to its end; then the first wakes up. */
  async pause(hub, { point, after }) {
    hub.arm(point, 'SIGSTOP', after);
    if (!(await hub.struck(STALL_MS))) return;
    this.counts.pauses += 1;
    // A stopped process holds its transaction, and with it the row of the checkpoint: the database ends it after a minute
    // of silence. The rig does not wait so long.
    await this.client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()`,
    );
    try {
      await this.night();
    } finally {
      hub.signal('SIGCONT');
    }
    await hub.exited;
  }

  /** A run counts as alive for a minute after its last sign; the rig makes the minute pass. */
  async forgetHeartbeat() {
    await this.client.query("SELECT set_config('buduan.tenant', $1, false)", [TENANT]);
    await this.client.query(
      "UPDATE buduan.run SET heartbeat_at = now() - interval '5 minutes' WHERE tenant_id = $1 AND state = 'running'",
      [TENANT],
    );
  }

  async judge() {
    const report = await this.sandbox.ask('report');
    const { entries } = await this.sandbox.ask('history?limit=100000');
    return { ...judgeNights(report, entries), expected: report.expected, samples: report.samples.slice(0, 3) };
  }
}

/** A folder with the hub's configurations and the manifests of the four systems, asking for pages so small that a night has many. */
async function smallPages() {
  const folder = await mkdtemp(join(tmpdir(), 'buduan-nights-'));
  const root = fileURLToPath(new URL('../', import.meta.url));
  const manifests = (await readdir(join(root, 'manifests'))).filter((name) => name.endsWith('.yaml'));
  for (const name of manifests) {
    const manifest = await readFile(join(root, 'manifests', name), 'utf8');
    await writeFile(join(folder, name), manifest.replace(/\b(limit|pageSize|size): (?:500|1000|2000)\b/g, '$1: 20'));
  }
  const hub = await readFile(join(root, 'faults', 'night.hub.yaml'), 'utf8');
  const here = hub
    .replaceAll('../manifests/', './')
    .replaceAll('../examples/', join(root, 'examples/'))
    .replace('../.buduan/faults', './data');
  await writeFile(join(folder, 'night.hub.yaml'), here);
  await writeFile(join(folder, 'night-trusting.hub.yaml'), here.replace(/brakes: .*/, TRUSTING));
  return folder;
}
