/** A payroll system: API key, 1-based pages, an envelope with a code, money as JSON numbers, slashed dates, Chinese labels, twelve wage months a row. */
import { SANDBOX_CREDENTIALS } from '../credentials.js';
import { empNo, indexOfEmpNo } from '../ids.js';
import type { Ledger } from '../ledger.js';
import type { PersonStatus } from '../../domain/situation.js';
import { amountsOf, type Posting } from '../world/postings.js';
import { WINDOW_FROM, dayText, monthNo } from '../world/calendar.js';
import { maskOf, withheldMask } from '../world/cells.js';
import { draw } from '../world/draw.js';
import { BRANCHES, INSURANCE_NOS, type InsuranceNo } from '../world/figures.js';
import { mobileOf, nameOf, writtenNumber } from '../world/identity.js';
import { DRAW, isDue, lastJob, type Job, type Life } from '../world/life.js';
import { isAtAgency } from '../world/orders.js';
import { earnsInYear } from '../world/wages.js';
import type { World } from '../world/world.js';
import { RowIndex, visibleEmployees } from './listing.js';
import {
  json,
  readJson,
  textField,
  wholeNumber,
  yuanNumber,
  type Answer,
  type Reply,
  type SandboxRequest,
} from './serve.js';

const ID_TYPE_LABELS = {
  'resident-id': '居民身份证',
  'hmt-residence-permit': '港澳台居民居住证',
  'foreign-permanent-residence': '外国人永久居留身份证',
  passport: '护照',
} as const;
const STATUS_LABELS: Readonly<Record<PersonStatus, string>> = {
  insured: '正常',
  gap: '断缴',
  'back-paying': '补缴中',
  stopped: '停保',
  inconclusive: '待核实',
};
const STATUS_BY_LABEL = new Map(
  Object.entries(STATUS_LABELS).map(([status, label]) => [label, status as PersonStatus]),
);
const MAX_PAGE = 1000;
const MAX_IDS = 200;
const MAX_ITEMS = 200;

export class Payroll {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #lists = new Map<string, RowIndex>();

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  readonly answer: Answer = (request) => {
    const key = request.headers['x-api-key'];
    if (key === undefined) return failure(40101, '缺少 X-Api-Key');
    if (key !== SANDBOX_CREDENTIALS.payroll.apiKey || request.faults.has('expiredToken'))
      return failure(40102, 'X-Api-Key 无效');
    const throttled = request.faults.get('status429');
    if (throttled) {
      const wait = throttled.retryAfter === undefined ? 1 : throttled.retryAfter;
      return {
        ...json({ code: 42900, msg: '请求过于频繁' }, 429),
        ...(wait === null ? {} : { headers: { 'Retry-After': String(wait) } }),
      };
    }
    switch (`${request.method} ${request.path}`) {
      case 'GET /api/v2/employees':
        return this.#employees(request);
      case 'GET /api/v2/payslips':
        return this.#payslips(request);
      case 'PUT /api/v2/employees/social-status':
        return this.#write(request, (item, index) => this.#writeStatus(item, index, request));
      case 'PUT /api/v2/employees/social-base':
        return this.#write(request, (item, index) => this.#writeBases(item, index, request));
      default:
        return failure(40400, '接口不存在');
    }
  };

  warm(): void {
    for (const year of [2021, 2022, 2023]) this.#listOf(`payslips.${year}`, (life) => payslipCount(life, year)).warm();
    this.#employeeList(true).warm();
  }

