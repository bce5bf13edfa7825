/** What should every system show of an employee? Judged from the world itself, never from what the hub says. */
import type { PersonStatus } from '../../domain/situation.js';
import { type BaseTriple, type Bases } from './bases.js';
import { WINDOW_MONTHS, WINDOW_FROM, WAGES_FROM, OPEN_MONTH, type DayNo } from './calendar.js';
import { maskOf, unpaidMasks, type MonthMasks } from './cells.js';
import { lastJob, type Life } from './life.js';
import { isLive, orderMask, ordersOf, type Order, type OrderStateWord } from './orders.js';
import type { LatePosting } from './postings.js';

export interface Truth {
  /** No correction may reach a duplicate number (`frozen`) or an invalid one (`quarantined`). */
  readonly untouchable: 'frozen' | 'quarantined' | null;
  readonly status: PersonStatus;
  /** Bases in force in the open month; null where none may be written: who left, and who has no wage yet. */
  readonly bases: BaseTriple | null;
}

/** The day the filing of February ends: what is missing until then is suspected only. */
const FILING_ENDS = 25;

export interface TruthInput {
  readonly life: Life;
  readonly asOf: DayNo;
  readonly late: readonly LatePosting[];
  /** Words the agency shows now, by order. */
  readonly stateOf: (order: Order) => OrderStateWord;
  /** Months that applications under way will still pay. */
  readonly underWay?: readonly LatePosting[];
}

export function untouchableReason(life: Life): Truth['untouchable'] {
  if (life.kind === 'twin') return 'frozen';
  return life.kind === 'invalid-number' ? 'quarantined' : null;
}

/**
 * `stopped` when the last job ended by the as-of day; else `insured` without a gap; `back-paying` when live orders cover every gap; else `gap`.
 * Months before hiring and months withheld but not remitted are gaps too; a month still open for filing is not.
 */
export function statusOf(input: TruthInput): PersonStatus {
  const job = lastJob(input.life);
  if (job.left !== 0 && job.left <= input.asOf) return 'stopped';
  const all = gapMasks(input);
  if ((all[0] | all[1] | all[2]) === 0) return 'insured';
  const gaps: [number, number, number] = [all[0], all[1], all[2]];
  for (const { insurance, month } of input.underWay ?? []) gaps[insurance] &= ~maskOf(month);
  const union = gaps[0] | gaps[1] | gaps[2];
  let covered = 0;
  for (const order of ordersOf(input.life))
    if (order.type === '补缴' && isLive(input.stateOf(order))) covered |= orderMask(order);
  return (union & ~covered) === 0 ? 'back-paying' : 'gap';
}

/** Unpaid months per insurance after late postings, those still open for filing left out. */
export function gapMasks({ life, asOf, late }: TruthInput): MonthMasks {
  const [pension, medical, unemployment] = remainingMasks(life, late);
  const openForFiling = (asOf & 31) <= FILING_ENDS ? 1 << (WINDOW_MONTHS - 1) : 0;
  return [pension & ~openForFiling, medical & ~openForFiling, unemployment & ~openForFiling];
}

/** What the agency should show for an order: an open one whose months the bureau shows as paid is finished. */
export function orderTruth(life: Life, order: Order, late: readonly LatePosting[]): OrderStateWord {
  const months = orderMask(order);
  if (!isLive(order.state) || months === 0) return order.state;
  const [pension, medical, unemployment] = remainingMasks(life, late);
  return ((pension | medical | unemployment) & months) === 0 ? '办结' : order.state;
}

export function truthOf(input: TruthInput, bases: Bases, hasWage: boolean): Truth {
  const status = statusOf(input);
  const judged = status !== 'stopped' && hasWage;
  return { untouchable: untouchableReason(input.life), status, bases: judged ? bases.current() : null };
}

/** Whether any wage is known at all. */
export function hasAnyWage(wageOf: (month: number) => number): boolean {
  for (let month = OPEN_MONTH - 1; month >= WAGES_FROM; month -= 1) if (wageOf(month) > 0) return true;
  return false;
}

function remainingMasks(life: Life, late: readonly LatePosting[]): MonthMasks {
  const masks = unpaidMasks(life);
  if (late.length === 0) return masks;
  const remaining: [number, number, number] = [masks[0], masks[1], masks[2]];
  for (const posting of late) remaining[posting.insurance] &= ~maskOf(posting.month);
  return remaining;
}

/** The months of a mask, for reports: `2023-01`. */
export function monthsOfMask(mask: number): readonly number[] {
  const months: number[] = [];
  for (let place = 0; place < WINDOW_MONTHS; place += 1)
    if ((mask & (1 << place)) !== 0) months.push(WINDOW_FROM + place);
  return months;
}
