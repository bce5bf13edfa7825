/** What is one HTTP exchange of a manifest: credentials and signature out, reply judged on status and body, JSON in. */
import type { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/log/log.js';
import type { Guard } from '../guard.js';
import type { Json } from '../port.js';
import type { Auth, Limits, ReplyRule, Sign } from './auth.schema.js';
import type { Egress } from './egress.js';

export interface ExchangeOptions {
  readonly tenantId: string;
  readonly connectionId: string;
  /** A URL without a trailing slash, or a template over `config` that yields one. */
  readonly baseUrl: string;
  readonly auth: Auth;
  readonly sign: Sign | null;
  readonly limits: Limits;
  readonly replies: readonly ReplyRule[];
  /** Path of the text for people in a reply. */
  readonly message: string | null;
  readonly secrets: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly egress: Egress;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
}

export type ExchangeMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ExchangeRequest {
  /** Name of the read or write, for logs and messages. */
  readonly name: string;
  readonly method: ExchangeMethod;
  /** Relative to the base URL (`/v1/persons`), or an absolute URL on the same host (a next link). May carry a query. */
  readonly path: string;
  /** Undefined values are left out. */
  readonly query: Readonly<Record<string, string | number | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: { readonly type: 'json' | 'form'; readonly value: Json };
  /** True where sending twice does no harm: such calls are retried even when they may have arrived. */
  readonly idempotent: boolean;
}

export interface ExchangeReply {
  readonly status: number;
  /** Lower-case names; repeated headers joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; null for an empty body. Integers beyond 2^53 are `ExactNumber`s (exact-json.ts). */
  readonly body: Json;
  /** Origin and path that were asked, without query: the base for relative next links. */
  readonly url: string;
  readonly bytes: number;
  readonly elapsedMs: number;
}

/** Sends requests of one connection under its guard. */
export class Exchange {
  constructor(private readonly options: ExchangeOptions) {}

  /** One judged reply. Throws ConnectorError, whose `mayHaveArrived` tells whether the target may have acted. */
  async send(_request: ExchangeRequest, _signal: AbortSignal): Promise<ExchangeReply> {
    throw new Error(this.options.connectionId);
  }
}
