/** What rooms tell each other. Read top to bottom this file is the data flow; each fact is written as a job in the transaction of the change it reports. */
import type { Insurance } from './insurance.js';
import type { Day, Month } from './month.js';

/** sync → sync. Verified calls of this connection named persons, or the time has come to read some again: the inbox says whom. */
export interface WebhookReceived {
  readonly fact: 'WebhookReceived';
  readonly tenantId: string;
  readonly connectionId: string;
}

/** sync → reconcile. The source records of these persons changed, or the date or policy they were judged by did (≤ 500 persons). */
export interface RecordsChanged {
  readonly fact: 'RecordsChanged';
  readonly tenantId: string;
  readonly runId: string;
  readonly asOf: Day;
  /** The batch of a full run; null for targeted reads. */
  readonly batchNo: number | null;
  readonly personIds: readonly string[];
}

/** reconcile → push. Corrections were planned: for these persons, or (null) for the whole run after its last batch. */
export interface CorrectionPlanned {
  readonly fact: 'CorrectionPlanned';
  readonly tenantId: string;
  readonly runId: string;
  readonly personIds: readonly string[] | null;
}

/** push → push. Operations of this connection wait in the ledger. */
export interface OperationsDue {
  readonly fact: 'OperationsDue';
  readonly tenantId: string;
  readonly connectionId: string;
}

/** policy → reconcile. A tenant works by another edition of the policy since this commit. */
export interface PolicyPublished {
  readonly fact: 'PolicyPublished';
  readonly tenantId: string;
  readonly version: string;
  /** The edition that counted before. */
  readonly beforeVersion: string;
  /** The day as on which its impact is judged. */
  readonly asOf: Day;
}

/** reconcile → backpay. Findings of these persons opened or changed (≤ 500 persons). */
export interface FindingOpened extends JudgedPersons {
  readonly fact: 'FindingOpened';
}

/** reconcile → backpay. Findings of these persons closed, or what bureaus and agencies show of their applications was judged again. */
export interface FindingClosed extends JudgedPersons {
  readonly fact: 'FindingClosed';
}

interface JudgedPersons {
  readonly tenantId: string;
  readonly runId: string;
  readonly asOf: Day;
  readonly personIds: readonly string[];
}

/** backpay → push. A case was approved and is to leave now; what leaves is what carries this hash. */
export interface CaseApproved {
  readonly fact: 'CaseApproved';
  readonly tenantId: string;
  readonly caseId: string;
  /** Of the approved content, hex. */
  readonly hash: string;
  readonly asOf: Day;
}

/** push → backpay. What became of the operation of a case. */
export interface OperationSettled {
  readonly fact: 'OperationSettled';
  readonly tenantId: string;
  readonly caseId: string;
  /** Whose operation it is: what is told late of a former round says nothing of this one. null = an earlier release told it. */
  readonly round: number | null;
  readonly state: 'acknowledged' | 'rejected' | 'cancelled' | 'unknown' | 'needs-human' | 'dead';
  readonly code: string | null;
  /** The target's own number of the application; null where it gave none, or several. */
  readonly remoteRef: string | null;
  /** Lines that were refused one by one. */
  readonly refused: readonly {
    readonly insurance: Insurance;
    readonly month: Month;
    /** In the target's words, cleaned; null = it gave none. */
    readonly reason: string | null;
  }[];
  /** What the target said to the whole of it, cleaned; null = nothing. */
  readonly reason: string | null;
}

/** backpay → push. A later read of the bureau shows every month of the case as paid. */
export interface CaseVerified {
  readonly fact: 'CaseVerified';
  readonly tenantId: string;
  readonly caseId: string;
  /** null = an earlier release told it. */
  readonly personId: string | null;
  /** Whose operations have arrived; null = all, as an earlier release told it. */
  readonly round: number | null;
}

/** backpay → push. What a case had paid, or was said to have paid, did not stay: nothing of this round or an earlier one may leave any more. */
export interface CaseReopened {
  readonly fact: 'CaseReopened';
  readonly tenantId: string;
  readonly caseId: string;
  readonly personId: string;
  /** The one that ended. */
  readonly round: number;
}

