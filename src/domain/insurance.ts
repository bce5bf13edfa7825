/** Which insurances exist and which kinds and states a contribution record can have. Codes: national indicator lists AAE140, AAE143, AAE114. */

/** Social insurances and the housing fund. `medical` is employee basic medical insurance, including maternity where a region merged them. */
export const INSURANCES = ['pension', 'medical', 'unemployment', 'work-injury', 'maternity', 'housing-fund'] as const;
export type Insurance = (typeof INSURANCES)[number];

/** Why money was posted (AAE143). `refund` is negative in the signed sum. */
export const CONTRIBUTION_KINDS = [
  'normal',
  'supplement',
  'adjustment',
  'arrears',
  'prepaid',
  'base-supplement',
  'special-supplement',
  'refund',
] as const;
export type ContributionKind = (typeof CONTRIBUTION_KINDS)[number];

/** Whether the money arrived (AAE114). `unknown` is never read as unpaid. */
export const CONTRIBUTION_STATES = ['paid', 'unpaid', 'partial', 'refunded', 'written-off', 'unknown'] as const;
export type ContributionState = (typeof CONTRIBUTION_STATES)[number];

export function isInsurance(text: string): text is Insurance {
  return (INSURANCES as readonly string[]).includes(text);
}
