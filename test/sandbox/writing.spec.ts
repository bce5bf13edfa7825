/** Facts about writing to the four sandbox systems: what is accepted per item, and what the report makes of it. */
import { orderNo, personNo } from '../../src/sandbox/ids.js';
import type { WriteObject } from '../../src/sandbox/ledger.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import {
  agency,
  attendance,
  bureau,
  control,
  expectedWrites,
  payroll,
  report,
  rowsIn,
  send,
  tokensOf,
  type Row,
  type Tokens,
} from './clients.js';

const EMPLOYEES = 400;
const LI_STATUS: WriteObject = { system: 'payroll', kind: 'status', index: 0 };
let sandbox: Sandbox;
let tokens: Tokens;

beforeAll(async () => {
  sandbox = await startSandbox({ employees: EMPLOYEES, seed: 1, profile: 'demo' });
  tokens = await tokensOf(sandbox);
});
beforeEach(async () => {
  await control(sandbox, 'reset', {});
});
afterAll(async () => sandbox.stop());

async function firstIndexOf(planted: string): Promise<number> {
  const [first] = rowsIn(await control(sandbox, `truth?planted=${planted}&limit=1`), 'employees');
  if (first === undefined) throw new Error(`Nobody is ${planted}.`);
  return Number(first['index']);
}

describe('the report', () => {
  it('says before any write that everything is missing', async () => {
    const found = await report(sandbox);
    expect(found.expected).toBeGreaterThan(30);
    expect(found).toMatchObject({ ok: 0, missing: found.expected, wrong: 0, extra: 0, duplicated: 0 });
  });

  it('says after exactly the expected writes that everything is right', async () => {
    const before = await report(sandbox);
    for (const { object, value } of await expectedWrites(sandbox)) await send(sandbox, tokens, object, value);
    const after = await report(sandbox);
    expect(after).toMatchObject({
      expected: before.expected,
      ok: before.expected,
      missing: 0,
      wrong: 0,
      extra: 0,
      duplicated: 0,
      samples: [],
    });
    expect(await expectedWrites(sandbox)).toEqual([]);
    for (const system of ['bureau', 'payroll', 'attendance', 'agency'] as const)
      expect(after.bySystem[system].ok).toBeGreaterThan(0);
  }, 30_000);

  it('counts a right value sent twice as duplicated', async () => {
    await send(sandbox, tokens, LI_STATUS, 'gap');
    await send(sandbox, tokens, LI_STATUS, 'gap');
    expect(await report(sandbox)).toMatchObject({ ok: 1, duplicated: 1, extra: 0, wrong: 0 });
  });

  it('counts a value nobody expected as wrong, also after it was mended', async () => {
    await send(sandbox, tokens, LI_STATUS, 'stopped');
    expect(await report(sandbox)).toMatchObject({ ok: 0, wrong: 1 });
    await send(sandbox, tokens, LI_STATUS, 'gap');
    expect(await report(sandbox)).toMatchObject({ ok: 1, wrong: 1, extra: 0 });
  });

  it('counts a write where none was expected as extra, even with the value that is there already', async () => {
    const steady = await firstIndexOf('none');
    await send(sandbox, tokens, { system: 'payroll', kind: 'status', index: steady }, 'insured');
    expect(await report(sandbox)).toMatchObject({ extra: 1, wrong: 0 });
  });

  it.each(['twin', 'invalid-number'])('expects nothing of %s and counts any write as extra', async (planted) => {
    const index = await firstIndexOf(planted);
    expect(rowsIn(await control(sandbox, `truth?index=${index}`), 'expected')).toEqual([]);
    await send(sandbox, tokens, { system: 'attendance', kind: 'status', index }, 'gap');
    expect(await report(sandbox)).toMatchObject({ extra: 1 });
  });

  it('does not hold a repetition against the sender whose first reply was lost', async () => {
    await control(sandbox, 'faults', { system: 'payroll', fault: 'lostReply', calls: 1 });
    await expect(send(sandbox, tokens, LI_STATUS, 'gap')).rejects.toThrow();
    await send(sandbox, tokens, LI_STATUS, 'gap');
    expect(await report(sandbox)).toMatchObject({ ok: 1, duplicated: 0, resent: 1 });
  });

  it('expects the write again when the world changes back', async () => {
    await send(sandbox, tokens, LI_STATUS, 'gap');
    for (const insurance of ['pension', 'medical', 'unemployment'])
      await control(sandbox, 'change', { index: 0, posting: { month: '2023-01', insurance } });
    expect((await control(sandbox, 'truth?index=0'))['status']).toBe('insured');
    const writes = rowsIn(await control(sandbox, 'truth?index=0'), 'expected');
    expect(writes).toContainEqual({ object: LI_STATUS, value: 'insured' });
    await send(sandbox, tokens, LI_STATUS, 'insured');
    expect(await report(sandbox)).toMatchObject({ wrong: 0, duplicated: 0, extra: 0 });
  });
});

