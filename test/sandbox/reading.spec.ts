/** Facts about reading the four sandbox systems: who is let in, how lists are paged, and that what is served proves the truth. */
import { parseIdentityNumber, type IdType } from '../../src/domain/identity-number.js';
import { SANDBOX_CREDENTIALS } from '../../src/sandbox/credentials.js';
import {
  indexOfEmpNo,
  indexOfMemberId,
  indexOfPersonNo,
  indexOfUserId,
  empNo,
  memberId,
  personNo,
  userId,
} from '../../src/sandbox/ids.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import {
  agency,
  attendance,
  attendanceToken,
  bureau,
  bureauToken,
  call,
  control,
  payroll,
  rowsIn,
  type Row,
} from './clients.js';

const EMPLOYEES = 1200;
const CLOSED_MONTHS = ['202209', '202210', '202211', '202212', '202301', '202302'];
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ employees: EMPLOYEES, seed: 1, profile: 'demo' });
});
afterAll(async () => sandbox.stop());

async function readCursor(path: string): Promise<{ rows: Row[]; total: number; pages: number }> {
  const token = await bureauToken(sandbox);
  const rows: Row[] = [];
  let cursor: string | null = '';
  let total = 0;
  let pages = 0;
  while (cursor !== null) {
    const { body } = await bureau(sandbox, `${path}${cursor === '' ? '' : `&cursor=${cursor}`}`, token);
    rows.push(...rowsIn(body, 'items'));
    total = Number(body['total']);
    cursor = body['nextCursor'] as string | null;
    pages += 1;
  }
  return { rows, total, pages };
}

async function readPages(path: string): Promise<{ rows: Row[]; total: number }> {
  const rows: Row[] = [];
  for (let page = 1; ; page += 1) {
    const { body } = await payroll(sandbox, `${path}&page=${page}`);
    const data = body['data'] as Row;
    rows.push(...rowsIn(data, 'list'));
    if (page >= Number(data['pages'])) return { rows, total: Number(data['total']) };
  }
}

async function readLinks(path: string): Promise<{ rows: Row[]; total: number }> {
  const rows: Row[] = [];
  let next: string | null = path;
  let total = 0;
  while (next !== null) {
    const { body } = await agency(sandbox, next);
    rows.push(...rowsIn(body, 'data'));
    total = Number(body['total']);
    next = (body['links'] as { next: string | null }).next;
  }
  return { rows, total };
}

describe('the bureau', () => {
  it('refuses a wrong client, a missing token and an unknown token with 401', async () => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: SANDBOX_CREDENTIALS.bureau.clientId,
      client_secret: 'no',
    });
    expect((await call(`${sandbox.urls.bureau}/oauth2/token`, { method: 'POST', body: form })).status).toBe(401);
    expect((await call(`${sandbox.urls.bureau}/v1/insured-persons?limit=10`)).status).toBe(401);
    expect((await bureau(sandbox, '/v1/insured-persons?limit=10', 'forged')).status).toBe(401);
  });

  it('pages through everybody by cursor, as many rows as it declares, owners never split', async () => {
    const { rows, total, pages } = await readCursor('/v1/insured-persons?limit=97');
    expect(rows).toHaveLength(total);
    expect(pages).toBeGreaterThan(12);
    expect(new Set(rows.map((row) => row['personNo'])).size).toBe(EMPLOYEES);
  });

  it('declares the total of contributions exactly for any months', async () => {
    for (const months of ['from=202209&to=202302', 'from=202301&to=202301']) {
      const { rows, total } = await readCursor(`/v1/contributions?${months}&limit=5000`);
      expect(rows).toHaveLength(total);
    }
  });

  it('refuses too many ids, too large pages, strange cursors and months out of order', async () => {
    const token = await bureauToken(sandbox);
    const ids = Array.from({ length: 51 }, (_, index) => `3${String(index).padStart(9, '0')}`).join(',');
    for (const path of [
      `/v1/insured-persons?personNos=${ids}`,
      '/v1/insured-persons?limit=1001',
      '/v1/insured-persons?cursor=xyz',
      '/v1/contributions?from=202302&to=202301',
    ]) {
      expect((await bureau(sandbox, path, token)).status).toBe(400);
    }
  });

  it('answers for given persons alone, unknown ones left out', async () => {
    const { body } = await bureau(
      sandbox,
      '/v1/insured-persons?personNos=3000000000,3000000007,3999999999',
      await bureauToken(sandbox),
    );
    expect(rowsIn(body, 'items').map((row) => row['personNo'])).toEqual(['3000000000', '3000000007']);
  });

  it("shows Li's months paid by himself, without January", async () => {
    const { body } = await bureau(
      sandbox,
      '/v1/contributions?from=202209&to=202302&personNos=3000000000',
      await bureauToken(sandbox),
    );
    const pension = rowsIn(body, 'items').filter((row) => row['aae140'] === '110');
    expect(pension.map((row) => row['aae003'])).toEqual(['202209', '202210', '202211', '202212', '202302']);
    expect(pension[0]).toMatchObject({
      aab001: 'self',
      aaa027: '440300',
      aae180: '18000.00',
      aae082: '1440.00',
      aae020: '2520.00',
      aae143: '1',
      aae114: '1',
    });
  });
});

