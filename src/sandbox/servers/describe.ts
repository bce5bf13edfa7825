/** What is the whole truth about one employee, in a form a person can read? */
import { empNo, memberId, personNo, userId } from '../ids.js';
import { dayText, monthText } from '../world/calendar.js';
import { BRANCHES, INSURANCE_NOS, INSURANCES } from '../world/figures.js';
import { isAtAgency, ordersOf } from '../world/orders.js';
import { gapMasks, monthsOfMask } from '../world/truth.js';
import { STATUS_SYSTEMS } from '../world/views.js';
import { isInAttendance } from '../world/worked.js';
import type { World } from '../world/world.js';

export interface EmployeeDescription {
  readonly index: number;
  readonly planted: string;
  readonly ids: Readonly<Record<'bureau' | 'payroll', string> & Record<'attendance' | 'agency', string | null>>;
  readonly jobs: readonly {
    readonly company: string;
    readonly region: string;
    readonly hiredOn: string;
    readonly leftOn: string | null;
  }[];
  readonly untouchable: 'frozen' | 'quarantined' | null;
  readonly status: string;
  /** Fen; null where no base may be written. */
  readonly bases: Readonly<Record<string, number>> | null;
  /** Months without a contribution, per insurance; those still open for filing left out. */
  readonly gaps: Readonly<Record<string, readonly string[]>>;
  readonly orders: readonly { readonly number: number; readonly shows: string; readonly shouldShow: string }[];
  /** What each system showed before any write. */
  readonly shown: {
    readonly status: Readonly<Record<string, string | null>>;
    readonly payrollBases: readonly number[];
    readonly declaredBases: readonly number[];
  };
}

export function describeEmployee(world: World, index: number): EmployeeDescription {
  const life = world.lifeOf(index);
  const truth = world.truthOf(life);
  const gaps = gapMasks({ life, asOf: world.asOf, late: world.lateOf(life), stateOf: (order) => order.state });
  return {
    index,
    planted: life.kind,
    ids: {
      bureau: personNo(index),
      payroll: empNo(index),
      attendance: isInAttendance(life) ? userId(index) : null,
      agency: isAtAgency(life) ? memberId(index) : null,
    },
    jobs: life.jobs.map((job) => ({
      company: BRANCHES[job.branch].code,
      region: BRANCHES[job.branch].region,
      hiredOn: dayText(job.hired, '-'),
      leftOn: job.left === 0 ? null : dayText(job.left, '-'),
    })),
    untouchable: truth.untouchable,
    status: truth.status,
    bases: truth.bases === null ? null : byInsurance((insurance) => truth.bases?.[insurance] ?? 0),
    gaps: byInsurance((insurance) => monthsOfMask(gaps[insurance]).map((month) => monthText(month, '-'))),
    orders: ordersOf(life).map((order) => ({
      number: order.number,
      shows: world.orderState(life, order),
      shouldShow: world.orderTruth(life, order),
    })),
    shown: {
      status: Object.fromEntries(STATUS_SYSTEMS.map((system) => [system, world.shownStatus(life, system)])),
      payrollBases: world.shownBases(life),
      declaredBases: world.declaredBases(life),
    },
  };
}

function byInsurance<T>(valueOf: (insurance: 0 | 1 | 2) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(INSURANCE_NOS.map((insurance) => [INSURANCES[insurance], valueOf(insurance)]));
}
