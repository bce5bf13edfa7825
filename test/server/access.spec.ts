/** Whether every route asks who calls, keys open what their scopes say until they end, and no tenant learns of another. */
import { Controller, Get, type DynamicModule } from '@nestjs/common';
import { AccessWall } from '../../src/platform/access/access-wall.js';
import { ApiKeys } from '../../src/platform/access/api-keys.js';
import { readHead } from '../../src/platform/audit/kept-head.js';
import { approvalsAnswer } from '../../src/cli/serve/approvals.http.js';
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
import { type AccessWorld, type Answer, TOKEN, openAccessWorld } from './access-world.js';
import { MAKER, type SeededTenant, seedTenant } from './seeded-tenant.js';
import { type OpenApiPaths, type Walk, listings, strangersRequests } from './strangers-requests.js';

let world: AccessWorld;
beforeAll(async () => {
  world = await openAccessWorld();
});
afterAll(() => world.close());

const SOME_ID = '01890000-0000-7000-8000-000000000000';
/** Ids that nobody has, of every kind. */
const NOBODYS = {
  ...{
    person: SOME_ID,
    run: SOME_ID,
    finding: SOME_ID,
    case: SOME_ID,
    receipt: SOME_ID,
    link: SOME_ID,
    plan: SOME_ID,
    operation: SOME_ID,
  },
  ...{ connection: 'no-such-connection', ownerKey: 'nobody' },
};
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

