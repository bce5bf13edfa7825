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

export class PolicyCalls {
  constructor(
    readonly book: PolicyBook,
    readonly asOf: Day,
  ) {}

  cell(region: RegionCode, insurance: Insurance, month: Month): CellPolicy {
    return this.book.cell(region, insurance, month, this.asOf);
  }

  /** null = the region's rule is unknown. A month worked from before its first day until after its last is due by every rule. */
  isDue(employment: EmploymentItem, insurance: Insurance, month: Month): boolean | null {
    const { hiredOn, leftOn, region } = employment;
    const hiredIn = monthOfDay(hiredOn);
    const leftIn = leftOn === null ? null : monthOfDay(leftOn);
    if (hiredIn > month || (leftIn !== null && leftIn < month)) return false;
    if (hiredIn < month && (leftIn === null || leftIn > month)) return true;
    const answer = isMonthDue(this.cell(region, insurance, month), employment);
    return answer.known ? answer.due : null;
  }

  /** Where no source gives the window, the month after the next must have begun: no region files later than that. */
  isFilingOver(region: RegionCode, insurance: Insurance, month: Month): boolean {
    const window = filingWindowOf(this.cell(region, insurance, month));
    return this.asOf > (window.known ? window.until : lastDay(addMonths(month, 1)));
  }

  expectedBase({ job, wages, insurance }: BaseSubject, month: Month, knownAt: Day = this.asOf): ExpectedBase {
    const { region } = job.employment;
    const { floorFen, capFen } = this.book.cell(region, insurance, month, knownAt);
    const base = wages.areComplete ? this.baseResult({ job, wages, insurance }, month, knownAt) : null;
    return {
      baseFen: base?.known === true ? base.baseFen : null,
      floorFen: floorFen.known ? floorFen.value : null,
      capFen: capFen.known ? capFen.value : null,
      isUnverified: base?.known === true && (base.unverified || base.provisional),
    };
  }

  /** The base with its explanation. */
  baseResult({ job, wages, insurance }: BaseSubject, month: Month, knownAt: Day = this.asOf): BaseResult {
    const { region } = job.employment;
    return expectedBase({ region, insurance, month, knownAt, employment: job.terms, wages: wages.run }, this.book);
  }

  /** null where any rate, fixed part or rounding is unknown. */
  amounts({ job, insurance }: BaseSubject, month: Month, baseFen: Fen): OwedAmounts | null {
    const hukou = job.employment.hukou ?? null;
    const { employee, employer } = contributionOf(baseFen, this.cell(job.employment.region, insurance, month), { hukou, book: this.book });
    if (!employee.known || !employer.known) return null;
    return { employeeFen: employee.fen, employerFen: employer.fen, isUnverified: employee.doubtful || employer.doubtful };
  }

  /**
   * Whether a paid base is what was right by the range known while the month was worked or filed. Notices come months late
   * and apply backwards; what was charged before them is topped up, which is no mismatch.
   */
  fitsEarlierKnowledge(subject: BaseSubject, month: Month, paidBaseFen: Fen): boolean {
    const window = filingWindowOf(this.cell(subject.job.employment.region, subject.insurance, month));
    const days = [firstDay(month), lastDay(month), ...(window.known ? [window.until] : [])];
    return days.some((knownAt) => {
      if (knownAt >= this.asOf) return false;
      const { baseFen, floorFen, capFen } = this.expectedBase(subject, month, knownAt);
      if (baseFen !== null) return baseFen === paidBaseFen;
      const isInside = (floorFen === null || paidBaseFen >= floorFen) && (capFen === null || paidBaseFen <= capFen);
      return isInside && (floorFen !== null || capFen !== null);
    });
  }
}
