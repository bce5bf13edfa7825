/** How is a running sandbox asked and steered? Truth, report, history, statistics, faults and changes over a port of its own. */
import { existsSync, readFileSync } from 'node:fs';
import { PERSON_STATUSES, type PersonStatus } from '../../domain/situation.js';
import type { Ledger, WriteSystem } from '../ledger.js';
import { expectedWrites, makeReport } from '../report.js';
import { OPEN_MONTH, WINDOW_FROM, WAGES_FROM, parseMonthNo } from '../world/calendar.js';
import { INSURANCES, type InsuranceNo } from '../world/figures.js';
import { ORDER_STATES, isAtAgency, ordersOf, type OrderStateWord } from '../world/orders.js';
import { STATUS_SYSTEMS, type StatusSystem } from '../world/views.js';
import type { World } from '../world/world.js';
import { isReceiver } from '../options.js';
import type { BackPayments } from '../back-payments.js';
import type { Webhooks } from '../webhooks.js';
import { moveDay, steerOffices, tellBackPayments } from './offices.js';
import { isInAttendance } from '../world/worked.js';
import { describeEmployee } from './describe.js';
import { readFaultOrder, type FaultName, type Faults } from './faults.js';
import { json, readJson, wholeNumber, type Answer, type Reply, type SandboxRequest, type Stats } from './serve.js';

export const SYSTEMS = ['bureau', 'payroll', 'attendance', 'agency'] as const satisfies readonly WriteSystem[];

export interface ControlParts {
  readonly world: World;
  readonly ledger: Ledger;
  readonly faults: Readonly<Record<WriteSystem, Faults>>;
  readonly webhooks: Webhooks;
  readonly backPayments: BackPayments;
  readonly statsOf: () => Readonly<Record<WriteSystem, Stats>>;
  readonly reset: () => void;
  /** A file served at `/policy/pack`, read anew each time; null = none. */
  readonly policyPack: string | null;
}

const MAX_TRUTHS = 5000;

type Row = Readonly<Record<string, unknown>>;

export function controlAnswer(parts: ControlParts): Answer {
  return async (request) => {
    switch (`${request.method} ${request.path}`) {
      case 'GET /_sandbox/report':
        return json(await makeReport(parts.world, parts.ledger));
      case 'GET /_sandbox/truth':
        return truth(parts, request);
      case 'GET /_sandbox/history':
        return history(parts, request);
      case 'GET /_sandbox/stats':
        return json(parts.statsOf());
      case 'GET /_sandbox/faults':
        return json(Object.fromEntries(SYSTEMS.map((system) => [system, parts.faults[system].list()])));
      case 'POST /_sandbox/faults':
        return switchFault(parts, readJson(request) ?? {});
      case 'POST /_sandbox/change':
        return change(parts, readJson(request) ?? {});
      case 'GET /policy/pack':
        return policyPack(parts);
      case 'GET /_sandbox/webhooks':
        return json(parts.webhooks.counts);
      case 'POST /_sandbox/webhooks':
        return listen(parts, readJson(request) ?? {});
      case 'GET /_sandbox/shows':
        return shows(parts, request);
      case 'GET /_sandbox/back-payments':
        return json(tellBackPayments(parts.backPayments));
      case 'POST /_sandbox/back-payments':
        return steerOffices(parts.backPayments, readJson(request) ?? {});
      case 'POST /_sandbox/day':
        return moveDay(parts.backPayments, readJson(request) ?? {});
      case 'POST /_sandbox/reset':
        parts.reset();
        return json({ ok: true });
      default:
        return refuse(404, 'unknown control call');
    }
  };
}

/** One employee by `index`, or a list: `from` (default 0), `limit` (default 100), only who carries the kind `planted`. */
function truth({ world, ledger }: ControlParts, request: SandboxRequest): Reply {
  const describe = (index: number): Row => ({
    ...describeEmployee(world, index),
    expected: expectedWrites(world, ledger, index),
  });
  const wanted = request.query.get('index');
  const index = wholeNumber(wanted, 0);
  if (!(index >= 0 && index < world.employees)) return refuse(400, `index must be 0 to ${world.employees - 1}`);
  if (wanted !== null) return json(describe(index));
  const limit = wholeNumber(request.query.get('limit'), 100);
  if (!(limit >= 1 && limit <= MAX_TRUTHS)) return refuse(400, `limit must be 1 to ${MAX_TRUTHS}`);
  const planted = request.query.get('planted');
  const employees: Row[] = [];
  for (
    let place = wholeNumber(request.query.get('from'), 0);
    place < world.employees && employees.length < limit;
    place += 1
  ) {
    if (planted === null || world.lifeOf(place).kind === planted) employees.push(describe(place));
  }
  return json({ employees });
}

/** The status that each system shows of one employee now. */
function shows({ world, ledger }: ControlParts, request: SandboxRequest): Reply {
  const index = wholeNumber(request.query.get('index'), 0);
  if (!(index >= 0 && index < world.employees)) return refuse(400, `index must be 0 to ${world.employees - 1}`);
  const life = world.lifeOf(index);
  const systems = STATUS_SYSTEMS.map((system) => [system, ledger.status(life, system)]);
  return json({ shows: Object.fromEntries(systems) as Row });
}

function policyPack({ policyPack: file }: ControlParts): Reply {
  if (file === null || !existsSync(file)) return refuse(404, 'no policy pack is served; start with --policy-pack');
  const headers = { 'Content-Type': 'application/octet-stream' };
  return { status: 200, body: '', bytes: readFileSync(file), headers };
}

