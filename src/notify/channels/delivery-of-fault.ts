/** What a failed outside call means for a message. */
import { ConnectorError } from '../../connectors/connector-error.js';
import type { Delivery } from '../channel.js';

const THROTTLE_MS = 60_000;

/** Rethrows what is no outside fault. */
export function deliveryOfFault(error: unknown): Delivery {
  if (!(error instanceof ConnectorError)) throw error;
  const { code, waitMs } = error;
  switch (error.category) {
    case 'RATE_LIMIT':
      return { outcome: 'throttled', code, waitMs: waitMs ?? THROTTLE_MS };
    case 'TRANSIENT_NETWORK':
    case 'REMOTE_UNAVAILABLE':
    case 'MAINTENANCE_WINDOW':
    case 'SCHEMA':
    case 'INTERNAL':
      return { outcome: 'failed', code, waitMs };
    case 'AUTH':
    case 'CONFIG':
    case 'DATA_INVALID':
    case 'NOT_FOUND':
    case 'ALREADY_EXISTS':
    case 'CONFLICT_VERSION':
    case 'BUSINESS_REJECTED':
    case 'POLICY_VIOLATION':
      return { outcome: 'refused', code };
  }
}
