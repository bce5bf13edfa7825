/** Why a value could not become a field: a closed list of reasons, one shared object each, so that a refusal costs nothing. */

export const REFUSAL_REASONS = [
  'missing-field',
  'not-a-string',
  'identity-empty',
  'identity-shape',
  'identity-check-character',
  'identity-birth-date',
  'not-text',
  'not-money',
  'not-a-rate',
  'not-a-number',
  'not-a-boolean',
  'not-a-month',
  'not-a-day',
  'not-a-region',
  'not-a-list',
  'not-a-pair',
  'not-json',
  'unknown-code',
  'month-range',
  'row-shape',
  'expression-failed',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export class Refusal {
  constructor(readonly reason: RefusalReason) {}
}

const REFUSALS = new Map(REFUSAL_REASONS.map((reason) => [reason, new Refusal(reason)]));

/** The one refusal object of a reason. */
export function refusal(reason: RefusalReason): Refusal {
  return REFUSALS.get(reason) ?? new Refusal(reason);
}

/** What a converter answers for a value that says "nothing": blank text, a dash where money should be. */
export const BLANK: unique symbol = Symbol('blank');
export type Blank = typeof BLANK;