describe('per item', () => {
  it('the bureau honours the reference: repeated it is a duplicate, reused it is rejected, without a second effect', async () => {
    const index = await firstIndexOf('base-low');
    const declare = async (declaration: Row): Promise<unknown> =>
      rowsIn(
        (await bureau(sandbox, '/v1/declarations', tokens.bureau, { declarations: [declaration] })).body,
        'results',
      )[0];
    const write = (await expectedWrites(sandbox)).find(
      ({ object }) => object.index === index && object.kind === 'declaration',
    );
    const base = (Number(write?.value) / 100).toFixed(2);
    const declaration = { ref: 'key-1', personNo: personNo(index), aae140: '110', base, effectiveMonth: '202303' };
    expect(await declare(declaration)).toMatchObject({ ref: 'key-1', result: 'accepted' });
    expect(await declare(declaration)).toMatchObject({ ref: 'key-1', result: 'duplicate' });
    expect(await declare({ ...declaration, base: '15000.00' })).toMatchObject({
      result: 'rejected',
      code: 'REF_REUSED',
    });
    expect(await report(sandbox)).toMatchObject({ ok: 1, duplicated: 0, wrong: 0 });
    const { body } = await bureau(sandbox, `/v1/insured-persons?personNos=${personNo(index)}`, tokens.bureau);
    expect(rowsIn(body, 'items')[0]).toMatchObject({ declaredBases: { '110': base } });
  });

  it('the bureau rejects strangers, bases out of range, odd months and odd money, and takes the rest of the batch', async () => {
    const good = { personNo: personNo(1), aae140: '110', base: '10000.00', effectiveMonth: '202303' };
    const declarations = [
      { ...good, ref: 'a', personNo: '3999999999' },
      { ...good, ref: 'b', base: '1.00' },
      { ...good, ref: 'c', effectiveMonth: '202213' },
      { ...good, ref: 'd', base: '1e5' },
      { ...good, ref: 'e', aae140: '999' },
      { ...good, ref: 'f' },
    ];
    const results = rowsIn(
      (await bureau(sandbox, '/v1/declarations', tokens.bureau, { declarations })).body,
      'results',
    );
    expect(results.map((result) => result['code'] ?? result['result'])).toEqual([
      'UNKNOWN_PERSON',
      'BASE_OUT_OF_RANGE',
      'BAD_MONTH',
      'BAD_BASE',
      'UNKNOWN_INSURANCE',
      'accepted',
    ]);
  });

  it('payroll says which item it took', async () => {
    const items = [
      { empNo: 'E999999', socialStatus: '正常' },
      { empNo: 'E000001', socialStatus: '哦' },
      { empNo: 'E000001', socialStatus: '断缴' },
    ];
    const { body } = await payroll(sandbox, '/api/v2/employees/social-status', { items });
    expect(rowsIn(body, 'data', 'results').map((result) => result['ok'])).toEqual([false, false, true]);
    const many = Array.from({ length: 201 }, () => items[2]);
    expect((await payroll(sandbox, '/api/v2/employees/social-status', { items: many })).body['code']).toBe(40002);
  });

  it('attendance names only what failed', async () => {
    const fields = [{ code: 'ssStatus', value: '2' }];
    const { body } = await attendance(sandbox, '/topapi/roster/update', tokens.attendance, {
      list: [
        { userid: 'u-0', fields },
        { userid: 'u-zzzz', fields },
      ],
    });
    expect(rowsIn(body, 'result', 'failed')).toEqual([{ userid: 'u-zzzz', errcode: 60121, errmsg: 'no such user' }]);
  });

  it('the agency answers each order by its number', async () => {
    const index = await firstIndexOf('finished-order');
    const items = [
      { orderNo: orderNo(index, 1), status: '办结' },
      { orderNo: 'BJ1-1', status: '办结' },
    ];
    const { body } = await agency(sandbox, '/open/v1/orders/status', { items });
    expect(rowsIn(body, 'results').map((result) => result['code'])).toEqual(['OK', 'NO_SUCH_ORDER']);
    expect(await report(sandbox)).toMatchObject({ ok: 1, extra: 0 });
  });
});

it('keeps a history of every accepted write with its verdict', async () => {
  await send(sandbox, tokens, LI_STATUS, 'gap');
  await send(sandbox, tokens, { system: 'agency', kind: 'status', index: 0 }, 'stopped');
  const history = await control(sandbox, 'history?limit=10');
  expect(rowsIn(history, 'entries').map(({ object, value, verdict }) => [object, value, verdict])).toEqual([
    ['payroll/status/0', 'gap', 'expected'],
    ['agency/status/0', 'stopped', 'extra'],
  ]);
  expect(await control(sandbox, 'history?system=agency')).toMatchObject({ total: 1 });
});

it('changes wages, shown statuses and orders on demand, and refuses nonsense', async () => {
  expect(await control(sandbox, 'change', { index: 0, system: 'agency', status: 'insured' })).toEqual({ ok: true });
  expect(rowsIn(await control(sandbox, 'truth?index=0'), 'expected')).toContainEqual({
    object: { system: 'agency', kind: 'status', index: 0 },
    value: 'gap',
  });
  for (const body of [
    { index: 0, wageMonth: '2023-02', gross: 1 },
    { index: -1 },
    { index: 0, order: 9, state: '办结' },
    { index: 0, posting: { month: '2023-04', insurance: 'pension' } },
  ]) {
    expect(await control(sandbox, 'change', body)).toHaveProperty('error');
  }
});