describe('payroll', () => {
  it('says with code 40101 that the key is missing and with 40102 that it is wrong, both with HTTP 200', async () => {
    const missing = await call(`${sandbox.urls.payroll}/api/v2/employees?page=1`);
    const wrong = await call(`${sandbox.urls.payroll}/api/v2/employees?page=1`, { headers: { 'X-Api-Key': 'no' } });
    expect([missing.status, missing.body['code'], wrong.status, wrong.body['code']]).toEqual([200, 40101, 200, 40102]);
  });

  it('pages from 1 and declares pages and total', async () => {
    const { rows, total } = await readPages('/api/v2/employees?includeLeavers=1&pageSize=250');
    expect(rows).toHaveLength(total);
    expect(total).toBe(EMPLOYEES);
    const current = await readPages('/api/v2/employees?includeLeavers=0&pageSize=1000');
    expect(current.rows).toHaveLength(current.total);
    expect(current.total).toBeLessThan(EMPLOYEES);
  });

  it.each([2021, 2022, 2023])('keeps both revisions of a payslip on one page, year %i', async (year) => {
    const { rows, total } = await readPages(`/api/v2/payslips?year=${year}&pageSize=97`);
    expect(rows).toHaveLength(total);
    const last = new Map<unknown, number>();
    rows.forEach((row, place) => {
      const before = last.get(row['empNo']);
      expect(before === undefined || before === place - 1).toBe(true);
      last.set(row['empNo'], place);
    });
    const revised = rows.filter((row) => row['revision'] === 2);
    expect(revised.length > 0).toBe(year === 2022);
  });

  it('answers an empty list for a year without wages and refuses too many numbers', async () => {
    expect((await payroll(sandbox, '/api/v2/payslips?year=2020&page=1')).body).toMatchObject({
      code: '0',
      data: { list: [], total: 0 },
    });
    const ids = Array.from({ length: 201 }, (_, index) => `E${String(index + 1).padStart(6, '0')}`).join(',');
    expect((await payroll(sandbox, `/api/v2/employees?empNos=${ids}`)).body['code']).toBe(40002);
  });

  it('writes identity numbers in several ways that all mean valid numbers, except the planted ones', async () => {
    const { rows } = await readPages('/api/v2/employees?includeLeavers=1&pageSize=1000');
    const types: Readonly<Record<string, IdType>> = {
      居民身份证: 'resident-id',
      港澳台居民居住证: 'hmt-residence-permit',
      外国人永久居留身份证: 'foreign-permanent-residence',
    };
    const invalid = rows.filter((row) => !parseIdentityNumber(row['certNo'], types[String(row['certType'])]).ok);
    expect(invalid).toHaveLength(3);
    expect(rows.some((row) => String(row['certNo']).endsWith('x'))).toBe(true);
  });
});

describe('attendance', () => {
  it('answers wrong credentials and tokens with an errcode inside HTTP 200', async () => {
    const wrong = await call(`${sandbox.urls.attendance}/gettoken?appkey=a&appsecret=b`);
    const forged = await attendance(sandbox, '/topapi/roster/list', 'forged', { offset: 0, size: 10 });
    expect([wrong.status, wrong.body['errcode'], forged.status, forged.body['errcode']]).toEqual([
      200, 40096, 200, 40014,
    ]);
  });

  it('pages by offset until there is no more, without the absent', async () => {
    const token = await attendanceToken(sandbox);
    const users: unknown[] = [];
    for (let offset = 0; ; offset += 500) {
      const { body } = await attendance(sandbox, '/topapi/roster/list', token, {
        offset,
        size: 500,
        include_leavers: true,
      });
      const result = body['result'] as Row;
      users.push(...rowsIn(result, 'list').map((row) => row['userid']));
      if (result['has_more'] === false) {
        expect(users).toHaveLength(Number(result['total']));
        break;
      }
    }
    expect(new Set(users).size).toBe(users.length);
    expect(users.length).toBeLessThan(EMPLOYEES);
  });

  it('refuses more than 31 days and more than 200 ids, and answers a month as a table', async () => {
    const token = await attendanceToken(sandbox);
    const ids = Array.from({ length: 201 }, (_, index) => userId(index));
    const ask = (userids: readonly string[], to: string): Promise<Row> =>
      attendance(sandbox, '/topapi/attendance/month', token, { userids, from: '2022-10-01', to }).then(
        ({ body }) => body,
      );
    expect((await ask(ids, '2022-10-31'))['errcode']).toBe(33004);
    expect((await ask(ids.slice(0, 2), '2022-11-01'))['errcode']).toBe(33005);
    const table = (await ask(ids.slice(0, 200), '2022-10-31'))['result'] as { columns: string[]; rows: unknown[][] };
    expect(table.columns).toEqual(['userid', 'month', 'required', 'worked']);
    expect(table.rows.every((row) => row[1] === '2022-10' && row[2] === 21)).toBe(true);
  });
});

