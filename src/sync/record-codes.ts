/** Which short numbers stand for the closed words inside stored record bodies. Append only: a number once used keeps its meaning. */
import { HubError } from '../domain/hub-error.js';
import type { ContributionKind, ContributionState, Insurance } from '../domain/insurance.js';
import type { BillState, OrderKind, OrderState, SubmissionItem, WageItem } from '../domain/records.js';
import type { PersonStatus } from '../domain/situation.js';

export interface CodeTable<W extends string> {
  readonly codes: Readonly<Record<W, number>>;
  readonly words: ReadonlyMap<number, W>;
}

export const INSURANCE_CODES = codeTable<Insurance>({
  pension: 1,
  medical: 2,
  unemployment: 3,
  'work-injury': 4,
  maternity: 5,
  'housing-fund': 6,
});
export const KIND_CODES = codeTable<ContributionKind>({
  normal: 1,
  supplement: 2,
  adjustment: 3,
  arrears: 4,
  prepaid: 5,
  'base-supplement': 6,
  'special-supplement': 7,
  refund: 8,
});
export const STATE_CODES = codeTable<ContributionState>({
  paid: 1,
  unpaid: 2,
  partial: 3,
  refunded: 4,
  'written-off': 5,
  unknown: 6,
});
export const STATUS_CODES = codeTable<PersonStatus>({
  insured: 1,
  gap: 2,
  'back-paying': 3,
  stopped: 4,
  inconclusive: 5,
});
export const WAGE_STATE_CODES = codeTable<NonNullable<WageItem['state']>>({ draft: 1, final: 2, reversed: 3 });
export const ORDER_KIND_CODES = codeTable<OrderKind>({
  enrol: 1,
  stop: 2,
  keep: 3,
  'back-payment': 4,
  'base-change': 5,
});
export const ORDER_STATE_CODES = codeTable<OrderState>({
  pending: 1,
  accepted: 2,
  'in-progress': 3,
  done: 4,
  failed: 5,
  cancelled: 6,
});
export const SUBMISSION_KIND_CODES = codeTable<SubmissionItem['kind']>({ declaration: 1, 'back-payment': 2 });
export const SUBMISSION_STATE_CODES = codeTable<SubmissionItem['state']>({
  received: 1,
  accepted: 2,
  'partially-accepted': 3,
  rejected: 4,
  paid: 5,
});
export const BILL_STATE_CODES = codeTable<BillState>({ pending: 1, 'in-effect': 2, reconciled: 3, closed: 4 });
export const HUKOU_CODES = codeTable<'local' | 'other'>({ local: 1, other: 2 });
export const PAYING_PARTY_CODES = codeTable<'self' | 'agency'>({ self: 1, agency: 2 });

/** The word of a stored number. Throws `record-body-unknown-code` for a number no table has. */
export function wordOf<W extends string>(table: CodeTable<W>, code: unknown): W {
  const word = table.words.get(code as number);
  if (word === undefined) {
    throw new HubError({
      code: 'record-body-unknown-code',
      next: 'bug',
      message:
        'A stored record holds a code that this version does not know; it was written by a newer version. Upgrade this node.',
    });
  }
  return word;
}

function codeTable<W extends string>(codes: Readonly<Record<W, number>>): CodeTable<W> {
  return { codes, words: new Map(Object.entries<number>(codes).map(([word, code]) => [code, word as W])) };
}
