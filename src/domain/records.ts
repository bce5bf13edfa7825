/** What outside systems say, normalised: one item type per stream. These shapes are stored and compared. */
import type { Fen, Ppm } from './fen.js';
import type { ContributionKind, ContributionState, Insurance } from './insurance.js';
import type { Day, Month } from './month.js';
import type { RegionCode } from './region.js';
import type { PersonStatus } from './situation.js';

export const STREAMS = [
  'persons',
  'employments',
  'wages',
  'attendance',
  'contributions',
  'orders',
  'submissions',
  'bills',
] as const;
export type Stream = (typeof STREAMS)[number];

/** Money per insurance, in fen. */
export type FenByInsurance = Readonly<Partial<Record<Insurance, Fen>>>;

/** What a system holds of a person: its view of status and bases. Exactly one item per person. Identity travels apart. */
export interface PersonItem {
  readonly name: string | null;
  readonly mobile?: string | null;
  /** That system's own number for the person where it differs from the record's owner key. */
  readonly employeeNo?: string | null;
  /** The contribution status this system shows; null = it shows none. Absent = it cannot show one. */
  readonly status?: PersonStatus | null;
  /** The contribution bases this system holds, as in force on the day of reading. Absent = it holds none. */
  readonly bases?: FenByInsurance;
}

/** A job at one legal entity and one insured place. */
export interface EmploymentItem {
  /** That system's id of the employment; stable. */
  readonly employmentId: string;
  readonly employer: string;
  readonly region: RegionCode;
  readonly hiredOn: Day;
  /** Last day worked; null = still employed. */
  readonly leftOn: Day | null;
  /** Agreed monthly wage at the start; the basis of a newcomer's base until a month was worked in full. */
  readonly startWageFen?: Fen | null;
  readonly hukou?: 'local' | 'other' | null;
  readonly payingParty?: 'self' | 'agency' | null;
}

/** Total wage of one month before deductions, and what was withheld from it. */
export interface WageItem {
  readonly month: Month;
  readonly grossFen: Fen;
  readonly withheld?: FenByInsurance;
  readonly state?: 'draft' | 'final' | 'reversed';
}

export interface AttendanceItem {
  readonly month: Month;
  /** Days in hundredths: 21.5 days = 2150. */
  readonly requiredDaysHundredths: number;
  readonly workedDaysHundredths: number;
}

/** One posting at a bureau: several per month and insurance are normal; what counts is the signed sum. */
export interface ContributionItem {
  readonly month: Month;
  readonly insurance: Insurance;
  readonly kind: ContributionKind;
  readonly state: ContributionState;
  /** Who paid: the employer's code as that bureau writes it, or `self`. */
  readonly payer: string;
  readonly region: RegionCode;
  readonly baseFen: Fen | null;
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
  readonly employeeRatePpm?: Ppm | null;
  readonly employerRatePpm?: Ppm | null;
}

/** States of an agency order: open ones cover their months. */
export type OrderState = 'pending' | 'accepted' | 'in-progress' | 'done' | 'failed' | 'cancelled';
export type OrderKind = 'enrol' | 'stop' | 'keep' | 'back-payment' | 'base-change';

export interface OrderItem {
  readonly orderId: string;
  readonly kind: OrderKind;
  readonly state: OrderState;
  readonly months: readonly Month[];
  readonly insurances: readonly Insurance[];
  readonly baseFen?: Fen | null;
  /** Why it came to nothing, in the agency's words, cleaned (foreign-words.ts). */
  readonly reason?: string | null;
}

/** A declaration or application that a bureau received and what became of it. */
export interface SubmissionItem {
  readonly submissionId: string;
  readonly kind: 'declaration' | 'back-payment';
  readonly state: 'received' | 'accepted' | 'partially-accepted' | 'rejected' | 'paid';
  readonly insurance: Insurance;
  readonly effectiveMonth: Month;
  readonly baseFen?: Fen | null;
  /** Why it was refused, in the bureau's words, cleaned (foreign-words.ts). */
  readonly reason?: string | null;
}

/** How far a bill has come: 未生效, 已生效, 已对账, 完成对账. All but the first are in effect. */
export const BILL_STATES = ['pending', 'in-effect', 'reconciled', 'closed'] as const;
export type BillState = (typeof BILL_STATES)[number];

/** One line of an agency's bill: what it charges for a month of one insurance. A field that the bill does not have is absent. */
export interface BillItem {
  readonly billId: string;
  readonly state: BillState;
  readonly insurance: Insurance;
  /** The month that is paid for. */
  readonly month: Month;
  /** The month of the bill. */
  readonly billedMonth: Month;
  /** The order it settles, where the agency says so. */
  readonly orderId?: string | null;
  readonly baseFen?: Fen | null;
  readonly employeeFen: Fen;
  readonly employerFen: Fen;
  /** What is paid back, beside the current amounts. */
  readonly backPayEmployeeFen?: Fen | null;
  readonly backPayEmployerFen?: Fen | null;
  readonly lateFeeEmployeeFen?: Fen | null;
  readonly lateFeeEmployerFen?: Fen | null;
  readonly serviceFeeFen?: Fen | null;
  /** 应缴, 实缴, 差额 of the line as a whole. */
  readonly dueFen?: Fen | null;
  readonly paidFen?: Fen | null;
  readonly differenceFen?: Fen | null;
}

export interface StreamItems {
  readonly persons: PersonItem;
  readonly employments: EmploymentItem;
  readonly wages: WageItem;
  readonly attendance: AttendanceItem;
  readonly contributions: ContributionItem;
  readonly orders: OrderItem;
  readonly submissions: SubmissionItem;
  readonly bills: BillItem;
}
