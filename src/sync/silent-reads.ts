/** Which reads have not seen everything for longer than they may. Pure. */
import type { ReadSuccess } from './freshness.reader.js';

export interface FreshnessRule {
  readonly connectionId: string;
  readonly reads: readonly string[];
  /** Hours without a complete read after which somebody must know; > 0. */
  readonly hours: number;
  /** Where single reads may be silent for another time. */
  readonly hoursOf: Readonly<Record<string, number>>;
}

export interface SilentRead {
  readonly connectionId: string;
  readonly read: string;
  /** Null = never. */
  readonly lastAt: Date | null;
  readonly allowedHours: number;
}

const HOUR_MS = 3_600_000;

/** A read that was never complete is silent from the first look on. In the order of the rules. */
export function silentReads(
  rules: readonly FreshnessRule[],
  successes: readonly ReadSuccess[],
  now: Date,
): readonly SilentRead[] {
  const last = new Map(successes.map(({ connectionId, read, at }) => [`${connectionId}/${read}`, at]));
  return rules.flatMap(({ connectionId, reads, hours, hoursOf }) =>
    reads.flatMap((read) => {
      const lastAt = last.get(`${connectionId}/${read}`) ?? null;
      const allowedHours = hoursOf[read] ?? hours;
      const isFresh = lastAt !== null && now.getTime() - lastAt.getTime() <= allowedHours * HOUR_MS;
      return isFresh ? [] : [{ connectionId, read, lastAt, allowedHours }];
    }),
  );
}