describe('a stranger', () => {
  let own: SeededTenant;
  let others: SeededTenant;
  let walk: Walk;
  let paths: OpenApiPaths;
  /** Of company-a, with every scope: what stops it is whose it is and nothing else. */
  let key = '';
  beforeAll(async () => {
    [own, others] = [await seedTenant(world, 'company-a'), await seedTenant(world, 'company-b')];
    const keys = world.serving.hub.app.get(ApiKeys);
    const tenant = { id: 'company-a', name: '甲公司' };
    key = (await keys.create({ tenant, name: 'all-hands', scopes: SCOPES, days: 1, by: 'test' })).key;
    ({ paths } = (await world.ask('/api/openapi.json', { key: TOKEN })).body as { paths: OpenApiPaths });
    walk = strangersRequests(world.serving.hub.app.get(AccessWall).routes(), paths, { ...others, today: today() });
  });

  const today = (): string => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date());
  const plainAnswer = ({ status, body }: Answer, ids: readonly string[]): string =>
    ids.reduce((text, id) => text.replaceAll(id, '<id>'), `${status} ${JSON.stringify(body)}`);

  it('is walked through every route with an id, in its path or in its body', () => {
    expect(walk.unknown).toEqual([]);
    expect(new Set(walk.requests.map(({ route }) => route)).size).toBeGreaterThan(20);
  });

  it('is walked so that a route nobody thought of is told', () => {
    const permission = { kind: 'scopes', scopes: ['hr'] } as const;
    const forgotten = { method: 'GET', path: '/api/wages/:wageId', permission };
    const seed = { ...others, today: today() };
    expect(strangersRequests([forgotten], {}, seed).unknown).toEqual(['GET /api/wages/:wageId']);
    const post = { method: 'POST', path: '/api/wages', permission };
    const schema = { properties: { lines: { items: { properties: { wageId: { format: 'uuid' } } } } } };
    const described = { post: { parameters: [], requestBody: { content: { 'application/json': { schema } } } } };
    expect(strangersRequests([post], { '/api/wages': described }, seed).unknown).toEqual(['POST /api/wages']);
  });

  it('finds nothing under an id of another tenant, as under an id that nobody has', async () => {
    const nobodys = { ...NOBODYS, today: today(), hashes: others.hashes };
    const routes = world.serving.hub.app.get(AccessWall).routes();
    const unheard = strangersRequests(routes, paths, nobodys).requests;
    expect(unheard).toHaveLength(walk.requests.length);
    for (const [place, { route, method, path, body, ids }] of walk.requests.entries()) {
      const options = body === undefined ? { key, method } : { key, method, body };
      const answer = await world.ask(path, options);
      const nobody = unheard[place];
      if (nobody === undefined) throw new Error(route);
      const same = await world.ask(nobody.path, { key, method, ...(body === undefined ? {} : { body: nobody.body }) });
      expect([route, plainAnswer(answer, ids)]).toEqual([route, plainAnswer(same, nobody.ids)]);
      const results = (answer.body as { results?: { status?: number; outcome?: string }[] }).results;
      if (results === undefined) expect([route, answer.status]).toEqual([route, 404]);
      else for (const line of results) expect([route, line.status ?? line.outcome]).toEqual([route, expect.anything()]);
      for (const line of results ?? []) expect([404, 'unknown-case']).toContain(line.status ?? line.outcome);
    }
  });

  it('finds the same ids as the tenant that has them: nothing of it was changed, and it is what the walk would have met', async () => {
    const hidden = new Set<string>();
    for (const { route, method, path } of walk.requests.filter((each) => each.method === 'GET')) {
      const { status } = await world.ask(path, { key: world.strangersKey, method });
      if (status === 404) hidden.add(route);
    }
    expect([...hidden]).toEqual([]);
    expect((await world.ask(`/api/findings/${others.finding}`, { key: world.strangersKey })).body).toMatchObject({
      ...{ findingId: others.finding, setAside: null, marks: [] },
    });
  });

  it('sees rows of another tenant on no list, also when it asks for them by id', async () => {
    const theirs = [others.person, others.run, others.finding, others.case, others.link, others.plan, others.operation];
    const lists = listings(world.serving.hub.app.get(AccessWall).routes(), paths, others);
    const seen = new Set<string>();
    for (const { route, paths: asked } of lists)
      for (const path of asked) {
        const { status, body } = await world.ask(path, { key });
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        expect([path, status < 500]).toEqual([path, true]);
        // What was asked for may be repeated by a refusal.
        for (const id of status === 200 ? [...theirs, 'company-b'] : [])
          expect([path, id, text.includes(id)]).toEqual([path, id, false]);
        if (Object.values(own).some((id) => typeof id === 'string' && text.includes(id))) seen.add(route);
      }
    for (const route of ['GET /api/cases', 'GET /api/findings', 'GET /api/approvals'])
      expect([...seen]).toContain(route);
  });

  it('that names another tenant meets one that is not there, on every route that takes a name', async () => {
    const takes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { parameters, requestBody }]) => {
        const schema = requestBody?.content['application/json']?.schema;
        const inBody = schema?.properties?.['tenant'] !== undefined;
        return inBody || parameters.some(({ name }) => name === 'tenant') ? [{ method, path, inBody }] : [];
      }),
    );
    expect(takes.length).toBeGreaterThan(20);
    for (const { method, path, inBody } of takes) {
      const template = path.replaceAll(/\{(\w+)\}/g, ':$1');
      const known = walk.requests.find(({ route }) => route === `${method.toUpperCase()} ${template}`);
      const address = known?.path ?? path;
      const said = { ...(known?.body as object | undefined), tenant: 'company-b' };
      const { status, body } = inBody
        ? await world.ask(address, { key, method: method.toUpperCase(), body: said })
        : await world.ask(`${address}?tenant=company-b`, {
            ...{ key, method: method.toUpperCase() },
            ...(known?.body === undefined ? {} : { body: known.body }),
          });
      const code = (body as { code?: string }).code;
      // A question that lacks what it needs is refused before anybody asks whose it is.
      const isIncomplete = status === 400 && known === undefined;
      if (!isIncomplete) expect([method, path, status, code]).toEqual([method, path, 404, 'unknown-tenant']);
    }
  });
});

