/** How far one guarded call has come: its deadline, its abort, its attempts. */
import { ConnectorError } from './connector-error.js';

/** How long an attempt may take to tell, after the abort, whether its request had left. */
const SETTLING_MS = 200;

export interface RunLimits {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** One call from its first attempt to its end; `close` frees its timers and listeners. */
export class GuardedRun {
  attempts = 0;
  isInFlight = false;
  mayHaveArrived = false;
  /** Why the run was ended before its attempt was, or null. */
  endedBy: 'timed-out' | 'cancelled' | null = null;
  readonly deadlineMs: number;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private settlingTimer: NodeJS.Timeout | undefined;
  private readonly onAbort = (): void => this.end('cancelled');

  constructor(
    private readonly limits: RunLimits,
    readonly startedMs: number,
  ) {
    this.deadlineMs = limits.deadlineMs;
    this.timer = setTimeout(() => this.end('timed-out'), limits.deadlineMs);
    if (limits.signal?.aborted) this.end('cancelled');
    else limits.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  remainingMs(nowMs: number): number {
    return Math.max(0, this.startedMs + this.deadlineMs - nowMs);
  }

  /** The work's own outcome, or `cancelled` where it does not end soon after the abort. */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void =>
        reject(new ConnectorError({ fault: 'cancelled', mayHaveArrived: this.isInFlight || this.mayHaveArrived }));
      const onEnd = (): void => {
        this.settlingTimer = setTimeout(giveUp, SETTLING_MS);
      };
      if (this.signal.aborted) onEnd();
      else this.signal.addEventListener('abort', onEnd, { once: true });
      work.then(resolve, reject);
    });
  }

  close(): void {
    clearTimeout(this.timer);
    clearTimeout(this.settlingTimer);
    this.limits.signal?.removeEventListener('abort', this.onAbort);
  }

  private end(reason: 'timed-out' | 'cancelled'): void {
    this.endedBy ??= reason;
    this.controller.abort();
  }
}
