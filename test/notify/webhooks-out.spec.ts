/** What other systems are told by webhook: signed, whole, once, for a day, and nothing that is nobody's business. */
import { v7 as newId } from 'uuid';
import { Webhook } from 'standardwebhooks';
import type { News } from '../../src/domain/facts.js';
import { Secret } from '../../src/platform/config/secrets.js';
import {
  sendJson,
  serveHttp,
  unusedUrl,
  type Answer,
  type SeenRequest,
  type WireServer,
} from '../connectors/wire-server.js';
import { openNotifyWorld, SIGNING_SECRET, suspended, TENANT, webhook, type NotifyWorld } from './notify-world.js';

const NEW_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const DAY_SECONDS = 86_400;

let world: NotifyWorld;
let server: WireServer;
let answer: Answer;
beforeEach(async () => {
  answer = (_request, response) => sendJson(response, {});
  server = await serveHttp((request, response) => answer(request, response));
  world = await openNotifyWorld(webhook(`${server.baseUrl}/hooks`));
});
afterEach(async () => {
  await server.close();
  await world.close();
});

const refuse =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    sendJson(response, {}, { status, headers });
const last = (): SeenRequest => {
  const request = server.seen.at(-1);
  if (request === undefined) throw new Error('nothing was received');
  return request;
};
const verify = (request: SeenRequest, secret = SIGNING_SECRET): unknown =>
  new Webhook(secret).verify(request.body, request.headers as Record<string, string>);