  #employees(request: SandboxRequest): Reply {
    const leavers = request.query.get('includeLeavers') === '1';
    const rowsOf = (index: number): readonly string[] => this.#employeeRow(index, leavers);
    return this.#list(request, { rows: this.#employeeList(leavers), rowsOf, code: '0' });
  }

  #employeeList(leavers: boolean): RowIndex {
    return this.#listOf(`employees.${leavers}`, (life) => (leavers || lastJob(life).left === 0 ? 1 : 0));
  }

  #payslips(request: SandboxRequest): Reply {
    const year = wholeNumber(request.query.get('year'), Number.NaN);
    if (!(year >= 1990 && year <= 2100)) return failure(40001, 'year 无效');
    const rowsOf = (index: number): readonly string[] => this.#payslipRows(index, year);
    // One interface writes its code as a text, the other as a number: both were seen in one product.
    return this.#list(request, {
      rows: this.#listOf(`payslips.${year}`, (life) => payslipCount(life, year)),
      rowsOf,
      code: '"0"',
    });
  }

  #listOf(name: string, countOf: (life: Life) => number): RowIndex {
    const known = this.#lists.get(name);
    if (known !== undefined) return known;
    const list = new RowIndex(this.#world.employees, (index) => countOf(this.#world.lifeOf(index)));
    this.#lists.set(name, list);
    return list;
  }

  #list(
    request: SandboxRequest,
    list: { rows: RowIndex; rowsOf: (index: number) => readonly string[]; code: string },
  ): Reply {
    const until = visibleEmployees(this.#world.employees, request.faults);
    const wanted = request.query.get('empNos');
    if (wanted !== null && wanted !== '') return this.#given(wanted.split(','), until, list);
    const page = wholeNumber(request.query.get('page'), 1);
    const pageSize = wholeNumber(request.query.get('pageSize'), 100);
    if (!(page >= 1) || !(pageSize >= 1 && pageSize <= MAX_PAGE))
      return failure(40001, `page 从 1 起，pageSize 不超过 ${MAX_PAGE}`);
    const total = list.rows.total(until);
    const shownPage = request.faults.has('repeatedPage') ? Math.max(page - 1, 1) : page;
    // Two revisions of one payslip are never split over two pages.
    const from = list.rows.employeeAt((shownPage - 1) * pageSize);
    const end = request.faults.has('missingPage') ? from : Math.min(list.rows.employeeAt(shownPage * pageSize), until);
    const rows: string[] = [];
    for (let index = from; index < end; index += 1) rows.push(...list.rowsOf(index));
    const pages = Math.ceil(total / pageSize);
    const lastIsEmpty = pages > 1 && list.rows.employeeAt((pages - 1) * pageSize) >= until;
    return {
      status: 200,
      body: envelope(list.code, rows, { pages: lastIsEmpty ? pages - 1 : pages, total }),
      rows: rows.length,
    };
  }

  #given(
    wanted: readonly string[],
    until: number,
    list: { rowsOf: (index: number) => readonly string[]; code: string },
  ): Reply {
    if (wanted.length > MAX_IDS) return failure(40002, `empNos 不超过 ${MAX_IDS} 个`);
    const rows = wanted.flatMap((text) => {
      const index = indexOfEmpNo(text);
      return index === null || index >= until ? [] : list.rowsOf(index);
    });
    return {
      status: 200,
      body: envelope(list.code, rows, { pages: rows.length === 0 ? 0 : 1, total: rows.length }),
      rows: rows.length,
    };
  }

  #employeeRow(index: number, leavers: boolean): readonly string[] {
    const life = this.#world.lifeOf(index);
    if (!leavers && lastJob(life).left !== 0) return [];
    const identity = this.#world.identityOf(life);
    const [pension, medical, unemployment] = this.#ledger.payrollBases(life);
    const status = this.#ledger.status(life, 'payroll');
    const jobs = life.jobs.map((job, number) => jobRow(life, job, number)).join(',');
    return [
      `{"empNo":"${empNo(index)}","certNo":"${writtenNumber(life, identity, 'payroll')}","certType":"${ID_TYPE_LABELS[identity.type]}","name":"${nameOf(life)}",` +
        `"mobile":"${mobileOf(life)}","hukou":"${life.hukou === 'local' ? '本市' : '外埠'}","socialStatus":${status === null ? noStatus(index) : `"${STATUS_LABELS[status]}"`},` +
        `"socialBase":{"pension":${yuanNumber(pension)},"medical":${yuanNumber(medical)},"unemployment":${yuanNumber(unemployment)}},"jobs":[${jobs}]}`,
    ];
  }

  #payslipRows(index: number, year: number): readonly string[] {
    const life = this.#world.lifeOf(index);
    if (!earnsInYear(life, year)) return [];
    const wageOf = this.#world.wageOf(life);
    const gross: string[] = [];
    const outdated: string[] = [];
    const revised = payslipCount(life, year) === 2;
    for (let month = monthNo(year, 1); month < monthNo(year + 1, 1); month += 1) {
      const wage = wageOf(month);
      gross.push(wage === 0 ? 'null' : yuanNumber(wage));
      if (revised) outdated.push(wage === 0 ? 'null' : yuanNumber(wage + 12_300));
    }
    const withheld = INSURANCE_NOS.map((insurance) => this.#withheld(life, insurance, year));
    const row = (revision: number, state: string, wages: readonly string[]): string =>
      `{"empNo":"${empNo(index)}","year":${year},"revision":${revision},"state":"${state}","gross":[${wages.join(',')}],` +
      `"pension":[${withheld[0]}],"medical":[${withheld[1]}],"unemployment":[${withheld[2]}]}`;
    return revised ? [row(1, '已冲销', outdated), row(2, '已发放', gross)] : [row(1, '已发放', gross)];
  }

  /** Twelve places; what was withheld is kept from the first month of the window on. */
  #withheld(life: Life, insurance: InsuranceNo, year: number): string {
    const mask = withheldMask(life, insurance);
    const bases = this.#world.chargedBases(life);
    const places: string[] = [];
    for (let month = monthNo(year, 1); month < monthNo(year + 1, 1); month += 1) {
      const job =
        month < WINDOW_FROM || (mask & maskOf(month)) === 0
          ? undefined
          : life.jobs.find((candidate) => isDue(candidate, month));
      if (job === undefined) {
        places.push('null');
        continue;
      }
      const posting: Posting = { month, insurance, kind: '1', state: '1', payer: '', job, offFen: 0 };
      places.push(yuanNumber(amountsOf(life, bases, posting).employeeFen));
    }
    return places.join(',');
  }

  #write(request: SandboxRequest, writeItem: (item: unknown, index: number) => string | null): Reply {
    const items = readJson(request)?.['items'];
    if (!Array.isArray(items)) return failure(40001, 'items 必须是数组');
    if (items.length > MAX_ITEMS) return failure(40002, `items 不超过 ${MAX_ITEMS} 个`);
    const results = items.map((item: unknown) => {
      const number = textField(item, 'empNo');
      const index = indexOfEmpNo(number);
      const reason = index === null || index >= this.#world.employees ? '员工不存在' : writeItem(item, index);
      return { empNo: number, ok: reason === null, reason };
    });
    return json({ code: 0, msg: 'ok', data: { results } });
  }

  #writeStatus(item: unknown, index: number, { faults }: SandboxRequest): string | null {
    const status = STATUS_BY_LABEL.get(textField(item, 'socialStatus'));
    if (status === undefined) return '社保状态无效';
    this.#ledger.record({ system: 'payroll', kind: 'status', index }, status, {
      ignored: faults.has('ignoredWrite'),
      replyLost: faults.has('lostReply'),
    });
    return null;
  }

  #writeBases(item: unknown, index: number, { faults }: SandboxRequest): string | null {
    const given = (item as { socialBase?: unknown }).socialBase as Readonly<Record<string, unknown>> | null | undefined;
    if (given === null || typeof given !== 'object') return 'socialBase 缺失';
    const current = this.#ledger.payrollBases(this.#world.lifeOf(index));
    const bases = (['pension', 'medical', 'unemployment'] as const).map((name, place) =>
      name in given ? wholeFen(given[name]) : current[place],
    );
    if (bases.some((base) => base === null)) return '基数必须是不小于 0、最多两位小数的数字';
    this.#ledger.record({ system: 'payroll', kind: 'bases', index }, bases.join('|'), {
      ignored: faults.has('ignoredWrite'),
      replyLost: faults.has('lostReply'),
    });
    return null;
  }
}

