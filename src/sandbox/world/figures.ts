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

interface Period {
  readonly from: MonthNo;
  readonly figures: Figures;
}

const START = WINDOW_FROM;
const IN_DECEMBER = monthNo(2022, 12);
const IN_2023 = monthNo(2023, 1);

function since(from: MonthNo, yuan: readonly [number, number], percent: readonly [number, number], employeeFixedYuan = 0): Period {
  const [floor, cap] = yuan;
  const [employer, employee] = percent;
  return {
    from,
    figures: {
      floorFen: floor * 100,
      capFen: cap * 100,
      employerPpm: Math.round(employer * 10_000),
      employeePpm: Math.round(employee * 10_000),
      employeeFixedFen: employeeFixedYuan * 100,
    },
  };
}

const PERIODS: readonly (readonly (readonly Period[])[])[] = [
  [[since(START, [5869, 31884], [16, 8])], [since(START, [5869, 31884], [9.8, 2], 3)], [since(START, [5869, 31884], [0.5, 0.5])]],
  [[since(START, [6520, 34188], [16, 8])], [since(START, [6520, 34188], [10, 2])], [since(START, [6520, 34188], [0.5, 0.5])]],
  [
    [since(START, [4588, 24930], [15, 8])],
    [since(START, [7214, 36072], [5.45, 2]), since(IN_DECEMBER, [5309, 26544], [6, 2])],
    [since(START, [2300, 36072], [0.8, 0.2])],
  ],
  [
    [since(START, [2360, 24930], [14, 8])],
    [since(START, [6972, 38892], [5.2, 2]), since(IN_2023, [7778, 38892], [5.2, 2])],
    [since(START, [2360, 2360], [0.7, 0.3])],
  ],
  // Hangzhou's range of 2023 was published in December 2023: its first months were charged on the range of 2022.
  [[since(START, [3957, 22311], [16, 8])], [since(START, [3957, 22311], [9.5, 2])], [since(START, [3957, 22311], [0.5, 0.5])]],
];

const TABLE: readonly (readonly (readonly Figures[])[])[] = PERIODS.map((insurances) => insurances.map(monthly));

/** Shenzhen's own residents: the employer pays one more percent for the local supplementary pension. */
const SHENZHEN_LOCAL_PENSION: Figures = { ...figureAt(SHENZHEN, PENSION, WINDOW_FROM), employerPpm: 150_000 };

/** The figures of a month of the window or the open month; earlier and later months answer as the nearest of them. */
export function figuresOf(branch: Branch, insurance: InsuranceNo, month: MonthNo, hukou: 'local' | 'other'): Figures {
  if (branch === SHENZHEN && insurance === PENSION && hukou === 'local') return SHENZHEN_LOCAL_PENSION;
  return figureAt(branch, insurance, month);
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

function figureAt(branch: Branch, insurance: InsuranceNo, month: MonthNo): Figures {
  const place = Math.min(Math.max(month, WINDOW_FROM), OPEN_MONTH) - WINDOW_FROM;
  const figures = TABLE[branch]?.[insurance]?.[place];
  if (figures === undefined) throw new RangeError(`No figures for branch ${branch}, insurance ${insurance}.`);
  return figures;
}

function monthly(periods: readonly Period[]): readonly Figures[] {
  const months: Figures[] = [];
  for (let month = WINDOW_FROM; month <= OPEN_MONTH; month += 1) {
    const current = periods.filter((period) => period.from <= month).at(-1);
    if (current !== undefined) months.push(current.figures);
  }
  return months;
}
