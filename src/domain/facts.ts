/** What rooms tell each other. Read top to bottom this file is the data flow; each fact is written as a job in the transaction of the change it reports. */
import type { Day } from './month.js';

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

/** Every fact by name; job names are fact names. */
export interface Facts {
  readonly WebhookReceived: WebhookReceived;
  readonly RecordsChanged: RecordsChanged;
  readonly CorrectionPlanned: CorrectionPlanned;
  readonly OperationsDue: OperationsDue;
  readonly PolicyPublished: PolicyPublished;
}
export type FactName = keyof Facts;
