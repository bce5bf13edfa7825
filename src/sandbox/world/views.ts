/** What did each system show of an employee before anybody corrected it? */
import { type BaseTriple, type Bases } from './bases.js';
import { chargedBaseFen } from './cells.js';
import { OPEN_MONTH } from './calendar.js';
import type { PersonStatus } from '../../domain/situation.js';
import { draw } from './draw.js';
import { INSURANCE_NOS, type InsuranceNo } from './figures.js';
import { DRAW, lastJob, type Life } from './life.js';

export const STATUS_SYSTEMS = ['payroll', 'attendance', 'agency'] as const;
export type StatusSystem = (typeof STATUS_SYSTEMS)[number];

const DRAW_OF = { payroll: DRAW.shownPayroll, attendance: DRAW.shownAttendance, agency: DRAW.shownAgency } as const;
const STALE: readonly (PersonStatus | null)[] = ['gap', 'stopped', 'inconclusive', 'back-paying', null, 'insured'];

/** The status a system shows at the start, given the true one; null = none. */
export function shownStatus(life: Life, system: StatusSystem, truth: PersonStatus): PersonStatus | null {
  const drawn = draw(life.seed, life.index, DRAW_OF[system]);
  switch (life.kind) {
    case 'li':
      return { payroll: 'insured', attendance: null, agency: truth }[system] as PersonStatus | null;
    case 'stale-payroll':
    case 'stale-attendance':
    case 'stale-agency':
      return life.kind === `stale-${system}` ? other(truth, drawn) : truth;
    case 'stale-leaver':
      return system === 'payroll' || drawn % 2 === 0 ? 'insured' : truth;
    case 'conflict':
      return system === 'attendance' ? 'insured' : truth;
    default:
      return truth === 'gap' || truth === 'back-paying' ? unnoticed(truth, drawn) : truth;
  }
}

/** Payroll's bases at the start. */
export function shownBases(life: Life, bases: Bases): BaseTriple {
  const right = bases.current();
  const drawn = draw(life.seed, life.index, DRAW.shownBase);
  switch (life.kind) {
    case 'payroll-base':
      return alter(right, (baseFen, insurance) =>
        (life.plantedInsurances >> insurance) & 1 ? Math.round(baseFen * 0.0091) * 100 : baseFen,
      );
    case 'base-low':
    case 'base-high':
    case 'base-below-floor':
    case 'base-above-cap':
      return drawn % 2 === 0 ? declaredBases(life, bases) : right;
    // Nobody mends the base of who left.
    case 'stale-leaver':
      return alter(right, (baseFen) => baseFen - 10_000);
    default:
      return right;
  }
}

/** The bases declared at the bureau at the start. */
export function declaredBases(life: Life, bases: Bases): BaseTriple {
  const job = lastJob(life);
  return alter(bases.current(), (baseFen, insurance) =>
    chargedBaseFen(life, { job, insurance, month: OPEN_MONTH }, baseFen),
  );
}

function alter(triple: BaseTriple, change: (baseFen: number, insurance: InsuranceNo) => number): BaseTriple {
  const [pension, medical, unemployment] = INSURANCE_NOS.map((insurance) => change(triple[insurance], insurance));
  return [pension ?? 0, medical ?? 0, unemployment ?? 0];
}

/** Most gaps were noticed by nobody, some by everybody. */
function unnoticed(truth: PersonStatus, drawn: number): PersonStatus | null {
  if (drawn % 20 < 11) return 'insured';
  return drawn % 20 < 17 ? truth : null;
}

function other(truth: PersonStatus, drawn: number): PersonStatus | null {
  const candidates = STALE.filter((status) => status !== truth);
  return candidates[drawn % candidates.length] ?? null;
}