describe('the agency', () => {
  it('refuses another secret, an old timestamp and a used nonce with 401', async () => {
    const now = Math.floor(Date.now() / 1000);
    const target = '/open/v1/members?limit=5';
    expect((await agency(sandbox, target, undefined, { secret: 'no' })).status).toBe(401);
    expect((await agency(sandbox, target, undefined, { timestamp: now - 301 })).status).toBe(401);
    expect((await agency(sandbox, target, undefined, { nonce: 'used-once-only' })).status).toBe(200);
    expect((await agency(sandbox, target, undefined, { nonce: 'used-once-only' })).status).toBe(401);
  });

  it('follows next links through members and orders, as many as declared', async () => {
    for (const target of ['/open/v1/members?limit=50', '/open/v1/orders?limit=20&since=202209']) {
      const { rows, total } = await readLinks(target);
      expect(rows).toHaveLength(total);
      expect(total).toBeGreaterThan(10);
    }
  });
});

interface ServedJob {
  readonly hireDate: string;
  readonly leaveDate: string | null;
}

/** Months in which an employment was due, and those before the first hiring, judged naively from what payroll serves. */
function owedMonths(jobs: readonly ServedJob[]): readonly string[] {
  const firstHired = (jobs[0]?.hireDate ?? '').replaceAll('/', '').slice(0, 6);
  return CLOSED_MONTHS.filter((month) => {
    const end = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(4)), 0));
    const lastDay = end.toISOString().slice(0, 10).replaceAll('-', '/');
    const due = jobs.some((job) => job.hireDate <= lastDay && (job.leaveDate === null || job.leaveDate >= lastDay));
    return due || month < firstHired;
  });
}

/** `index/insurance/month` → how often it was paid, refunds taken off. */
async function paidCells(): Promise<Map<string, number>> {
  const paid = new Map<string, number>();
  for (const row of (await readCursor('/v1/contributions?from=202209&to=202302&limit=5000')).rows) {
    if (row['aae114'] !== '1') continue;
    const key = `${indexOfPersonNo(String(row['personNo']))}/${String(row['aae140'])}/${String(row['aae003'])}`;
    paid.set(key, (paid.get(key) ?? 0) + (row['aae143'] === '18' ? -1 : 1));
  }
  return paid;
}

/** `index/month` of every live back-payment order. */
async function coveredMonths(): Promise<Set<string>> {
  const covered = new Set<string>();
  for (const row of (await readLinks('/open/v1/orders?limit=500&since=202209')).rows) {
    const live = ['待受理', '已受理', '办理中'].includes(String(row['status']));
    if (row['type'] === '补缴' && live)
      covered.add(`${indexOfMemberId(String(row['memberId']))}/${String(row['startMonth'])}`);
  }
  return covered;
}

it('serves exactly what its truth says: an independent reading of all lists finds the same status for everybody', async () => {
  const [paid, covered] = [await paidCells(), await coveredMonths()];
  const found = (await readPages('/api/v2/employees?includeLeavers=1&pageSize=1000')).rows.map((row) => {
    const index = indexOfEmpNo(String(row['empNo'])) ?? -1;
    const jobs = row['jobs'] as readonly ServedJob[];
    const isPaid = (month: string): boolean =>
      ['110', '310', '210'].every((code) => (paid.get(`${index}/${code}/${month}`) ?? 0) > 0);
    // February may still be filed on the as-of day.
    const gaps = owedMonths(jobs).filter((month) => month !== '202302' && !isPaid(month));
    if (jobs.every((job) => job.leaveDate !== null && job.leaveDate <= '2023/03/20')) return [index, 'stopped'];
    if (gaps.length === 0) return [index, 'insured'];
    return [index, gaps.every((month) => covered.has(`${index}/${month}`)) ? 'back-paying' : 'gap'];
  });
  const truth = rowsIn(await control(sandbox, 'truth?limit=5000'), 'employees');
  expect(found).toEqual(truth.map((employee) => [employee['index'], employee['status']]));
});

it('knows everybody under four numbers that can be read back', () => {
  for (const index of [0, 35, 1199, 999_999]) {
    expect([
      indexOfPersonNo(personNo(index)),
      indexOfEmpNo(empNo(index)),
      indexOfUserId(userId(index)),
      indexOfMemberId(memberId(index)),
    ]).toEqual([index, index, index, index]);
  }
});
