/** Whether every route asks who calls, keys open what their scopes say until they end, and no tenant learns of another. */
import { Controller, Get, type DynamicModule } from '@nestjs/common';
import { AccessWall } from '../../src/platform/access/access-wall.js';
import { ApiKeys } from '../../src/platform/access/api-keys.js';
import { readHead } from '../../src/platform/audit/kept-head.js';
import { auditEventsAnswer } from '../../src/cli/serve/audit.http.js';
import { parseIdentityNumber } from '../../src/domain/identity-number.js';
import { IdentityVault } from '../../src/platform/crypto/identity-vault.js';
import { findOrCreatePersons } from '../../src/sync/person.store.js';
import { SCOPES } from '../../src/platform/access/permission.js';
import { createHttpApp } from '../../src/cli/serve/http-app.js';
import { openHub } from '../../src/cli/open-hub.js';
import { fixedClock } from '../../src/platform/clock/clock.js';
import { silentLog } from '../../src/platform/log/log.js';
import { readRepositoryFile } from '../support/repository-files.js';
import { type AccessWorld, TOKEN, openAccessWorld } from './access-world.js';

let world: AccessWorld;
beforeAll(async () => {
  world = await openAccessWorld();
});
afterAll(() => world.close());

const SOME_ID = '01890000-0000-7000-8000-000000000000';
const COLUMNS = ['nobody', ...SCOPES, 'administrator'] as const;

function addressOf(path: string): string {
  return path.replace(':tenant', 'company-a').replaceAll(/:\w+/g, SOME_ID);
}

/** A row of a table without the blanks that only align it. */
function plain(row: string): string {
  return row.replaceAll(/ *\| */g, '|');
}

/** One line per route, as a table of docs/access.md: who gets past the wall, asked of the running hub. */
async function matrix(): Promise<string[]> {
  const lines = [];
  for (const { method, path, permission } of world.serving.hub.app.get(AccessWall).routes()) {
    const cells = [];
    for (const column of COLUMNS) {
      const key = column === 'nobody' ? undefined : column === 'administrator' ? TOKEN : world.keys[column];
      const { status, body } = await world.ask(addressOf(path), { method, ...(key === undefined ? {} : { key }) });
      const { code } = (typeof body === 'object' ? body : {}) as { code?: string };
      const isRefused = code === 'token-needed' || code === 'not-permitted';
      if (isRefused) expect(status).toBe(code === 'token-needed' ? 401 : 403);
      cells.push(isRefused ? '–' : 'yes');
    }
    const because = permission.kind === 'anybody' ? permission.because : '';
    lines.push(plain(`| \`${method} ${path}\` | ${[...cells, because].join(' | ')} |`));
  }
  return lines;
}

