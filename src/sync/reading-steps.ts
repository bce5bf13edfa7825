/** What becomes of a reading after its person was read, or could not be. Pure. */
import { ConnectorError } from '../connectors/connector-error.js';
import { HubError } from '../domain/hub-error.js';
import type { DueReading, ReadingMove } from './webhook-inbox.store.js';

/** Waits after a failure; then the reading is dead, and the next full run brings what it would have. */
const FAULT_WAITS_SECONDS = [2, 10, 60, 300, 1_800, 7_200, 21_600];

export type Step = Pick<ReadingMove, 'state' | 'reason'> & {
  /** Seconds until the person is read again; null = this is the end. */
  readonly againSeconds: number | null;
};

export function end(state: Step['state'], reason: string | null): Step {
  return { state, reason, againSeconds: null };
}

/** `again`: the waits of the manifest, one for each look that found nothing changed. */
export function afterReading(
  { ownerKey, looks }: Pick<DueReading, 'ownerKey' | 'looks'>,
  changed: ReadonlySet<string>,
  again: readonly number[],
): Step {
  if (changed.has(ownerKey)) return end('read', null);
  return { state: 'unchanged', reason: null, againSeconds: again[looks] ?? null };
}

/** A wait that the source asks for is honoured when longer. */
export function afterFault(error: unknown, { faults }: Pick<DueReading, 'faults'>): Step {
  const reason = error instanceof HubError ? error.code : 'unforeseen';
  const wait = FAULT_WAITS_SECONDS[faults];
  if (wait === undefined) return end('dead', reason);
  const asked = error instanceof ConnectorError && error.waitMs !== null ? error.waitMs / 1000 : 0;
  return { state: 'failed', reason, againSeconds: Math.max(wait, asked) };
}

/**
 * Whether one person may have made a read of several fail. Not where the source is away as a whole; a broken call may be
 * either, and counts as one person's only when it breaks a second time.
 */
export function isPerhapsOfOne(error: unknown, readings: readonly Pick<DueReading, 'faults'>[]): boolean {
  if (!(error instanceof ConnectorError)) return true;
  if (error.scope === 'connection' || error.action === 'WAIT_UNTIL' || error.code === 'breaker-open') return false;
  switch (error.category) {
    case 'TRANSIENT_NETWORK':
    case 'REMOTE_UNAVAILABLE':
      return readings.some(({ faults }) => faults > 0);
    case 'AUTH':
    case 'CONFIG':
    case 'RATE_LIMIT':
    case 'MAINTENANCE_WINDOW':
    case 'POLICY_VIOLATION':
      return false;
    default:
      return true;
  }
}

/** In the order in which their readings came. */
export function ownersOf(readings: readonly Pick<DueReading, 'ownerKey'>[]): readonly string[] {
  return [...new Set(readings.map(({ ownerKey }) => ownerKey))];
}

export function movesOf(
  taken: readonly { readonly reading: DueReading; readonly step: Step }[],
  now: Date,
): readonly ReadingMove[] {
  return taken.map(({ reading, step: { state, reason, againSeconds } }) => ({
    deliveryId: reading.deliveryId,
    ownerNo: reading.ownerNo,
    fence: reading.fence,
    ...{ state, reason },
    looks: reading.looks + (state === 'unchanged' ? 1 : 0),
    faults: state === 'failed' ? reading.faults + 1 : 0,
    nextAt: againSeconds === null ? null : new Date(now.getTime() + againSeconds * 1000),
  }));
}