describe('a webhook', () => {
  it('is verified by the reference library, under every live secret and no other', async () => {
    world.given.endpoints = [
      webhook(`${server.baseUrl}/hooks`, { secrets: [new Secret(NEW_SECRET), new Secret(SIGNING_SECRET)] }),
    ];
    const news = suspended();
    await world.tell(news);
    await world.sendDue();
    const data = {
      tenantId: TENANT,
      runId: news.runId,
      planId: news.planId,
      reasons: ['worse-status'],
      operations: 40,
    };
    for (const secret of [NEW_SECRET, SIGNING_SECRET])
      expect(verify(last(), secret)).toEqual({ type: 'run.suspended', timestamp: expect.any(String), data });
    expect(() => verify(last(), `whsec_${Buffer.alloc(32, 1).toString('base64')}`)).toThrow();
    expect(() => verify({ ...last(), body: last().body.replace('40', '41') })).toThrow();
    expect(await world.rows()).toMatchObject([{ state: 'delivered', attempts: 1, last_code: null }]);
  });

  it('comes as a CloudEvent where the endpoint asks for it, signed alike', async () => {
    world.given.endpoints = [webhook(`${server.baseUrl}/hooks`, { format: 'cloudevents' })];
    await world.tell(suspended());
    await world.sendDue();
    expect(last().headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(verify(last())).toEqual({
      ...{ specversion: '1.0', id: last().headers['webhook-id'], source: `/buduan/tenants/${TENANT}` },
      ...{ type: 'run.suspended', time: expect.any(String), datacontenttype: 'application/json' },
      data: expect.objectContaining({ operations: 40 }),
    });
  });

  it('leaves only for the events that its endpoint asked for', async () => {
    world.given.endpoints = [
      webhook(`${server.baseUrl}/a`, { id: 'a', events: ['connection.*'] }),
      webhook(`${server.baseUrl}/b`, { id: 'b', events: ['run.suspended', 'finding.opened'] }),
    ];
    await world.tell(suspended());
    expect(await world.rows()).toMatchObject([{ endpoint_id: 'b' }]);
  });

  it('is the same event at two endpoints, and stored once however often the news is heard', async () => {
    world.given.endpoints = [webhook(`${server.baseUrl}/a`, { id: 'a' }), webhook(`${server.baseUrl}/b`, { id: 'b' })];
    const news = suspended();
    await Promise.all([world.tell(news), world.tell(news), world.tell(news)]);
    await world.sendDue('a');
    await world.sendDue('b');
    expect(server.seen.map(({ url }) => url)).toEqual(['/a', '/b']);
    expect(new Set(server.seen.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('names the first hundred findings of a night and counts the rest', async () => {
    const named = Array.from({ length: 100 }, () => ({
      ...{ findingId: newId(), personId: newId(), situation: 'gap', insurance: 'pension', months: ['2023-01'] },
    }));
    world.given.findings = { findings: 100_000, persons: 60_000, bySituation: { gap: 100_000 }, first: named };
    await world.tell({ fact: 'FindingsMoved', tenantId: TENANT, runId: newId(), personIds: null });
    await world.sendDue();
    const { data } = verify(last()) as { data: { findings: number; named: unknown[] } };
    expect([data.findings, data.named.length, server.seen.length]).toEqual([100_000, 100, 1]);
  });
});

describe('a receiver that fails', () => {
  it('gets the same bytes and id again, freshly signed, and everything that waited as soon as it works', async () => {
    answer = refuse(500);
    await world.tell(suspended());
    await world.tell(suspended());
    await world.sendDue();
    // Both were on their way at the same time; from then on the endpoint rests.
    expect(await world.rows()).toMatchObject(
      Array(2).fill({ state: 'retry-wait', attempts: 1, last_code: 'http-500' }),
    );
    await world.sendDue();
    expect(server.seen).toHaveLength(2);
    await world.later(61);
    answer = (_request, response) => sendJson(response, {});
    await world.sendDue();
    expect(await world.rows()).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }]);
    const attempts = server.seen.filter(({ headers }) => headers['webhook-id'] === last().headers['webhook-id']);
    expect(new Set(attempts.map(({ body }) => body)).size).toBe(1);
    expect(attempts).toHaveLength(2);
    attempts.forEach((request) => verify(request));
  });

  it('is tried nine times within a day, and then the notification is dead', async () => {
    answer = refuse(503);
    await world.tell(suspended());
    let waited = 0;
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      await world.sendDue();
      const [row] = await world.sql(
        'SELECT state, extract(epoch FROM next_at - now())::float8 AS wait FROM buduan.notification',
      );
      expect(row?.['state']).toBe(attempt < 9 ? 'retry-wait' : 'dead');
      const wait = Math.max(Number(row?.['wait'] ?? 0), 301);
      waited += attempt < 9 ? Number(row?.['wait']) : 0;
      await world.later(wait);
    }
    expect(server.seen).toHaveLength(9);
    expect(waited).toBeGreaterThan(DAY_SECONDS * 0.95);
    expect(waited).toBeLessThan(DAY_SECONDS);
    expect(await world.rows()).toMatchObject([{ state: 'dead', attempts: 9, last_code: 'http-503' }]);
  });

  it('for a day lets everything die that waited behind its failures, also what was never its turn', async () => {
    answer = refuse(500);
    for (let each = 0; each < 12; each += 1) await world.tell(suspended());
    await world.sendDue();
    await world.later(DAY_SECONDS + 1);
    await world.sendDue();
    const rows = await world.rows();
    expect(rows.map(({ state }) => state)).toEqual(Array(12).fill('dead'));
    expect(server.seen.length).toBeLessThan(12);
  });

  it('may ask for a wait, which costs no attempt where it says "too many"', async () => {
    answer = refuse(429, { 'Retry-After': '120' });
    await world.tell(suspended());
    await world.sendDue();
    expect(await world.rows()).toMatchObject([{ state: 'retry-wait', attempts: 0, last_code: 'http-429' }]);
    await world.later(100);
    await world.sendDue();
    expect(server.seen).toHaveLength(1);
    await world.later(21);
    await world.sendDue();
    expect(server.seen).toHaveLength(2);
  });

  it('and says "gone" gets it never again, until somebody replays it', async () => {
    answer = refuse(410);
    await world.tell(suspended());
    await world.sendDue();
    expect(await world.rows()).toMatchObject([{ state: 'dead', attempts: 1, last_code: 'http-410' }]);
    const [row] = await world.sql('SELECT notification_id AS id FROM buduan.notification');
    answer = (_request, response) => sendJson(response, {});
    const replayed = { tenantId: TENANT, notificationIds: [String(row?.['id'])], actor: 'Lin' };
    expect([await world.replay.replay(replayed), await world.replay.replay(replayed)]).toEqual([1, 0]);
    await world.sendDue();
    expect(new Set(server.seen.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await world.rows()).toMatchObject([{ state: 'delivered', attempts: 1 }]);
    expect(await world.sql(`SELECT actor, action FROM buduan.audit_event`)).toEqual([
      { actor: 'Lin', action: 'notifications.replay' },
    ]);
  });

  it('or is not there, or redirects, is tried again; an address inside is not', async () => {
    world.given.endpoints = [
      webhook(await unusedUrl(), { id: 'away' }),
      webhook(`${server.baseUrl}/moved`, { id: 'moved' }),
      webhook('https://169.254.169.254/latest/meta-data', { id: 'metadata' }),
      webhook(server.baseUrl.replace('127.0.0.1', 'localhost'), { id: 'plain-http' }),
    ];
    answer = refuse(302, { Location: 'https://example.org/' });
    await world.tell(suspended());
    for (const { id } of world.given.endpoints) await world.sendDue(id);
    expect((await world.rows()).map(({ endpoint_id, state, last_code }) => [endpoint_id, state, last_code])).toEqual([
      ['away', 'retry-wait', 'connection-refused'],
      ['moved', 'retry-wait', 'redirected'],
      ['metadata', 'dead', 'address-refused'],
      ['plain-http', 'dead', 'host-refused'],
    ]);
    expect(server.seen.map(({ url }) => url)).toEqual(['/moved']);
  });
});

describe('a sender that was killed between claim and answer', () => {
  it('leaves a lease behind, after which another one sends under the same id', async () => {
    await world.tell(suspended());
    await world.sql(
      `UPDATE buduan.notification SET attempts = 1, attempted_at = now(), next_at = now() + interval '60 seconds'`,
    );
    await world.sendDue();
    expect(server.seen).toHaveLength(0);
    await world.later(61);
    await world.sendDue();
    expect(await world.rows()).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });
});

describe('an endpoint that left the configuration', () => {
  it('buries what waits for it', async () => {
    await world.tell(suspended());
    world.given.endpoints = [];
    await world.sendDue('erp');
    expect(await world.rows()).toMatchObject([{ state: 'dead', last_code: 'endpoint-not-configured' }]);
  });
});

describe('a connection', () => {
  const moved = (health: 'up' | 'down'): News => ({
    ...{ fact: 'ConnectionMoved', tenantId: TENANT, connectionId: 'bureau', health, reason: null },
  });

  it('is told to be down once, however often it is probed, and up only after that', async () => {
    for (const health of ['up', 'down', 'down', 'up', 'up', 'down'] as const) await world.tell(moved(health));
    expect((await world.rows()).map(({ event_type }) => event_type)).toEqual([
      'connection.down',
      'connection.up',
      'connection.down',
    ]);
  });
});
