/** Whether a serving hub says how it is, tells its state only to whom it should, and leaves nothing behind. */
import { jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { Writable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadHubConfig } from '../../src/platform/config/hub-config.js';
import { type Log, createLog, silentLog } from '../../src/platform/log/log.js';
import type { NodeRole } from '../../src/cli/serve/role.js';
import { type ServingHub, serveHub } from '../../src/cli/serve/serve-hub.js';
import { ROOT } from '../support/repository-files.js';
import { type TestDatabase, openTestDatabase } from '../support/test-database.js';

const TOKEN = 'a-token-of-thirty-two-characters';
/** A clock that is wrong, and timers that run. */
const EVERYTHING_BUT_DATE = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];
const KEY = Buffer.alloc(32, 7).toString('base64');

describe('a serving hub', () => {
  let test: TestDatabase;
  let folder: string;
  let serving: ServingHub | null = null;
  beforeEach(async () => {
    test = await openTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'serve-'));
  });
  afterEach(async () => {
    jest.useRealTimers();
    await serving?.stop();
    serving = null;
    rmSync(folder, { recursive: true });
    // Fails when the hub left a connection open.
    await test.close();
  });

  interface Wish {
    readonly token?: string;
    readonly role?: NodeRole;
    readonly migrate?: 'never';
    readonly log?: Log;
    /** A system of the tenant, as hub.yaml has it. */
    readonly connection?: string;
  }

  async function serve(options: Wish = {}): Promise<string> {
    const file = join(folder, 'hub.yaml');
    writeFileSync(
      file,
      [
        'version: 1',
        // Further threads run the compiled program, which this test does not build.
        'workThreads: 0',
        `database: { url: "\${DATABASE_URL}", allowUnsafeFsync: true, migrate: ${options.migrate ?? 'at-start'} }`,
        'health: { deadLetters: 1 }',
        'keys: { current: k1, identity: { k1: "${KEY}" }, blindIndex: "${KEY}" }',
        `server: { port: 0${options.token === undefined ? '' : ', token: "${TOKEN}"'} }`,
        `tenants: [{ id: company-a, name: 甲公司, connections: [${options.connection ?? ''}] }]`,
        'schedules: [{ id: nightly, tenant: company-a, cron: "0 2 * * *" }]',
        '',
      ].join('\n'),
    );
    const config = loadHubConfig(file, { DATABASE_URL: test.url, KEY, TOKEN: options.token });
    serving = await serveHub({ config, log: options.log ?? silentLog(), threads: 0, role: options.role ?? 'all' });
    return serving.url;
  }

  /** Reads of payroll that ended complete so many hours ago, and newer ones that were not. */
  async function seedReads(hoursAgo: Readonly<Record<string, number>>): Promise<void> {
    await test.database.inTenant('company-a', async (em) => {
      await em.query(`INSERT INTO buduan.tenant (tenant_id, name) VALUES ('company-a', 'a')`);
      await em.query(
        `INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role) VALUES ('company-a', 'payroll', 'x', '1', 'payroll')`,
      );
      await em.query(
        `WITH run AS (
           INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version)
           VALUES ('company-a', gen_random_uuid(), 'full', 'manual', 'partial', '2023-03-20', false, 'p') RETURNING run_id)
         INSERT INTO buduan.stream_run (tenant_id, stream_run_id, run_id, connection_id, read_name, state, complete, is_first, month_count, finished_at)
         SELECT 'company-a', gen_random_uuid(), run.run_id, 'payroll', seen.read, walk.state, walk.state = 'succeeded', false, 1,
                now() - make_interval(hours => CASE walk.state WHEN 'succeeded' THEN seen.hours::integer ELSE 0 END)
           FROM run, jsonb_each_text($1::jsonb) AS seen (read, hours), (VALUES ('succeeded'), ('incomplete')) AS walk (state)`,
        [JSON.stringify(hoursAgo)],
      );
    });
  }

  async function ask(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
    const reply = await fetch(url, { headers });
    return { status: reply.status, body: await reply.json() };
  }

  it('is alive and ready once it works', async () => {
    const url = await serve();
    expect(await ask(`${url}/health/live`)).toEqual({ status: 200, body: { status: 'live' } });
    expect(await ask(`${url}/health/ready`)).toEqual({ status: 200, body: { status: 'ready' } });
  });

  it('is not ready while its jobs do not run or its schema is not whole', async () => {
    const url = await serve();
    await serving?.hub.rest();
    await test.database.acrossTenants((em) => em.query('DELETE FROM buduan_migration'));
    expect(await ask(`${url}/health/ready`)).toEqual({
      status: 503,
      body: { code: 'not-ready', message: 'This node is not ready: migrations, jobs.', next: 'retry' },
    });
    expect((await ask(`${url}/health/live`)).status).toBe(200);
  });

  it('works on a schema that a newer program has changed, and says so to its log and its probes', async () => {
    await test.database.acrossTenants((em) =>
      em.query(`INSERT INTO public.buduan_migration ("timestamp", name) VALUES (4102444800000, 'Later4102444800000')`),
    );
    await test.database.acrossTenants((em) => em.query('ALTER TABLE buduan.run ADD COLUMN later text'));
    const lines: string[] = [];
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(chunk.toString());
        done();
      },
    });
    const url = await serve({ log: createLog({ level: 'warn', pretty: false, destination }) });
    expect(lines.join('')).toMatch(/"unknown":\["Later4102444800000"\].*A newer program has changed the schema/);
    expect(await ask(`${url}/health/ready`)).toEqual({
      status: 200,
      body: { status: 'degraded', reasons: [{ reason: 'schema-ahead', count: 1 }] },
    });
    expect((await ask(`${url}/api/status`)).status).toBe(200);
  });

  it('does not start on a schema that is older than it needs where it may not change it', async () => {
    await test.database.acrossTenants((em) =>
      em.query(`DELETE FROM public.buduan_migration WHERE name = 'PushFreeze1795741200000'`),
    );
    await expect(serve({ migrate: 'never' })).rejects.toMatchObject({
      code: 'schema-too-old',
      next: 'fix-config',
      message: expect.stringContaining('PushFreeze1795741200000'),
    });
  });

  it('is degraded, and goes on to be led to, while systems are down, brakes hold plans and letters are dead', async () => {
    const tenant = 'company-a';
    await test.database.inTenant(tenant, async (em) => {
      await em.query(`INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, 'a')`, [tenant]);
      await em.query(
        `INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role, health) VALUES ($1, 'hr', 'x', '1', 'payroll', 'down')`,
        [tenant],
      );
      for (const hash of ['01', '02'])
        await em.query(
          `INSERT INTO buduan.quarantined_row (tenant_id, quarantine_id, connection_id, read_name, stream, reason, field, raw_enc, raw_hash, first_run_id, last_run_id)
           VALUES ($1, gen_random_uuid(), 'hr', 'persons', 'persons', 'x', 'y', '\\x00', decode($2, 'hex'), gen_random_uuid(), gen_random_uuid())`,
          [tenant, hash],
        );
    });
    await test.database.inTenant(tenant, async (em) => {
      await em.query(
        `INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version)
         VALUES ($1, gen_random_uuid(), 'full', 'manual', 'suspended', '2023-03-20', false, 'p')`,
        [tenant],
      );
      await em.query(
        `INSERT INTO buduan.plan (tenant_id, plan_id, run_id, is_full, state, reasons, figures, hash, operation_count, worse_count, rebased_count, money, new_connections, run_state)
         SELECT r.tenant_id, r.run_id, r.run_id, true, 'suspended', '{bases}', '[]', '\\x00', 1, 0, 1, '{}', '{}', 'succeeded' FROM buduan.run r`,
      );
    });
    const url = await serve({ role: 'server' });
    jest.useFakeTimers({ doNotFake: EVERYTHING_BUT_DATE, now: Date.now() + 3_600_000 });
    expect(await ask(`${url}/health/ready`)).toEqual({
      status: 200,
      body: {
        status: 'degraded',
        reasons: [
          { reason: 'connections-down', count: 1 },
          { reason: 'plans-held', count: 1 },
          { reason: 'dead-letters', count: 2 },
          { reason: 'clock-skew', count: expect.any(Number) },
        ],
      },
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    jest.useRealTimers();
    expect(metrics).toContain('buduan_dead_letters{tenant="company-a",stage="read"} 2');
    const skewSeconds = Number(/^buduan_clock_skew_seconds (\S+)$/m.exec(metrics)?.[1]);
    expect(Math.round(skewSeconds / 3600)).toBe(1);
  });

  it.each([
    { what: 'none of them ever was', hoursAgo: {}, stale: 2 },
    { what: 'one never was', hoursAgo: { employees: 1 }, stale: 1 },
    { what: 'one was longer ago than it may', hoursAgo: { employees: 1, wages: 37 }, stale: 1 },
    { what: 'one has hours of its own', hoursAgo: { employees: 3, wages: 35 }, stale: 1 },
    { what: 'none, whatever was incomplete since', hoursAgo: { employees: 1, wages: 35 }, stale: 0 },
  ])('counts the reads that are stale: $what', async ({ hoursAgo, stale }) => {
    await seedReads(hoursAgo);
    const manifest = join(ROOT, 'manifests/sandbox-payroll.yaml');
    const url = await serve({
      role: 'server',
      connection: `{ id: payroll, manifest: ${manifest}, config: { baseUrl: 'https://payroll.example.com' }, secrets: { apiKey: '\${KEY}', webhookSecret: '\${KEY}' }, freshHours: 36, freshness: { reads: { employees: 2 } } }`,
    });
    const ready = { status: 200, body: { status: 'ready' } };
    const degraded = { status: 200, body: { status: 'degraded', reasons: [{ reason: 'reads-stale', count: stale }] } };
    expect(await ask(`${url}/health/ready`)).toEqual(stale === 0 ? ready : degraded);
  });

  it('is ready without jobs where it only serves', async () => {
    const url = await serve({ role: 'server' });
    expect((await ask(`${url}/health/ready`)).status).toBe(200);
  });

  it('of role worker tells its health and nothing else', async () => {
    const url = await serve({ role: 'worker' });
    expect((await ask(`${url}/health/ready`)).status).toBe(200);
    expect(await ask(`${url}/api/status`)).toMatchObject({
      status: 404,
      body: { code: 'not-found', next: 'fix-config' },
    });
  });

  it('tells how its tenants stand to whoever shows the token', async () => {
    const url = await serve({ token: TOKEN });
    expect(await ask(`${url}/api/status`, { authorization: `Bearer ${TOKEN}` })).toMatchObject({
      status: 200,
      body: { tenants: [{ tenant: 'company-a', runs: [], persons: [], findings: [], operations: [], quarantine: [] }] },
    });
    const refusal = { status: 401, body: { code: 'token-needed', message: expect.any(String), next: 'fix-config' } };
    expect(await ask(`${url}/api/status`)).toEqual(refusal);
    expect(await ask(`${url}/api/status`, { authorization: `Bearer ${TOKEN}x` })).toEqual(refusal);
    expect(await ask(`${url}/api/status`, { authorization: `Basic ${TOKEN}` })).toEqual(refusal);
    expect((await ask(`${url}/health/live`)).status).toBe(200);
  });

  it('without a token answers this machine only, neither proxies nor pages of other sites', async () => {
    const url = await serve();
    expect((await ask(`${url}/api/status`)).status).toBe(200);
    const refusal = {
      status: 403,
      body: { code: 'token-not-configured', message: expect.any(String), next: 'fix-config' },
    };
    expect(await ask(`${url}/api/status`, { 'x-forwarded-for': '203.0.113.9' })).toEqual(refusal);
    expect(await askAs(`${url}/api/status`, 'rebound.example')).toBe(403);
    expect(await askAs(`${url}/api/status`, 'localhost')).toBe(200);
  });

  it('answers what it does not know, and what it cannot decode, in the shape of every error', async () => {
    const url = await serve();
    expect(await ask(`${url}/nothing`)).toEqual({
      status: 404,
      body: { code: 'not-found', message: expect.any(String), next: 'fix-config' },
    });
    expect(await ask(`${url}/%zz`)).toEqual({
      status: 400,
      body: { code: 'bad-request', message: expect.any(String), next: 'fix-config' },
    });
  });

  it('keeps the cause of an unexpected error to itself', async () => {
    const url = await serve();
    await test.database.acrossTenants((em) => em.query('DROP TABLE buduan.finding CASCADE'));
    const { status, body } = await ask(`${url}/api/status`);
    expect({ status, body }).toEqual({
      status: 500,
      body: { code: 'unexpected', message: 'The hub met an error it did not expect; its log says which.', next: 'bug' },
    });
  });

  it('begins to account for its schedules', async () => {
    await serve();
    // The first look began with the hub; stopping waits for it.
    await serving?.stop();
    const rows = await test.database.inTenant('company-a', (em) =>
      em.query<unknown[]>('SELECT schedule_id, state, reason FROM buduan.occurrence'),
    );
    expect(rows).toEqual([{ schedule_id: 'nightly', state: 'skipped', reason: 'before-start' }]);
  });

  it('shows its metrics to whom it shows its status, with labels that name no person', async () => {
    const url = await serve();
    const stranger = await fetch(`${url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(stranger.status).toBe(403);
    const reply = await fetch(`${url}/metrics`);
    expect(reply.headers.get('content-type')).toContain('text/plain');
    const text = await reply.text();
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).toContain('buduan_plans_suspended{tenant="company-a"} 0');
    const own = text.split('\n').filter((line) => line.startsWith('buduan_'));
    const labels = new Set(own.flatMap((line) => [...line.matchAll(/[{,](\w+)=/g)].map(([, label]) => label)));
    expect(
      [...labels].filter((label) => !['tenant', 'connection', 'state', 'stage', 'window'].includes(label ?? '')),
    ).toEqual([]);
  });

  it('stops once, however often it is told, and closes its port', async () => {
    const url = await serve();
    await Promise.all([serving?.stop(), serving?.stop()]);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });

  it('names the port that another process has', async () => {
    const url = await serve();
    const file = join(folder, 'hub.yaml');
    const config = loadHubConfig(file, { DATABASE_URL: test.url, KEY });
    const taken = { ...config, server: { ...config.server, port: Number(new URL(url).port) } };
    await expect(serveHub({ config: taken, log: silentLog(), threads: 0, role: 'server' })).rejects.toMatchObject({
      code: 'port-taken',
      next: 'fix-config',
    });
  });
});

/** The status of an answer to a request under another host name, which fetch does not allow. */
function askAs(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers: { host } }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    });
    call.on('error', reject).end();
  });
}
