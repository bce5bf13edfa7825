/** What becomes of applications for back-payment at the bureau and at the agency: taken, worked on, paid after some working days, or refused. */
import type { Webhooks } from './webhooks.js';
import { parseMonthNo, type MonthNo } from './world/calendar.js';
import type { InsuranceNo } from './world/figures.js';
import type { World } from './world/world.js';

export type ApplicationSystem = 'bureau' | 'agency';
export type LineState = 'received' | 'accepted' | 'rejected' | 'paid';

export interface ApplicationLine {
  readonly insurance: InsuranceNo;
  readonly month: MonthNo;
  readonly baseFen: number;
  state: LineState;
  /** Why it was refused; null = it was not, or nobody said. */
  reason: string | null;
  /** The month of the agency's bill that charges it; null = none does. */
  billedMonth: MonthNo | null;
}

export interface Application {
  readonly system: ApplicationSystem;
  /** 1, 2 … over all; the bureau writes `BJ…`, the agency its own. */
  readonly number: number;
  /** 0, 1 … among the employee's own. */
  readonly place: number;
  readonly index: number;
  readonly receivedOn: string;
  readonly lines: readonly ApplicationLine[];
}

export interface NewApplication {
  readonly system: ApplicationSystem;
  readonly index: number;
  /** The caller's key: the same again with the same content is the same application. */
  readonly ref: string;
  readonly lines: readonly Omit<ApplicationLine, 'state' | 'reason' | 'billedMonth'>[];
}

export type Taken =
  | { readonly outcome: 'accepted' | 'duplicate'; readonly application: Application }
  | { readonly outcome: 'ref-reused' };

/** How the offices work, changed by the control port. */
export interface BillHabits {
  /** Working days from the receipt to the line on the bill. */
  readonly afterDays: number;
  readonly inEffect: boolean;
  /** Whether a line names its order. */
  readonly namesOrder: boolean;
  /** Added to the employer's amount of every line. */
  readonly offFen: number;
}

export interface OfficeHabits {
  /** Working days from the receipt to the payment. */
  workingDays: number;
  /** Nothing moves. */
  silent: boolean;
  /** The agency's list shows an order as taken for ever, whatever comes of it. */
  stuckOrders: boolean;
  /** How the agency bills what it took on; null = not at all. */
  bills: BillHabits | null;
  /** What is told as paid brings no money by itself: it comes with `arrive`, or comes back with `bounce`. */
  holdMoney: boolean;
  /** Lines that are refused when they are looked at. */
  refuse: readonly {
    readonly index: number;
    readonly insurance: InsuranceNo;
    readonly month: MonthNo;
    readonly reason: string | null;
  }[];
}

type RefusedLine = Pick<ApplicationLine, 'insurance' | 'month' | 'reason'>;
type ArrivedLine = Pick<ApplicationLine, 'insurance' | 'month'> & { readonly posted: boolean };
type Retelling = RefusedLine & { readonly from: readonly LineState[]; readonly to: LineState };

export class BackPayments {
  readonly habits: OfficeHabits = {
    ...{ workingDays: 3, silent: false, stuckOrders: false, bills: null },
    ...{ holdMoney: false, refuse: [] },
  };
  readonly #world: World;
  readonly #webhooks: Pick<Webhooks, 'tell'>;
  readonly #byRef = new Map<string, { readonly content: string; readonly application: Application }>();
  readonly #byEmployee = new Map<number, Application[]>();
  readonly #payments = new Map<string, number>();
  #today: string;

  constructor(world: World, webhooks: Pick<Webhooks, 'tell'>, today: string) {
    this.#world = world;
    this.#webhooks = webhooks;
    this.#today = today;
  }

  get today(): string {
    return this.#today;
  }

