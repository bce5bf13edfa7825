/** Facts about hostile and broken systems: every call ends in time, with the right category, and nothing is believed that is not JSON. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { ConnectorError } from '../../src/connectors/connector-error.js';
import {
  createEgress,
  type Egress,
  type EgressPolicy,
  type OutgoingRequest,
  type RawReply,
  type Resolve,
} from '../../src/connectors/http/egress.js';
import { silentLog } from '../../src/platform/log/log.js';
import { LOOPBACK, exchangeRig, type ExchangeRig, type RigOptions } from './exchange-rig.js';
import { sendJson, serveHttp, serveTcp, unusedUrl, type Answer, type WireServer } from './wire-server.js';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function http(answer: Answer): Promise<WireServer> {
  const server = await serveHttp(answer);
  closers.push(() => server.close());
  return server;
}

async function tcp(answer: Parameters<typeof serveTcp>[0]): Promise<WireServer> {
  const server = await serveTcp(answer);
  closers.push(() => server.close());
  return server;
}

function rig(options: RigOptions): ExchangeRig {
  const built = exchangeRig(options);
  closers.unshift(() => built.close());
  return built;
}

function egress(resolve?: Resolve, policy: EgressPolicy = LOOPBACK): Egress {
  const built = resolve ? createEgress(policy, silentLog(), resolve) : createEgress(policy, silentLog());
  closers.unshift(() => built.close());
  return built;
}

function outgoing(url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    method: 'GET',
    url,
    headers: {},
    body: undefined,
    timeoutMs: 2000,
    maxReplyBytes: 1_000_000,
    signal: new AbortController().signal,
    ...more,
  };
}

async function refusal(reply: Promise<RawReply>): Promise<ConnectorError> {
  const outcome: unknown = await reply.catch((error: unknown) => error);
  if (outcome instanceof ConnectorError) return outcome;
  throw new Error('A ConnectorError was expected.');
}

describe('a reply in order', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('is inflated from %s', async (encoding, compress) => {
    const server = await http((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
      response.end(compress(Buffer.from('{"name":"张三"}')));
    });
    expect((await rig({ baseUrl: server.baseUrl }).get()).body).toEqual({ name: '张三' });
  });

  it('is read in GBK where the system says so', async () => {
    const server = await http((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=GBK' });
      response.end(Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xd5, 0xc5, 0x22, 0x7d]));
    });
    expect((await rig({ baseUrl: server.baseUrl }).get()).body).toEqual({ a: '张' });
  });

  it('may be empty', async () => {
    const server = await http((_, response) => void response.writeHead(204).end());
    expect(await rig({ baseUrl: server.baseUrl }).get()).toMatchObject({ status: 204, body: null, bytes: 0 });
  });

  it('comes over one connection again and again', async () => {
    const sockets = new Set<unknown>();
    const server = await http((_, response) => {
      sockets.add(response.socket);
      sendJson(response, {});
    });
    const calls = rig({ baseUrl: server.baseUrl });
    for (let count = 0; count < 10; count += 1) await calls.get();
    expect(sockets.size).toBe(1);
  });
});

describe('a system that does harm', () => {
  it('gzip bomb: ended at the cap, long before it is inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000), { level: 9 });
    const server = await http((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(bomb);
    });
    const before = process.memoryUsage().rss;
    const { error, ms } = await rig({ baseUrl: server.baseUrl, limits: { maxReplyBytes: 1_000_000 } }).failure();
    expect(error).toMatchObject({
      code: 'reply-too-large',
      category: 'SCHEMA',
      action: 'STOP_STREAM',
      mayHaveArrived: true,
    });
    expect(ms).toBeLessThan(1000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  it('huge body: ended at the cap', async () => {
    const server = await http((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(65_536, 32);
      const pump = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', pump);
      };
      pump();
    });
    const { error, ms } = await rig({ baseUrl: server.baseUrl, limits: { maxReplyBytes: 1_000_000 } }).failure();
    expect(error).toMatchObject({ code: 'reply-too-large' });
    expect(ms).toBeLessThan(1500);
  });

  it('slow-loris: one byte now and then does not prolong the deadline', async () => {
    const server = await tcp((socket) => {
      socket.write(`${HEAD}Content-Length: 1000\r\n\r\n`);
      const timer = setInterval(() => socket.write(' '), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const { error, ms } = await rig({ baseUrl: server.baseUrl, limits: { timeoutMs: 300 } }).failure();
    expect(error).toMatchObject({ code: 'timed-out', category: 'TRANSIENT_NETWORK', mayHaveArrived: true });
    expect(ms).toBeLessThan(1300);
  });

  it('slow headers: neither', async () => {
    const server = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
      const timer = setInterval(() => socket.write('a'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const { error, ms } = await rig({ baseUrl: server.baseUrl, limits: { timeoutMs: 300 } }).failure();
    expect(error).toMatchObject({ code: 'timed-out' });
    expect(ms).toBeLessThan(1300);
  });

  it('black hole: accepts and never answers', async () => {
    const server = await tcp(() => undefined);
    const { error, ms } = await rig({ baseUrl: server.baseUrl, limits: { timeoutMs: 200 } }).failure();
    expect(error).toMatchObject({ code: 'timed-out', category: 'TRANSIENT_NETWORK', action: 'RETRY' });
    expect(ms).toBeLessThan(1200);
  });

  it('redirect loop: the first redirect is an error that names its status', async () => {
    const server = await http((request, response) => void response.writeHead(302, { location: request.url }).end());
    const { error } = await rig({ baseUrl: server.baseUrl, limits: { retries: 4 } }).failure();
    expect(error).toMatchObject({ code: 'redirected', status: 302 });
    expect((error as Error).message).toContain('302');
    expect(server.seen).toHaveLength(1);
  });

  it('endless headers: cut', async () => {
    const server = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      for (let count = 0; count < 2000; count += 1) socket.write(`X-${count}: ${'a'.repeat(100)}\r\n`);
    });
    expect((await rig({ baseUrl: server.baseUrl }).failure()).error).toMatchObject({
      code: 'not-json',
      category: 'SCHEMA',
    });
  });
});

describe('half an answer', () => {
  it('cut in the body: tried again, never read as data', async () => {
    const server = await tcp((socket) => {
      socket.once('data', () => {
        socket.write(`${HEAD}Content-Length: 1000\r\n\r\n{"items":[1,2`);
        setImmediate(() => socket.destroy());
      });
    });
    expect((await rig({ baseUrl: server.baseUrl }).failure()).error).toMatchObject({
      code: 'connection-cut',
      category: 'TRANSIENT_NETWORK',
      mayHaveArrived: true,
    });
  });

  it('half-open: reset before a byte came', async () => {
    const server = await tcp((socket) => void socket.once('data', () => socket.resetAndDestroy()));
    expect((await rig({ baseUrl: server.baseUrl }).failure()).error).toMatchObject({
      code: 'connection-cut',
      mayHaveArrived: true,
    });
  });

  it('JSON that is cut off although the transfer was whole', async () => {
    const server = await http(
      (_, response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[{"name":"canary'),
    );
    const calls = rig({ baseUrl: server.baseUrl });
    const { error } = await calls.failure();
    expect(error).toMatchObject({ code: 'not-json', category: 'SCHEMA' });
    expect(`${(error as Error).message}${calls.lines.join('')}`).not.toContain('canary');
  });

  it('a broken gzip stream', async () => {
    const server = await http((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(Buffer.from('this is not gzip'));
    });
    expect((await rig({ baseUrl: server.baseUrl }).failure()).error).toMatchObject({
      code: 'not-json',
      category: 'SCHEMA',
    });
  });
});

describe('an answer that is not JSON', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['text/html', '<html>login</html>', /expected JSON, got text\/html/],
    ['text/plain', '<!doctype html><p>blocked', /web page/],
    ['application/json', 'random words', /garbled/],
    ['application/json', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), /UTF-8/],
  ])('%s', async (contentType, body, saying) => {
    const server = await http((_, response) => void response.writeHead(200, { 'content-type': contentType }).end(body));
    const { error } = await rig({
      baseUrl: server.baseUrl,
      replies: [{ when: { status: 200 }, is: 'success' }],
    }).failure();
    expect(error).toMatchObject({ code: 'not-json', category: 'SCHEMA', action: 'STOP_STREAM', stage: 'decode' });
    expect((error as Error).message).toMatch(saying);
  });

  it('bytes that are not HTTP', async () => {
    const server = await tcp((socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    expect((await rig({ baseUrl: server.baseUrl }).failure()).error).toMatchObject({ code: 'not-json' });
  });

  it('is judged by its status where that is an error', async () => {
    const server = await http(
      (_, response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>'),
    );
    expect((await rig({ baseUrl: server.baseUrl }).failure()).error).toMatchObject({
      code: 'unavailable',
      status: 502,
    });
  });
});

describe('an address', () => {
  it('on which nothing listens: provably not sent', async () => {
    const { error } = await rig({ baseUrl: await unusedUrl() }).failure();
    expect(error).toMatchObject({ code: 'connection-refused', category: 'TRANSIENT_NETWORK', mayHaveArrived: false });
  });

  it('that a name resolves to is checked when connecting, every one of them', async () => {
    const server = await http((_, response) => sendJson(response, {}));
    const port = new URL(server.baseUrl).port;
    const policy = {
      allow: [
        { host: 'mixed.example.com', http: true },
        { host: 'inside.example.com', http: true, addresses: ['127.0.0.0/8'] },
      ],
    };
    const door = egress(
      (_, done) =>
        done(null, [
          { address: '93.184.216.34', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ]),
      policy,
    );
    expect(await refusal(door.send(outgoing(`http://mixed.example.com:${port}/`)))).toMatchObject({
      code: 'address-refused',
      category: 'POLICY_VIOLATION',
      mayHaveArrived: false,
    });
    expect(server.seen).toHaveLength(0);
    const allowed = egress((_, done) => done(null, [{ address: '127.0.0.1', family: 4 }]), policy);
    expect((await allowed.send(outgoing(`http://inside.example.com:${port}/`))).status).toBe(200);
    expect(server.seen[0]?.headers.host).toBe(`inside.example.com:${port}`);
  });

  it('is asked for once: a name that changes its mind cannot move an open connection', async () => {
    const server = await http((_, response) => sendJson(response, {}));
    let asked = 0;
    const door = egress(
      (_, done) => {
        asked += 1;
        done(null, [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]);
      },
      { allow: [{ host: 'rebind.example.com', http: true, addresses: ['127.0.0.0/8'] }] },
    );
    const url = `http://rebind.example.com:${new URL(server.baseUrl).port}/`;
    expect((await door.send(outgoing(url))).status).toBe(200);
    expect((await door.send(outgoing(url))).status).toBe(200);
    expect(asked).toBe(1);
  });

  it('that cannot be reached in time: provably not sent', async () => {
    const door = egress(() => undefined);
    expect(await refusal(door.send(outgoing('https://nowhere.example.com/', { timeoutMs: 50 })))).toMatchObject({
      code: 'connect-timed-out',
      category: 'TRANSIENT_NETWORK',
      mayHaveArrived: false,
    });
  });

  it('that is not found', async () => {
    const door = egress((_, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []));
    expect(await refusal(door.send(outgoing('https://nowhere.example.com/')))).toMatchObject({
      code: 'host-not-found',
      mayHaveArrived: false,
    });
  });

  it('without https or permission is never resolved', async () => {
    let asked = 0;
    const door = egress((_, done) => {
      asked += 1;
      done(null, []);
    });
    expect(await refusal(door.send(outgoing('http://hr.example.com/')))).toMatchObject({ code: 'host-refused' });
    expect(await refusal(door.send(outgoing('not a url')))).toMatchObject({ code: 'host-refused' });
    expect(asked).toBe(0);
  });
});

it('speaks TLS only to certificates it trusts', async () => {
  const server = await tcp((socket) => void socket.end('plain text'));
  const error = await refusal(egress().send(outgoing(server.baseUrl.replace('http:', 'https:'))));
  expect(error).toMatchObject({ mayHaveArrived: false });
  expect(['CONFIG', 'TRANSIENT_NETWORK']).toContain(error.category);
});

it('takes no proxy from the environment', async () => {
  const proxied = await http((_, response) => sendJson(response, { from: 'proxy' }));
  const server = await http((_, response) => sendJson(response, { from: 'server' }));
  const before = { ...process.env };
  Object.assign(process.env, { http_proxy: proxied.baseUrl, HTTP_PROXY: proxied.baseUrl, no_proxy: '', NO_PROXY: '' });
  try {
    expect((await rig({ baseUrl: server.baseUrl }).get()).body).toEqual({ from: 'server' });
  } finally {
    process.env = before;
  }
});

it('ends a call at once when its caller leaves', async () => {
  const server = await tcp(() => undefined);
  const stop = new AbortController();
  const reply = refusal(egress().send(outgoing(server.baseUrl, { timeoutMs: 60_000, signal: stop.signal })));
  setImmediate(() => stop.abort());
  expect(await reply).toMatchObject({ code: 'cancelled', category: 'INTERNAL' });
});

it('sends the body byte for byte', async () => {
  const server = await http((_, response) => sendJson(response, {}));
  const body = '{"b":1, "a":"张三",\n"n":1.50}';
  await egress().send(
    outgoing(server.baseUrl, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }),
  );
  expect(server.seen[0]).toMatchObject({ method: 'POST', body });
  expect(server.seen[0]?.headers['content-length']).toBe(String(Buffer.byteLength(body)));
});