/** Newest last. */
function history({ ledger }: ControlParts, request: SandboxRequest): Reply {
  const system = request.query.get('system');
  const limit = wholeNumber(request.query.get('limit'), 100);
  if (!(limit >= 1 && limit <= 100_000)) return refuse(400, 'limit must be 1 to 100000');
  const entries = system === null ? ledger.history : ledger.history.filter((entry) => entry.system === system);
  return json({ total: entries.length, entries: entries.slice(-limit) });
}

/** `{system, fault, …}` switches on, `{system?, clear: true | fault}` off. Without a system: all four. */
function switchFault({ faults }: ControlParts, body: Row): Reply {
  const system = body['system'];
  if (system !== undefined && !SYSTEMS.includes(system as WriteSystem))
    return refuse(400, `system must be one of ${SYSTEMS.join(', ')}`);
  const meant = SYSTEMS.filter((one) => system === undefined || one === system);
  const { clear } = body;
  if (clear !== undefined) {
    for (const one of meant) faults[one].clear(typeof clear === 'string' ? (clear as FaultName) : undefined);
    return json({ ok: true });
  }
  const order = readFaultOrder(body);
  if (typeof order === 'string') return refuse(400, order);
  for (const one of meant) faults[one].set(order);
  return json({ ok: true });
}

/** One of: `{index, wageMonth, gross}`, `{index, posting: {month, insurance}}`, `{index, system, status}`, `{index, order, state}`. */
function change({ world, webhooks }: ControlParts, body: Row): Reply {
  const index = body['index'];
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= world.employees)
    return refuse(400, 'index is not an employee');
  const refusal = changeOne(world, index, body);
  if (refusal !== null) return refuse(400, refusal);
  const system = systemOf(body);
  const life = world.lifeOf(index);
  const isKnown = system === 'attendance' ? isInAttendance(life) : system !== 'agency' || isAtAgency(life);
  if (isKnown) webhooks.tell(system, index);
  return json({ ok: true });
}

/** Whose record a change concerns. */
function systemOf(body: Row): WriteSystem {
  if (body['wageMonth'] !== undefined) return 'payroll';
  if (body['posting'] !== undefined) return 'bureau';
  return body['order'] !== undefined ? 'agency' : (body['system'] as WriteSystem);
}

/** `{to: URL}` tells changes there from now on, `{to: null}` nowhere. */
function listen({ webhooks }: ControlParts, body: Row): Reply {
  const { to } = body;
  if (to !== null && !(typeof to === 'string' && isReceiver(to)))
    return refuse(400, 'to must be an http address or null');
  webhooks.listen(to);
  return json(webhooks.counts);
}

function changeOne(world: World, index: number, body: Row): string | null {
  if (body['wageMonth'] !== undefined) return changeWage(world, index, body);
  if (body['posting'] !== undefined) return addPosting(world, index, body['posting'] as Row);
  if (body['order'] !== undefined) return changeOrder(world, index, body);
  if (body['system'] !== undefined) return changeStatus(world, index, body);
  return 'give wageMonth and gross, posting, order and state, or system and status';
}

/** Only months that have a wage already: lists keep their length. `gross` in yuan. */
function changeWage(world: World, index: number, body: Row): string | null {
  const month = parseMonthNo(String(body['wageMonth']));
  const gross = Number(body['gross']);
  if (month === null || month < WAGES_FROM || month >= OPEN_MONTH) return 'wageMonth must be 2021-01 to 2023-02';
  if (!(gross > 0)) return 'gross must be yuan above 0';
  if (world.wageOf(world.lifeOf(index))(month) === 0) return 'this employee has no wage in that month';
  world.changeWage(index, month, Math.round(gross * 100));
  return null;
}

function addPosting(world: World, index: number, posting: Row): string | null {
  const month = parseMonthNo(String(posting['month']));
  const insurance = (INSURANCES as readonly unknown[]).indexOf(posting['insurance']);
  if (month === null || month < WINDOW_FROM || month >= OPEN_MONTH) return 'posting.month must be 2022-09 to 2023-02';
  if (insurance < 0) return `posting.insurance must be one of ${INSURANCES.join(', ')}`;
  world.addPosting(index, { month, insurance: insurance as InsuranceNo });
  return null;
}

function changeOrder(world: World, index: number, body: Row): string | null {
  const number = Number(body['order']);
  const state = String(body['state']);
  if (!ordersOf(world.lifeOf(index)).some((order) => order.number === number)) return 'this employee has no such order';
  if (!(state in ORDER_STATES)) return `state must be one of ${Object.keys(ORDER_STATES).join(' ')}`;
  world.changeOrder(index, number, state as OrderStateWord);
  return null;
}

function changeStatus(world: World, index: number, body: Row): string | null {
  const { system, status } = body;
  if (!STATUS_SYSTEMS.includes(system as StatusSystem)) return `system must be one of ${STATUS_SYSTEMS.join(', ')}`;
  if (status !== null && !PERSON_STATUSES.includes(status as PersonStatus))
    return `status must be null or one of ${PERSON_STATUSES.join(', ')}`;
  world.changeShownStatus(index, system as StatusSystem, status as PersonStatus | null);
  return null;
}

function refuse(status: number, message: string): Reply {
  return json({ error: message }, status);
}
