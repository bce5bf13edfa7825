/** When the next request of this process may leave: a token bucket that never exceeds its limit in any window, and a pause. */
import type { RateBudget, RateLimits } from './rate-budget.js';

export interface RateLimitOptions extends RateLimits {
  /** Monotonic time in ms. */
  readonly nowMs: () => number;
}

interface Bucket {
  readonly capacity: number;
  readonly tokensPerMs: number;
  tokens: number;
  refilledMs: number;
}

/**
 * Hands out departure times. Small limits (below 20 per window) are paced evenly; larger ones allow a burst of a tenth and
 * refill with the rest, so that no window of a second or minute sees more than its limit.
 */
export class RateLimit implements RateBudget {
  private readonly buckets: readonly Bucket[];
  private readonly nowMs: () => number;
  private pausedUntilMs = 0;

  constructor({ requestsPerSecond, requestsPerMinute, nowMs }: RateLimitOptions) {
    this.nowMs = nowMs;
    const now = nowMs();
    this.buckets = [
      ...(requestsPerSecond === undefined ? [] : [bucketOf(requestsPerSecond, 1000, now)]),
      ...(requestsPerMinute === undefined ? [] : [bucketOf(requestsPerMinute, 60_000, now)]),
    ];
  }

  /** Books the next departure and returns how many ms it lies ahead; 0 = now. */
  book(): Promise<number> {
    const now = this.nowMs();
    let delayMs = Math.max(0, this.pausedUntilMs - now);
    for (const bucket of this.buckets) delayMs = Math.max(delayMs, draw(bucket, now));
    return Promise.resolve(delayMs);
  }

  /** How long the present pause still lasts, in ms. */
  pauseMs(): number {
    return Math.max(0, this.pausedUntilMs - this.nowMs());
  }

  /** Nothing departs for `ms`, because the system asked for it. */
  pause(ms: number): Promise<void> {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.nowMs() + ms);
    return Promise.resolve();
  }
}

function bucketOf(limit: number, windowMs: number, now: number): Bucket {
  const capacity = limit < 20 ? 1 : Math.floor(limit / 10);
  const refill = capacity === 1 ? limit : limit - capacity;
  return { capacity, tokensPerMs: refill / windowMs, tokens: capacity, refilledMs: now };
}

/** Takes one token, on credit if need be; the debt is the waiting time. */
function draw(bucket: Bucket, now: number): number {
  bucket.tokens = Math.min(bucket.capacity, bucket.tokens + (now - bucket.refilledMs) * bucket.tokensPerMs);
  bucket.refilledMs = now;
  bucket.tokens -= 1;
  return bucket.tokens >= 0 ? 0 : -bucket.tokens / bucket.tokensPerMs;
}
