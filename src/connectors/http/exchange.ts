/** What is one HTTP exchange of a manifest: credentials and signature out, reply judged on status and body, JSON in. */
import { traced } from '../../platform/tracing/tracing.js';
import type { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/log/log.js';
import { ConnectorError } from '../connector-error.js';
import type { FaultName } from '../error-table.js';
import type { Guard } from '../guard.js';
import type { Json } from '../port.js';
import type { Auth, Limits, ReplyRule, Sign } from './auth.schema.js';
import { compileCredentials, type Credentials } from './credentials.js';
import { decodeReply, type DecodedReply } from './decode-reply.js';
import type { Egress, RawReply } from './egress.js';
import { compileJudge, type Judge } from './reply-rules.js';
import { draftRequest, hrefOf, type RequestDraft } from './request-draft.js';
import { compileSigner, type Signer } from './signer.js';
import { compileText } from './template.js';

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
  /** Of the attempt that succeeded. */
  readonly elapsedMs: number;
}

/** Sends requests of one connection under its guard. */
export class Exchange {
  private readonly baseUrl: string;
  private readonly credentials: Credentials;
  private readonly signer: Signer | null;
  private readonly judge: Judge;
  private readonly deadlineMs: number;

  /** Compiles every template once. Throws HubError `bad-template` naming the section. */
  constructor(private readonly options: ExchangeOptions) {
    const { secrets, config, limits, auth, sign, clock } = options;
    const values = { secret: secrets, config };
    const variables = exchangeVariables(Object.keys(secrets), Object.keys(config));
    const scope = { variables };
    this.baseUrl = compileText(options.baseUrl, scope, 'baseUrl')(values).replace(/\/+$/, '');
    this.judge = compileJudge(options);
    this.signer = sign === null ? null : compileSigner({ sign, values, variables, clock });
    const place = { tenantId: options.tenantId, connectionId: options.connectionId };
    this.credentials = compileCredentials({
      ...options,
      auth,
      baseUrl: this.baseUrl,
      values,
      scope,
      judge: this.judge,
      place,
    });
    this.deadlineMs = limits.deadlineMs ?? 3 * limits.timeoutMs + limits.retryCapMs;
  }

  /** One judged reply. Throws ConnectorError, whose `mayHaveArrived` tells whether the target may have acted. */
  send(request: ExchangeRequest, signal: AbortSignal): Promise<ExchangeReply> {
    return this.options.guard.call(request.name, (attemptSignal) => this.attempt(request, attemptSignal), {
      deadlineMs: this.deadlineMs,
      idempotent: request.idempotent,
      signal,
      describe: describeReply,
    });
  }

  /** One attempt; an expired token is renewed and the request sent again, once. */
  private async attempt(request: ExchangeRequest, signal: AbortSignal): Promise<ExchangeReply> {
    const first = await this.exchangeOnce(request, signal);
    if (first.outcome === 'success') return first.reply;
    if (first.outcome === 'failed') throw first.error;
    if (!this.credentials.expired(first.token)) throw rejected(first.error);
    const second = await this.exchangeOnce(request, signal);
    if (second.outcome === 'success') return second.reply;
    if (second.outcome === 'failed') throw second.error;
    this.credentials.refused(second.token);
    throw rejected(second.error);
  }

  private async exchangeOnce(request: ExchangeRequest, signal: AbortSignal): Promise<ExchangeOutcome> {
    const startedMs = performance.now();
    const draft = draftRequest({ ...request, body: request.body, baseUrl: this.baseUrl, mayLeaveHost: false });
    const token = await this.credentials.apply(draft);
    this.signer?.(draft);
    const raw = await this.dispatch(request.name, draft, signal);
    const decoded = decodeReply(raw);
    const error = this.faultOf(raw, decoded);
    if (error !== null) return { outcome: error.code === 'auth-expired' ? 'expired' : 'failed', error, token };
    return {
      outcome: 'success',
      reply: {
        status: raw.status,
        headers: raw.headers,
        body: decoded.ok ? decoded.body : null,
        url: `${draft.origin}${draft.path}`,
        bytes: raw.body.length,
        elapsedMs: performance.now() - startedMs,
      },
    };
  }

  private dispatch(kind: string, draft: RequestDraft, signal: AbortSignal): Promise<RawReply> {
    const { timeoutMs, maxReplyBytes } = this.options.limits;
    const { tenantId: tenant, connectionId: connection } = this.options;
    return traced('http.call', { tenant, connection, kind }, async (span) => {
      const reply = await this.options.egress.send({
        method: draft.method,
        url: hrefOf(draft),
        headers: draft.headers,
        body: draft.body,
        timeoutMs,
        maxReplyBytes,
        signal,
      });
      span.tell({ status: reply.status });
      return reply;
    });
  }

  private faultOf(raw: RawReply, decoded: DecodedReply): ConnectorError | null {
    const { status } = raw;
    // A web page with status 200 is no success whatever the rules say; with an error status they may still tell which.
    if (!decoded.ok && status < 300) return new ConnectorError({ fault: 'not-json', status, saying: decoded.saying });
    const judgement = this.judge({ status, headers: raw.headers, body: decoded.ok ? decoded.body : undefined });
    if (judgement.is === 'success')
      return decoded.ok ? null : new ConnectorError({ fault: 'not-json', status, saying: decoded.saying });
    const { fault, waitMs, remoteText } = judgement;
    return new ConnectorError({ fault, status, remoteText, waitMs: waitingFaults.has(fault) ? waitMs : null });
  }
}

type ExchangeOutcome =
  | { readonly outcome: 'success'; readonly reply: ExchangeReply }
  | { readonly outcome: 'failed' | 'expired'; readonly error: ConnectorError; readonly token: string | null };

const waitingFaults: ReadonlySet<FaultName> = new Set(['throttled', 'unavailable', 'maintenance']);

/** The names that templates of `baseUrl`, `auth` and `sign` may use. */
export function exchangeVariables(secrets: readonly string[], config: readonly string[]): readonly string[] {
  return [...secrets.map((name) => `secret.${name}`), ...config.map((name) => `config.${name}`)];
}

function rejected(error: ConnectorError): ConnectorError {
  return error.with({ fault: 'auth-rejected' });
}

function describeReply(reply: ExchangeReply): { status: number; bytes: number } {
  return { status: reply.status, bytes: reply.bytes };
}
