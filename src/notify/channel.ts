/** How an endpoint is spoken to, whatever it is: one message out, and what became of it. */
import type { EventType } from '../domain/events.js';
import type { MessageText } from './message-texts.js';

export interface Outgoing {
  /** Unique for this endpoint; the same however often it is sent. */
  readonly notificationId: string;
  /** The same at every endpoint. */
  readonly eventId: string;
  readonly tenantId: string;
  readonly type: EventType;
  readonly occurredAt: Date;
  /** JSON text of the data. */
  readonly body: string;
  readonly text: MessageText;
  /** The employee's address; empty where the endpoint has receivers of its own. */
  readonly to: readonly string[];
  /** What the system gave for an earlier attempt that it took without saying what became of it. */
  readonly receipt: string | null;
}

/** What became of one attempt. Codes are of a closed kind, never what a system said. */
export type Delivery =
  | { readonly outcome: 'delivered'; readonly note?: string }
  /** Taken; what became of it is asked for with the receipt, not before `askAfterMs`. */
  | { readonly outcome: 'taken'; readonly receipt: string; readonly askAfterMs: number }
  /** Nobody is there, or nothing works: the endpoint rests, and everything is tried again. */
  | { readonly outcome: 'failed'; readonly code: string; readonly waitMs: number | null }
  /** Too much at once: the endpoint rests for so long, and no attempt is counted. */
  | { readonly outcome: 'throttled'; readonly code: string; readonly waitMs: number }
  /** This message, or this endpoint as it is configured, will not do: a person has to look. */
  | { readonly outcome: 'refused'; readonly code: string };

export interface Channel {
  /** Messages at a time. */
  readonly atOnce: number;
  /** What the vendor allows in 60 seconds; null = no such limit. */
  readonly perMinute: number | null;
  /** Never rejects for what an outside system does; ends within `ATTEMPT_WITHIN_MS`. */
  send(message: Outgoing, signal: AbortSignal): Promise<Delivery>;
}

/** The longest an attempt may last, with a login before it. */
export const ATTEMPT_WITHIN_MS = 15_000;
