/**
 * Which floors, caps and rates does the world charge by? An independent second table and calculation: it shares nothing with the hub's policy,
 * so that a mistake in either shows. Figures as in force September 2022 – March 2023.
 */
import { OPEN_MONTH, WINDOW_FROM, monthNo, type MonthNo } from './calendar.js';

export const BRANCHES = [
  { code: 'A-BJ', region: '110000', city: '北京' },
  { code: 'A-SH', region: '310000', city: '上海' },
  { code: 'A-GZ', region: '440100', city: '广州' },
  { code: 'A-SZ', region: '440300', city: '深圳' },
  { code: 'A-HZ', region: '330100', city: '杭州' },
] as const;
/** Place of a branch in BRANCHES. */
export type Branch = 0 | 1 | 2 | 3 | 4;
export const BEIJING: Branch = 0;
export const SHANGHAI: Branch = 1;
export const GUANGZHOU: Branch = 2;
export const SHENZHEN: Branch = 3;
export const HANGZHOU: Branch = 4;

/** The three insurances of this world, in the order of its masks and triples. */
export const INSURANCES = ['pension', 'medical', 'unemployment'] as const;
export type InsuranceName = (typeof INSURANCES)[number];
export type InsuranceNo = 0 | 1 | 2;
export const INSURANCE_NOS: readonly InsuranceNo[] = [0, 1, 2];
export const PENSION: InsuranceNo = 0;
export const MEDICAL: InsuranceNo = 1;
export const UNEMPLOYMENT: InsuranceNo = 2;

/** Money in fen, rates in ppm. */
export interface Figures {
  readonly floorFen: number;
  readonly capFen: number;
  readonly employerPpm: number;
  readonly employeePpm: number;
  readonly employeeFixedFen: number;
}

/** `july`/`january`: average wage of the previous calendar year, in force from that month. `previous-month`: last month's wage. */
export type BaseRule = 'july' | 'january' | 'previous-month';

export function baseRuleOf(branch: Branch, insurance: InsuranceNo): BaseRule {
  if (branch === SHENZHEN) return 'previous-month';
  if (branch === HANGZHOU || (branch === GUANGZHOU && insurance === MEDICAL)) return 'january';
  return 'july';
}

/** The six pools of people charged alike: one per branch, and Shenzhen's own residents. */
export type Pool = Branch | 5;
const SHENZHEN_LOCAL: Pool = 5;

export function poolOf(branch: Branch, hukou: 'local' | 'other'): Pool {
  return branch === SHENZHEN && hukou === 'local' ? SHENZHEN_LOCAL : branch;
}

interface Period {
  readonly from: MonthNo;
  readonly figures: Figures;
}

const IN_DECEMBER = monthNo(2022, 12);
const IN_2023 = monthNo(2023, 1);

/** `[floor, cap, employer's percent, employee's percent, fixed yuan of the employee]`, from the first month of the window unless told. */
function charged(
  yuanAndPercent: readonly [number, number, number, number, number?],
  from: MonthNo = WINDOW_FROM,
): Period {
  const [floor, cap, employer, employee, fixed = 0] = yuanAndPercent;
  return {
    from,
    figures: {
      floorFen: floor * 100,
      capFen: cap * 100,
      employerPpm: Math.round(employer * 10_000),
      employeePpm: Math.round(employee * 10_000),
      employeeFixedFen: fixed * 100,
    },
  };
}

const SHENZHEN_MEDICAL = [charged([6972, 38892, 5.2, 2]), charged([7778, 38892, 5.2, 2], IN_2023)];
const SHENZHEN_UNEMPLOYMENT = [charged([2360, 2360, 0.7, 0.3])];

const PERIODS: readonly (readonly (readonly Period[])[])[] = [
  [[charged([5869, 31884, 16, 8])], [charged([5869, 31884, 9.8, 2, 3])], [charged([5869, 31884, 0.5, 0.5])]],
  [[charged([6520, 34188, 16, 8])], [charged([6520, 34188, 10, 2])], [charged([6520, 34188, 0.5, 0.5])]],
  [
    [charged([4588, 24930, 15, 8])],
    [charged([7214, 36072, 5.45, 2]), charged([5309, 26544, 6, 2], IN_DECEMBER)],
    [charged([2300, 36072, 0.8, 0.2])],
  ],
  [[charged([2360, 24930, 14, 8])], SHENZHEN_MEDICAL, SHENZHEN_UNEMPLOYMENT],
  // Hangzhou's range of 2023 was published in December 2023: its first months were charged on the range of 2022.
  [[charged([3957, 22311, 16, 8])], [charged([3957, 22311, 9.5, 2])], [charged([3957, 22311, 0.5, 0.5])]],
  // The employer of a local resident pays one more percent for the local supplementary pension.
  [[charged([2360, 24930, 15, 8])], SHENZHEN_MEDICAL, SHENZHEN_UNEMPLOYMENT],
];

const TABLE: readonly (readonly (readonly Figures[])[])[] = PERIODS.map((insurances) => insurances.map(monthly));

/** The figures of a month of the window or the open month; earlier and later months answer as the nearest of them. */
export function figuresOf(pool: Pool, insurance: InsuranceNo, month: MonthNo): Figures {
  const place = Math.min(Math.max(month, WINDOW_FROM), OPEN_MONTH) - WINDOW_FROM;
  const figures = TABLE[pool]?.[insurance]?.[place];
  if (figures === undefined) throw new RangeError(`No figures for pool ${pool}, insurance ${insurance}.`);
  return figures;
}

export function clampBase(basisFen: number, figures: Figures): number {
  return Math.min(Math.max(basisFen, figures.floorFen), figures.capFen);
}

export function employeeFen(baseFen: number, figures: Figures): number {
  return share(baseFen, figures.employeePpm) + figures.employeeFixedFen;
}

export function employerFen(baseFen: number, figures: Figures): number {
  return share(baseFen, figures.employerPpm);
}

/** base × rate, half-up to the fen. */
function share(baseFen: number, ratePpm: number): number {
  const product = baseFen * ratePpm;
  const remainder = product % 1_000_000;
  return (product - remainder) / 1_000_000 + (remainder >= 500_000 ? 1 : 0);
}

function monthly(periods: readonly Period[]): readonly Figures[] {
  const months: Figures[] = [];
  for (let month = WINDOW_FROM; month <= OPEN_MONTH; month += 1) {
    const current = periods.filter((period) => period.from <= month).at(-1);
    if (current !== undefined) months.push(current.figures);
  }
  return months;
}