  take({ system, index, ref, lines }: NewApplication): Taken {
    const content = JSON.stringify([system, index, lines]);
    const before = this.#byRef.get(ref);
    if (before !== undefined)
      return before.content === content
        ? { outcome: 'duplicate', application: before.application }
        : { outcome: 'ref-reused' };
    const own = this.#byEmployee.get(index) ?? [];
    const application: Application = {
      ...{ system, index, number: this.#byRef.size + 1, place: own.length, receivedOn: this.#today },
      lines: lines.map((line) => ({ ...line, state: 'received', reason: null, billedMonth: null })),
    };
    this.#byRef.set(ref, { content, application });
    this.#byEmployee.set(index, [...own, application]);
    this.#tellWorld(index);
    return { outcome: 'accepted', application };
  }

  /** In the order of their receipt. */
  all(system: ApplicationSystem): readonly Application[] {
    return [...this.#byRef.values()].map(({ application }) => application).filter((each) => each.system === system);
  }

  ofEmployee(system: ApplicationSystem, index: number): readonly Application[] {
    return (this.#byEmployee.get(index) ?? []).filter((each) => each.system === system);
  }

  /** How often each month of an insurance was paid, `index/insurance/month`: more than once is what must never happen. */
  get payments(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#payments);
  }

  /** The offices work until that day, which may not be before today. */
  workUntil(today: string): void {
    this.#today = today;
    if (this.habits.silent) return;
    for (const { application } of this.#byRef.values()) this.#work(application);
  }

  /** The bureau takes money back that came in for a month; the application stays as it is. False = nothing had come in. */
  takeBack(index: number, { insurance, month }: Pick<ApplicationLine, 'insurance' | 'month'>): boolean {
    if (!this.#world.removePosting(index, { month, insurance })) return false;
    const key = `${index}/${insurance}/${month}`;
    this.#payments.set(key, Math.max(0, (this.#payments.get(key) ?? 0) - 1));
    this.#webhooks.tell('bureau', index);
    return true;
  }

  /** What was told as paid last is told as refused. False = nothing was. */
  bounce(index: number, { insurance, month, reason }: RefusedLine): boolean {
    return this.#retell(index, { insurance, month, from: ['paid'], to: 'rejected', reason });
  }

  /** What was refused last, or told as paid without money, is told as paid; `posted`: and its money comes. False = there is none. */
  arrive(index: number, { insurance, month, posted }: ArrivedLine): boolean {
    const isTold = this.#retell(index, { insurance, month, from: ['rejected', 'paid'], to: 'paid', reason: null });
    if (isTold && posted) this.#pay(index, { insurance, month });
    return isTold;
  }

  reset(): void {
    for (const kept of [this.#byRef, this.#byEmployee, this.#payments]) kept.clear();
  }

  #work(application: Application): void {
    const days = workingDaysBetween(application.receivedOn, this.#today);
    let isMoved = false;
    for (const line of application.lines) {
      if (line.state === 'received' && days >= 1) {
        const refusal = this.#refusalOf(application.index, line);
        line.state = refusal === undefined ? 'accepted' : 'rejected';
        line.reason = refusal?.reason ?? null;
        isMoved = true;
      }
      isMoved = this.#bill(application, line, days) || isMoved;
      if (line.state === 'accepted' && days >= this.habits.workingDays) {
        line.state = 'paid';
        isMoved = true;
        if (!this.habits.holdMoney) this.#pay(application.index, line);
      }
    }
    if (!isMoved) return;
    this.#tellWorld(application.index);
    this.#webhooks.tell(application.system, application.index);
    if (application.system === 'agency') this.#webhooks.tell('bureau', application.index);
  }

  /** True where the agency put the line on its bill now. */
  #bill({ system }: Application, line: ApplicationLine, days: number): boolean {
    const { bills } = this.habits;
    if (system !== 'agency' || bills === null || line.billedMonth !== null) return false;
    if (line.state === 'received' || line.state === 'rejected' || days < bills.afterDays) return false;
    line.billedMonth = parseMonthNo(this.#today.slice(0, 7));
    return true;
  }

  #refusalOf(index: number, { insurance, month }: ApplicationLine): OfficeHabits['refuse'][number] | undefined {
    return this.habits.refuse.find(
      (each) => each.index === index && each.insurance === insurance && each.month === month,
    );
  }

  #retell(index: number, { insurance, month, from, to, reason }: Retelling): boolean {
    const own = [...(this.#byEmployee.get(index) ?? [])].reverse();
    for (const { system, lines } of own) {
      const line = lines.find(
        (each) => each.insurance === insurance && each.month === month && from.includes(each.state),
      );
      if (line === undefined) continue;
      line.state = to;
      line.reason = reason;
      this.#tellWorld(index);
      this.#webhooks.tell(system, index);
      return true;
    }
    return false;
  }

  #pay(index: number, { insurance, month }: Pick<ApplicationLine, 'insurance' | 'month'>): void {
    const key = `${index}/${insurance}/${month}`;
    this.#payments.set(key, (this.#payments.get(key) ?? 0) + 1);
    this.#world.addPosting(index, { month, insurance });
  }

  /** What is under way covers its months: the person is back-paying, not lacking. */
  #tellWorld(index: number): void {
    const open = (this.#byEmployee.get(index) ?? []).flatMap(({ lines }) =>
      lines.filter(({ state }) => state === 'received' || state === 'accepted'),
    );
    this.#world.setUnderWay(index, open);
  }
}

/** Monday to Friday; the first day is not counted. */
export function workingDaysBetween(from: string, until: string): number {
  let count = 0;
  for (let at = Date.parse(`${from}T00:00:00Z`), end = Date.parse(`${until}T00:00:00Z`); at < end;) {
    at += 86_400_000;
    const weekday = new Date(at).getUTCDay();
    if (weekday !== 0 && weekday !== 6) count += 1;
  }
  return count;
}
