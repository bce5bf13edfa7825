/** What one write outcome makes of one operation. Pure. */
import type { WriteClass, WriteOutcome } from '../connectors/port.js';
import { RETRY_WAITS_SECONDS } from './operation-states.js';
import { decideResend } from './resend-decision.js';
import type { ClaimedOperation, Settlement } from './send-operations.store.js';

/** Accepted → acknowledged; refused → rejected; not sent → waits; unknown → by write class, after the same waits. */
export function settlementOf(operation: ClaimedOperation, outcome: WriteOutcome, writeClass: WriteClass): Settlement {
  const base = {
    operationId: operation.operationId,
    fence: operation.fence,
    message: null,
    remoteRef: null,
    waitSeconds: null,
  };
  switch (outcome.outcome) {
    case 'accepted':
      return { ...base, state: 'acknowledged', code: null, remoteRef: outcome.remoteRef };
    case 'rejected':
      return { ...base, state: 'rejected', code: outcome.code, message: outcome.message };
    case 'retry':
      return later(operation, outcome.code, outcome.waitMs);
    case 'unknown':
      return afterUnknown(operation, outcome.code, writeClass);
  }
}

function afterUnknown(operation: ClaimedOperation, code: string, writeClass: WriteClass): Settlement {
  const decision = decideResend({
    writeClass,
    movesMoney: operation.movesMoney,
    msSinceFirstSent: operation.msSinceFirstSent,
  });
  const base = { operationId: operation.operationId, fence: operation.fence, message: null, remoteRef: null };
  switch (decision.next) {
    case 'resend':
      return later(operation, code, null);
    case 'query':
      return { ...base, state: 'unknown', code, waitSeconds: decision.waitMs / 1000 };
    case 'ask-person':
      return { ...base, state: 'needs-human', code, waitSeconds: null };
  }
}

function later(operation: ClaimedOperation, code: string, waitMs: number | null): Settlement {
  const base = { operationId: operation.operationId, fence: operation.fence, code, message: null, remoteRef: null };
  const plannedWait = RETRY_WAITS_SECONDS[operation.attempt - 1];
  if (plannedWait === undefined) return { ...base, state: 'dead', waitSeconds: null };
  return {
    ...base,
    state: 'retry-wait',
    waitSeconds: waitMs === null ? plannedWait : Math.max(waitMs / 1000, plannedWait),
  };
}
