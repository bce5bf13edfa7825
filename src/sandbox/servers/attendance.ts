/** An attendance system: token in the query, POST reads, offsets, errors inside HTTP 200, rosters as key-value fields, months as tables with a header row. */
import { SANDBOX_CREDENTIALS } from '../credentials.js';
import { indexOfUserId, userId } from '../ids.js';
import type { Ledger } from '../ledger.js';
import type { PersonStatus } from '../../domain/situation.js';
import { monthText, parseMonthNo } from '../world/calendar.js';
import { nameOf, writtenNumber } from '../world/identity.js';
import { lastJob } from '../world/life.js';
import { isInAttendance, workedIn } from '../world/worked.js';
import type { World } from '../world/world.js';
import { RowIndex, visibleEmployees } from './listing.js';
import { json, readJson, textField, type Answer, type Reply, type SandboxRequest } from './serve.js';
import { TOKEN_TTL_SECONDS, Tokens } from './tokens.js';

const ID_TYPE_CODES = {
  'resident-id': '1',
  'hmt-residence-permit': '2',
  'foreign-permanent-residence': '3',
  passport: '4',
} as const;
const STATUS_CODES: Readonly<Record<PersonStatus, string>> = {
  insured: '1',
  gap: '2',
  'back-paying': '3',
  stopped: '4',
  inconclusive: '9',
};
const STATUS_BY_CODE = new Map(Object.entries(STATUS_CODES).map(([status, code]) => [code, status as PersonStatus]));
const MAX_SIZE = 500;
const MAX_ROSTER_IDS = 100;
const MAX_MONTH_IDS = 200;
const MAX_WRITES = 100;
const MAX_DAYS = 31;
const DAY_MS = 86_400_000;

export class Attendance {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #tokens: Tokens;
  readonly #lists = new Map<boolean, RowIndex>();

  constructor(world: World, ledger: Ledger, now: () => number) {
    this.#world = world;
    this.#ledger = ledger;
    this.#tokens = new Tokens(now);
  }

  readonly answer: Answer = (request) => {
    if (request.path === '/gettoken') return this.#token(request);
    if (request.faults.has('expiredToken')) this.#tokens.expireAll();
    const state = this.#tokens.check(request.query.get('access_token') ?? '');
    if (state !== 'alive')
      return state === 'expired' ? failure(42001, 'access_token expired') : failure(40014, 'invalid access_token');
    const throttled = request.faults.get('status429');
    if (throttled) {
      const wait = throttled.retryAfter === undefined ? 1 : throttled.retryAfter;
      return json({ errcode: 90002, errmsg: 'too many requests', ...(wait === null ? {} : { wait }) });
    }
    if (request.method !== 'POST') return failure(40035, 'POST expected');
    const body = readJson(request);
    if (body === null) return failure(40035, 'body must be a JSON object');
    switch (request.path) {
      case '/topapi/roster/list':
        return this.#roster(body, request);
      case '/topapi/attendance/month':
        return this.#months(body, request);
      case '/topapi/roster/update':
        return this.#update(body, request);
      default:
        return failure(40035, 'unknown api');
    }
  };

  warm(): void {
    this.#list(true).warm();
  }

