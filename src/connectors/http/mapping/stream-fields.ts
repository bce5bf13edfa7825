/** Which fields each stream has, what kind of value each takes, and which of them a manifest must map. */
import { CONTRIBUTION_KINDS, CONTRIBUTION_STATES, INSURANCES } from '../../../domain/insurance.js';
import {
  BILL_STATES,
  type OrderItem,
  type PersonItem,
  type Stream,
  type SubmissionItem,
} from '../../../domain/records.js';
import { PERSON_STATUSES } from '../../../domain/situation.js';

/** What a field of a stream holds once it has been converted. */
export type TargetKind =
  | {
      readonly type:
        | 'identity'
        | 'text'
        | 'words'
        | 'fen'
        | 'ppm'
        | 'integer'
        | 'month'
        | 'day'
        | 'region'
        | 'months'
        | 'insurances';
    }
  | { readonly type: 'choice'; readonly of: readonly string[] };

export interface StreamField {
  readonly kind: TargetKind;
  /** A manifest that emits the stream must map it. */
  readonly required: boolean;
  /** `null` ("known to be none") is a value of the field. */
  readonly nullable: boolean;
  /** The item always carries the key, if need be as `null`. */
  readonly always: boolean;
}

const text = { type: 'text' } as const;
/** Words of an office for people: cleaned and cut, never refused. */
const words = { type: 'words' } as const;
const money = { type: 'fen' } as const;
const choice = (of: readonly string[]): TargetKind => ({ type: 'choice', of });

const must = (kind: TargetKind): StreamField => ({ kind, required: true, nullable: false, always: true });
const mustOrNull = (kind: TargetKind): StreamField => ({ kind, required: true, nullable: true, always: true });
const may = (kind: TargetKind): StreamField => ({ kind, required: false, nullable: true, always: false });
const mayNotNull = (kind: TargetKind): StreamField => ({ kind, required: false, nullable: false, always: false });

function perInsurance(group: 'bases' | 'withheld'): Record<string, StreamField> {
  return Object.fromEntries(INSURANCES.map((insurance) => [`${group}.${insurance}`, mayNotNull(money)]));
}

const ORDER_KINDS = [
  'enrol',
  'stop',
  'keep',
  'back-payment',
  'base-change',
] as const satisfies readonly OrderItem['kind'][];
const ORDER_STATES = [
  'pending',
  'accepted',
  'in-progress',
  'done',
  'failed',
  'cancelled',
] as const satisfies readonly OrderItem['state'][];
const SUBMISSION_KINDS = ['declaration', 'back-payment'] as const satisfies readonly SubmissionItem['kind'][];
const SUBMISSION_STATES = [
  'received',
  'accepted',
  'partially-accepted',
  'rejected',
  'paid',
] as const satisfies readonly SubmissionItem['state'][];
const PERSON_STATUS_WORDS = PERSON_STATUSES satisfies readonly NonNullable<PersonItem['status']>[];

/** Every field by stream. Names with a dot are entries of a group: `bases.pension`. */
export const STREAM_FIELDS: Readonly<Record<Stream, Readonly<Record<string, StreamField>>>> = {
  persons: {
    identity: may({ type: 'identity' }),
    name: { ...may(text), always: true },
    mobile: may(text),
    employeeNo: may(text),
    status: may(choice(PERSON_STATUS_WORDS)),
    ...perInsurance('bases'),
  },
  employments: {
    employmentId: must(text),
    employer: must(text),
    region: must({ type: 'region' }),
    hiredOn: must({ type: 'day' }),
    leftOn: mustOrNull({ type: 'day' }),
    startWageFen: may(money),
    hukou: may(choice(['local', 'other'])),
    payingParty: may(choice(['self', 'agency'])),
  },
  wages: {
    month: must({ type: 'month' }),
    grossFen: must(money),
    ...perInsurance('withheld'),
    state: mayNotNull(choice(['draft', 'final', 'reversed'])),
  },
  attendance: {
    month: must({ type: 'month' }),
    requiredDaysHundredths: must({ type: 'integer' }),
    workedDaysHundredths: must({ type: 'integer' }),
  },
  contributions: {
    month: must({ type: 'month' }),
    insurance: must(choice(INSURANCES)),
    kind: must(choice(CONTRIBUTION_KINDS)),
    state: must(choice(CONTRIBUTION_STATES)),
    payer: must(text),
    region: must({ type: 'region' }),
    baseFen: mustOrNull(money),
    employeeFen: must(money),
    employerFen: must(money),
    employeeRatePpm: may({ type: 'ppm' }),
    employerRatePpm: may({ type: 'ppm' }),
  },
  orders: {
    orderId: must(text),
    kind: must(choice(ORDER_KINDS)),
    state: must(choice(ORDER_STATES)),
    months: must({ type: 'months' }),
    insurances: must({ type: 'insurances' }),
    baseFen: may(money),
    reason: may(words),
  },
  submissions: {
    submissionId: must(text),
    kind: must(choice(SUBMISSION_KINDS)),
    state: must(choice(SUBMISSION_STATES)),
    insurance: must(choice(INSURANCES)),
    effectiveMonth: must({ type: 'month' }),
    baseFen: may(money),
    reason: may(words),
  },
  bills: {
    billId: must(text),
    state: must(choice(BILL_STATES)),
    insurance: must(choice(INSURANCES)),
    month: must({ type: 'month' }),
    billedMonth: must({ type: 'month' }),
    orderId: may(text),
    baseFen: may(money),
    employeeFen: must(money),
    employerFen: must(money),
    backPayEmployeeFen: may(money),
    backPayEmployerFen: may(money),
    lateFeeEmployeeFen: may(money),
    lateFeeEmployerFen: may(money),
    serviceFeeFen: may(money),
    dueFen: may(money),
    paidFen: may(money),
    differenceFen: may(money),
  },
};

/** Fields whose value is not part of the item. */
export const IDENTITY_FIELD = 'identity';
