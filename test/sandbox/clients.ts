/** How do the tests talk to the four systems? By hand, without anything of the hub. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { SANDBOX_CREDENTIALS } from '../../src/sandbox/credentials.js';
import { empNo, memberId, orderNo, personNo, userId } from '../../src/sandbox/ids.js';
import type { WriteObject } from '../../src/sandbox/ledger.js';
import type { ExpectedWrite, Report } from '../../src/sandbox/report.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';

export type Row = Readonly<Record<string, unknown>>;

export interface Answered {
  readonly status: number;
  readonly body: Row;
}

export async function call(url: string, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
  return { status: response.status, body: (await response.json()) as Row };
}

export function rowsIn(body: unknown, ...path: readonly string[]): readonly Row[] {
  let value: unknown = body;
  for (const name of path) value = (value as Row)[name];
  return value as readonly Row[];
}

export async function bureauToken(sandbox: Sandbox): Promise<string> {
  const { clientId, clientSecret } = SANDBOX_CREDENTIALS.bureau;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  return String(
    (await call(`${sandbox.urls.bureau}/oauth2/token`, { method: 'POST', body: form })).body['access_token'],
  );
}

export async function bureau(sandbox: Sandbox, path: string, token: string, body?: unknown): Promise<Answered> {
  const headers = { Authorization: `Bearer ${token}` };
  return call(
    sandbox.urls.bureau + path,
    body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
  );
}

export async function payroll(sandbox: Sandbox, path: string, body?: unknown): Promise<Answered> {
  const headers = { 'X-Api-Key': SANDBOX_CREDENTIALS.payroll.apiKey };
  return call(
    sandbox.urls.payroll + path,
    body === undefined ? { headers } : { method: 'PUT', headers, body: JSON.stringify(body) },
  );
}

export async function attendanceToken(sandbox: Sandbox): Promise<string> {
  const { appKey, appSecret } = SANDBOX_CREDENTIALS.attendance;
  return String(
    (await call(`${sandbox.urls.attendance}/gettoken?appkey=${appKey}&appsecret=${appSecret}`)).body['access_token'],
  );
}

export async function attendance(sandbox: Sandbox, path: string, token: string, body: unknown): Promise<Answered> {
  return call(`${sandbox.urls.attendance}${path}?access_token=${token}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
}

export interface SignedParts {
  readonly secret?: string;
  readonly timestamp?: number;
  readonly nonce?: string;
}

/** `target` is path and query as sent. */
export async function agency(
  sandbox: Sandbox,
  target: string,
  body?: unknown,
  parts: SignedParts = {},
): Promise<Answered> {
  const method = body === undefined ? 'GET' : 'POST';
  const text = body === undefined ? '' : JSON.stringify(body);
  const [path = '', query = ''] = target.split('?');
  const sorted = query === '' ? '' : query.split('&').sort().join('&');
  const timestamp = String(parts.timestamp ?? Math.floor(Date.now() / 1000));
  const nonce = parts.nonce ?? randomUUID();
  const over = [method, path, sorted, timestamp, nonce, createHash('sha256').update(text).digest('hex')].join('\n');
  const signature = createHmac('sha256', parts.secret ?? SANDBOX_CREDENTIALS.agency.appSecret)
    .update(over)
    .digest('hex');
  const headers = {
    'X-App-Key': SANDBOX_CREDENTIALS.agency.appKey,
    'X-Timestamp': timestamp,
    'X-Nonce': nonce,
    'X-Signature': signature,
  };
  return call(sandbox.urls.agency + target, { method, headers, ...(body === undefined ? {} : { body: text }) });
}

export async function control(sandbox: Sandbox, path: string, body?: unknown): Promise<Row> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return (await call(`${sandbox.control}/_sandbox/${path}`, init)).body;
}

export async function report(sandbox: Sandbox): Promise<Report> {
  return (await control(sandbox, 'report')) as unknown as Report;
}

/** What is still to be written, for everybody. */
export async function expectedWrites(sandbox: Sandbox): Promise<readonly ExpectedWrite[]> {
  const employees = rowsIn(await control(sandbox, 'truth?limit=5000'), 'employees');
  return employees.flatMap((employee) => rowsIn(employee, 'expected') as unknown as readonly ExpectedWrite[]);
}

const PAYROLL_STATUS: Row = {
  insured: '正常',
  gap: '断缴',
  'back-paying': '补缴中',
  stopped: '停保',
  inconclusive: '待核实',
};
const ATTENDANCE_STATUS: Row = { insured: '1', gap: '2', 'back-paying': '3', stopped: '4', inconclusive: '9' };
const AGENCY_STATUS: Row = {
  insured: '在缴',
  gap: '断缴',
  'back-paying': '补缴中',
  stopped: '停缴',
  inconclusive: '待核实',
};
const INSURANCE_CODES = ['110', '310', '210'];

export interface Tokens {
  readonly bureau: string;
  readonly attendance: string;
}

export async function tokensOf(sandbox: Sandbox): Promise<Tokens> {
  return { bureau: await bureauToken(sandbox), attendance: await attendanceToken(sandbox) };
}

/** Sends one write over HTTP; answers the body. */
export async function send(sandbox: Sandbox, tokens: Tokens, object: WriteObject, value: string): Promise<Answered> {
  const { index } = object;
  switch (object.kind) {
    case 'status':
      if (object.system === 'payroll')
        return payroll(sandbox, '/api/v2/employees/social-status', {
          items: [{ empNo: empNo(index), socialStatus: PAYROLL_STATUS[value] }],
        });
      if (object.system === 'agency')
        return agency(sandbox, '/open/v1/members/status', {
          items: [{ memberId: memberId(index), state: AGENCY_STATUS[value] }],
        });
      return attendance(sandbox, '/topapi/roster/update', tokens.attendance, {
        list: [{ userid: userId(index), fields: [{ code: 'ssStatus', value: ATTENDANCE_STATUS[value] }] }],
      });
    case 'bases': {
      const [pension, medical, unemployment] = value.split('|').map((fen) => Number(fen) / 100);
      return payroll(sandbox, '/api/v2/employees/social-base', {
        items: [{ empNo: empNo(index), socialBase: { pension, medical, unemployment } }],
      });
    }
    case 'declaration':
      return bureau(sandbox, '/v1/declarations', tokens.bureau, {
        declarations: [
          {
            ref: randomUUID(),
            personNo: personNo(index),
            aae140: INSURANCE_CODES[object.insurance],
            base: (Number(value) / 100).toFixed(2),
            effectiveMonth: '202303',
          },
        ],
      });
    case 'order-state':
      return agency(sandbox, '/open/v1/orders/status', {
        items: [{ orderNo: orderNo(index, object.number), status: value }],
      });
  }
}
