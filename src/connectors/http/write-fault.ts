/** What became of the items of a request that failed as a whole: did it arrive, was it refused, may it be sent again. */
import { cleanForeignWords } from '../../domain/foreign-words.js';
import { ConnectorError } from '../connector-error.js';
import type { Category } from '../error-table.js';
import type { WriteItem, WriteOutcome } from '../port.js';

type Fate = 'rejected' | 'retry' | 'unknown';

/** For requests that the target provably did not carry out. */
const FATES: Readonly<Record<Category, Fate>> = {
  AUTH: 'retry',
  RATE_LIMIT: 'retry',
  TRANSIENT_NETWORK: 'retry',
  REMOTE_UNAVAILABLE: 'retry',
  MAINTENANCE_WINDOW: 'retry',
  POLICY_VIOLATION: 'retry',
  INTERNAL: 'retry',
  CONFIG: 'rejected',
  SCHEMA: 'rejected',
  DATA_INVALID: 'rejected',
  NOT_FOUND: 'rejected',
  CONFLICT_VERSION: 'rejected',
  BUSINESS_REJECTED: 'rejected',
  // Something with this key is there; whether it is ours, only reading tells.
  ALREADY_EXISTS: 'unknown',
};

/** The same outcome for every item. Whatever is no failure of an outside call came after the bytes had left: nobody knows. */
export function outcomesOfFault(items: readonly WriteItem[], error: unknown): readonly WriteOutcome[] {
  if (!(error instanceof ConnectorError))
    return items.map(({ operationId }) => ({ operationId, outcome: 'unknown', code: 'internal' }));
  const fate = error.mayHaveArrived ? 'unknown' : FATES[error.category];
  return items.map(({ operationId }): WriteOutcome => {
    switch (fate) {
      case 'unknown':
        return { operationId, outcome: 'unknown', code: error.code };
      case 'retry':
        return { operationId, outcome: 'retry', code: error.code, waitMs: error.waitMs };
      case 'rejected':
        return {
          operationId,
          outcome: 'rejected',
          code: error.code,
          message: cleanForeignWords(error.remoteText ?? '') ?? error.message,
        };
    }
  });
}
