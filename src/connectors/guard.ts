/** What stands between the hub and one outside system: deadline, concurrency, rate, breaker, retry by error class, one log line, one error type. */
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import pLimit, { type LimitFunction } from 'p-limit';
import pRetry from 'p-retry';
import type { Log } from '../platform/log/log.js';
import { ConnectorError, type CallPlace } from './connector-error.js';
import { faultMeaning } from './error-table.js';
import { GuardedRun } from './guarded-run.js';
import type { RateBudget } from './rate-budget.js';
import { RateLimit } from './rate-limit.js';
import { translateForeign } from './translate-foreign.js';

export interface GuardLimits {
  readonly concurrency: number;
  readonly requestsPerSecond?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  /** Attempts after the first. */
  readonly retries: number;
  /** The longest wait inside a call, in ms. */
  readonly retryCapMs: number;
}

/** Time and chance; replaced in tests. */
export interface GuardTiming {
  /** Monotonic, in ms. */
  nowMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 ≤ x < 1. */
  random(): number;
}

export interface GuardOptions {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly limits: GuardLimits;
  readonly log: Log;
  /** Consecutive failures that open the breaker, and how long it stays open. */
  readonly breaker?: { readonly failures: number; readonly restMs: number };
  readonly timing?: GuardTiming;
  /** What the requests of all nodes to this system may be; default: a budget of this guard alone. */
  readonly budget?: RateBudget;
  /** Told of every change of `health`. */
  readonly onHealth?: ((health: GuardHealth) => void) | undefined;
}

export interface CallOptions<T> {
  /** The whole call with all attempts and waits, in ms. */
  readonly deadlineMs: number;
  /** True where a second attempt does no harm even if the first arrived. */
  readonly idempotent: boolean;
  /** Ends the call from outside, for example at a graceful stop. */
  readonly signal?: AbortSignal;
  /** Status and size for the log line. */
  readonly describe?: (result: T) => { readonly status: number; readonly bytes: number };
}

export type GuardHealth = 'up' | 'half-open' | 'down';

const DEFAULT_BREAKER = { failures: 8, restMs: 15_000 };
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 10_000;
const DEFAULT_THROTTLE_MS = 60_000;
const DEFAULT_MAINTENANCE_MS = 15 * 60_000;
const LONGEST_PAUSE_MS = 24 * 3_600_000;

export const systemTiming: GuardTiming = {
  nowMs: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    }),
  random: Math.random,
};

/** One per (tenant, connection), shared by all its calls. */
export class Guard {
  private readonly slots: LimitFunction;
  private readonly rate: RateBudget;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly breakerRestMs: number;
  private readonly timing: GuardTiming;
  private brokenAtMs = 0;

  constructor(private readonly options: GuardOptions) {
    const { failures, restMs } = options.breaker ?? DEFAULT_BREAKER;
    this.timing = options.timing ?? systemTiming;
    this.slots = pLimit(options.limits.concurrency);
    this.rate = options.budget ?? new RateLimit({ ...options.limits, nowMs: () => this.timing.nowMs() });
    this.breakerRestMs = restMs;
    this.breaker = circuitBreaker(handleWhen(countsForBreaker), {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: restMs,
    });
    this.breaker.onBreak(() => {
      this.brokenAtMs = this.timing.nowMs();
      options.log.warn(this.place('breaker'), 'The breaker opened: the system is left alone for a while.');
    });
    this.breaker.onStateChange(() => options.onHealth?.(this.health));
  }

  /**
   * Runs `attempt` until it succeeds, fails for good, or the deadline is over. Throws only ConnectorError: a wait beyond the
   * cap is thrown as WAIT_UNTIL with `waitMs`, never slept.
   */
  async call<T>(name: string, attempt: (signal: AbortSignal) => Promise<T>, options: CallOptions<T>): Promise<T> {
    const run = new GuardedRun(options, this.timing.nowMs());
    try {
      const retried = pRetry(() => this.attemptOnce(attempt, run), {
        retries: this.options.limits.retries,
        minTimeout: 0,
        shouldRetry: async ({ error }) => this.waitToRetry(error, run, options.idempotent),
      });
      const result = await run.within(retried);
      this.logDone(name, run, options.describe?.(result));
      return result;
    } catch (error) {
      const failure = this.failureOf(error, run).with({ place: this.place(name) });
      this.logFailed(failure, run);
      throw failure;
    } finally {
      run.close();
    }
  }

  /** What the breaker thinks of the system. */
  get health(): GuardHealth {
    const { state } = this.breaker;
    if (state === CircuitState.Closed) return 'up';
    return state === CircuitState.HalfOpen ? 'half-open' : 'down';
  }

