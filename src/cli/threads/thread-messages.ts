/** What the threads of a hub say to each other: plain values only, because they are copied from one heap to another. */
import { HubError, type NextStep, type SafeDetail } from '../../domain/hub-error.js';
import type { ReadingOrder } from '../../sync/connection-readers.js';
import type { ReadProgress } from '../../sync/read-progress.js';

/** What a thread is started with. */
export interface ThreadStart {
  readonly configFile: string;
  readonly dataDir: string;
  readonly databaseUrl: string;
}

export type ToThread =
  | { readonly type: 'read'; readonly id: number; readonly order: ReadingOrder }
  | { readonly type: 'stop-reading'; readonly id: number; readonly why: SentError }
  | { readonly type: 'rest' };

export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly id: number; readonly progress: ReadProgress }
  | { readonly type: 'read-ended'; readonly id: number; readonly failure: SentError | null }
  | { readonly type: 'at-rest'; readonly failure: SentError | null };

/** An error without its class and stack; the stack stays in the log of the thread that threw it. */
export interface SentError {
  readonly code: string;
  readonly next: NextStep;
  readonly message: string;
  readonly detail: SafeDetail;
}

export function sentError(error: unknown): SentError {
  if (error instanceof HubError)
    return { code: error.code, next: error.next, message: error.message, detail: error.detail };
  return {
    code: 'unexpected',
    next: 'bug',
    message: 'A thread of the hub met an error that it did not expect; the log holds it.',
    detail: {},
  };
}

export function receivedError(sent: SentError): HubError {
  return new HubError(sent);
}
