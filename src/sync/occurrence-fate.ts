/** What becomes of a due instant: run now, skipped, ended with its run, or taken up again after its node went away. */
import type { RunStatus } from './runs.reader.js';

export const OCCURRENCE_STATES = ['due', 'enqueued', 'ran', 'caught-up', 'skipped'] as const;
export type OccurrenceState = (typeof OCCURRENCE_STATES)[number];

/**
 * `overlap`: a full run of the tenant was under way. `too-old`: missed by more than a day. `superseded`: a newer missed
 * instant is caught up instead. `interrupted`: its run was given up for a newer one. `before-start`: older than the
 * hub's first look at the schedule.
 */
export type SkipReason =
  'overlap' | 'too-old' | 'superseded' | 'interrupted' | 'before-start' | 'paused' | 'maintenance';

/** A missed instant older than this is not caught up any more. */
export const CATCH_UP_WITHIN_MS = 24 * 3_600_000;
/** Found later than this, an instant counts as missed. */
export const ON_TIME_WITHIN_MS = 60_000;
/**
 * An occurrence not touched for this long, whose run does not live, is taken up again. Above the minute after which a
 * silent run counts as dead, so that a run begun just before the crash is found dead too.
 */
export const LEFT_ALONE_AFTER_MS = 180_000;

/** Of several instants found at once only the newest may run; this is what becomes of an older one. */
export function fateOfOlder(dueAt: Date, now: Date): SkipReason {
  return now.getTime() - dueAt.getTime() > CATCH_UP_WITHIN_MS ? 'too-old' : 'superseded';
}

export type NewestFate = 'on-time' | 'missed' | 'too-old';

export function fateOfNewest(dueAt: Date, now: Date): NewestFate {
  const lateMs = now.getTime() - dueAt.getTime();
  if (lateMs > CATCH_UP_WITHIN_MS) return 'too-old';
  return lateMs > ON_TIME_WITHIN_MS ? 'missed' : 'on-time';
}

export interface Unsettled {
  readonly dueAt: Date;
  readonly updatedAt: Date;
  /** The run it was given; null before one was started. */
  readonly run: Pick<RunStatus, 'state' | 'isStale'> | null;
  /** Whether no newer occurrence was run or is to be. */
  readonly isNewest: boolean;
}

export type UnsettledFate =
  | { readonly do: 'wait' }
  | { readonly do: 'end' }
  | { readonly do: 'skip'; readonly reason: SkipReason }
  | { readonly do: 'start-again' };

/** What a look at an occurrence without an end concludes. */
export function fateOfUnsettled(occurrence: Unsettled, now: Date): UnsettledFate {
  const { run } = occurrence;
  if (run !== null) {
    switch (run.state) {
      case 'queued':
      case 'running':
        if (!run.isStale) return { do: 'wait' };
        break;
      case 'expired':
        return { do: 'skip', reason: 'interrupted' };
      case 'succeeded':
      case 'partial':
      case 'failed':
      case 'cancelled':
      case 'suspended':
        return { do: 'end' };
    }
  }
  if (now.getTime() - occurrence.updatedAt.getTime() < LEFT_ALONE_AFTER_MS) return { do: 'wait' };
  if (!occurrence.isNewest) return run === null ? { do: 'skip', reason: 'superseded' } : { do: 'wait' };
  if (now.getTime() - occurrence.dueAt.getTime() > CATCH_UP_WITHIN_MS) return { do: 'skip', reason: 'too-old' };
  return { do: 'start-again' };
}