/** push → notify. Everybody of a full run was judged, and what follows from it was planned; or a person decided its plan. */
export interface RunCompleted {
  readonly fact: 'RunCompleted';
  readonly tenantId: string;
  readonly runId: string;
  readonly asOf: Day;
  readonly state: 'succeeded' | 'partial' | 'failed' | 'cancelled';
  /** How many operations it planned. */
  readonly operations: number;
}

/** push → notify. A brake holds the plan of a run; it waits for a person. */
export interface RunSuspended {
  readonly fact: 'RunSuspended';
  readonly tenantId: string;
  readonly runId: string;
  readonly planId: string;
  /** The brakes that hold it. */
  readonly reasons: readonly string[];
  readonly operations: number;
}

/** reconcile → notify. Findings were opened or closed: of these persons (≤ 500), or (null) in the whole run after its last batch. */
export interface FindingsMoved {
  readonly fact: 'FindingsMoved';
  readonly tenantId: string;
  readonly runId: string;
  readonly personIds: readonly string[] | null;
}

/** push → notify. Operations of this connection will not move any more without a person. */
export interface OperationsStuck {
  readonly fact: 'OperationsStuck';
  readonly tenantId: string;
  readonly connectionId: string;
}

/** connectors → notify. A system stopped answering, or answers. */
export interface ConnectionMoved {
  readonly fact: 'ConnectionMoved';
  readonly tenantId: string;
  readonly connectionId: string;
  readonly health: 'up' | 'down';
  /** A code of the error table, or null. */
  readonly reason: string | null;
}

/** backpay → notify. A back-payment case moved. */
export interface CaseMoved {
  readonly fact: 'CaseMoved';
  readonly tenantId: string;
  readonly caseId: string;
  readonly personId: string;
  readonly from: string | null;
  readonly to: string;
  /** Its number in the history of the case: the same move is told once. */
  readonly moveNo: number;
}

/** backpay → notify. A day made something about a back-payment case due; it did not move. */
export interface CaseDue {
  readonly fact: 'CaseDue';
  readonly tenantId: string;
  readonly caseId: string;
  readonly personId: string;
  readonly state: string;
  /** `silence`: nobody said anything since the application. */
  readonly due: 'answer' | 'application' | 'silence';
  /** The last day to answer or to apply; of silence, the day of the application. */
  readonly day: Day | null;
  /** Its number in the history of the case: the same reminder is told once. */
  readonly eventNo: number;
}

/** notify → notify. Notifications wait for this endpoint. */
export interface NotificationsDue {
  readonly fact: 'NotificationsDue';
  readonly tenantId: string;
  readonly endpointId: string;
}

/** Every fact by name; job names are fact names. */
export interface Facts {
  readonly WebhookReceived: WebhookReceived;
  readonly RecordsChanged: RecordsChanged;
  readonly CorrectionPlanned: CorrectionPlanned;
  readonly OperationsDue: OperationsDue;
  readonly PolicyPublished: PolicyPublished;
  readonly RunCompleted: RunCompleted;
  readonly RunSuspended: RunSuspended;
  readonly FindingsMoved: FindingsMoved;
  readonly OperationsStuck: OperationsStuck;
  readonly ConnectionMoved: ConnectionMoved;
  readonly CaseMoved: CaseMoved;
  readonly CaseDue: CaseDue;
  readonly NotificationsDue: NotificationsDue;
  readonly FindingOpened: FindingOpened;
  readonly FindingClosed: FindingClosed;
  readonly CaseApproved: CaseApproved;
  readonly OperationSettled: OperationSettled;
  readonly CaseVerified: CaseVerified;
  readonly CaseReopened: CaseReopened;
}
export type FactName = keyof Facts;

/** Facts that only say what happened: where nobody is to be told, they are not even written. */
export const NEWS = [
  'RunCompleted',
  'RunSuspended',
  'FindingsMoved',
  'OperationsStuck',
  'ConnectionMoved',
  'CaseMoved',
  'CaseDue',
] as const satisfies readonly FactName[];
export type News = Facts[(typeof NEWS)[number]];
