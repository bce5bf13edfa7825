/** Which misbehaviour is switched on, for which system, path and number of calls? */

export const FAULTS = [
  'latency',
  'status429',
  'status5xx',
  'lostReply',
  'truncatedBody',
  'repeatedPage',
  'missingPage',
  'emptyList',
  'halfList',
  'notHired',
  'expiredToken',
  'htmlBanPage',
  'redirect',
  'gzipBomb',
  'slowLoris',
  'wrongContentType',
  'idAsNumber',
  'garbageMoney',
  'month13',
  'ignoredWrite',
] as const;
export type FaultName = (typeof FAULTS)[number];

export interface FaultOrder {
  readonly fault: FaultName;
  /** Only requests whose path is or begins with this. */
  readonly path?: string;
  /** How many requests it strikes; without it, all until cleared. */
  readonly calls?: number;
  /** How many matching requests pass before it strikes; default 0. */
  readonly after?: number;
  /** latency: how long; slowLoris: between two bytes. */
  readonly latencyMs?: number;
  /** status429: seconds told to wait; null = no hint. Default 1. */
  readonly retryAfter?: number | null;
  /** status5xx: which; default 503. htmlBanPage: default 403. */
  readonly status?: number;
  /** idAsNumber, garbageMoney, month13: `first` row of a page or `all`; default first. */
  readonly rows?: 'first' | 'all';
  /** notHired: how many of the last employees are not there yet; default 1. */
  readonly persons?: number;
  /** gzipBomb: inflated size in MB; default 256. */
  readonly megabytes?: number;
}

export type ActiveFaults = ReadonlyMap<FaultName, FaultOrder>;

const NONE: ActiveFaults = new Map();

interface Switch {
  readonly order: FaultOrder;
  passes: number;
  strikes: number;
}

/** The switches of one system. */
export class Faults {
  #switches: Switch[] = [];

  set(order: FaultOrder): void {
    this.#switches = this.#switches.filter(({ order: old }) => old.fault !== order.fault || old.path !== order.path);
    this.#switches.push({ order, passes: order.after ?? 0, strikes: order.calls ?? Number.POSITIVE_INFINITY });
  }

  clear(fault?: FaultName): void {
    this.#switches = fault === undefined ? [] : this.#switches.filter(({ order }) => order.fault !== fault);
  }

  list(): readonly FaultOrder[] {
    return this.#switches.map(({ order }) => order);
  }

  /** What strikes a request to this path; counts it. */
  take(path: string): ActiveFaults {
    if (this.#switches.length === 0) return NONE;
    const active = new Map<FaultName, FaultOrder>();
    for (const one of this.#switches) {
      if (!path.startsWith(one.order.path ?? '')) continue;
      if (one.passes > 0) one.passes -= 1;
      else {
        one.strikes -= 1;
        active.set(one.order.fault, one.order);
      }
    }
    this.#switches = this.#switches.filter(({ strikes }) => strikes > 0);
    return active;
  }
}

/** Reads an order as JSON; a string says what is wrong with it. */
export function readFaultOrder(body: Readonly<Record<string, unknown>>): FaultOrder | string {
  const { system: _system, ...order } = body;
  if (!FAULTS.includes(order['fault'] as FaultName)) return `fault must be one of ${FAULTS.join(', ')}`;
  for (const name of ['calls', 'after', 'latencyMs', 'status', 'persons', 'megabytes']) {
    const value = order[name];
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      return `${name} must be a number of 0 or more`;
  }
  if (order['path'] !== undefined && typeof order['path'] !== 'string') return 'path must be a string';
  return order as unknown as FaultOrder;
}