describe('the wall before the routes', () => {
  it('lets in whom the table of docs/access.md says, on every route there is', async () => {
    const shown = readRepositoryFile('docs/access.md')
      .split('\n')
      .filter((line) => /^\| `[A-Z]+ \//.test(line))
      .map(plain);
    const found = await matrix();
    expect(found.length).toBeGreaterThan(8);
    expect(found).toEqual(shown);
  });

  it('keeps a hub from starting when a route declares no permission', async () => {
    @Controller('api/forgotten')
    class ForgottenController {
      @Get('door')
      open(): string {
        return 'open';
      }
    }
    class Rooms {}
    const withDoor = (hub: DynamicModule): DynamicModule => ({
      module: Rooms,
      imports: [hub],
      controllers: [ForgottenController],
    });
    const opening = openHub(world.config, silentLog(), {
      createApp: (hub) => createHttpApp(withDoor(hub), 'server', world.config.server),
    });
    await expect(opening).rejects.toMatchObject({
      code: 'route-undeclared',
      message: expect.stringContaining('GET /api/forgotten/door'),
    });
  });

  it('describes every address of the API with the scopes it needs', async () => {
    const { body } = await world.ask('/api/openapi.json', { key: TOKEN });
    const { paths } = body as { paths: Record<string, Record<string, { security: unknown }>> };
    const served = world.serving.hub.app
      .get(AccessWall)
      .routes()
      .filter(({ path }) => /^\/api\/(?!openapi)/.test(path));
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(described.sort()).toEqual(served.map(({ method, path }) => `${method} ${path}`).sort());
    expect(paths['/api/status']?.['get']?.security).toEqual([
      ...SCOPES.map((scope) => ({ key: [scope] })),
      { administrator: [] },
    ]);
  });
});

describe('a key', () => {
  const refused = { status: 401, body: expect.objectContaining({ code: 'token-needed' }) };

  it('shows its tenant and no other, whatever is asked by name', async () => {
    const key = world.strangersKey;
    expect(await world.ask('/api/status', { key })).toMatchObject({ body: { tenants: [{ tenant: 'company-b' }] } });
    const both = (await world.ask('/api/status', { key: TOKEN })).body as { tenants: unknown[] };
    expect(both.tenants).toHaveLength(2);
    const own = (await world.ask('/api/policy/regions?q=x', { key })).status;
    expect(own).toBe(200);
    for (const tenant of ['company-a', 'no-such-company'])
      expect(await world.ask(`/api/policy/regions?q=x&tenant=${tenant}`, { key })).toMatchObject({
        status: 404,
        body: { code: 'unknown-tenant' },
      });
  });

  it('measures its own tenant and the node, not the others', async () => {
    const own = (await world.ask('/metrics', { key: world.keys.it })).body as string;
    expect(own).toContain('buduan_plans_suspended{tenant="company-a"}');
    expect(own).toContain('nodejs_eventloop_lag_seconds');
    expect(own).not.toContain('company-b');
    expect((await world.ask('/metrics', { key: TOKEN })).body).toContain('tenant="company-b"');
  });

  it('is kept as a hash only', async () => {
    const rows = await world.test.database.inTenant('company-a', (em) =>
      em.query<{ row: string }[]>('SELECT row_to_json(k)::text AS row FROM buduan.api_key k'),
    );
    expect(rows).toHaveLength(4);
    const secret = world.keys.hr.slice(-43);
    const hex = Buffer.from(secret, 'base64url').toString('hex');
    for (const { row } of rows) for (const form of [secret, hex]) expect(row).not.toContain(form);
  });

  it('opens nothing once revoked, with another secret, or under another tenant', async () => {
    const keys = world.serving.hub.app.get(ApiKeys);
    const tenant = { id: 'company-a', name: '甲公司' };
    const { key, keyId } = await keys.create({ tenant, name: 'leaver', scopes: ['hr'], days: 1, by: 'test' });
    expect((await world.ask('/api/status', { key })).status).toBe(200);
    await keys.revoke({ tenantId: 'company-a', keyId, by: 'test' });
    expect(await world.ask('/api/status', { key })).toEqual(refused);
    await expect(keys.revoke({ tenantId: 'company-a', keyId, by: 'test' })).rejects.toMatchObject({
      code: 'unknown-key',
    });
    const { hr } = world.keys;
    const last = hr.at(-2) === 'A' ? 'B' : 'A';
    expect(await world.ask('/api/status', { key: `${hr.slice(0, -2)}${last}${hr.slice(-1)}` })).toEqual(refused);
    expect(await world.ask('/api/status', { key: hr.replace('company-a', 'company-b') })).toEqual(refused);
    expect(await world.ask('/api/status', { key: hr.replace('company-a', 'no-such') })).toEqual(refused);
  });

  it('ends on its day, to the millisecond', async () => {
    const clock = fixedClock('2026-03-01T00:00:00Z');
    const keys = new ApiKeys(world.test.database, clock);
    const tenant = { id: 'company-a', name: '甲公司' };
    const { key, expiresAt } = await keys.create({ tenant, name: 'short', scopes: ['it', 'hr'], days: 2, by: 'test' });
    expect(expiresAt.toISOString()).toBe('2026-03-03T00:00:00.000Z');
    clock.advance(2 * 86_400_000 - 1);
    expect(await keys.recognise(key)).toEqual({ name: 'short', tenantId: 'company-a', scopes: ['it', 'hr'] });
    clock.advance(1);
    expect(await keys.recognise(key)).toBeNull();
  });

  it.each([
    [{ name: 'administrator', days: 1 }, 'bad-key-name'],
    [{ name: 'employee:x', days: 1 }, 'bad-key-name'],
    [{ name: 'fine', days: 367 }, 'bad-key-days'],
  ])('is not made as %j', async (wish, code) => {
    const tenant = { id: 'company-a', name: '甲公司' };
    const making = world.serving.hub.app.get(ApiKeys).create({ tenant, scopes: ['hr'], by: 'test', ...wish });
    await expect(making).rejects.toMatchObject({ code, next: 'fix-config' });
  });

  it('leaves its making and its end in the audit trail, without its secret', async () => {
    const events = await world.test.database.inTenant('company-a', (em) =>
      em.query<{ action: string; detail: object }[]>(
        `SELECT action, detail FROM buduan.audit_event WHERE object LIKE 'api-key/%' ORDER BY event_no`,
      ),
    );
    expect(events.map(({ action }) => action)).toEqual(expect.arrayContaining(['api-key.create', 'api-key.revoke']));
    expect(JSON.stringify(events)).not.toContain(world.keys.hr.slice(-43));
  });
});

describe('an identity number', () => {
  const NUMBER = '11010519491231002X';
  let personId = '';
  beforeAll(async () => {
    const parsed = parseIdentityNumber(NUMBER);
    if (!parsed.ok) throw new Error('The number of the test is not one.');
    const { app } = world.serving.hub;
    const vault = app.get(IdentityVault);
    const index = vault.blindIndex('company-a', parsed.identity).toString('hex');
    const identities = new Map([[index, parsed.identity]]);
    const persons = await world.test.database.inTenant('company-a', (em) =>
      findOrCreatePersons(em, vault, { tenantId: 'company-a', identities }),
    );
    personId = persons.get(index) ?? '';
  });

  const views = (): Promise<unknown[]> =>
    world.test.database.inTenant('company-a', (em) =>
      em.query<unknown[]>(
        `SELECT actor, object, detail FROM buduan.audit_event WHERE action = 'person.reveal-identity' ORDER BY event_no`,
      ),
    );
  const reveal = (key: string, body: unknown): ReturnType<AccessWorld['ask']> =>
    world.ask(`/api/persons/${personId}/identity`, { key, method: 'POST', body });

  it('is shown whole to HR for a reason, and the view is kept without the number', async () => {
    expect(await reveal(world.keys.hr, { reason: 'form of the bureau' })).toEqual({
      status: 200,
      body: { personId, idType: 'resident-id', idNumber: NUMBER },
    });
    const trail = await views();
    expect(trail).toEqual([
      { actor: 'hr-desk', object: `person/${personId}`, detail: { reason: 'form of the bureau' } },
    ]);
  });

  it('is shown neither without a reason, nor in another name, nor to a key of another tenant', async () => {
    const before = (await views()).length;
    expect((await reveal(world.keys.hr, {})).status).toBe(400);
    expect((await reveal(world.keys.hr, { reason: 'form', by: 'somebody else' })).status).toBe(400);
    expect((await reveal(world.keys.auditor, { reason: 'curious' })).status).toBe(403);
    expect(await reveal(world.strangersKey, { reason: 'curious' })).toMatchObject({
      status: 404,
      body: { code: 'unknown-person' },
    });
    expect((await reveal(world.strangersKey, { reason: 'curious', tenant: 'company-a' })).status).toBe(404);
    expect(await views()).toHaveLength(before);
  });

  it('shows auditors what was done, and nobody else', async () => {
    const events = await world.ask('/api/audit/events?action=person.&limit=1', { key: world.keys.auditor });
    expect(auditEventsAnswer.parse(events.body).events).toHaveLength(1);
    expect((await world.ask('/api/audit/events?action=person.', { key: world.strangersKey })).body).toEqual({
      events: [],
    });
    expect((await world.ask('/api/audit/events', { key: world.keys.hr })).status).toBe(403);
    const head = await world.ask('/api/audit/head', { key: world.keys.auditor });
    expect(readHead(JSON.stringify(head.body), 'company-a').eventNo).toBeGreaterThan(4);
  });
});
