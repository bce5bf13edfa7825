/** How an event is posted to another system: signed, and taken when the system says 2xx. */
import { ConnectorError } from '../../connectors/connector-error.js';
import type { Egress, RawReply } from '../../connectors/http/egress.js';
import type { Clock } from '../../platform/clock/clock.js';
import type { WebhookEndpoint } from '../../platform/config/notify-config.js';
import type { Channel, Delivery, Outgoing } from '../channel.js';
import { deliveryOfFault } from './delivery-of-fault.js';
import { standardSignature } from './standard-signature.js';
import { webhookBody } from './webhook-body.js';

const ANSWER_WITHIN_MS = 10_000;
/** What a receiver answers is not read; a long answer is cut off as a fault. */
const MAX_REPLY_BYTES = 65_536;
const AT_ONCE = 4;
/** A receiver may ask for a wait, and not for ever. */
const LONGEST_WAIT_MS = 3_600_000;

export interface WebhookParts {
  readonly egress: Egress;
  readonly clock: Clock;
}

export class WebhookChannel implements Channel {
  readonly atOnce = AT_ONCE;
  readonly perMinute = null;

  constructor(
    private readonly endpoint: WebhookEndpoint,
    private readonly parts: WebhookParts,
  ) {}

  async send(message: Outgoing, signal: AbortSignal): Promise<Delivery> {
    const { contentType, body } = webhookBody(this.endpoint.format, message);
    const timestampSeconds = Math.floor(this.parts.clock.now().getTime() / 1000);
    const secrets = this.endpoint.secrets.map((secret) => secret.reveal());
    const id = message.eventId;
    try {
      const reply = await this.parts.egress.send({
        method: 'POST',
        url: this.endpoint.url,
        headers: {
          'Content-Type': contentType,
          'webhook-id': id,
          'webhook-timestamp': String(timestampSeconds),
          'webhook-signature': standardSignature(secrets, { id, timestampSeconds, body }),
        },
        body,
        timeoutMs: ANSWER_WITHIN_MS,
        maxReplyBytes: MAX_REPLY_BYTES,
        signal,
      });
      return this.judge(reply);
    } catch (error) {
      // A receiver that moved may move back; whatever else the operator's rules refuse stays refused.
      if (error instanceof ConnectorError && error.code === 'redirected')
        return { outcome: 'failed', code: 'redirected', waitMs: null };
      return deliveryOfFault(error);
    }
  }

  private judge({ status, headers }: RawReply): Delivery {
    if (status >= 200 && status < 300) return { outcome: 'delivered' };
    const code = `http-${status}`;
    // "Gone" is how a receiver says that it wants no more.
    if (status === 410) return { outcome: 'refused', code };
    const waitMs = waitOf(headers['retry-after'] ?? '', this.parts.clock.now());
    if (status === 429) return { outcome: 'throttled', code, waitMs: waitMs ?? 60_000 };
    return { outcome: 'failed', code, waitMs };
  }
}

/** Retry-After in seconds or as a date; null where there is none that can be read. */
function waitOf(text: string, now: Date): number | null {
  if (text === '') return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1000), LONGEST_WAIT_MS) : null;
}
