/** What to do with an operation whose outcome is not known: resend, ask the target, or ask a person. Source: the push protocol, steps 4 and 5. */
import type { WriteClass } from '../connectors/port.js';

export type ResendDecision =
  | { readonly next: 'resend' }
  /** Ask the target, at the earliest `waitMs` after the outcome became unknown: before that a "not found" proves nothing. */
  | { readonly next: 'query'; readonly waitMs: number }
  | { readonly next: 'ask-person'; readonly reason: 'blind-write' | 'key-expired' };

export interface UnknownOperation {
  readonly writeClass: WriteClass;
  readonly movesMoney: boolean;
  /** Since the first attempt, by the database's clock. */
  readonly msSinceFirstSent: number;
}

const MS_PER_HOUR = 3_600_000;
/** A key is trusted only while a tenth of its life is left: clocks differ and a resend takes time. */
const KEY_MARGIN = 0.9;

/** A plain overwrite may be repeated; a key while it lives; everything else is asked for or shown to a person. */
export function decideResend({ writeClass, movesMoney, msSinceFirstSent }: UnknownOperation): ResendDecision {
  switch (writeClass.type) {
    case 'overwrite':
      return movesMoney ? { next: 'ask-person', reason: 'blind-write' } : { next: 'resend' };
    case 'keyed':
      return msSinceFirstSent < writeClass.ttlHours * MS_PER_HOUR * KEY_MARGIN
        ? { next: 'resend' }
        : { next: 'ask-person', reason: 'key-expired' };
    case 'queryable':
      return { next: 'query', waitMs: writeClass.maxProcessingMs };
    case 'blind':
      return { next: 'ask-person', reason: 'blind-write' };
  }
}

/**
 * Whether an earlier try may have arrived under a key that the target has forgotten by now: its wait outlived the key, as in an
 * outage of days. Sent again it could take effect twice. A person's replay begins with a first try again.
 */
export function mayBeForgotten(
  { attempt, msSinceFirstSent }: { readonly attempt: number; readonly msSinceFirstSent: number },
  writeClass: WriteClass,
): boolean {
  return (
    writeClass.type === 'keyed' && attempt > 1 && msSinceFirstSent >= writeClass.ttlHours * MS_PER_HOUR * KEY_MARGIN
  );
}

export type QueryConclusion = 'acknowledged' | 'resend' | 'ask-person' | 'ask-again';

/** What a target's answer proves. "Not found" frees a resend only where the target declares its query consistent. */
export function concludeQuery(answer: 'found' | 'not-found' | 'cannot-tell', consistent: boolean): QueryConclusion {
  if (answer === 'found') return 'acknowledged';
  if (answer === 'cannot-tell') return 'ask-again';
  return consistent ? 'resend' : 'ask-person';
}