  #token(request: SandboxRequest): Reply {
    const { appKey, appSecret } = SANDBOX_CREDENTIALS.attendance;
    if (request.query.get('appkey') !== appKey || request.query.get('appsecret') !== appSecret)
      return failure(40096, 'invalid appkey or appsecret');
    return json({ errcode: 0, errmsg: 'ok', access_token: this.#tokens.issue(), expires_in: TOKEN_TTL_SECONDS });
  }

  #roster(body: Readonly<Record<string, unknown>>, request: SandboxRequest): Reply {
    const leavers = body['include_leavers'] === true;
    const until = visibleEmployees(this.#world.employees, request.faults);
    if (body['userids'] !== undefined) return this.#givenRoster(idsIn(body['userids']), until, leavers);
    const offset = wholeIn(body['offset'], 0);
    const size = wholeIn(body['size'], 100);
    if (!(offset >= 0) || !(size >= 1 && size <= MAX_SIZE))
      return failure(40035, `offset from 0, size 1 to ${MAX_SIZE}`);
    const list = this.#list(leavers);
    const total = list.total(until);
    const shownOffset = request.faults.has('repeatedPage') ? Math.max(offset - size, 0) : offset;
    const from = list.employeeAt(shownOffset);
    const end = request.faults.has('missingPage') ? from : Math.min(list.employeeAt(shownOffset + size), until);
    const rows: string[] = [];
    for (let index = from; index < end; index += 1) rows.push(...this.#rosterRow(index, leavers));
    return { status: 200, body: rosterBody(rows, offset + size < total, total), rows: rows.length };
  }

  #givenRoster(ids: readonly string[], until: number, leavers: boolean): Reply {
    if (ids.length > MAX_ROSTER_IDS) return failure(33004, `userids: at most ${MAX_ROSTER_IDS}`);
    const rows = ids.flatMap((id) => {
      const index = indexOfUserId(id);
      return index === null || index >= until ? [] : this.#rosterRow(index, leavers);
    });
    return { status: 200, body: rosterBody(rows, false, rows.length), rows: rows.length };
  }

  #list(leavers: boolean): RowIndex {
    const known = this.#lists.get(leavers);
    if (known !== undefined) return known;
    const list = new RowIndex(this.#world.employees, (index) => {
      const life = this.#world.lifeOf(index);
      return isInAttendance(life) && (leavers || lastJob(life).left === 0) ? 1 : 0;
    });
    this.#lists.set(leavers, list);
    return list;
  }

  #rosterRow(index: number, leavers: boolean): readonly string[] {
    const life = this.#world.lifeOf(index);
    if (!isInAttendance(life) || (!leavers && lastJob(life).left !== 0)) return [];
    const identity = this.#world.identityOf(life);
    const status = this.#ledger.status(life, 'attendance');
    return [
      `{"userid":"${userId(index)}","name":"${nameOf(life)}","fields":[{"code":"idNo","value":"${writtenNumber(life, identity, 'attendance')}"},` +
        `{"code":"idType","value":"${ID_TYPE_CODES[identity.type]}"},{"code":"ssStatus","value":${status === null ? 'null' : `"${STATUS_CODES[status]}"`}}]}`,
    ];
  }

  #months(body: Readonly<Record<string, unknown>>, request: SandboxRequest): Reply {
    const ids = idsIn(body['userids']);
    if (ids.length === 0 || ids.length > MAX_MONTH_IDS) return failure(33004, `userids: 1 to ${MAX_MONTH_IDS}`);
    const from = Date.parse(`${textField(body, 'from')}T00:00:00Z`);
    const to = Date.parse(`${textField(body, 'to')}T00:00:00Z`);
    if (!(to >= from)) return failure(40035, 'from and to must be days yyyy-MM-dd in order');
    if ((to - from) / DAY_MS + 1 > MAX_DAYS) return failure(33005, `at most ${MAX_DAYS} days`);
    const until = visibleEmployees(this.#world.employees, request.faults);
    const first = parseMonthNo(textField(body, 'from').slice(0, 7)) ?? 0;
    const last = parseMonthNo(textField(body, 'to').slice(0, 7)) ?? 0;
    const rows: string[] = [];
    for (const id of ids) {
      const index = indexOfUserId(id);
      if (index === null || index >= until) continue;
      for (let month = first; month <= last; month += 1) rows.push(...this.#monthRow(index, id, month));
    }
    return {
      status: 200,
      body: `{"errcode":0,"errmsg":"ok","result":{"columns":["userid","month","required","worked"],"rows":[${rows.join(',')}]}}`,
      rows: rows.length,
    };
  }

  #monthRow(index: number, id: string, month: number): readonly string[] {
    const life = this.#world.lifeOf(index);
    const worked = isInAttendance(life) ? workedIn(life, month) : null;
    if (worked === null) return [];
    return [`["${id}","${monthText(month, '-')}",${worked.requiredHundredths / 100},${worked.workedHundredths / 100}]`];
  }

  #update(body: Readonly<Record<string, unknown>>, request: SandboxRequest): Reply {
    const list = body['list'];
    if (!Array.isArray(list)) return failure(40035, 'list must be an array');
    if (list.length > MAX_WRITES) return failure(33004, `list: at most ${MAX_WRITES}`);
    const failed = list.flatMap((item: unknown) => {
      const refusal = this.#updateOne(item, request);
      return refusal === null ? [] : [{ userid: textField(item, 'userid'), ...refusal }];
    });
    return json({ errcode: 0, errmsg: 'ok', result: { failed } });
  }

  #updateOne(item: unknown, { faults }: SandboxRequest): { errcode: number; errmsg: string } | null {
    const index = indexOfUserId(textField(item, 'userid'));
    if (index === null || index >= this.#world.employees || !isInAttendance(this.#world.lifeOf(index)))
      return { errcode: 60121, errmsg: 'no such user' };
    const fields = (item as { fields?: unknown }).fields;
    const field: unknown = Array.isArray(fields)
      ? fields.find((one: unknown) => textField(one, 'code') === 'ssStatus')
      : undefined;
    const status = STATUS_BY_CODE.get(textField(field, 'value'));
    if (status === undefined) return { errcode: 40035, errmsg: 'ssStatus must be 1, 2, 3, 4 or 9' };
    this.#ledger.record({ system: 'attendance', kind: 'status', index }, status, {
      ignored: faults.has('ignoredWrite'),
      replyLost: faults.has('lostReply'),
    });
    return null;
  }
}

/** Ids as a list or as one text with commas: both are accepted. */
function idsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(',').filter((id) => id !== '');
  return Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string') : [];
}

/** A whole number, also as digits in a text; NaN otherwise. */
function wholeIn(value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : Number.NaN;
}

function rosterBody(rows: readonly string[], more: boolean, total: number): string {
  return `{"errcode":0,"errmsg":"ok","result":{"list":[${rows.join(',')}],"has_more":${more},"total":${total}}}`;
}

function failure(errcode: number, errmsg: string): Reply {
  return json({ errcode, errmsg });
}
