/** A social-insurance agency: every request signed with HMAC-SHA256, next links in the body, orders with month ranges, bills, Chinese words. */
import type { BackPayments } from '../back-payments.js';
import { SANDBOX_CREDENTIALS } from '../credentials.js';
import { indexOfMemberId, memberId, orderNo, placeOfOrderNo } from '../ids.js';
import { orderOf, type Ledger } from '../ledger.js';
import type { PersonStatus } from '../../domain/situation.js';
import { monthText, parseMonthNo, type MonthNo } from '../world/calendar.js';
import { countBills } from '../world/bills.js';
import { nameOf } from '../world/identity.js';
import { lastJob } from '../world/life.js';
import { isAtAgency, ORDER_STATES, ordersOf } from '../world/orders.js';
import type { World } from '../world/world.js';
import { countTakenOrders, takeOrder, takenOrderRows } from './agency-orders.js';
import { billRows, countTakenBills, takenBillRows } from './agency-bills.js';
import type { OfficeParts } from './bureau.js';
import { cursorPage, readCursor, RowIndex, visibleEmployees, writeCursor } from './listing.js';
import { json, readJson, textField, wholeNumber, yuan, type Answer, type Reply, type SandboxRequest } from './serve.js';
import { Signatures } from './signatures.js';

const ID_TYPE_CODES = {
  'resident-id': '01',
  'hmt-residence-permit': '02',
  'foreign-permanent-residence': '03',
  passport: '04',
} as const;
const STATUS_WORDS: Readonly<Record<PersonStatus, string>> = {
  insured: '在缴',
  gap: '断缴',
  'back-paying': '补缴中',
  stopped: '停缴',
  inconclusive: '待核实',
};
const STATUS_BY_WORD = new Map(Object.entries(STATUS_WORDS).map(([status, word]) => [word, status as PersonStatus]));
const MAX_LIMIT = 500;
const MAX_IDS = 50;
const MAX_ITEMS = 100;

interface AgencyList {
  readonly rowsOf: (index: number) => readonly string[];
  readonly rows: RowIndex;
  /** Rows that came while the sandbox runs, of employees below `until`. */
  readonly more?: (until: number) => number;
}

export class Agency {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #backPayments: BackPayments;
  readonly #signatures: Signatures;
  readonly #lists = new Map<string, RowIndex>();

  constructor(world: World, ledger: Ledger, { now, backPayments }: OfficeParts) {
    this.#world = world;
    this.#backPayments = backPayments;
    this.#ledger = ledger;
    this.#signatures = new Signatures({ ...SANDBOX_CREDENTIALS.agency, now });
  }

  readonly answer: Answer = (request) => {
    const refusal = request.faults.has('expiredToken') ? 'signature expired' : this.#signatures.refuse(request);
    if (refusal !== null) return failure(401, refusal);
    const throttled = request.faults.get('status429');
    if (throttled) {
      const wait = throttled.retryAfter === undefined ? 1 : throttled.retryAfter;
      return {
        ...failure(429, 'rate limit reached'),
        ...(wait === null ? {} : { headers: { 'X-RateLimit-Reset': String(wait) } }),
      };
    }
    switch (`${request.method} ${request.path}`) {
      case 'GET /open/v1/members':
        return this.#list(request, { rowsOf: (index) => this.#memberRow(index), rows: this.#members() });
      case 'GET /open/v1/orders':
        return this.#orders(request);
      case 'GET /open/v1/bills':
        return this.#bills(request);
      case 'POST /open/v1/members/status':
        return this.#write(request, 'memberId', (item) => this.#writeStatus(item, request));
      case 'POST /open/v1/orders':
        return this.#write(request, 'extNo', (item) => takeOrder(this.#backPayments, this.#world, item));
      case 'POST /open/v1/orders/status':
        return this.#write(request, 'orderNo', (item) => this.#writeOrder(item, request));
      default:
        return failure(404, 'no such interface');
    }
  };

  warm(): void {
    this.#members().warm();
  }

