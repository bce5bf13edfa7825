/** Everything reconcile asks the policy, as known on the as-of day: due, filing window, expected base, amounts, earlier knowledge. */
import type { Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import { addMonths, firstDay, lastDay, monthOfDay, type Day, type Month } from '../domain/month.js';
import type { EmploymentItem } from '../domain/records.js';
import type { RegionCode } from '../domain/region.js';
import { expectedBase, type BaseResult } from '../policy/base.js';
import type { PolicyBook } from '../policy/book.js';
import type { CellPolicy } from '../policy/cell-policy.js';
import { contributionOf } from '../policy/contribution.js';
import { filingWindowOf, isMonthDue } from '../policy/due.js';
import type { ParameterName } from '../policy/parameter-catalogue.js';
import { FigureKeys, type CellFigures } from './cell-figures.js';
import type { Job } from './jobs-of-person.js';
import type { Wages } from './wages-of-person.js';

/** Whose base or amounts are asked for. */
export interface BaseSubject {
  readonly job: Job;
  readonly wages: Wages;
  readonly insurance: Insurance;
}

/** null = unknown; a limit of null may also mean that there is none. */
export interface ExpectedBase {
  readonly baseFen: Fen | null;
  readonly floorFen: Fen | null;
  readonly capFen: Fen | null;
  /** A figure behind it is carried over or has one source without a document. */
  readonly isUnverified: boolean;
}

export interface OwedAmounts {
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
  readonly isUnverified: boolean;
}

/** What was already worked out for one employment, by the keys of CellFigures. */
export class SubjectMemo {
  readonly bases = new Map<number, ExpectedBase>();
  /** The newest base and its amounts. */
  readonly owed = new Map<number, { readonly baseFen: Fen; readonly amounts: OwedAmounts | null }>();
}

export class PolicyCalls {
  private readonly keys = new FigureKeys();
  private readonly figures = new Map<RegionCode, Map<Insurance, Map<Month, CellFigures>>>();

  private readonly earlier = new Map<string, readonly CellPolicy[]>();

  constructor(
    readonly book: PolicyBook,
    readonly asOf: Day,
    /** Months were topped up to what was known on this day; null = nothing was recalculated yet. */
    private readonly recalculatedUpTo: Day | null = null,
  ) {}

  /** As known on the as-of day. */
  private cell(region: RegionCode, insurance: Insurance, month: Month): CellFigures {
    const ofRegion = this.figures.get(region) ?? new Map<Insurance, Map<Month, CellFigures>>();
    const ofInsurance = ofRegion.get(insurance) ?? new Map<Month, CellFigures>();
    const known = ofInsurance.get(month);
    if (known !== undefined) return known;
    const figures = this.keys.figuresOf(this.book.cell(region, insurance, month, this.asOf));
    this.figures.set(region, ofRegion.set(insurance, ofInsurance.set(month, figures)));
    return figures;
  }

  /** null = the region's rule is unknown. */
  isDue(employment: EmploymentItem, insurance: Insurance, month: Month): boolean | null {
    const isDueByAnyRule = dueByAnyRule(employment, month);
    if (isDueByAnyRule !== null) return isDueByAnyRule;
    const answer = isMonthDue(this.cell(employment.region, insurance, month).policy, employment);
    return answer.known ? answer.due : null;
  }

  /** Where no source gives the window, the month after the next must have begun: no region files later than that. */
  isFilingOver(region: RegionCode, insurance: Insurance, month: Month): boolean {
    const window = filingWindowOf(this.cell(region, insurance, month).policy);
    return this.asOf > (window.known ? window.until : lastDay(addMonths(month, 1)));
  }

  expectedBase(subject: BaseSubject, month: Month): ExpectedBase {
    const figures = this.cell(subject.job.employment.region, subject.insurance, month);
    const { bases } = subject.wages.memo;
    const known = bases.get(figures.baseKey);
    if (known !== undefined) return known;
    const expected = this.baseKnownAt(subject, month, { knownAt: this.asOf, ...figures });
    bases.set(figures.baseKey, expected);
    return expected;
  }

  private baseKnownAt(
    subject: BaseSubject,
    month: Month,
    { knownAt, floorFen, capFen, isUnverified }: Knowledge,
  ): ExpectedBase {
    const base = subject.wages.areComplete ? this.baseResult(subject, month, knownAt) : null;
    if (base?.known !== true) return { baseFen: null, floorFen, capFen, isUnverified: false };
    return { baseFen: base.baseFen, floorFen, capFen, isUnverified };
  }

  /** The base with its explanation. */
  baseResult({ job, wages, insurance }: BaseSubject, month: Month, knownAt: Day = this.asOf): BaseResult {
    const { region } = job.employment;
    return expectedBase({ region, insurance, month, knownAt, employment: job.terms, wages: wages.run }, this.book);
  }

  /** null where any rate, fixed part or rounding is unknown. */
  amounts(subject: BaseSubject, month: Month, baseFen: Fen): OwedAmounts | null {
    const { policy, amountKey } = this.cell(subject.job.employment.region, subject.insurance, month);
    const known = subject.wages.memo.owed.get(amountKey);
    if (known?.baseFen === baseFen) return known.amounts;
    const amounts = this.amountsBy(policy, subject, baseFen);
    subject.wages.memo.owed.set(amountKey, { baseFen, amounts });
    return amounts;
  }

  private amountsBy(policy: CellPolicy, { job }: BaseSubject, baseFen: Fen): OwedAmounts | null {
    const { employee, employer } = contributionOf(baseFen, policy, { hukou: job.employment.hukou ?? null });
    if (!employee.known || !employer.known) return null;
    return {
      employeeFen: employee.fen,
      employerFen: employer.fen,
      isUnverified: employee.doubtful || employer.doubtful,
    };
  }

  /**
   * Whether a paid base is what was right by the range known at any time since the month began. Notices come months late and
   * apply backwards; what was charged before them is topped up by an approved recalculation, which is no mismatch.
   */
  fitsEarlierKnowledge(subject: BaseSubject, month: Month, paidBaseFen: Fen): boolean {
    return this.earlierCells(subject, month).some((policy) => {
      const { baseFen, floorFen, capFen } = this.baseKnownAt(subject, month, {
        knownAt: policy.knownAt,
        ...this.keys.figuresOf(policy),
      });
      if (baseFen !== null) return baseFen === paidBaseFen;
      const isInside = (floorFen === null || paidBaseFen >= floorFen) && (capFen === null || paidBaseFen <= capFen);
      return isInside && (floorFen !== null || capFen !== null);
    });
  }

  /** The same for the amounts on the right base: a rate may come as late as a range. */
  fitsEarlierRates(subject: BaseSubject, month: Month, paid: Omit<OwedAmounts, 'isUnverified'> & PaidBase): boolean {
    return this.earlierCells(subject, month).some((policy) => {
      const owed = this.amountsBy(policy, subject, paid.baseFen);
      return owed !== null && owed.employeeFen === paid.employeeFen && owed.employerFen === paid.employerFen;
    });
  }

  /**
   * The cell as known on its first and last day, at the end of its filing, and whenever something new was published since; what was
   * known before the recalculations already carried out excuses nothing.
   */
  private earlierCells({ job, insurance }: BaseSubject, month: Month): readonly CellPolicy[] {
    const { region } = job.employment;
    const key = `${region} ${insurance} ${month}`;
    const known = this.earlier.get(key);
    if (known !== undefined) return known;
    const window = filingWindowOf(this.cell(region, insurance, month).policy);
    const from = firstDay(month);
    const learnt = this.book.learntDays({ region, insurance, parameters: FIGURES }, { from, until: this.asOf });
    const days = [from, lastDay(month), ...(window.known ? [window.until] : []), ...learnt];
    const cells = [...new Set(days)]
      .filter((knownAt) => knownAt < this.asOf && knownAt >= (this.recalculatedUpTo ?? ''))
      .map((knownAt) => this.book.cell(region, insurance, month, knownAt));
    this.earlier.set(key, cells);
    return cells;
  }
}

interface PaidBase {
  readonly baseFen: Fen;
}

/** What a late notice may change of a paid month. */
const FIGURES = [
  'base_floor',
  'base_cap',
  'employee_rate',
  'employer_rate',
  'employer_rate_local_hukou',
  'employee_fixed',
  'employer_fixed',
] as const satisfies readonly ParameterName[];

interface Knowledge extends Pick<CellFigures, 'floorFen' | 'capFen' | 'isUnverified'> {
  readonly knownAt: Day;
}

/** A month worked from before its first day until after its last is due by every rule, one not touched by none; null = the rule decides. */
function dueByAnyRule({ hiredOn, leftOn }: EmploymentItem, month: Month): boolean | null {
  const hiredIn = monthOfDay(hiredOn);
  const leftIn = leftOn === null ? null : monthOfDay(leftOn);
  if (hiredIn > month || (leftIn !== null && leftIn < month)) return false;
  return hiredIn < month && (leftIn === null || leftIn > month) ? true : null;
}
