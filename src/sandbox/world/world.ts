/** The world of one sandbox: employees by index, and what was changed in it while it ran. Memory holds only the changes. */
import type { PersonStatus } from '../../domain/situation.js';
import type { SandboxOptions } from '../options.js';
import { Bases, type BaseTriple } from './bases.js';
import { dayNo, parseMonthNo, type DayNo, type MonthNo } from './calendar.js';
import { Dealer } from './discrepancies.js';
import { identityOf, type Identity } from './identity.js';
import { lifeOf, type Life } from './life.js';
import { type Order, type OrderStateWord } from './orders.js';
import { postingsOf, type LatePosting, type Posting } from './postings.js';
import { hasAnyWage, orderTruth, statusOf, truthOf, untouchableReason, type Truth } from './truth.js';
import { declaredBases, shownBases, shownStatus, type StatusSystem } from './views.js';
import { grossFen, type WageOf } from './wages.js';

const NO_LATE: readonly LatePosting[] = [];

export class World {
  readonly employees: number;
  readonly seed: number;
  readonly asOf: DayNo;
  readonly #dealer: Dealer;
  readonly #wages = new Map<number, Map<MonthNo, number>>();
  readonly #late = new Map<number, LatePosting[]>();
  readonly #shown = new Map<string, PersonStatus | null>();
  readonly #orders = new Map<string, OrderStateWord>();
  readonly #underWay = new Map<number, readonly LatePosting[]>();
  /** Answers about the employee asked about last: one employee is always asked several things in a row. */
  #latest: {
    readonly life: Life;
    readonly bases: Bases;
    truth: Truth | null;
    firstStatus: PersonStatus | null;
  } | null = null;

  constructor(options: Required<SandboxOptions>) {
    this.employees = options.employees;
    this.seed = options.seed;
    const month = parseMonthNo(options.asOf.slice(0, 7)) ?? 0;
    this.asOf = dayNo(month, Number(options.asOf.slice(8)));
    this.#dealer = new Dealer(options);
  }

  lifeOf(index: number): Life {
    return lifeOf(this.seed, index, this.#dealer.kindOf(index));
  }

  identityOf(life: Life): Identity {
    return identityOf(life, this.#dealer.firstTwinOf(life.index) ?? life.index);
  }

  wageOf(life: Life): WageOf {
    const changed = this.#wages.get(life.index);
    return changed === undefined
      ? (month) => grossFen(life, month)
      : (month) => changed.get(month) ?? grossFen(life, month);
  }

  /** The bureau charged by the wages it was told: changes of wages do not alter what is posted. */
  postingsOf(life: Life): readonly Posting[] {
    return postingsOf(life, this.lateOf(life));
  }

  lateOf(life: Life): readonly LatePosting[] {
    return this.#late.get(life.index) ?? NO_LATE;
  }

  /** Postings added while running, of employees below `limit`: months and counts. */
  *latePostings(limit: number): Iterable<LatePosting> {
    for (const [index, postings] of this.#late) if (index < limit) yield* postings;
  }

  truthOf(life: Life): Truth {
    const latest = this.#about(life);
    if (latest.truth !== null) return latest.truth;
    const wageOf = this.wageOf(life);
    const input = {
      life,
      asOf: this.asOf,
      late: this.lateOf(life),
      stateOf: (order: Order) => this.orderState(life, order),
      underWay: this.#underWay.get(life.index) ?? NO_LATE,
    };
    latest.truth = truthOf(
      input,
      this.#wages.has(life.index) ? new Bases(life, wageOf) : latest.bases,
      hasAnyWage(wageOf),
    );
    return latest.truth;
  }

  orderTruth(life: Life, order: Order): OrderStateWord {
    return orderTruth(life, { ...order, state: this.orderState(life, order) }, this.lateOf(life));
  }

  isUntouchable(life: Life): boolean {
    return untouchableReason(life) !== null;
  }

  /** What the system shows before any write of the hub. */
  shownStatus(life: Life, system: StatusSystem): PersonStatus | null {
    const changed = this.#shown.get(`${system}/${life.index}`);
    return changed === undefined ? shownStatus(life, system, this.#firstStatus(life)) : changed;
  }

  shownBases(life: Life): BaseTriple {
    return shownBases(life, this.#about(life).bases);
  }

  declaredBases(life: Life): BaseTriple {
    return declaredBases(life, this.#about(life).bases);
  }

  orderState(life: Life, order: Order): OrderStateWord {
    return this.#orders.get(`${life.index}/${order.number}`) ?? order.state;
  }

  changeWage(index: number, month: MonthNo, gross: number): void {
    this.#latest = null;
    const wages = this.#wages.get(index) ?? new Map<MonthNo, number>();
    this.#wages.set(index, wages.set(month, gross));
  }

  changeShownStatus(index: number, system: StatusSystem, status: PersonStatus | null): void {
    this.#latest = null;
    this.#shown.set(`${system}/${index}`, status);
  }

  changeOrder(index: number, number: number, state: OrderStateWord): void {
    this.#latest = null;
    this.#orders.set(`${index}/${number}`, state);
  }

  addPosting(index: number, posting: LatePosting): void {
    this.#latest = null;
    const postings = this.#late.get(index) ?? [];
    postings.push(posting);
    this.#late.set(index, postings);
  }

  /** False = no such posting was added. */
  removePosting(index: number, { month, insurance }: LatePosting): boolean {
    this.#latest = null;
    const postings = this.#late.get(index) ?? [];
    const at = postings.findIndex((each) => each.month === month && each.insurance === insurance);
    if (at >= 0) postings.splice(at, 1);
    return at >= 0;
  }

  /** Months that applications taken while running will still pay. */
  setUnderWay(index: number, cells: readonly LatePosting[]): void {
    this.#latest = null;
    this.#underWay.set(index, cells);
  }

  /** Forgets every change. */
  reset(): void {
    this.#latest = null;
    for (const changes of [this.#wages, this.#late, this.#shown, this.#orders, this.#underWay]) changes.clear();
  }

  /** The bases the bureau charged by: those of the unchanged wages. */
  chargedBases(life: Life): Bases {
    return this.#about(life).bases;
  }

  /** The true status before any change: the one the systems' first views were made from. */
  #firstStatus(life: Life): PersonStatus {
    const latest = this.#about(life);
    latest.firstStatus ??= statusOf({ life, asOf: this.asOf, late: NO_LATE, stateOf: (order) => order.state });
    return latest.firstStatus;
  }

  #about(life: Life): { readonly bases: Bases; truth: Truth | null; firstStatus: PersonStatus | null } {
    if (this.#latest?.life !== life) this.#latest = { life, bases: new Bases(life), truth: null, firstStatus: null };
    return this.#latest;
  }
}
