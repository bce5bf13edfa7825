/** Whether a link still opens, and if not, whether anybody meant it to end. Pure. */
import type { LinkRow } from './link.store.js';

/** Wrong last four characters; the last of them ends the link. */
export const TRIES = 5;

/** `ended`: by a person, by a newer link or by the last mistake; `expired`: its days are over and nothing else. */
export type LinkLife = 'open' | 'expired' | 'ended';

export function lifeOf({ revokedAt, expiresAt, failures }: LinkRow, now: Date): LinkLife {
  if (revokedAt !== null || failures >= TRIES) return 'ended';
  return expiresAt > now ? 'open' : 'expired';
}
