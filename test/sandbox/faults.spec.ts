/** Facts about the sandbox's fault switches: each changes exactly what it names, for as many calls as told. */
import { gunzipSync } from 'node:zlib';
import { SANDBOX_CREDENTIALS } from '../../src/sandbox/credentials.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import {
  agency,
  attendance,
  attendanceToken,
  bureau,
  bureauToken,
  control,
  payroll,
  report,
  rowsIn,
  send,
  tokensOf,
  type Row,
} from './clients.js';

const EMPLOYEES = 300;
const EMPLOYEE_LIST = '/api/v2/employees?includeLeavers=1&pageSize=100';
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ employees: EMPLOYEES, seed: 1, profile: 'demo' });
});
beforeEach(async () => {
  await control(sandbox, 'reset', {});
});
afterAll(async () => sandbox.stop());

async function fault(order: Row): Promise<void> {
  expect(await control(sandbox, 'faults', order)).toEqual({ ok: true });
}

async function rawPayroll(init: RequestInit = {}): Promise<Response> {
  return fetch(`${sandbox.urls.payroll}${EMPLOYEE_LIST}`, {
    headers: { 'X-Api-Key': SANDBOX_CREDENTIALS.payroll.apiKey },
    redirect: 'manual',
    ...init,
  });
}

async function listedPayroll(page: number): Promise<readonly unknown[]> {
  return rowsIn((await payroll(sandbox, `${EMPLOYEE_LIST}&page=${page}`)).body, 'data', 'list').map(
    (row) => row['empNo'],
  );
}

it('throttles in the words of each system, with and without a hint how long to wait', async () => {
  await fault({ fault: 'status429', retryAfter: 7 });
  const token = await bureauToken(sandbox);
  const reply = await fetch(`${sandbox.urls.bureau}/v1/insured-persons`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect([reply.status, reply.headers.get('retry-after')]).toEqual([429, '7']);
  expect((await rawPayroll()).headers.get('retry-after')).toBe('7');
  expect((await attendance(sandbox, '/topapi/roster/list', await attendanceToken(sandbox), {})).body).toMatchObject({
    errcode: 90002,
    wait: 7,
  });
  expect((await agency(sandbox, '/open/v1/members')).status).toBe(429);
  await fault({ fault: 'status429', retryAfter: null });
  expect((await rawPayroll()).headers.get('retry-after')).toBeNull();
});

it('fails for the next calls only, on one path only, and after some calls passed', async () => {
  await fault({ system: 'payroll', fault: 'status5xx', status: 502, calls: 2, after: 1, path: '/api/v2/employees' });
  expect((await payroll(sandbox, '/api/v2/payslips?year=2022')).status).toBe(200);
  const statuses: number[] = [];
  for (let call = 0; call < 4; call += 1) statuses.push((await rawPayroll()).status);
  expect(statuses).toEqual([200, 502, 502, 200]);
});

it('shows an empty list and half a list with totals that agree with them', async () => {
  await fault({ system: 'payroll', fault: 'emptyList', calls: 1 });
  expect((await payroll(sandbox, EMPLOYEE_LIST)).body).toMatchObject({ code: 0, data: { list: [], total: 0 } });
  await fault({ system: 'bureau', fault: 'halfList', calls: 1 });
  const { body } = await bureau(sandbox, '/v1/insured-persons?limit=1000', await bureauToken(sandbox));
  // Asking for the token used up the one call; the list is whole again.
  expect(body['total']).toBeGreaterThanOrEqual(EMPLOYEES);
  await fault({ system: 'bureau', fault: 'halfList', path: '/v1/' });
  const half = (await bureau(sandbox, '/v1/insured-persons?limit=1000', await bureauToken(sandbox))).body;
  expect(rowsIn(half, 'items')).toHaveLength(Number(half['total']));
  expect(Number(half['total'])).toBeLessThan(EMPLOYEES * 0.6);
});

it('repeats a page and loses a page', async () => {
  const first = await listedPayroll(1);
  await fault({ system: 'payroll', fault: 'repeatedPage', calls: 1 });
  expect(await listedPayroll(2)).toEqual(first);
  await fault({ system: 'payroll', fault: 'missingPage', calls: 1 });
  expect(await listedPayroll(2)).toEqual([]);
  expect(await listedPayroll(2)).toHaveLength(100);
});

it('expires tokens so that asking for a new one helps', async () => {
  const [token, other] = [await bureauToken(sandbox), await attendanceToken(sandbox)];
  await fault({ system: 'bureau', fault: 'expiredToken', calls: 1 });
  await fault({ system: 'attendance', fault: 'expiredToken', calls: 1 });
  expect((await bureau(sandbox, '/v1/insured-persons', token)).body).toMatchObject({
    error: { code: 'TOKEN_EXPIRED' },
  });
  expect((await attendance(sandbox, '/topapi/roster/list', other, {})).body['errcode']).toBe(42001);
  expect((await bureau(sandbox, '/v1/insured-persons', await bureauToken(sandbox))).status).toBe(200);
});

it('applies a write and cuts the connection', async () => {
  const tokens = await tokensOf(sandbox);
  await fault({ system: 'agency', fault: 'lostReply', calls: 1 });
  await control(sandbox, 'change', { index: 0, system: 'agency', status: null });
  await expect(send(sandbox, tokens, { system: 'agency', kind: 'status', index: 0 }, 'gap')).rejects.toThrow();
  expect((await report(sandbox)).bySystem.agency).toMatchObject({ ok: 1 });
});

it('accepts a write without any effect', async () => {
  await fault({ system: 'payroll', fault: 'ignoredWrite', calls: 1 });
  await send(sandbox, await tokensOf(sandbox), { system: 'payroll', kind: 'status', index: 0 }, 'gap');
  expect(await report(sandbox)).toMatchObject({ ok: 0, wrong: 0, extra: 0 });
  await send(sandbox, await tokensOf(sandbox), { system: 'payroll', kind: 'status', index: 0 }, 'gap');
  expect(await report(sandbox)).toMatchObject({ ok: 1, duplicated: 0 });
});

it.each([
  ['htmlBanPage', 403, 'text/html; charset=utf-8'],
  ['redirect', 302, null],
  ['wrongContentType', 200, 'text/html; charset=utf-8'],
] as const)('answers %s', async (name, status, type) => {
  await fault({ system: 'payroll', fault: name, calls: 1 });
  const reply = await rawPayroll();
  expect([reply.status, reply.headers.get('content-type')]).toEqual([status, type]);
});

it('sends half a body as if it was whole', async () => {
  await fault({ system: 'payroll', fault: 'truncatedBody', calls: 1 });
  const text = await (await rawPayroll()).text();
  expect(() => JSON.parse(text) as unknown).toThrow();
});

it('sends a small body that grows to many megabytes', async () => {
  await fault({ system: 'payroll', fault: 'gzipBomb', megabytes: 32, calls: 1 });
  const { request } = await import('node:http');
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const url = `${sandbox.urls.payroll}${EMPLOYEE_LIST}`;
    request(url, (reply) =>
      reply.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks))),
    )
      .on('error', reject)
      .end();
  });
  expect(bytes.length).toBeLessThan(100_000);
  expect(gunzipSync(bytes).length).toBe(32 * 1024 * 1024);
});

