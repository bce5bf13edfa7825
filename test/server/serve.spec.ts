/** Whether a serving hub says how it is, tells its state only to whom it should, and leaves nothing behind. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadHubConfig } from '../../src/platform/config/hub-config.js';
import { silentLog } from '../../src/platform/log/log.js';
import type { NodeRole } from '../../src/cli/serve/role.js';
import { type ServingHub, serveHub } from '../../src/cli/serve/serve-hub.js';
import { type TestDatabase, openTestDatabase } from '../support/test-database.js';

const TOKEN = 'a-token-of-thirty-two-characters';
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
    await serving?.stop();
    serving = null;
    rmSync(folder, { recursive: true });
    // Fails when the hub left a connection open.
    await test.close();
  });

  async function serve(options: { readonly token?: string; readonly role?: NodeRole } = {}): Promise<string> {
    const file = join(folder, 'hub.yaml');
    writeFileSync(
      file,
      [
        'version: 1',
        // Further threads run the compiled program, which this test does not build.
        'workThreads: 0',
        'database: { url: "${DATABASE_URL}", allowUnsafeFsync: true }',
        'keys: { current: k1, identity: { k1: "${KEY}" }, blindIndex: "${KEY}" }',
        `server: { port: 0${options.token === undefined ? '' : ', token: "${TOKEN}"'} }`,
        'tenants: [{ id: company-a, name: 甲公司 }]',
        'schedules: [{ id: nightly, tenant: company-a, cron: "0 2 * * *" }]',
        '',
      ].join('\n'),
    );
    const config = loadHubConfig(file, { DATABASE_URL: test.url, KEY, TOKEN: options.token });
    serving = await serveHub({ config, log: silentLog(), threads: 0, role: options.role ?? 'all' });
    return serving.url;
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
    await test.database.acrossTenants((em) => em.query('DROP TABLE buduan.finding'));
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
    expect([...labels].filter((label) => !['tenant', 'connection', 'state'].includes(label ?? ''))).toEqual([]);
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
