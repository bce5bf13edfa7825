/** What is planted on whom? One kind per employee, dealt out so that every block of 400 employees holds each kind of its profile exactly as often as listed. */
import type { Profile } from '../options.js';
import { draw, drawBelow } from './draw.js';

export const KINDS = [
  'none',
  'li',
  /** Two employees with one identity number. */
  'twin',
  'invalid-number',
  /** One month of all insurances, or of one, was never paid. */
  'gap',
  'gap-one-insurance',
  /** February is missing while it may still be filed. */
  'gap-suspected',
  'gap-before-hire-march',
  'gap-before-hire',
  /** A gap that an open order covers; one that it covers in part; one whose order failed. */
  'back-payment-pending',
  'back-payment-partial',
  'back-payment-failed',
  'base-low',
  'base-high',
  'base-below-floor',
  'base-above-cap',
  /** The bureau is right, payroll's base is not. */
  'payroll-base',
  'amount',
  'withheld-not-remitted',
  'paid-not-due',
  'double-coverage',
  /** Payroll says left, attendance shows work afterwards. */
  'conflict',
  'stale-payroll',
  'stale-attendance',
  'stale-agency',
  'stale-leaver',
  /** The order is still open though the bureau shows its months as paid. */
  'finished-order',
  'revised-payslips',
  'duplicate-rows',
  'refund-supplement',
  'absent-from-attendance',
  'hk-permit',
  'foreign-card',
  'leaver',
  'joiner',
  'joiner-march',
  'newcomer',
  'transfer',
  'rehire',
  'rehire-covered',
] as const;
export type Kind = (typeof KINDS)[number];

const BLOCK = 400;

/** How many of 400 employees carry each kind; what is not listed is `none`. */
const SHARES: Readonly<Record<Profile, Partial<Record<Kind, number>>>> = {
  demo: {
    'invalid-number': 1,
    gap: 3,
    'gap-one-insurance': 3,
    'gap-suspected': 3,
    'gap-before-hire-march': 2,
    'gap-before-hire': 2,
    'back-payment-pending': 2,
    'back-payment-partial': 1,
    'back-payment-failed': 1,
    'base-low': 3,
    'base-high': 2,
    'base-below-floor': 1,
    'base-above-cap': 1,
    'payroll-base': 3,
    amount: 2,
    'withheld-not-remitted': 2,
    'paid-not-due': 2,
    'double-coverage': 2,
    conflict: 1,
    'stale-payroll': 3,
    'stale-attendance': 3,
    'stale-agency': 2,
    'stale-leaver': 2,
    'finished-order': 2,
    'revised-payslips': 3,
    'duplicate-rows': 3,
    'refund-supplement': 2,
    'absent-from-attendance': 2,
    'hk-permit': 1,
    'foreign-card': 1,
    leaver: 8,
    joiner: 8,
    'joiner-march': 3,
    newcomer: 14,
    transfer: 3,
    rehire: 2,
    'rehire-covered': 1,
  },
  bench: {
    'invalid-number': 1,
    gap: 2,
    'gap-one-insurance': 1,
    'gap-suspected': 1,
    'gap-before-hire-march': 1,
    'gap-before-hire': 1,
    'back-payment-pending': 1,
    'back-payment-partial': 1,
    'base-low': 3,
    'base-high': 2,
    'base-below-floor': 1,
    'base-above-cap': 1,
    'payroll-base': 3,
    amount: 1,
    'withheld-not-remitted': 1,
    'paid-not-due': 1,
    'double-coverage': 1,
    conflict: 1,
    'stale-payroll': 3,
    'stale-attendance': 3,
    'stale-agency': 1,
    'stale-leaver': 1,
    'finished-order': 1,
    'revised-payslips': 2,
    'duplicate-rows': 1,
    'refund-supplement': 1,
    'absent-from-attendance': 1,
    'hk-permit': 1,
    'foreign-card': 1,
    leaver: 6,
    joiner: 5,
    'joiner-march': 2,
    newcomer: 12,
    transfer: 2,
    rehire: 1,
    'rehire-covered': 1,
  },
};

/** Shares no factor with 400: every slot is dealt exactly once per block. */
const STRIDE = 149;

/** Deals the kinds out. Pure in (profile, seed, employees, index). */
export class Dealer {
  readonly #slots: readonly Kind[];
  readonly #seed: number;
  readonly #employees: number;
  #latest: { readonly block: number; readonly offset: number; readonly firstTwin: number } | null = null;

  constructor(world: { readonly profile: Profile; readonly seed: number; readonly employees: number }) {
    this.#slots = slotsOf(SHARES[world.profile]);
    this.#seed = world.seed;
    this.#employees = world.employees;
  }

  kindOf(index: number): Kind {
    if (index === 0) return 'li';
    if (this.firstTwinOf(index) !== null) return 'twin';
    return this.#dealt(index % BLOCK, this.#blockOf(index).offset);
  }

  /** The lower index of the pair that shares one identity number with this employee; null for everybody else. One pair per block. */
  firstTwinOf(index: number): number | null {
    const { firstTwin } = this.#blockOf(index);
    const belongs = index === firstTwin || index === firstTwin + 1;
    return belongs && firstTwin + 1 < this.#employees ? firstTwin : null;
  }

  /** The first place of a block is dealt `none`: it is Li's in the first one. The pair takes two more such places. */
  #blockOf(index: number): { readonly offset: number; readonly firstTwin: number } {
    const block = Math.floor(index / BLOCK);
    if (this.#latest?.block === block) return this.#latest;
    const offset = this.#slots.length + drawBelow(BLOCK - this.#slots.length, draw(this.#seed, block, 1));
    let place = 1 + drawBelow(BLOCK / 2, draw(this.#seed, block, 2));
    while (this.#dealt(place, offset) !== 'none' || this.#dealt(place + 1, offset) !== 'none') place += 1;
    this.#latest = { block, offset, firstTwin: block * BLOCK + place };
    return this.#latest;
  }

  #dealt(place: number, offset: number): Kind {
    return this.#slots[(place * STRIDE + offset) % BLOCK] ?? 'none';
  }
}

function slotsOf(shares: Partial<Record<Kind, number>>): readonly Kind[] {
  const slots: Kind[] = [];
  for (const kind of KINDS) for (let count = shares[kind] ?? 0; count > 0; count -= 1) slots.push(kind);
  return slots;
}
