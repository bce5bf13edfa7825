/** Facts about one exchange of a manifest: what is judged, what is tried again, and what never shows. */
import { createHash, createHmac } from 'node:crypto';
import nock from 'nock';
import { isExactNumber } from '../../src/connectors/http/exact-json.js';
import { silentLog } from '../../src/platform/log/log.js';
import { createEgress } from '../../src/connectors/http/egress.js';
import { exchangeRig, type ExchangeRig, type RigOptions } from './exchange-rig.js';
import { sendJson, serveHttp, unusedUrl, type Answer, type WireServer } from './wire-server.js';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  nock.cleanAll();
  nock.restore();
  for (const close of closers.splice(0)) await close();
});

async function http(answer: Answer): Promise<WireServer> {
  const server = await serveHttp(answer);
  closers.push(() => server.close());
  return server;
}

/** Answers in turn; the last answer stays. */
function inTurn(...answers: readonly Answer[]): Answer {
  let turn = 0;
  return (request, response) => answers[Math.min(turn++, answers.length - 1)]?.(request, response);
}

function rig(options: RigOptions): ExchangeRig {
  const built = exchangeRig(options);
  closers.unshift(() => built.close());
  return built;
}

const fine: Answer = (_, response) => sendJson(response, { code: 0 });
const busy =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    sendJson(response, { code: -1 }, { status, headers });

describe('failures of the system', () => {
  it('5xx, then success: tried again', async () => {
    const server = await http(inTurn(busy(503), busy(500), fine));
    expect((await rig({ baseUrl: server.baseUrl, limits: { retries: 3 } }).get()).body).toEqual({ code: 0 });
    expect(server.seen).toHaveLength(3);
  });

  it('5xx on a write that may do harm twice: sent once, outcome unknown', async () => {
    const server = await http(busy(502));
    const { error } = await rig({ baseUrl: server.baseUrl, limits: { retries: 3 } }).failure('/', {
      method: 'POST',
      body: { type: 'json', value: {} },
      idempotent: false,
    });
    expect(error).toMatchObject({ code: 'unavailable', mayHaveArrived: true });
    expect(server.seen).toHaveLength(1);
  });

  it('200 with an error code: not a success', async () => {
    const server = await http((_, response) => sendJson(response, { errcode: 60011, message: 'no right for 张三' }));
    const calls = rig({
      baseUrl: server.baseUrl,
      replies: [{ when: { path: 'errcode', in: [60011] }, is: 'auth-rejected' }],
    });
    const { error } = await calls.failure();
    expect(error).toMatchObject({ category: 'AUTH', action: 'QUARANTINE_CONNECTION', remoteText: 'no right for 张三' });
    expect(`${(error as Error).message}${calls.lines.join('')}`).not.toContain('张三');
  });

  it('connection refused: tried again, even a write, since nothing was sent', async () => {
    const { error } = await rig({ baseUrl: await unusedUrl(), limits: { retries: 1 } }).failure('/', {
      method: 'POST',
      idempotent: false,
    });
    expect(error).toMatchObject({ code: 'connection-refused', mayHaveArrived: false });
  });
});

describe('429', () => {
  it('with seconds: waits as long as asked, then goes on', async () => {
    const server = await http(inTurn(busy(429, { 'retry-after': '1' }), fine));
    const startedMs = performance.now();
    await rig({ baseUrl: server.baseUrl, limits: { retries: 2 } }).get();
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(990);
    expect(server.seen).toHaveLength(2);
  });

  it('with a date: the same', async () => {
    const server = await http(
      inTurn(
        (request, response) =>
          busy(429, { 'retry-after': new Date(Date.now() + 1000).toUTCString() })(request, response),
        fine,
      ),
    );
    await rig({ baseUrl: server.baseUrl, limits: { retries: 2 } }).get();
    expect(server.seen).toHaveLength(2);
  });

  it('beyond the cap: thrown at once with its time, and nothing else is sent meanwhile', async () => {
    const server = await http(busy(429, { 'retry-after': '3600' }));
    const calls = rig({ baseUrl: server.baseUrl, limits: { retries: 4 } });
    const { error, ms } = await calls.failure();
    expect(error).toMatchObject({
      category: 'RATE_LIMIT',
      action: 'WAIT_UNTIL',
      waitMs: 3_600_000,
      mayHaveArrived: false,
    });
    expect(ms).toBeLessThan(1000);
    await calls.failure();
    expect(server.seen).toHaveLength(1);
  });

  it('with its wait in the body and status 200', async () => {
    const server = await http((_, response) => sendJson(response, { errcode: 90002, wait: 300 }));
    const { error } = await rig({
      baseUrl: server.baseUrl,
      replies: [{ when: { path: 'errcode', in: [90002] }, is: 'throttled', wait: { path: 'wait', unit: 'seconds' } }],
    }).failure();
    expect(error).toMatchObject({ category: 'RATE_LIMIT', action: 'WAIT_UNTIL', waitMs: 300_000 });
  });
});

it('maintenance is handed back with a time, not tried again', async () => {
  const server = await http((_, response) => sendJson(response, { error: { code: 'MAINTENANCE' } }, { status: 503 }));
  const { error } = await rig({
    baseUrl: server.baseUrl,
    limits: { retries: 4 },
    replies: [{ when: { path: 'error.code', in: ['MAINTENANCE'] }, is: 'maintenance' }],
  }).failure();
  expect(error).toMatchObject({ category: 'MAINTENANCE_WINDOW', action: 'WAIT_UNTIL', waitMs: 900_000 });
  expect(server.seen).toHaveLength(1);
});