  #members(): RowIndex {
    return this.#indexOf('members', (index) => (isAtAgency(this.#world.lifeOf(index)) ? 1 : 0));
  }

  #orders(request: SandboxRequest): Reply {
    const since = parseMonthNo(request.query.get('since') ?? '');
    if (since === null) return failure(400, 'since must be a month yyyyMM');
    const rows = this.#indexOf(
      `orders.${since}`,
      (index) => ordersOf(this.#world.lifeOf(index)).filter((order) => order.last >= since).length,
    );
    const taken = (index: number): readonly string[] => takenOrderRows(this.#backPayments, index, since);
    const more = (until: number): number => countTakenOrders(this.#backPayments, until, since);
    return this.#list(request, { rowsOf: (index) => [...this.#orderRows(index, since), ...taken(index)], rows, more });
  }

  #bills(request: SandboxRequest): Reply {
    const since = parseMonthNo(request.query.get('since') ?? '');
    if (since === null) return failure(400, 'since must be a month yyyyMM');
    const rows = this.#indexOf(`bills.${since}`, (index) => countBills(this.#world.lifeOf(index), since));
    const parts = { world: this.#world, backPayments: this.#backPayments };
    const rowsOf = (index: number): readonly string[] => [
      ...billRows(this.#world, this.#world.lifeOf(index), since),
      ...takenBillRows(parts, index, since),
    ];
    return this.#list(request, { rowsOf, rows, more: (until) => countTakenBills(this.#backPayments, until, since) });
  }

  #indexOf(name: string, countOf: (index: number) => number): RowIndex {
    const known = this.#lists.get(name);
    if (known !== undefined) return known;
    const list = new RowIndex(this.#world.employees, countOf);
    this.#lists.set(name, list);
    return list;
  }

  #list(request: SandboxRequest, list: AgencyList): Reply {
    const until = visibleEmployees(this.#world.employees, request.faults);
    const wanted = request.query.get('memberIds');
    if (wanted !== null && wanted !== '') return this.#given(wanted.split(','), until, list);
    const limit = wholeNumber(request.query.get('limit'), 100);
    if (!(limit >= 1 && limit <= MAX_LIMIT)) return failure(400, `limit must be 1 to ${MAX_LIMIT}`);
    const place = readCursor(request.query.get('after') ?? '');
    if (place === null) return failure(400, 'after is not known');
    const page = cursorPage({ place, until, limit, rowsOf: list.rowsOf, faults: request.faults });
    const query = new URLSearchParams(request.query);
    if (page.next !== null) query.set('after', writeCursor(page.next));
    const next = page.next === null ? 'null' : JSON.stringify(`${request.path}?${query.toString()}`);
    return {
      status: 200,
      body: `{"success":true,"data":[${page.rows}],"links":{"next":${next}},"total":${list.rows.total(until) + (list.more?.(until) ?? 0)}}`,
      rows: page.rowCount,
    };
  }

  #given(wanted: readonly string[], until: number, list: AgencyList): Reply {
    if (wanted.length > MAX_IDS) return failure(400, `at most ${MAX_IDS} memberIds`);
    const rows = wanted.flatMap((text) => {
      const index = indexOfMemberId(text);
      return index === null || index >= until ? [] : list.rowsOf(index);
    });
    return {
      status: 200,
      body: `{"success":true,"data":[${rows.join(',')}],"links":{"next":null},"total":${rows.length}}`,
      rows: rows.length,
    };
  }

  #memberRow(index: number): readonly string[] {
    const life = this.#world.lifeOf(index);
    if (!isAtAgency(life)) return [];
    const identity = this.#world.identityOf(life);
    const status = this.#ledger.status(life, 'agency');
    const state = status === null ? 'null' : `"${STATUS_WORDS[status]}"`;
    return [
      `{"memberId":"${memberId(index)}","idCard":"${identity.number}","idCardType":"${ID_TYPE_CODES[identity.type]}","name":"${nameOf(life)}","state":${state}}`,
    ];
  }

  #orderRows(index: number, since: MonthNo): readonly string[] {
    const life = this.#world.lifeOf(index);
    const orders = ordersOf(life).filter((order) => order.last >= since);
    return orders.map((order) => {
      const base =
        order.type === '补缴'
          ? `"${yuan(this.#world.chargedBases(life).baseFen(lastJob(life), 0, order.from))}"`
          : 'null';
      return (
        `{"memberId":"${memberId(index)}","orderNo":"${orderNo(index, order.number)}","type":"${order.type}","status":"${this.#ledger.orderState(life, order)}",` +
        `"startMonth":"${monthText(order.from, '')}","endMonth":"${monthText(order.last, '')}","insurances":"养老、医疗、失业","base":${base}}`
      );
    });
  }

  #write(
    request: SandboxRequest,
    key: 'memberId' | 'orderNo' | 'extNo',
    writeItem: (item: unknown) => Refusal | null,
  ): Reply {
    const items = readJson(request)?.['items'];
    if (!Array.isArray(items)) return failure(400, 'items must be a list');
    if (items.length > MAX_ITEMS) return failure(400, `at most ${MAX_ITEMS} items`);
    const results = items.map((item: unknown) => ({
      [key]: textField(item, key),
      ...(writeItem(item) ?? { code: 'OK', message: null }),
    }));
    return json({ success: true, results });
  }

  #writeStatus(item: unknown, { faults }: SandboxRequest): Refusal | null {
    const index = indexOfMemberId(textField(item, 'memberId'));
    if (index === null || index >= this.#world.employees || !isAtAgency(this.#world.lifeOf(index)))
      return { code: 'NO_SUCH_MEMBER', message: '人员不存在' };
    const status = STATUS_BY_WORD.get(textField(item, 'state'));
    if (status === undefined) return { code: 'BAD_STATE', message: '状态无效' };
    this.#ledger.record({ system: 'agency', kind: 'status', index }, status, {
      ignored: faults.has('ignoredWrite'),
      replyLost: faults.has('lostReply'),
    });
    return null;
  }

  #writeOrder(item: unknown, { faults }: SandboxRequest): Refusal | null {
    const place = placeOfOrderNo(textField(item, 'orderNo'));
    const order =
      place === null || place.index >= this.#world.employees
        ? undefined
        : orderOf(this.#world.lifeOf(place.index), place.number);
    if (place === null || order === undefined) return { code: 'NO_SUCH_ORDER', message: '订单不存在' };
    const state = textField(item, 'status');
    if (!(state in ORDER_STATES)) return { code: 'BAD_STATE', message: '订单状态无效' };
    const object = { system: 'agency', kind: 'order-state', index: place.index, number: place.number } as const;
    this.#ledger.record(object, state, {
      ignored: faults.has('ignoredWrite'),
      replyLost: faults.has('lostReply'),
    });
    return null;
  }
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

function failure(status: number, error: string): Reply {
  return json({ success: false, error }, status);
}
