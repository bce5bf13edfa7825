/** Facts about writes: what one request says of each item, and what a failed request leaves open. */
import type { WriteItem, WriteKind, WriteOutcome } from '../../src/connectors/port.js';
import { connectTo, system, type ManifestParts } from './manifest-rig.js';
import { sendJson, serveTcp, type Answer } from './wire-server.js';

const codes = '{ status: { 正常: insured, 断缴: gap } }';

function item(owner: string, values: WriteItem['values'] = { status: 'insured' }): WriteItem {
  return { operationId: `op-${owner}`, idempotencyKey: `key-${owner}`, ownerKey: owner, values };
}

const STATUS: ManifestParts = {
  codes,
  writes: `  status:
    class: { type: overwrite }
    batch: 3
    request: { put: /status, json: { items: '\${items}' } }
    item: { id: '\${owner}', word: '\${status|code:status}' }
    results: { rows: results, key: id, matches: owner, ok: { path: ok, in: [true] }, code: code, message: reason }`,
};

async function send(
  answer: Answer,
  parts: ManifestParts,
  { kind = 'status', items }: { readonly kind?: WriteKind; readonly items: readonly WriteItem[] },
): Promise<{
  readonly outcomes: readonly WriteOutcome[];
  readonly bodies: readonly string[];
  readonly headers: readonly Record<string, unknown>[];
}> {
  const server = await system(answer);
  const outcomes = await connectTo(server, parts).write({ kind, items, signal: new AbortController().signal });
  return {
    outcomes,
    bodies: server.seen.map((request) => request.body),
    headers: server.seen.map((request) => request.headers),
  };
}

describe('per-item results', () => {
  it('some accepted, some refused, some not mentioned', async () => {
    const { outcomes, bodies } = await send(
      (_, response) =>
        sendJson(response, {
          results: [
            { id: 'b', ok: false, code: 'LOCKED', reason: '已封账\u0007\r\n11010519491231002X' },
            { id: 'a', ok: true },
          ],
        }),
      STATUS,
      { items: [item('a'), item('b', { status: 'gap' }), item('c')] },
    );
    expect(JSON.parse(bodies[0] ?? '')).toEqual({
      items: [
        { id: 'a', word: '正常' },
        { id: 'b', word: '断缴' },
        { id: 'c', word: '正常' },
      ],
    });
    expect(outcomes).toEqual([
      { operationId: 'op-a', outcome: 'accepted', remoteRef: null },
      { operationId: 'op-b', outcome: 'rejected', code: 'LOCKED', message: '已封账 1101**********002X' },
      { operationId: 'op-c', outcome: 'unknown', code: 'not-listed' },
    ]);
  });

  it('a system that names only what failed: the rest was done', async () => {
    const parts = { ...STATUS, writes: STATUS.writes?.replace('ok: { path: ok, in: [true] }', 'unlisted: ok') ?? '' };
    const { outcomes } = await send((_, response) => sendJson(response, { results: [{ id: 'b', code: 7 }] }), parts, {
      items: [item('a'), item('b')],
    });
    expect(outcomes.map((outcome) => outcome.outcome)).toEqual(['accepted', 'rejected']);
  });

  it('HTTP 200 without results leaves every item open', async () => {
    const { outcomes } = await send((_, response) => sendJson(response, { done: true }), STATUS, {
      items: [item('a')],
    });
    expect(outcomes).toEqual([{ operationId: 'op-a', outcome: 'unknown', code: 'results-missing' }]);
  });

  it('a value without a code is refused alone, the others are sent', async () => {
    const { outcomes, bodies } = await send(
      (_, response) => sendJson(response, { results: [{ id: 'a', ok: true }] }),
      STATUS,
      { items: [item('a'), item('b', { status: 'stopped' })] },
    );
    expect(outcomes.map((outcome) => outcome.outcome)).toEqual(['accepted', 'rejected']);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ items: [{ id: 'a', word: '正常' }] });
  });
});

describe('a request that failed as a whole', () => {
  it('HTTP 200 {"result": false} is a refusal of every item', async () => {
    const { outcomes } = await send(
      (_, response) => sendJson(response, { result: false }),
      { ...STATUS, replies: '[{ when: { path: result, in: [false] }, is: rejected }]' },
      { items: [item('a'), item('b')] },
    );
    expect(outcomes).toMatchObject([
      { outcome: 'rejected', code: 'rejected' },
      { outcome: 'rejected', code: 'rejected' },
    ]);
  });

  it('throttled: nothing was done, try again later', async () => {
    const { outcomes } = await send(
      (_, response) => sendJson(response, {}, { status: 429, headers: { 'retry-after': '120' } }),
      {
        ...STATUS,
        replies: '[{ when: { status: 429 }, is: throttled, wait: { header: Retry-After, unit: seconds } }]',
      },
      { items: [item('a')] },
    );
    expect(outcomes).toEqual([{ operationId: 'op-a', outcome: 'retry', code: 'throttled', waitMs: 120_000 }]);
  });

  it('a 500 may or may not have been carried out', async () => {
    const { outcomes } = await send((_, response) => sendJson(response, {}, { status: 500 }), STATUS, {
      items: [item('a')],
    });
    expect(outcomes).toMatchObject([{ outcome: 'unknown' }]);
  });

  it('a connection cut after the request was sent leaves every item unknown', async () => {
    const server = await serveTcp((socket) => socket.once('data', () => socket.destroy()));
    const outcomes = await connectTo(server, STATUS).write({
      kind: 'status',
      items: [item('a'), item('b')],
      signal: new AbortController().signal,
    });
    await server.close();
    expect(outcomes.map((outcome) => outcome.outcome)).toEqual(['unknown', 'unknown']);
  });

  it('nobody listening: nothing was sent, try again', async () => {
    const server = await serveTcp(() => undefined);
    await server.close();
    const outcomes = await connectTo(server, STATUS).write({
      kind: 'status',
      items: [item('a')],
      signal: new AbortController().signal,
    });
    expect(outcomes).toMatchObject([{ outcome: 'retry' }]);
  });

  it('a validation error answered as 500 is a refusal where the manifest knows its body', async () => {
    const { outcomes } = await send(
      (_, response) => sendJson(response, { error: { code: 'BAD_FIELD' } }, { status: 500 }),
      { ...STATUS, replies: '[{ when: { path: error.code, in: [BAD_FIELD] }, is: rejected }]' },
      { items: [item('a')] },
    );
    expect(outcomes).toMatchObject([{ outcome: 'rejected' }]);
  });
});

