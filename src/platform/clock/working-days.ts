/** Which days are worked in China: weekdays, less public holidays, plus the weekend days that are worked to make up for them. */
import { createRequire } from 'node:module';
import { type Day, addDays, day, daysInMonth, dayInMonth, monthOfDay } from '../../domain/month.js';

/** One year as the State Council's notice arranges it, added by hand for a year that the package does not know yet. */
export interface ArrangedYear {
  readonly year: number;
  /** Days off, single (`2027-01-01`) or from and to, both counted (`2027-10-01/2027-10-07`). */
  readonly off: readonly string[];
  /** Saturdays and Sundays that are worked. */
  readonly work: readonly string[];
}

interface KnownYear {
  readonly off: ReadonlySet<string>;
  readonly work: ReadonlySet<string>;
}

export interface WorkdayRank {
  /** 1 = the first working day of the month. */
  readonly fromFirst: number;
  /** -1 = the last one. */
  readonly fromLast: number;
}

/** Every year since 1949 has it among its holidays: a year without it is one whose notice the package does not hold. */
const NATIONAL_DAY = '10-01';

/**
 * Answers null for years that nobody has arranged yet: the notice for a year comes in the autumn before it.
 *
 * Only the package's lists are used. Its functions answer by weekday alone for years it does not know, without saying so,
 * and 1.5.7 takes the weekday from the process's own time zone: west of UTC it counted Saturdays as working days.
 */
export class WorkingDays {
  private readonly years: Map<number, KnownYear>;

  constructor(own: readonly ArrangedYear[] = []) {
    this.years = new Map(packagedYears());
    for (const { year, off, work } of own)
      this.years.set(year, { off: new Set(off.flatMap(daysOfSpan)), work: new Set(work.flatMap(daysOfSpan)) });
  }

  knows(year: number): boolean {
    return this.years.has(year);
  }

  isWorkday(of: Day): boolean | null {
    const year = this.years.get(yearOf(of));
    if (year === undefined) return null;
    return year.work.has(of) || (isWeekday(of) && !year.off.has(of));
  }

  /** Which working day of its month a day is; null for a day off and in a year not known. */
  rankOf(of: Day): WorkdayRank | null {
    return this.isWorkday(of) === true ? rankAmong(of, (each) => this.isWorkday(each) === true) : null;
  }
}

export function yearOf(of: Day): number {
  return Number(of.slice(0, 4));
}

/** Monday to Friday, whatever the holidays. */
export function isWeekday(of: Day): boolean {
  const weekday = new Date(`${of}T00:00:00Z`).getUTCDay();
  return weekday >= 1 && weekday <= 5;
}

/** As `rankOf`, as if there were no holidays: all that can be said of a year not known. */
export function weekdayRankOf(of: Day): WorkdayRank | null {
  return isWeekday(of) ? rankAmong(of, isWeekday) : null;
}

/** The days of `2027-01-01` or `2027-10-01/2027-10-07`, both ends counted. Throws on what is not a day. */
export function daysOfSpan(span: string): Day[] {
  const [from = '', to = from] = span.split('/');
  const last = day(to);
  const days: Day[] = [];
  for (let at = day(from); at <= last; at = addDays(at, 1)) days.push(at);
  return days;
}

function rankAmong(of: Day, counts: (each: Day) => boolean): WorkdayRank {
  const month = monthOfDay(of);
  const worked = Array.from({ length: daysInMonth(month) }, (_, at) => dayInMonth(month, at + 1)).filter(counts);
  const at = worked.indexOf(of);
  return { fromFirst: at + 1, fromLast: at - worked.length };
}

let packaged: readonly [number, KnownYear][] | null = null;

function packagedYears(): readonly [number, KnownYear][] {
  return (packaged ??= readPackage());
}

function readPackage(): readonly [number, KnownYear][] {
  const lists = createRequire(import.meta.url)('chinese-days/dist/chinese-days.json') as {
    readonly holidays: Readonly<Record<string, string>>;
    readonly workdays: Readonly<Record<string, string>>;
  };
  const off = Object.keys(lists.holidays);
  const work = Object.keys(lists.workdays);
  const years = off.filter((each) => each.endsWith(NATIONAL_DAY)).map((each) => Number(each.slice(0, 4)));
  const of = (year: number, days: readonly string[]): ReadonlySet<string> =>
    new Set(days.filter((each) => each.startsWith(`${year}-`)));
  return years.map((year) => [year, { off: of(year, off), work: of(year, work) }]);
}
