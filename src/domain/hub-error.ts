/** What went wrong, for whom, and what to do next: the one error class every room throws. */

/** What the reader of an error should do: try again, mend configuration, ask a person, or report a bug. */
export type NextStep = 'retry' | 'fix-config' | 'ask-person' | 'bug';

/** Facts that are safe to log: ids, counts, limits, codes. Never a name, identity number, wage, token or raw body. */
export type SafeDetail = Readonly<Record<string, string | number | boolean | null>>;

export interface HubErrorOptions {
  readonly code: string;
  readonly next: NextStep;
  readonly message: string;
  readonly detail?: SafeDetail;
  readonly cause?: unknown;
}

/**
 * Thrown when an expectation is broken. The message says what happened, to which id, what was expected and what to do.
 * Expected outcomes are returned as tagged unions instead.
 */
export class HubError extends Error {
  readonly code: string;
  readonly next: NextStep;
  readonly detail: SafeDetail;

  constructor(options: HubErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HubError';
    this.code = options.code;
    this.next = options.next;
    this.detail = options.detail ?? {};
  }
}

/** Throws a `bug` error when `holds` is false. For what must be true whatever the input says. */
export function assertHolds(holds: boolean, message: string, detail?: SafeDetail): asserts holds {
  if (!holds) throw new HubError({ code: 'invariant-broken', next: 'bug', message, ...(detail ? { detail } : {}) });
}