  private attemptOnce<T>(attempt: (signal: AbortSignal) => Promise<T>, run: GuardedRun): Promise<T> {
    return this.slots(async () => {
      await this.waitForRate(run);
      run.attempts += 1;
      run.isInFlight = true;
      try {
        return await this.breaker.execute(() => attempt(run.signal));
      } catch (error) {
        const failure = this.translated(error);
        run.mayHaveArrived ||= failure.mayHaveArrived;
        if (failure.category === 'RATE_LIMIT') await this.rate.pause(Math.min(failure.waitMs ?? 0, LONGEST_PAUSE_MS));
        throw failure;
      } finally {
        run.isInFlight = false;
      }
    });
  }

  private async waitForRate(run: GuardedRun): Promise<void> {
    const pauseMs = this.rate.pauseMs();
    if (pauseMs > this.longestWaitMs(run))
      throw new ConnectorError({ fault: 'throttled', action: 'WAIT_UNTIL', waitMs: Math.ceil(pauseMs) });
    const delayMs = run.signal.aborted ? 0 : await this.rate.book();
    if (delayMs > run.remainingMs(this.timing.nowMs())) {
      throw new ConnectorError({
        fault: 'throttled',
        action: 'WAIT_UNTIL',
        waitMs: Math.ceil(delayMs),
        saying: 'by the limits of the manifest',
      });
    }
    if (delayMs > 0) await this.timing.wait(delayMs, run.signal);
    if (run.signal.aborted) throw new ConnectorError({ fault: 'cancelled', mayHaveArrived: false });
  }

  /** Decides by error class; waits where there is something to wait for. */
  private async waitToRetry(error: Error, run: GuardedRun, isIdempotent: boolean): Promise<boolean> {
    const failure = this.translated(error);
    const backoffMs = failure.waitMs ?? this.backoffMs(run.attempts);
    if (!faultMeaning(failure.code).retriedInCall || failure.action === 'WAIT_UNTIL') return false;
    if (failure.mayHaveArrived && !isIdempotent) return false;
    if (backoffMs > this.longestWaitMs(run)) return false;
    await this.timing.wait(backoffMs, run.signal);
    return !run.signal.aborted;
  }

  private longestWaitMs(run: GuardedRun): number {
    return Math.min(this.options.limits.retryCapMs, run.remainingMs(this.timing.nowMs()));
  }

  /** 200 ms doubling to 10 s, each between half and all of itself. */
  private backoffMs(attempts: number): number {
    const fullMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.max(0, attempts - 1));
    return fullMs * (0.5 + this.timing.random() / 2);
  }

  private translated(error: unknown): ConnectorError {
    if (error instanceof ConnectorError) return error;
    if (error instanceof BrokenCircuitError) {
      const restMs = this.brokenAtMs + this.breakerRestMs - this.timing.nowMs();
      return new ConnectorError({ fault: 'breaker-open', waitMs: Math.max(1, Math.ceil(restMs)) });
    }
    return translateForeign(error);
  }

  private failureOf(error: unknown, run: GuardedRun): ConnectorError {
    const failure = this.translated(error);
    const mayHaveArrived = failure.mayHaveArrived || run.mayHaveArrived;
    if (run.endedBy !== null && (failure.code === 'cancelled' || run.endedBy === 'cancelled')) {
      return new ConnectorError({ fault: run.endedBy, mayHaveArrived, detail: { deadlineMs: run.deadlineMs } });
    }
    return failure.with({ mayHaveArrived, ...this.reschedule(failure) });
  }

  /** What cannot be waited for here is handed back with its time. */
  private reschedule(failure: ConnectorError): { action?: 'WAIT_UNTIL'; waitMs?: number } {
    if (failure.category === 'RATE_LIMIT')
      return { action: 'WAIT_UNTIL', waitMs: failure.waitMs ?? DEFAULT_THROTTLE_MS };
    if (failure.category === 'MAINTENANCE_WINDOW') return { waitMs: failure.waitMs ?? DEFAULT_MAINTENANCE_MS };
    return failure.category === 'REMOTE_UNAVAILABLE' && failure.waitMs !== null ? { action: 'WAIT_UNTIL' } : {};
  }

  private place(call: string): CallPlace {
    return { tenantId: this.options.tenantId, connectionId: this.options.connectionId, call };
  }

  private logDone(
    name: string,
    run: GuardedRun,
    size: { readonly status: number; readonly bytes: number } | undefined,
  ): void {
    if (!this.options.log.isLevelEnabled('debug')) return;
    const ms = Math.round(this.timing.nowMs() - run.startedMs);
    this.options.log.debug({ ...this.place(name), ...size, ms, attempts: run.attempts }, 'Call finished.');
  }

  private logFailed(failure: ConnectorError, run: GuardedRun): void {
    const { code, category, action, status, waitMs } = failure;
    const ms = Math.round(this.timing.nowMs() - run.startedMs);
    this.options.log.warn(
      { ...failure.detail, code, category, action, status, waitMs, ms, attempts: run.attempts },
      failure.message,
    );
  }
}

function countsForBreaker(error: Error): boolean {
  return error instanceof ConnectorError && faultMeaning(error.code).opensBreaker;
}
