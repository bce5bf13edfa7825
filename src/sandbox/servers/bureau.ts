/** A social-insurance bureau: OAuth2 client credentials, cursor paging, national codes, decimal strings, idempotent declarations. */
import type { BackPayments } from '../back-payments.js';
import { SANDBOX_CREDENTIALS } from '../credentials.js';
import { indexOfPersonNo, personNo } from '../ids.js';
import type { Ledger } from '../ledger.js';
import { OPEN_MONTH, WINDOW_FROM, monthText, parseMonthNo, type MonthNo } from '../world/calendar.js';
import { BRANCHES, figuresOf, poolOf, type InsuranceNo } from '../world/figures.js';
import { nameOf } from '../world/identity.js';
import { lastJob } from '../world/life.js';
import { amountsOf } from '../world/postings.js';
import type { World } from '../world/world.js';
import { listApplications, takeApplications } from './applications.js';
import { cursorPage, readCursor, RowIndex, visibleEmployees, writeCursor } from './listing.js';
import { json, readJson, textField, wholeNumber, yuan, type Answer, type Reply, type SandboxRequest } from './serve.js';
import { TOKEN_TTL_SECONDS, Tokens } from './tokens.js';

const ID_TYPE_CODES = {
  'resident-id': '201',
  'hmt-residence-permit': '210',
  'foreign-permanent-residence': '233',
  passport: '227',
} as const;
const INSURANCE_CODES = ['110', '310', '210'] as const;
const MAX_PERSONS = 1000;
const MAX_CONTRIBUTIONS = 5000;
const MAX_IDS = 50;
const MAX_QUERIED = 20;
const MAX_DECLARATIONS = 200;
const MAX_MONTHS = 24;

export interface OfficeParts {
  readonly now: () => number;
  readonly backPayments: BackPayments;
}

export class Bureau {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #backPayments: BackPayments;
  readonly #tokens: Tokens;
  readonly #personRows: RowIndex;
  readonly #contributionRows = new Map<string, RowIndex>();
  /** What was declared under an idempotency key. */
  readonly #declared = new Map<string, string>();