function payslipCount(life: Life, year: number): number {
  if (!earnsInYear(life, year)) return 0;
  return life.kind === 'revised-payslips' && year === 2022 ? 2 : 1;
}

function jobRow(life: Life, job: Job, number: number): string {
  const branch = BRANCHES[job.branch];
  const left = job.left === 0 ? 'null' : `"${dayText(job.left, '/')}"`;
  return (
    `{"jobId":"${empNo(life.index)}-${number + 1}","company":"${branch.code}","city":"${branch.city}","hireDate":"${dayText(job.hired, '/')}","leaveDate":${left},` +
    `"startSalary":${job.startFen === 0 ? 'null' : yuanNumber(job.startFen)},"payBy":"${life.kind !== 'li' && isAtAgency(life) && draw(life.seed, life.index, DRAW.order) % 2 === 0 ? '代理' : '自缴'}"}`
  );
}

/** "None" is an empty text for some, null for others. */
function noStatus(index: number): string {
  return index % 2 === 0 ? 'null' : '""';
}

function wholeFen(value: unknown): number | null {
  if (typeof value !== 'number' || !(value >= 0) || value > 10_000_000) return null;
  const fen = Math.round(value * 100);
  return Math.abs(fen - value * 100) < 1e-6 ? fen : null;
}

function envelope(
  code: string,
  rows: readonly string[],
  of: { readonly pages: number; readonly total: number },
): string {
  return `{"code":${code},"msg":"ok","data":{"list":[${rows.join(',')}],"pages":${of.pages},"total":${of.total}}}`;
}

function failure(code: number, msg: string): Reply {
  return json({ code, msg, data: null });
}