describe('idempotency keys', () => {
  const declaration = (request: string): ManifestParts => ({
    writes: `  declaration:
    class: { type: keyed, ttlHours: 72 }
    batch: 2
    idempotencyKey: { header: Idempotency-Key }
    request: ${request}
    item: { ref: '\${idempotencyKey}', base: '\${baseFen|yuan}', month: '\${effectiveMonth|month:yyyyMM}' }
    results: { rows: results, key: ref, matches: idempotencyKey, ok: { path: result, in: [accepted, duplicate] }, ref: no }`,
  });
  const values = { baseFen: 1_800_000, effectiveMonth: '2023-03' };

  it('stand in each item, and one for the request is the same in any order', async () => {
    const parts = declaration("{ post: /d, json: '${items}' }");
    const answer: Answer = (request, response) => {
      const sent = JSON.parse(request.body) as { ref: string }[];
      sendJson(response, { results: sent.map(({ ref }) => ({ ref, result: 'duplicate', no: `R-${ref}` })) });
    };
    const once = await send(answer, parts, { kind: 'declaration', items: [item('a', values), item('b', values)] });
    const again = await send(answer, parts, { kind: 'declaration', items: [item('b', values), item('a', values)] });
    expect(JSON.parse(once.bodies[0] ?? '')[0]).toEqual({ ref: 'key-a', base: '18000.00', month: '202303' });
    expect(once.outcomes[0]).toEqual({ operationId: 'op-a', outcome: 'accepted', remoteRef: 'R-key-a' });
    expect(once.headers[0]?.['idempotency-key']).toBe(again.headers[0]?.['idempotency-key']);
  });

  it('of a single item is its own', async () => {
    const { headers } = await send(
      (_, response) => sendJson(response, { results: [] }),
      declaration("{ post: /d, json: '${items}' }"),
      { kind: 'declaration', items: [item('a', values)] },
    );
    expect(headers[0]?.['idempotency-key']).toBe('key-a');
  });
});

describe('asking whether an operation arrived', () => {
  const queryable: ManifestParts = {
    writes: `  back-payment:
    class: { type: queryable, consistent: true, maxProcessingMs: 1000 }
    batch: 1
    request: { post: '/persons/\${owner}/back-payments', json: { key: '\${idempotencyKey}' } }
    ref: no
    query:
      request: { get: /back-payments, query: { key: '\${idempotencyKey}' } }
      rows: rows
      key: key
      matches: idempotencyKey`,
  };

  it.each([
    ['found', { rows: [{ key: 'key-a' }] }, 200],
    ['not-found', { rows: [] }, 200],
    ['not-found', {}, 404],
    ['cannot-tell', { rows: true }, 200],
    ['cannot-tell', {}, 500],
  ])('%s', async (expected, body, status) => {
    const server = await system((_, response) => sendJson(response, body, { status }));
    expect(await connectTo(server, queryable).query('back-payment', item('a'), new AbortController().signal)).toBe(
      expected,
    );
  });

  it('a single write puts its values into path and body, and keeps the reference', async () => {
    const server = await system((_, response) => sendJson(response, { no: 'B-1' }));
    const outcomes = await connectTo(server, queryable).write({
      kind: 'back-payment',
      items: [item('a/1', {})],
      signal: new AbortController().signal,
    });
    expect(server.seen[0]).toMatchObject({ url: '/persons/a%2F1/back-payments', body: '{"key":"key-a/1"}' });
    expect(outcomes).toEqual([{ operationId: 'op-a/1', outcome: 'accepted', remoteRef: 'B-1' }]);
  });
});

describe('check', () => {
  it('asks for the first page of a read', async () => {
    const server = await system((_, response) => sendJson(response, { rows: [{ id: 'a', name: 'x' }] }));
    expect(await connectTo(server, {}).check(new AbortController().signal)).toMatchObject({ ok: true });
  });

  it('tells what is wrong without throwing', async () => {
    const server = await system((_, response) => sendJson(response, { message: 'no' }, { status: 401 }));
    expect(await connectTo(server, {}).check(new AbortController().signal)).toMatchObject({
      ok: false,
      code: 'auth-rejected',
    });
  });
});