describe('what waits for a second person', () => {
  let seed: SeededTenant;
  beforeAll(async () => {
    const key = world.keys.checker;
    const { approvals } = (await world.ask('/api/approvals', { key })).body as {
      approvals: { id: string; kind: string; hash: string }[];
    };
    const of = (kind: string) => approvals.find((each) => each.kind === kind);
    const idOf = (kind: string): string => of(kind)?.id.split(':')[1] ?? '';
    const hashes = {
      plan: of('plan')?.hash ?? '',
      operation: of('operation')?.hash ?? '',
      case: of('case')?.hash ?? '',
    };
    seed = { plan: idOf('plan'), operation: idOf('operation'), case: idOf('case'), hashes } as SeededTenant;
  });
  const post = (path: string, body: unknown, key = world.keys.checker): Promise<Answer> =>
    world.ask(`/api/approvals/${path}`, { key, method: 'POST', body });

  it('is one list with what it is, since when, until when, the hash, and who may not decide it', async () => {
    const { body } = await world.ask('/api/approvals', { key: world.keys.auditor });
    const { approvals, next } = approvalsAnswer.parse(body);
    expect(next).toBeNull();
    expect(approvals.map(({ id, makers, deadline }) => ({ id, makers, deadline }))).toEqual(
      expect.arrayContaining([
        { id: `plan:${seed.plan}`, makers: [MAKER], deadline: null },
        { id: `operation:${seed.operation}`, makers: [MAKER], deadline: null },
        { id: `case:${seed.case}`, makers: [MAKER, 'for-employee'], deadline: '2026-04-01' },
      ]),
    );
    const [first] = approvals;
    const shown = await world.ask(`/api/approvals/plan:${seed.plan}`, { key: world.keys.checker });
    expect(shown.body).toMatchObject({
      hash: seed.hashes.plan,
      plan: { plan: { held: 1 }, changes: [{ kind: 'status' }] },
    });
    expect(first?.what.zh).toBeTruthy();
  });

  it('is turned page by page without a skip or a repetition', async () => {
    const ids: string[] = [];
    for (let after = ''; ids.length < 10;) {
      const { body } = await world.ask(`/api/approvals?limit=1${after}`, { key: world.keys.checker });
      const page = approvalsAnswer.parse(body);
      ids.push(...page.approvals.map(({ id }) => id));
      if (page.next === null) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    expect([ids.length, new Set(ids).size]).toEqual([3, 3]);
  });

  it('is decided by no maker, with no other hash, without a reason to reject, and by nobody but checkers', async () => {
    const tenant = { id: 'company-a', name: '甲公司' };
    const both = { tenant, name: MAKER, scopes: ['checker'] as const, days: 1, by: 'test' };
    const maker = (await world.serving.hub.app.get(ApiKeys).create(both)).key;
    for (const kind of ['plan', 'operation'] as const) {
      const [id, hash] = [`${kind}:${seed[kind]}`, seed.hashes[kind]];
      expect(await post(`${id}/approve`, { hash }, maker)).toMatchObject({
        status: 409,
        body: { code: 'same-person' },
      });
      const other = await post(`${id}/approve`, { hash: 'b'.repeat(64) });
      expect(other).toMatchObject({ status: 409, body: { code: `${kind}-changed` } });
      expect((await post(`${id}/reject`, { hash })).status).toBe(400);
      expect((await post(`${id}/approve`, { hash }, world.keys.hr)).status).toBe(403);
    }
    const { body } = await world.ask('/api/approvals', { key: world.keys.checker });
    expect(approvalsAnswer.parse(body).approvals).toHaveLength(3);
  });

  it('is decided in bulk line by line: what is wrong with one stops no other', async () => {
    const { plan, operation, hashes } = seed;
    const lines = [
      { id: `plan:${SOME_ID}`, decision: 'approve', hash: hashes.plan },
      { id: `operation:${operation}`, decision: 'approve', hash: 'not a hash' },
      { id: `operation:${operation}`, decision: 'reject', hash: hashes.operation },
      { id: `operation:${operation}`, decision: 'approve', hash: hashes.plan },
      { id: `plan:${plan}`, decision: 'reject', hash: hashes.plan, reason: 'the source is new' },
      { id: `operation:${operation}`, decision: 'approve', hash: hashes.operation },
      { id: `operation:${operation}`, decision: 'approve', hash: hashes.operation },
      { decision: 'approve' },
    ];
    const { status, body } = await post('decide', { lines });
    expect(status).toBe(200);
    const { results } = body as { results: { status: number; code: string }[] };
    expect(results.map((each) => `${each.status} ${each.code}`)).toEqual([
      '404 unknown-plan',
      '422 bad-request',
      '422 reason-needed',
      '409 operation-changed',
      '200 decided',
      '200 decided',
      '409 not-held',
      '422 bad-request',
    ]);
    const trail = await world.test.database.inTenant('company-a', (em) =>
      em.query<{ actor: string; action: string; detail: object }[]>(
        `SELECT actor, action, detail FROM buduan.audit_event WHERE action IN ('plan.rejected','operations.approve') ORDER BY event_no`,
      ),
    );
    expect(trail).toMatchObject([
      { actor: 'checker-desk', action: 'plan.rejected', detail: { hash: hashes.plan, reason: 'the source is new' } },
      { actor: 'checker-desk', action: 'operations.approve', detail: { hash: hashes.operation, moved: 1 } },
    ]);
    const left = await world.ask('/api/approvals', { key: world.keys.checker });
    expect(approvalsAnswer.parse(left.body).approvals.map(({ kind }) => kind)).toEqual(['case']);
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
