/** On which base is a month of an insurance due? An independent calculation: yearly average, newcomer's first full month, or the previous month's wage; clamped last. */
import { OPEN_MONTH, monthNo, monthOf, type MonthNo } from './calendar.js';
import { baseRuleOf, clampBase, figuresOf, poolOf, INSURANCE_NOS, type InsuranceNo } from './figures.js';
import { isFullMonth, lastJob, type Job, type Life } from './life.js';
import { grossFen, type WageOf } from './wages.js';

/** Bases per insurance in fen: pension, medical, unemployment. */
export type BaseTriple = readonly [number, number, number];

/** The bases of one person. Averages are computed once per year asked for. */
export class Bases {
  readonly #life: Life;
  readonly #wageOf: WageOf;
  readonly #averages = new Map<number, number>();

  /** `wageOf` replaces the world's wages where they were changed while it runs. */
  constructor(life: Life, wageOf: WageOf = (month) => grossFen(life, month)) {
    this.#life = life;
    this.#wageOf = wageOf;
  }

  baseFen(job: Job, insurance: InsuranceNo, month: MonthNo): number {
    const figures = figuresOf(poolOf(job.branch, this.#life.hukou), insurance, month);
    if (figures.floorFen === figures.capFen) return figures.floorFen;
    return clampBase(this.#basisFen(job, insurance, month), figures);
  }

  /** The bases in force in the open month. */
  current(): BaseTriple {
    const job = lastJob(this.#life);
    const [pension, medical, unemployment] = INSURANCE_NOS.map((insurance) => this.baseFen(job, insurance, OPEN_MONTH));
    return [pension ?? 0, medical ?? 0, unemployment ?? 0];
  }

  #basisFen(job: Job, insurance: InsuranceNo, month: MonthNo): number {
    const rule = baseRuleOf(job.branch, insurance);
    if (rule === 'previous-month') return this.#wageOf(month - 1) || this.#newcomerFen(job);
    const year = Math.floor(month / 12);
    const adjusted = rule === 'january' || month % 12 >= 6;
    return this.#averageFen(adjusted ? year - 1 : year - 2) || this.#newcomerFen(job);
  }

  /** Average over the months with a wage, half-up to the fen; 0 when no month of the year was worked in full. */
  #averageFen(year: number): number {
    const known = this.#averages.get(year);
    if (known !== undefined) return known;
    let sum = 0;
    let months = 0;
    let full = false;
    for (let month = monthNo(year, 1); month < monthNo(year + 1, 1); month += 1) {
      const wage = this.#wageOf(month);
      if (wage === 0) continue;
      sum += wage;
      months += 1;
      full ||= this.#life.jobs.some((job) => isFullMonth(job, month));
    }
    const average = full ? Math.floor((2 * sum + months) / (2 * months)) : 0;
    this.#averages.set(year, average);
    return average;
  }

  #newcomerFen(job: Job): number {
    for (let month = monthOf(job.hired); month < OPEN_MONTH; month += 1) {
      const wage = isFullMonth(job, month) ? this.#wageOf(month) : 0;
      if (wage > 0) return wage;
    }
    return job.startFen || this.#life.salaryFen;
  }
}
