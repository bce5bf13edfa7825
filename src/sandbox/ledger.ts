/** What did the hub write, was it expected at that moment, and what does each system show since? */
import type { PersonStatus } from '../domain/situation.js';
import type { BaseTriple } from './world/bases.js';
import { INSURANCE_NOS, INSURANCES, type InsuranceNo } from './world/figures.js';
import type { Life } from './world/life.js';
import { isAtAgency, ordersOf, type Order, type OrderStateWord } from './world/orders.js';
import { STATUS_SYSTEMS, type StatusSystem } from './world/views.js';
import type { World } from './world/world.js';
import { isInAttendance } from './world/worked.js';

export type WriteSystem = 'bureau' | 'payroll' | 'attendance' | 'agency';

/** One object that can be written: a status, payroll's three bases, one declared base, one order. */
export type WriteObject =
  | { readonly system: StatusSystem; readonly kind: 'status'; readonly index: number }
  | { readonly system: 'payroll'; readonly kind: 'bases'; readonly index: number }
  | { readonly system: 'bureau'; readonly kind: 'declaration'; readonly index: number; readonly insurance: InsuranceNo }
  | { readonly system: 'agency'; readonly kind: 'order-state'; readonly index: number; readonly number: number };

/**
 * `expected`: the value every system should show. `wrong`: another value. `extra`: nothing was expected on the object. `duplicate`: repeated
 * after it had taken effect. `resent`: the same, after a reply that the sandbox itself had cut off.
 */
export type Verdict = 'expected' | 'wrong' | 'extra' | 'duplicate' | 'resent' | 'ignored';

export interface WriteEntry {
  readonly no: number;
  readonly at: string;
  readonly system: WriteSystem;
  readonly object: string;
  readonly value: string;
  readonly verdict: Verdict;
}

/** What an object shows since its last effective write. */
export interface WrittenObject {
  readonly object: WriteObject;
  value: string;
  everWrong: boolean;
  expectedOnce: boolean;
  replyLost: boolean;
}

/** Where an object stands against the truth of now. */
export interface Standing {
  readonly object: WriteObject;
  readonly initial: string;
  readonly current: string;
  /** null: any value is right, none may be written. */
  readonly truth: string | null;
}

export class Ledger {
  readonly #world: World;
  readonly #now: () => number;
  readonly #written = new Map<string, WrittenObject>();
  readonly #history: WriteEntry[] = [];

  constructor(world: World, now: () => number) {
    this.#world = world;
    this.#now = now;
  }

  get history(): readonly WriteEntry[] {
    return this.#history;
  }

  written(object: WriteObject): WrittenObject | undefined {
    return this.#written.get(nameOf(object));
  }

  allWritten(): Iterable<WrittenObject> {
    return this.#written.values();
  }

