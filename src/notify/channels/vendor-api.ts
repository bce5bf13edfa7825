/** How the message API of a vendor is called: the exchange of manifests, with one attempt, because the outbox does the waiting. */
import { Guard } from '../../connectors/guard.js';
import { authSchema, limitsSchema, repliesSchema, signSchema } from '../../connectors/http/auth.schema.js';
import type { Egress } from '../../connectors/http/egress.js';
import { Exchange } from '../../connectors/http/exchange.js';
import type { Json } from '../../connectors/port.js';
import type { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/log/log.js';
import type { Delivery } from '../channel.js';
import { deliveryOfFault } from './delivery-of-fault.js';

export interface VendorParts {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a vendor's API asks for, in the words of the manifest language. */
export interface VendorDeclaration {
  readonly baseUrl: string;
  readonly auth: unknown;
  readonly sign?: unknown;
  /** Judged from top to bottom; what none of them knows is judged by its status. */
  readonly replies: readonly unknown[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string | number>>;
  readonly requestsPerSecond?: number;
}

export interface VendorCall {
  readonly name: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body: Json;
}

/** One attempt, and one login before it. */
const REPLY_WITHIN_MS = 6_000;

export class VendorApi {
  private readonly exchange: Exchange;

  constructor(declaration: VendorDeclaration, { tenantId, endpointId, egress, clock, log }: VendorParts) {
    const { baseUrl, secrets, config, requestsPerSecond } = declaration;
    const limits = limitsSchema.parse({
      ...{ concurrency: 1, timeoutMs: REPLY_WITHIN_MS, deadlineMs: 2 * REPLY_WITHIN_MS, retries: 0, retryCapMs: 1_000 },
      ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
      maxReplyBytes: 262_144,
    });
    const connectionId = `notify/${endpointId}`;
    this.exchange = new Exchange({
      ...{ tenantId, connectionId, baseUrl, limits, secrets, config, egress, clock, log },
      auth: authSchema.parse(declaration.auth),
      sign: declaration.sign === undefined ? null : signSchema.parse(declaration.sign),
      replies: repliesSchema.parse(declaration.replies),
      message: null,
      guard: new Guard({ tenantId, connectionId, limits, log }),
    });
  }

  /** `conclude` says what a reply that was judged a success means. */
  async call(
    { name, path, query = {}, body }: VendorCall,
    signal: AbortSignal,
    conclude: (reply: Json) => Delivery,
  ): Promise<Delivery> {
    try {
      const request = { name, path, query, method: 'POST', headers: {}, idempotent: false } as const;
      const reply = await this.exchange.send({ ...request, body: { type: 'json', value: body } }, signal);
      return conclude(reply.body);
    } catch (error) {
      return deliveryOfFault(error);
    }
  }
}

export const DELIVERED = (): Delivery => ({ outcome: 'delivered' });

/** A text of at most so many bytes, cut between characters: vendors refuse longer ones, or cut them through a character. */
export function clip(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let bytes = 3;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return `${text.slice(0, end)}…`;
}
