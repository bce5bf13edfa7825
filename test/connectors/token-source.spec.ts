/** Facts about logins: one for all callers, renewed in time, and never asked for in a loop. */
import { fixedClock, type FixedClock } from '../../src/platform/clock/clock.js';
import { exchangeRig, type ExchangeRig, type RigOptions } from './exchange-rig.js';
import { sendJson, serveHttp, type Answer, type SeenRequest, type WireServer } from './wire-server.js';

const closers: (() => unknown)[] = [];
let clock: FixedClock;

beforeEach(() => {
  clock = fixedClock('2023-03-20T09:00:00+08:00');
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const OAUTH = {
  type: 'token',
  request: {
    post: '/oauth2/token',
    form: { grant_type: 'client_credentials', client_id: '${secret.id}', client_secret: '${secret.word}' },
  },
  token: 'access_token',
  expiresIn: { path: 'expires_in', unit: 'seconds' },
  refreshEarlySeconds: 30,
  place: { header: 'Authorization', prefix: 'Bearer ' },
};
const SECRETS = { id: 'id-1', word: 'canary-word' };

class Bureau {
  logins = 0;
  valid = '';
  login: Answer = (_, response) => {
    this.logins += 1;
    this.valid = `canary-token-${this.logins}`;
    sendJson(response, { access_token: this.valid, expires_in: 3600 });
  };
  server!: WireServer;

  static async open(): Promise<Bureau> {
    const bureau = new Bureau();
    bureau.server = await serveHttp((request, response) => {
      if (request.url.startsWith('/oauth2/token')) return bureau.login(request, response);
      const isKnown = request.headers.authorization === `Bearer ${bureau.valid}`;
      return sendJson(response, isKnown ? { ok: true } : { error: 'expired' }, { status: isKnown ? 200 : 401 });
    });
    closers.push(() => bureau.server.close());
    return bureau;
  }

  rig(more: Partial<RigOptions> = {}): ExchangeRig {
    const built = exchangeRig({ baseUrl: this.server.baseUrl, auth: OAUTH, secrets: SECRETS, clock, ...more });
    closers.unshift(() => built.close());
    return built;
  }

  get loginRequests(): readonly SeenRequest[] {
    return this.server.seen.filter((request) => request.url.startsWith('/oauth2/token'));
  }

  refuse(status: number, body: unknown): void {
    this.login = (_, response) => {
      this.logins += 1;
      sendJson(response, body, { status });
    };
  }
}

describe('a token', () => {
  it('is asked for once, as declared, for any number of callers', async () => {
    const bureau = await Bureau.open();
    const calls = bureau.rig({ limits: { concurrency: 20 } });
    await Promise.all(Array.from({ length: 20 }, () => calls.get()));
    expect(bureau.loginRequests).toHaveLength(1);
    expect(bureau.loginRequests[0]).toMatchObject({
      method: 'POST',
      body: 'grant_type=client_credentials&client_id=id-1&client_secret=canary-word',
    });
  });

  it('is renewed before it expires', async () => {
    const bureau = await Bureau.open();
    const calls = bureau.rig();
    await calls.get();
    clock.advance(3_569_000);
    await calls.get();
    expect(bureau.logins).toBe(1);
    clock.advance(2000);
    await calls.get();
    expect(bureau.logins).toBe(2);
  });

  it('is used on while it lives, when its early renewal fails', async () => {
    const bureau = await Bureau.open();
    const calls = bureau.rig();
    await calls.get();
    bureau.refuse(503, {});
    clock.advance(3_580_000);
    expect((await calls.get()).body).toEqual({ ok: true });
    clock.advance(30_000);
    expect((await calls.failure()).error).toMatchObject({ code: 'unavailable', stage: 'auth', mayHaveArrived: false });
  });

  it('that expires mid-run is renewed once by twenty concurrent callers, and none of them notices', async () => {
    const bureau = await Bureau.open();
    const calls = bureau.rig({ limits: { concurrency: 20 } });
    await calls.get();
    bureau.valid = 'something else';
    const replies = await Promise.all(Array.from({ length: 20 }, () => calls.get()));
    expect(replies.every((reply) => reply.status === 200)).toBe(true);
    expect(bureau.logins).toBe(2);
  });

  it('that is refused again right after its renewal ends in AUTH, and logs in no more', async () => {
    const bureau = await Bureau.open();
    bureau.login = (_, response) => {
      bureau.logins += 1;
      sendJson(response, { access_token: 'never-good', expires_in: 3600 });
    };
    const calls = bureau.rig({ limits: { retries: 4 } });
    expect((await calls.failure()).error).toMatchObject({
      code: 'auth-rejected',
      category: 'AUTH',
      action: 'QUARANTINE_CONNECTION',
    });
    await calls.failure();
    await calls.failure();
    expect(bureau.logins).toBe(2);
  });

  it('renewed on demand lets a write through that had only been refused', async () => {
    const bureau = await Bureau.open();
    const calls = bureau.rig();
    await calls.get();
    bureau.valid = 'something else';
    expect(
      (await calls.get('/x', { method: 'POST', body: { type: 'json', value: {} }, idempotent: false })).status,
    ).toBe(200);
  });
});

describe('wrong credentials', () => {
  it.each<[string, number, unknown, unknown]>([
    ['401', 401, { error: 'invalid_client' }, OAUTH],
    ['400', 400, { code: 'invalidClientIdOrSecret' }, OAUTH],
    ['200 without a token', 200, { result: false }, OAUTH],
    [
      '200 with an error code',
      200,
      { errcode: 40096, errmsg: 'no', access_token: '' },
      { ...OAUTH, success: { path: 'errcode', in: [0] } },
    ],
  ])('told by %s cost exactly one login attempt', async (_, status, body, auth) => {
    const bureau = await Bureau.open();
    bureau.refuse(status, body);
    const calls = bureau.rig({ auth, limits: { retries: 5, concurrency: 20 } });
    const failures = await Promise.all(Array.from({ length: 20 }, () => calls.failure()));
    for (const { error } of failures)
      expect(error).toMatchObject({
        code: 'login-rejected',
        category: 'AUTH',
        action: 'QUARANTINE_CONNECTION',
        stage: 'auth',
        mayHaveArrived: false,
      });
    await calls.failure();
    expect(bureau.logins).toBe(1);
  });

  it('are tried again after the cool-down only', async () => {
    const bureau = await Bureau.open();
    const { login } = bureau;
    bureau.refuse(401, {});
    const calls = bureau.rig();
    await calls.failure();
    clock.advance(299_000);
    expect((await calls.failure()).error).toMatchObject({ code: 'login-rejected', waitMs: 1000 });
    bureau.login = login;
    clock.advance(2000);
    expect((await calls.get()).status).toBe(200);
  });
});

describe('a token endpoint in trouble', () => {
  it('is asked again when it was only down for a moment', async () => {
    const bureau = await Bureau.open();
    const { login } = bureau;
    let asked = 0;
    bureau.login = (request, response) =>
      asked++ === 0 ? sendJson(response, {}, { status: 503 }) : login(request, response);
    expect((await bureau.rig({ limits: { retries: 2 } }).get()).status).toBe(200);
  });

  it('that throttles is left alone, by its own rules', async () => {
    const bureau = await Bureau.open();
    bureau.refuse(200, { errcode: 90002, wait: 600 });
    const replies = [{ when: { path: 'errcode', in: [90002] }, is: 'throttled', wait: { path: 'wait' } }];
    expect((await bureau.rig({ replies }).failure()).error).toMatchObject({
      category: 'RATE_LIMIT',
      action: 'WAIT_UNTIL',
      waitMs: 600_000,
      stage: 'auth',
    });
  });

  it('that has another shape than declared is drift, not a wrong password', async () => {
    const bureau = await Bureau.open();
    bureau.refuse(200, { errcode: 0, data: { token: 'x' } });
    expect(
      (await bureau.rig({ auth: { ...OAUTH, success: { path: 'errcode', in: [0] } } }).failure()).error,
    ).toMatchObject({ code: 'drift', category: 'SCHEMA' });
  });

  it('that answers with a web page says so', async () => {
    const bureau = await Bureau.open();
    bureau.login = (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    expect((await bureau.rig().failure()).error).toMatchObject({ code: 'not-json', category: 'SCHEMA', stage: 'auth' });
  });
});

describe('vendor token endpoints', () => {
  it('by GET with secrets in the query, and the token in the query of every call', async () => {
    const server = await serveHttp((request, response) =>
      sendJson(
        response,
        request.url.startsWith('/gettoken') ? { errcode: 0, access_token: 'tok 1', expires_in: 7200 } : { errcode: 0 },
      ),
    );
    closers.push(() => server.close());
    const auth = {
      type: 'token',
      request: { get: '/gettoken', query: { appkey: '${secret.id}', appsecret: '${secret.word|md5}' } },
      success: { path: 'errcode', in: [0] },
      token: 'access_token',
      expiresIn: { seconds: 7200 },
      place: { query: 'access_token' },
    };
    const calls = exchangeRig({ baseUrl: server.baseUrl, auth, secrets: { id: 'k1', word: 'abc' }, clock });
    closers.unshift(() => calls.close());
    await calls.get('/topapi/roster/list', { method: 'POST', body: { type: 'json', value: {} } });
    expect(server.seen.map((request) => request.url)).toEqual([
      '/gettoken?appkey=k1&appsecret=900150983cd24fb0d6963f7d28e17f72',
      '/topapi/roster/list?access_token=tok%201',
    ]);
  });

  it('by POST with JSON', async () => {
    const server = await serveHttp((request, response) =>
      sendJson(response, request.url === '/token' ? { data: { t: 't-1', ms: 60_000 } } : {}),
    );
    closers.push(() => server.close());
    const auth = {
      type: 'token',
      request: { post: '/token', json: { app_id: '${secret.id}', n: 1 } },
      token: 'data.t',
      expiresIn: { path: 'data.ms', unit: 'ms' },
      place: { header: 'access_token' },
    };
    const calls = exchangeRig({ baseUrl: server.baseUrl, auth, secrets: SECRETS, clock });
    closers.unshift(() => calls.close());
    await calls.get();
    expect(server.seen[0]?.body).toBe('{"app_id":"id-1","n":1}');
    expect(server.seen[1]?.headers['access_token']).toBe('t-1');
    // A life shorter than twice the default margin is not renewed on every call.
    await calls.get();
    expect(server.seen).toHaveLength(3);
  });
});

it('neither secrets nor tokens show in any log line or message', async () => {
  const bureau = await Bureau.open();
  const calls = bureau.rig();
  await calls.get();
  bureau.valid = 'something else';
  await calls.get();
  bureau.refuse(401, { error: 'canary-word is wrong', message: 'canary-message' });
  bureau.valid = 'gone';
  const { error } = await calls.failure();
  expect(calls.lines.length).toBeGreaterThanOrEqual(3);
  expect(`${calls.lines.join('')}${String(error)}${JSON.stringify(error)}`).not.toMatch(/canary|id-1/);
});