it('drips one blank at a time until the client gives up', async () => {
  await fault({ system: 'payroll', fault: 'slowLoris', latencyMs: 5, calls: 1 });
  const reply = await rawPayroll();
  const reader = reply.body?.getReader();
  expect((await reader?.read())?.value?.length).toBeLessThan(20);
  await reader?.cancel();
});

it('is slow when told to be', async () => {
  await fault({ system: 'payroll', fault: 'latency', latencyMs: 80, calls: 1 });
  const before = performance.now();
  await rawPayroll();
  expect(performance.now() - before).toBeGreaterThanOrEqual(75);
});

describe('what a field holds', () => {
  it('becomes a number in the place of an identity number', async () => {
    await fault({ system: 'payroll', fault: 'idAsNumber', calls: 1 });
    expect(await (await rawPayroll()).text()).toMatch(/"certNo":\d{9,18},/);
  });

  it('becomes garbage in the place of money', async () => {
    await fault({ system: 'payroll', fault: 'garbageMoney', calls: 1 });
    const { body } = await payroll(sandbox, '/api/v2/payslips?year=2022&page=1&pageSize=5');
    expect(JSON.stringify(body)).toContain('"1,2345.6"');
  });

  it('becomes a thirteenth month', async () => {
    await fault({ system: 'bureau', fault: 'month13', path: '/v1/contributions', calls: 1, rows: 'all' });
    const { body } = await bureau(
      sandbox,
      '/v1/contributions?from=202209&to=202302&limit=50',
      await bureauToken(sandbox),
    );
    expect(new Set(rowsIn(body, 'items').map((row) => String(row['aae003']).slice(4)))).toEqual(new Set(['13']));
    await fault({ system: 'payroll', fault: 'month13', path: '/api/v2/payslips', calls: 1 });
    const payslips = rowsIn((await payroll(sandbox, '/api/v2/payslips?year=2022&pageSize=5')).body, 'data', 'list');
    expect(payslips.map((row) => (row['gross'] as unknown[]).length)).toEqual([13, 12, 12, 12, 12]);
  });
});

it('refuses a fault it does not know, lists what is on and switches off', async () => {
  expect(await control(sandbox, 'faults', { system: 'payroll', fault: 'earthquake' })).toHaveProperty('error');
  await fault({ system: 'payroll', fault: 'emptyList' });
  expect(await control(sandbox, 'faults')).toMatchObject({ payroll: [{ fault: 'emptyList' }], bureau: [] });
  await fault({ system: 'payroll', clear: true });
  expect(await listedPayroll(1)).toHaveLength(100);
});

it('counts requests, bytes and rows per system', async () => {
  const before = (await control(sandbox, 'stats')) as Record<string, { requests: number; bytes: number; rows: number }>;
  await listedPayroll(1);
  const after = (await control(sandbox, 'stats')) as typeof before;
  expect((after['payroll']?.requests ?? 0) - (before['payroll']?.requests ?? 0)).toBe(1);
  expect((after['payroll']?.rows ?? 0) - (before['payroll']?.rows ?? 0)).toBe(100);
  expect(after['payroll']?.bytes).toBeGreaterThan(before['payroll']?.bytes ?? 0);
});
