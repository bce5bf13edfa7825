/** Which lives an operation can lead: the ledger's states, their moves, and what a write's outcome makes of a state. */
import { defineStateMachine } from '../domain/state-machine.js';

export const OPERATION_STATES = [
  'planned',
  'held',
  'queued',
  'sending',
  'acknowledged',
  'verified',
  'retry-wait',
  'unknown',
  'rejected',
  'superseded',
  'dead',
  'cancelled',
  'needs-human',
] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

export const OPERATION_MACHINE = defineStateMachine<OperationState>({
  name: 'operation',
  initial: 'planned',
  moves: {
    planned: ['held', 'queued', 'superseded', 'cancelled'],
    held: ['queued', 'superseded', 'cancelled'],
    // needs-human: the ledger was restored, and what moves money may have left since the backup.
    queued: ['sending', 'superseded', 'cancelled', 'needs-human'],
    sending: ['acknowledged', 'retry-wait', 'unknown', 'rejected', 'dead', 'needs-human'],
    acknowledged: ['verified', 'retry-wait', 'superseded', 'dead'],
    'retry-wait': ['sending', 'superseded', 'cancelled', 'dead', 'needs-human'],
    unknown: ['acknowledged', 'verified', 'retry-wait', 'needs-human', 'rejected'],
    'needs-human': ['queued', 'verified', 'acknowledged', 'cancelled', 'superseded'],
    rejected: ['queued', 'cancelled'],
    dead: ['queued', 'cancelled'],
    verified: [],
    superseded: [],
    cancelled: [],
  },
});

/** Seconds to wait before attempt n + 1; after the last one an operation is dead. Three quick tries, then 30 minutes, then 6 hours. */
export const RETRY_WAITS_SECONDS = [2, 10, 60, 1800, 21_600] as const;
