/** What a verified webhook looks like to the rest of the hub, and how one is verified: signature, age and delivery id, over the bytes as received. */
import type { RejectedRow, StreamRecord } from './port.js';

/** A request as it came in; nothing of it is believed yet. */
export interface WebhookCall {
  readonly method: 'GET' | 'POST';
  /** As in the URL, without the question mark. */
  readonly rawQuery: string;
  /** Names in small letters; a header sent twice has no value. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly now: Date;
}

/** What has come of a call before its body. */
export type WebhookHead = Omit<WebhookCall, 'body'>;

/** What the sender wants to hear. */
export interface WebhookAnswer {
  readonly contentType: 'application/json' | 'text/plain';
  readonly body: string;
}

/** Why a call was refused: for the counter, never for the caller. */
export type RefusalReason = 'unsigned' | 'forged' | 'stale';

export interface VerifiedDelivery {
  /** Unique per connection; what the sender says, or a hash of what was signed where it says nothing. ≤ 256 characters. */
  readonly deliveryId: string;
  readonly eventType: string | null;
  /** That system's keys of the persons the event is about, without repeats. */
  readonly ownerKeys: readonly string[];
  /** `unwanted`: the manifest does not list this type of event. `not-understood`: rightly signed, but no event. */
  readonly kind: 'event' | 'unwanted' | 'not-understood';
  /** The event as text, decrypted where the scheme encrypts. May hold personal facts. */
  readonly text: string;
}

export type WebhookVerdict =
  | { readonly verdict: 'refused'; readonly reason: RefusalReason }
  /** The sender only wanted to know whether the address is ours; nothing is to be stored. */
  | { readonly verdict: 'address-check'; readonly answer: WebhookAnswer }
  | { readonly verdict: 'delivery'; readonly delivery: VerifiedDelivery; readonly answer: WebhookAnswer };

/** What an event itself says about its persons, for sources that cannot be asked for single ones. */
export interface WebhookPayload {
  readonly read: string;
  /** Larger = newer, per person and connection. */
  readonly version: number;
  readonly records: readonly StreamRecord[];
  readonly rejected: readonly RejectedRow[];
}

/** The receiving end of one connection. */
export interface WebhookReceiver {
  readonly maxBodyBytes: number;
  /** Seconds after a read that found nothing changed at which it is read again, in order. */
  readonly againSeconds: readonly number[];
  /** Why this call will be refused whatever its body says; null = the body decides. */
  refusalOf(head: WebhookHead): RefusalReason | null;
  /** Reads no clock and stores nothing. */
  verify(call: WebhookCall): WebhookVerdict;
  /** The records in a stored event; null where the manifest maps none or this event has no version. */
  payloadOf(text: string): WebhookPayload | null;
}
