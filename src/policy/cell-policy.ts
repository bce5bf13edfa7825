/** Everything the policy says about one region, insurance and month, each value with its status and source. */
import type { Fen, Ppm } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import { type Day, type Month, firstDay, lastDay, monthIndex } from '../domain/month.js';
import type { RegionCode } from '../domain/region.js';
import type {
  BaseRule,
  DueRule,
  FirstJobStart,
  LateFeeStart,
  NewcomerRule,
  ParameterName,
  ParameterValue,
  PaymentDayRule,
  Rounding,
} from './parameter-catalogue.js';
import type { Looked } from './policy-record.js';

export interface CellPolicy {
  readonly region: RegionCode;
  readonly insurance: Insurance;
  readonly month: Month;
  /** The same as a number, see monthIndex. */
  readonly monthIndex: number;
  readonly firstDay: Day;
  readonly lastDay: Day;
  readonly knownAt: Day;
  /** Edition of the pack and the overlays that answered. */
  readonly policyVersion: string;
  /** null inside Known = no floor, no cap. */
  readonly floorFen: Looked<Fen | null>;
  readonly capFen: Looked<Fen | null>;
  readonly employeeRatePpm: Looked<Ppm>;
  readonly employerRatePpm: Looked<Ppm>;
  /** Unknown where the region makes no difference by household registration. */
  readonly employerRateLocalHukouPpm: Looked<Ppm>;
  /** Work injury: the employer's rate by industry class, class 1 first. */
  readonly employerClassRatesPpm: readonly Looked<Ppm>[];
  /** Housing fund: what an employer may choose. */
  readonly rateRangePpm: Looked<{ readonly least: Ppm; readonly most: Ppm }>;
  readonly employeeFixedFen: Looked<Fen>;
  readonly employerFixedFen: Looked<Fen>;
  readonly employeeFixedYearlyFen: Looked<Fen>;
  readonly employerFixedYearlyFen: Looked<Fen>;
  readonly fixedYearlyMonth: Looked<number>;
  readonly baseRule: Looked<BaseRule>;
  readonly baseWindowMonths: Looked<number>;
  readonly adjustmentMonth: Looked<number>;
  readonly newcomerRule: Looked<NewcomerRule>;
  readonly baseRounding: Looked<Rounding>;
  readonly employeeRounding: Looked<Rounding>;
  readonly employerRounding: Looked<Rounding>;
  readonly dueRule: Looked<DueRule>;
  readonly hireCutOffDay: Looked<number>;
  readonly firstJobStart: Looked<FirstJobStart>;
  readonly filingMonthOffset: Looked<number>;
  readonly filingFromDay: Looked<number>;
  readonly filingUntilDay: Looked<number>;
  readonly registrationDays: Looked<number>;
  readonly lateFeeDailyRatePpm: Looked<Ppm>;
  readonly lateFeeStart: Looked<LateFeeStart>;
  readonly lateFeePaymentDay: Looked<PaymentDayRule>;
  readonly lateFeeCappedAtPrincipal: Looked<boolean>;
  readonly lateFeeWaivedForTopUps: Looked<boolean>;
  readonly lateFeeRounding: Looked<Rounding>;
}

/** Answers one parameter of the cell that is being compiled. */
export type Look = <N extends ParameterName>(parameter: N) => Looked<ParameterValue<N>>;

export type CellKey = Pick<CellPolicy, 'region' | 'insurance' | 'month' | 'knownAt'>;

const CLASS_RATES = [
  'employer_rate_class1',
  'employer_rate_class2',
  'employer_rate_class3',
  'employer_rate_class4',
  'employer_rate_class5',
  'employer_rate_class6',
  'employer_rate_class7',
  'employer_rate_class8',
] as const satisfies readonly ParameterName[];
const NO_CLASS_RATES: readonly Looked<Ppm>[] = [];

export function compileCell(
  key: CellKey,
  { look, policyVersion }: { readonly look: Look; readonly policyVersion: string },
): CellPolicy {
  const { region, insurance, month, knownAt } = key;
  return {
    region,
    insurance,
    month,
    monthIndex: monthIndex(month),
    firstDay: firstDay(month),
    lastDay: lastDay(month),
    knownAt,
    policyVersion,
    floorFen: look('base_floor'),
    capFen: look('base_cap'),
    employeeRatePpm: look('employee_rate'),
    employerRatePpm: look('employer_rate'),
    employerRateLocalHukouPpm: look('employer_rate_local_hukou'),
    employerClassRatesPpm:
      insurance === 'work-injury' ? CLASS_RATES.map((parameter) => look(parameter)) : NO_CLASS_RATES,
    rateRangePpm: look('rate_range'),
    employeeFixedFen: look('employee_fixed'),
    employerFixedFen: look('employer_fixed'),
    employeeFixedYearlyFen: look('employee_fixed_yearly'),
    employerFixedYearlyFen: look('employer_fixed_yearly'),
    fixedYearlyMonth: look('fixed_yearly_month'),
    baseRule: look('base_rule'),
    baseWindowMonths: look('base_window_months'),
    adjustmentMonth: look('adjustment_month'),
    newcomerRule: look('newcomer_rule'),
    baseRounding: look('base_rounding'),
    employeeRounding: look('employee_rounding'),
    employerRounding: look('employer_rounding'),
    dueRule: look('due_rule'),
    hireCutOffDay: look('hire_cut_off_day'),
    firstJobStart: look('first_job_start'),
    filingMonthOffset: look('filing_month_offset'),
    filingFromDay: look('filing_from_day'),
    filingUntilDay: look('filing_until_day'),
    registrationDays: look('registration_days'),
    lateFeeDailyRatePpm: look('late_fee_daily_rate'),
    lateFeeStart: look('late_fee_start'),
    lateFeePaymentDay: look('late_fee_payment_day'),
    lateFeeCappedAtPrincipal: look('late_fee_capped_at_principal'),
    lateFeeWaivedForTopUps: look('late_fee_waived_for_top_ups'),
    lateFeeRounding: look('late_fee_rounding'),
  };
}