it('an integer beyond 2^53 is neither rounded nor a string', async () => {
  const server = await http(
    (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('{"idNumber":110101199003077475}'),
  );
  const { body } = await rig({ baseUrl: server.baseUrl }).get();
  const { idNumber } = body as unknown as { idNumber: unknown };
  expect([isExactNumber(idNumber), String(idNumber)]).toEqual([true, '110101199003077475']);
});

describe('credentials that never change', () => {
  it.each<[unknown, Record<string, unknown>]>([
    [
      { type: 'basic', user: '${secret.user}', password: '${secret.word}' },
      {
        headers: expect.objectContaining({
          authorization: `Basic ${Buffer.from('u1:w:1').toString('base64')}`,
        }) as unknown,
      },
    ],
    [
      { type: 'bearer', value: '${secret.word}' },
      { headers: expect.objectContaining({ authorization: 'Bearer w:1' }) as unknown },
    ],
    [
      { type: 'api-key', value: '${secret.word}', place: { header: 'X-Api-Key' } },
      { headers: expect.objectContaining({ 'x-api-key': 'w:1' }) as unknown },
    ],
    [
      { type: 'api-key', value: '${secret.user}:${secret.word}', place: { header: 'Authorization', prefix: 'token ' } },
      { headers: expect.objectContaining({ authorization: 'token u1:w:1' }) as unknown },
    ],
    [{ type: 'api-key', value: '${secret.word}', place: { query: 'key' } }, { url: '/?key=w%3A1' }],
    [
      { type: 'api-key', value: '${secret.word}', place: { cookie: 'sid' } },
      { headers: expect.objectContaining({ cookie: 'sid=w%3A1' }) as unknown },
    ],
  ])('%j', async (auth, expected) => {
    const server = await http(fine);
    await rig({ baseUrl: server.baseUrl, auth, secrets: { user: 'u1', word: 'w:1' } }).get();
    expect(server.seen[0]).toMatchObject(expected);
  });
});

it('signs exactly the bytes that arrive', async () => {
  const server = await http(fine);
  const calls = rig({
    baseUrl: server.baseUrl,
    secrets: { appSecret: 'sec-1' },
    sign: {
      algorithm: 'hmac-sha256',
      key: '${secret.appSecret}',
      over: '${method}\n${path}\n${sortedQuery}\n${timestamp}\n${nonce}\n${bodySha256}',
      headers: { 'X-Timestamp': '${timestamp}', 'X-Nonce': '${nonce}', 'X-Signature': '${signature}' },
    },
  });
  await calls.get('/open/v1/members?z=%E5%BC%A0', {
    method: 'POST',
    query: { ids: 'a,b', limit: 500 },
    body: { type: 'json', value: { items: [{ 状态: '正常' }] } },
  });
  const [arrived] = server.seen;
  const [path = '', query = ''] = (arrived?.url ?? '').split('?');
  const bodyHash = createHash('sha256')
    .update(arrived?.body ?? '')
    .digest('hex');
  const over = [
    arrived?.method,
    path,
    query.split('&').sort().join('&'),
    arrived?.headers['x-timestamp'],
    arrived?.headers['x-nonce'],
    bodyHash,
  ].join('\n');
  expect(arrived?.headers['x-signature']).toBe(createHmac('sha256', 'sec-1').update(over).digest('hex'));
});

it('a next link on another host is refused before it is asked', async () => {
  const server = await http(fine);
  const { error } = await rig({ baseUrl: server.baseUrl, auth: { type: 'bearer', value: 'x' } }).failure(
    'https://evil.example.com/steal',
  );
  expect(error).toMatchObject({ code: 'foreign-link', category: 'POLICY_VIOLATION' });
  expect(server.seen).toHaveLength(0);
});

it('no secret, query, header or body shows in any log line or message', async () => {
  const server = await http(
    inTurn(busy(500), busy(401), busy(400), (_, response) => void response.end('<html>canary-body')),
  );
  const calls = rig({
    baseUrl: server.baseUrl,
    auth: { type: 'api-key', value: '${secret.word}', place: { query: 'canary-place' } },
    sign: { algorithm: 'md5', over: '${secret.word}', headers: { 'X-Sign': '${signature}' } },
    secrets: { word: 'canary-secret' },
  });
  const failures = [];
  for (let count = 0; count < 4; count += 1) {
    failures.push(
      (
        await calls.failure('/v1/canary-path?q=canary-query', {
          headers: { 'X-Name': 'canary-header' },
          method: 'POST',
          body: { type: 'json', value: { wage: 'canary-wage' } },
        })
      ).error,
    );
  }
  const shown = `${calls.lines.join('')}${failures.map((error) => `${String(error)}${JSON.stringify(error)}${(error as Error).stack ?? ''}`).join('')}`;
  expect(calls.lines.length).toBeGreaterThanOrEqual(4);
  expect(shown).not.toContain('canary');
});

describe('a public host, called once', () => {
  it.each<[string, number, Record<string, string>, string]>([
    ['wrong path answered with 404 text', 404, { 'content-type': 'text/plain' }, 'not-found'],
    ['unknown method answered with 501', 501, {}, 'wrong-endpoint'],
    ['forbidden', 403, { 'content-type': 'application/json' }, 'auth-rejected'],
    ['a person who is gone', 410, {}, 'not-found'],
  ])('%s', async (_, status, headers, code) => {
    if (!nock.isActive()) nock.activate();
    nock('https://hr.example.com').get('/api/v1/persons').query({ page: 2 }).reply(status, '', headers);
    const egress = createEgress({ allow: [] }, silentLog());
    const calls = rig({ baseUrl: 'https://hr.example.com/api/', egress });
    expect((await calls.failure('/v1/persons', { query: { page: 2 } })).error).toMatchObject({ code, status });
    expect(nock.isDone()).toBe(true);
  });
});
