/** What did an employee earn in a month? Prorated in part months, raised once a year, with overtime and a December bonus for some. */
import { OPEN_MONTH, WAGES_FROM, daysIn, monthNo, type MonthNo } from './calendar.js';
import { draw, drawBelow } from './draw.js';
import { DRAW, daysEmployed, firstJob, type Life } from './life.js';

/** Gross wage in fen; 0 = no wage in that month. */
export type WageOf = (month: MonthNo) => number;

const RAISE_MONTHS = [0, 3, 6] as const;
const BONUS_MONTH_OF_YEAR = 11;

/** Gross wage of a month in fen; 0 outside employment and outside January 2021 – February 2023. */
export function grossFen(life: Life, month: MonthNo): number {
  if (month < WAGES_FROM || month >= OPEN_MONTH) return 0;
  let days = 0;
  for (const job of life.jobs) days += daysEmployed(job, month);
  if (days === 0) return 0;
  const inMonth = daysIn(month);
  const level = levelFen(life, month);
  if (days < inMonth) return Math.round((level * days) / inMonth);
  return level + extraFen(life, month, level);
}

/** The months of a year with a wage; none outside 2021–2023. */
export function earnsInYear(life: Life, year: number): boolean {
  for (let month = monthNo(year, 1); month < monthNo(year + 1, 1); month += 1) {
    if (month >= WAGES_FROM && month < OPEN_MONTH && life.jobs.some((job) => daysEmployed(job, month) > 0)) return true;
  }
  return false;
}

function isNewcomer(life: Life): boolean {
  return firstJob(life).hired >> 5 >= monthNo(2022, 1);
}

/** Newcomers keep their starting wage: the first full month pays exactly what was agreed. */
function levelFen(life: Life, month: MonthNo): number {
  if (life.flat || isNewcomer(life)) return life.salaryFen;
  const drawn = draw(life.seed, life.index, DRAW.raise);
  const perMille = 1000 + drawBelow(81, drawn);
  let level = life.salaryFen;
  for (let raiseAt = monthNo(2022, 1) + (RAISE_MONTHS[drawn % 3] ?? 0); raiseAt <= month; raiseAt += 12) {
    level = Math.round((level * perMille) / 1000);
  }
  return level;
}

function extraFen(life: Life, month: MonthNo, level: number): number {
  if (life.flat) return 0;
  const december = month % 12 === BONUS_MONTH_OF_YEAR;
  const bonus = december && draw(life.seed, life.index, DRAW.bonus) % 10 < 3 ? Math.round(level / 4) : 0;
  if (isNewcomer(life)) return month > (firstJob(life).hired >> 5) + 1 ? bonus : 0;
  const overtime = draw(life.seed, life.index, DRAW.variation) % 10 < 4;
  return bonus + (overtime ? (draw(life.seed, life.index, 1000 + month) % 60) * 1000 : 0);
}