  constructor(world: World, ledger: Ledger, { now, backPayments }: OfficeParts) {
    this.#world = world;
    this.#backPayments = backPayments;
    this.#ledger = ledger;
    this.#tokens = new Tokens(now);
    this.#personRows = new RowIndex(world.employees, (index) =>
      world.lifeOf(index).kind === 'duplicate-rows' ? 2 : 1,
    );
  }

  readonly answer: Answer = (request) => {
    if (request.path === '/oauth2/token') return this.#token(request);
    if (request.faults.has('expiredToken')) this.#tokens.expireAll();
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const state = this.#tokens.check(token);
    if (state !== 'alive')
      return failure(
        401,
        state === 'expired' ? 'TOKEN_EXPIRED' : 'UNAUTHORIZED',
        'The access token is missing or not valid.',
      );
    const throttled = request.faults.get('status429');
    if (throttled) {
      const wait = throttled.retryAfter === undefined ? 1 : throttled.retryAfter;
      return {
        ...failure(429, 'TOO_MANY_REQUESTS', 'Too many requests.'),
        ...(wait === null ? {} : { headers: { 'Retry-After': String(wait) } }),
      };
    }
    switch (`${request.method} ${request.path}`) {
      case 'GET /v1/insured-persons':
        return this.#persons(request);
      case 'POST /v1/person-query':
        return this.#query(request);
      case 'GET /v1/contributions':
        return this.#contributions(request);
      case 'GET /v1/back-payments':
        return listApplications(this.#backPayments, this.#world.employees, request);
      case 'POST /v1/back-payments':
        return takeApplications(this.#backPayments, this.#world.employees, request);
      case 'POST /v1/declarations':
        return this.#declarations(request);
      default:
        return failure(404, 'NOT_FOUND', 'No such resource.');
    }
  };

  /** Counts the rows of the lists a full read asks for, so that the first page is as fast as the last. */
  warm(): void {
    this.#personRows.warm();
    this.#rowsBetween(WINDOW_FROM, OPEN_MONTH - 1).warm();
  }

  reset(): void {
    this.#declared.clear();
  }

  #token(request: SandboxRequest): Reply {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const { clientId, clientSecret } = SANDBOX_CREDENTIALS.bureau;
    if (request.method !== 'POST' || form.get('grant_type') !== 'client_credentials') {
      return json({ error: 'unsupported_grant_type', error_description: 'Use client_credentials.' }, 400);
    }
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) {
      return json({ error: 'invalid_client', error_description: 'Unknown client.' }, 401);
    }
    return json({ access_token: this.#tokens.issue(), token_type: 'Bearer', expires_in: TOKEN_TTL_SECONDS });
  }

  #persons(request: SandboxRequest): Reply {
    const rowsOf = (index: number): readonly string[] => this.#personRow(index);
    return this.#list(request, { maxLimit: MAX_PERSONS, rowsOf, total: (limit) => this.#personRows.total(limit) });
  }

  /** By identity number, for employers who have just hired somebody. Looks through everybody: only small worlds are asked so. */
  #query(request: SandboxRequest): Reply {
    const wanted: unknown = readJson(request)?.['idNumbers'];
    if (!Array.isArray(wanted) || wanted.length > MAX_QUERIED)
      return failure(400, 'BAD_BODY', `idNumbers must be a list of up to ${MAX_QUERIED}.`);
    const until = visibleEmployees(this.#world.employees, request.faults);
    const rows: string[] = [];
    for (let index = 0; index < until; index += 1)
      if (wanted.includes(this.#world.identityOf(this.#world.lifeOf(index)).number))
        rows.push(...this.#personRow(index));
    const body = `{"items":[${rows.join(',')}],"nextCursor":null,"total":${rows.length}}`;
    return { status: 200, body, rows: rows.length };
  }

  #contributions(request: SandboxRequest): Reply {
    const from = parseMonthNo(request.query.get('from') ?? '');
    const to = parseMonthNo(request.query.get('to') ?? '');
    if (from === null || to === null || to < from)
      return failure(400, 'BAD_MONTHS', 'from and to must be months yyyyMM in order.');
    if (to - from >= MAX_MONTHS) return failure(400, 'SPAN_TOO_LONG', `At most ${MAX_MONTHS} months at once.`);
    const rowsOf = (index: number): readonly string[] => this.#contributionRowsOf(index, from, to);
    const total = (limit: number): number => {
      let rows = this.#rowsBetween(from, to).total(limit);
      for (const late of this.#world.latePostings(limit)) if (late.month >= from && late.month <= to) rows += 1;
      return rows;
    };
    return this.#list(request, { maxLimit: MAX_CONTRIBUTIONS, rowsOf, total });
  }

  #list(
    request: SandboxRequest,
    list: { maxLimit: number; rowsOf: (index: number) => readonly string[]; total: (limit: number) => number },
  ): Reply {
    const until = visibleEmployees(this.#world.employees, request.faults);
    const wanted = request.query.get('personNos');
    if (wanted !== null && wanted !== '') return this.#given(wanted.split(','), until, list.rowsOf);
    const limit = wholeNumber(request.query.get('limit'), list.maxLimit);
    if (!(limit >= 1 && limit <= list.maxLimit))
      return failure(400, 'BAD_LIMIT', `limit must be 1 to ${list.maxLimit}.`);
    const place = readCursor(request.query.get('cursor') ?? '');
    if (place === null) return failure(400, 'BAD_CURSOR', 'This cursor is not known.');
    const page = cursorPage({ place, until, limit, rowsOf: list.rowsOf, faults: request.faults });
    const next = page.next === null ? 'null' : `"${writeCursor(page.next)}"`;
    return {
      status: 200,
      body: `{"items":[${page.rows}],"nextCursor":${next},"total":${list.total(until)}}`,
      rows: page.rowCount,
    };
  }

  #given(wanted: readonly string[], until: number, rowsOf: (index: number) => readonly string[]): Reply {
    if (wanted.length > MAX_IDS) return failure(400, 'TOO_MANY_IDS', `At most ${MAX_IDS} personNos at once.`);
    const rows = wanted.flatMap((text) => {
      const index = indexOfPersonNo(text);
      return index === null || index >= until ? [] : rowsOf(index);
    });
    return {
      status: 200,
      body: `{"items":[${rows.join(',')}],"nextCursor":null,"total":${rows.length}}`,
      rows: rows.length,
    };
  }

  #personRow(index: number): readonly string[] {
    const life = this.#world.lifeOf(index);
    const identity = this.#world.identityOf(life);
    const [pension, medical, unemployment] = this.#ledger.declaredBases(life);
    const row =
      `{"personNo":"${personNo(index)}","idNumber":"${identity.number}","idType":"${ID_TYPE_CODES[identity.type]}","name":"${nameOf(life)}",` +
      `"declaredBases":{"110":"${yuan(pension)}","310":"${yuan(medical)}","210":"${yuan(unemployment)}"}}`;
    return life.kind === 'duplicate-rows' ? [row, row] : [row];
  }

  #contributionRowsOf(index: number, from: MonthNo, to: MonthNo): readonly string[] {
    const life = this.#world.lifeOf(index);
    const bases = this.#world.chargedBases(life);
    const owner = personNo(index);
    const rows: string[] = [];
    const postings = this.#world.postingsOf(life);
    for (let number = 0; number < postings.length; number += 1) {
      const posting = postings[number];
      if (posting === undefined || posting.month < from || posting.month > to) continue;
      const amounts = amountsOf(life, bases, posting);
      rows.push(
        `{"serial":"S${index}-${number}","personNo":"${owner}","aae003":"${monthText(posting.month, '')}","aae140":"${INSURANCE_CODES[posting.insurance]}",` +
          `"aae143":"${posting.kind}","aae114":"${posting.state}","aab001":"${posting.payer}","aaa027":"${BRANCHES[posting.job.branch].region}",` +
          `"aae180":"${yuan(amounts.baseFen)}","aae082":"${yuan(amounts.employeeFen)}","aae020":"${yuan(amounts.employerFen)}"}`,
      );
      if (number === 0 && life.kind === 'duplicate-rows') rows.push(rows[0] ?? '');
    }
    return rows;
  }

  #rowsBetween(from: MonthNo, to: MonthNo): RowIndex {
    const key = `${from}.${to}`;
    const known = this.#contributionRows.get(key);
    if (known !== undefined) return known;
    const rows = new RowIndex(this.#world.employees, (index) => this.#countContributions(index, from, to));
    this.#contributionRows.set(key, rows);
    return rows;
  }

  /** Without late postings: those are added to the totals apart. */
  #countContributions(index: number, from: MonthNo, to: MonthNo): number {
    const life = this.#world.lifeOf(index);
    const late = this.#world.lateOf(life).length;
    const postings = this.#world.postingsOf(life);
    let count = 0;
    for (let number = 0; number < postings.length - late; number += 1) {
      const month = postings[number]?.month ?? 0;
      if (month < from || month > to) continue;
      count += number === 0 && life.kind === 'duplicate-rows' ? 2 : 1;
    }
    return count;
  }

  #declarations(request: SandboxRequest): Reply {
    const declarations = readJson(request)?.['declarations'];
    if (!Array.isArray(declarations)) return failure(400, 'BAD_BODY', 'declarations must be a list.');
    if (declarations.length > MAX_DECLARATIONS)
      return failure(400, 'TOO_MANY', `At most ${MAX_DECLARATIONS} declarations at once.`);
    const results = declarations.map((declaration: unknown) => this.#declare(declaration, request));
    return json({ results });
  }

  #declare(declaration: unknown, { faults }: SandboxRequest): Readonly<Record<string, string | null>> {
    const ref = textField(declaration, 'ref');
    const reject = (code: string, message: string): Readonly<Record<string, string | null>> => ({
      ref,
      result: 'rejected',
      code,
      message,
    });
    if (ref === '' || ref.length > 200) return reject('BAD_REF', 'ref must be a text of 1 to 200 characters.');
    const content = ['personNo', 'aae140', 'base', 'effectiveMonth']
      .map((name) => textField(declaration, name))
      .join('|');
    const before = this.#declared.get(ref);
    if (before === content) return { ref, result: 'duplicate', code: null, message: null };
    if (before !== undefined) return reject('REF_REUSED', 'This ref was used for another declaration.');
    const index = indexOfPersonNo(textField(declaration, 'personNo'));
    if (index === null || index >= this.#world.employees) return reject('UNKNOWN_PERSON', 'No such insured person.');
    const insurance = (INSURANCE_CODES as readonly string[]).indexOf(textField(declaration, 'aae140'));
    if (insurance < 0) return reject('UNKNOWN_INSURANCE', 'aae140 must be 110, 310 or 210.');
    const month = parseMonthNo(textField(declaration, 'effectiveMonth'));
    if (month === null || month < OPEN_MONTH || month > OPEN_MONTH + 1)
      return reject('BAD_MONTH', `effectiveMonth must be ${monthText(OPEN_MONTH, '')} or the next.`);
    const base = /^(\d{1,7})\.(\d{2})$/.exec(textField(declaration, 'base'));
    if (!base) return reject('BAD_BASE', 'base must be yuan with two decimals.');
    return this.#accept(
      { ref, content, index, insurance: insurance as InsuranceNo, baseFen: Number(`${base[1]}${base[2]}`) },
      faults,
    );
  }

  #accept(
    declared: { ref: string; content: string; index: number; insurance: InsuranceNo; baseFen: number },
    faults: SandboxRequest['faults'],
  ): Readonly<Record<string, string | null>> {
    const { ref, content, index, insurance, baseFen } = declared;
    const life = this.#world.lifeOf(index);
    const { floorFen, capFen } = figuresOf(poolOf(lastJob(life).branch, life.hukou), insurance, OPEN_MONTH);
    if (baseFen < floorFen || baseFen > capFen) {
      return {
        ref,
        result: 'rejected',
        code: 'BASE_OUT_OF_RANGE',
        message: `The base must lie between ${yuan(floorFen)} and ${yuan(capFen)}.`,
      };
    }
    const ignored = faults.has('ignoredWrite');
    if (!ignored) this.#declared.set(ref, content);
    this.#ledger.record({ system: 'bureau', kind: 'declaration', index, insurance }, String(baseFen), {
      ignored,
      replyLost: faults.has('lostReply'),
    });
    return { ref, result: 'accepted', code: null, message: null };
  }
}

function failure(status: number, code: string, message: string): Reply {
  return json({ error: { code, message } }, status);
}