  /** Records an accepted write. `ignored`: answered as accepted, without effect. `replyLost`: applied, but the caller is never told. */
  record(
    object: WriteObject,
    value: string,
    fate: { readonly ignored: boolean; readonly replyLost: boolean },
  ): Verdict {
    const life = this.#world.lifeOf(object.index);
    const verdict = fate.ignored ? 'ignored' : this.#judge(this.standing(life, object), value);
    this.#history.push({
      no: this.#history.length + 1,
      at: new Date(this.#now()).toISOString(),
      system: object.system,
      object: nameOf(object),
      value,
      verdict,
    });
    if (!fate.ignored) this.#apply(object, { value, verdict, replyLost: fate.replyLost });
    return verdict;
  }

  standing(life: Life, object: WriteObject): Standing {
    const initial = this.#initial(life, object);
    return { object, initial, current: this.written(object)?.value ?? initial, truth: this.#truth(life, object) };
  }

  status(life: Life, system: StatusSystem): PersonStatus | null {
    const value = this.#written.size === 0 ? undefined : this.#written.get(`${system}/status/${life.index}`)?.value;
    return value === undefined ? this.#world.shownStatus(life, system) : (value as PersonStatus);
  }

  payrollBases(life: Life): BaseTriple {
    const value = this.#written.size === 0 ? undefined : this.#written.get(`payroll/bases/${life.index}`)?.value;
    return value === undefined ? this.#world.shownBases(life) : readTriple(value);
  }

  declaredBases(life: Life): BaseTriple {
    const declared = this.#world.declaredBases(life);
    if (this.#written.size === 0) return declared;
    const [pension, medical, unemployment] = INSURANCE_NOS.map((insurance) => {
      const value = this.#written.get(`bureau/declaration/${life.index}/${INSURANCES[insurance]}`)?.value;
      return value === undefined ? declared[insurance] : Number(value);
    });
    return [pension ?? 0, medical ?? 0, unemployment ?? 0];
  }

  orderState(life: Life, order: Order): OrderStateWord {
    const value = this.#written.get(`agency/order-state/${life.index}/${order.number}`)?.value;
    return value === undefined ? this.#world.orderState(life, order) : (value as OrderStateWord);
  }

  reset(): void {
    this.#written.clear();
    this.#history.length = 0;
  }

  #judge({ object, initial, current, truth }: Standing, value: string): Verdict {
    const written = this.written(object);
    if (written !== undefined && value === current) return written.replyLost ? 'resent' : 'duplicate';
    const expects = truth !== null && (truth !== initial || written?.expectedOnce === true);
    if (!expects) return 'extra';
    return value === truth ? 'expected' : 'wrong';
  }

  #apply(
    object: WriteObject,
    write: { readonly value: string; readonly verdict: Verdict; readonly replyLost: boolean },
  ): void {
    const { value, verdict, replyLost } = write;
    const name = nameOf(object);
    const written = this.#written.get(name) ?? { object, value, everWrong: false, expectedOnce: false, replyLost };
    written.value = value;
    written.replyLost = replyLost;
    written.everWrong ||= verdict === 'wrong';
    written.expectedOnce ||= verdict === 'expected';
    this.#written.set(name, written);
  }

  #initial(life: Life, object: WriteObject): string {
    switch (object.kind) {
      case 'status':
        return this.#world.shownStatus(life, object.system) ?? '';
      case 'bases':
        return this.#world.shownBases(life).join('|');
      case 'declaration':
        return String(this.#world.declaredBases(life)[object.insurance]);
      case 'order-state': {
        const order = orderOf(life, object.number);
        return order === undefined ? '' : this.#world.orderState(life, order);
      }
    }
  }

  #truth(life: Life, object: WriteObject): string | null {
    if (this.#world.isUntouchable(life)) return null;
    switch (object.kind) {
      case 'status':
        return this.#world.truthOf(life).status;
      case 'bases':
        return this.#world.truthOf(life).bases?.join('|') ?? null;
      case 'declaration': {
        const bases = this.#world.truthOf(life).bases;
        return bases === null ? null : String(bases[object.insurance]);
      }
      case 'order-state': {
        const order = orderOf(life, object.number);
        return order === undefined ? null : this.#world.orderTruth(life, order);
      }
    }
  }
}

/** Every object of an employee that exists in some system. */
export function objectsOf(life: Life): readonly WriteObject[] {
  const { index } = life;
  const objects: WriteObject[] = STATUS_SYSTEMS.filter((system) => knows(life, system)).map((system) => ({
    system,
    kind: 'status',
    index,
  }));
  objects.push({ system: 'payroll', kind: 'bases', index });
  for (const insurance of INSURANCE_NOS) objects.push({ system: 'bureau', kind: 'declaration', index, insurance });
  for (const order of ordersOf(life))
    objects.push({ system: 'agency', kind: 'order-state', index, number: order.number });
  return objects;
}

export function nameOf(object: WriteObject): string {
  switch (object.kind) {
    case 'status':
    case 'bases':
      return `${object.system}/${object.kind}/${object.index}`;
    case 'declaration':
      return `bureau/declaration/${object.index}/${INSURANCES[object.insurance]}`;
    case 'order-state':
      return `agency/order-state/${object.index}/${object.number}`;
  }
}

export function orderOf(life: Life, number: number): Order | undefined {
  return ordersOf(life).find((order) => order.number === number);
}

function knows(life: Life, system: StatusSystem): boolean {
  switch (system) {
    case 'payroll':
      return true;
    case 'attendance':
      return isInAttendance(life);
    case 'agency':
      return isAtAgency(life);
  }
}

function readTriple(text: string): BaseTriple {
  const [pension, medical, unemployment] = text.split('|').map(Number);
  return [pension ?? 0, medical ?? 0, unemployment ?? 0];
}
