/** Which access token is used now: cached, renewed early, fetched once for all callers, and never asked for in a loop. */
import type { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/log/log.js';
import { ConnectorError } from '../connector-error.js';
import type { Json } from '../port.js';
import type { TokenAuth } from './auth.schema.js';
import { decodeReply } from './decode-reply.js';
import type { Egress, RawReply } from './egress.js';
import { compileReplyPath } from './reply-path.js';
import { matchesValue, type Judge } from './reply-rules.js';
import { hrefOf, type RequestDraft } from './request-draft.js';

export interface TokenSourceOptions {
  readonly auth: TokenAuth;
  /** A fresh draft of the token request. */
  readonly draft: () => RequestDraft;
  /** The manifest's reply rules: throttling and maintenance are recognised on the token endpoint too. */
  readonly judge: Judge;
  readonly egress: Egress;
  readonly limits: { readonly timeoutMs: number; readonly maxReplyBytes: number };
  readonly clock: Clock;
  readonly log: Log;
  readonly place: { readonly tenantId: string; readonly connectionId: string };
}

interface Token {
  readonly value: string;
  readonly expiresAtMs: number;
  readonly refreshAtMs: number;
}

/** After a refused login: wrong passwords asked again and again lock accounts and block addresses. */
const LOGIN_COOLDOWN_MS = 5 * 60_000;
const RENEWAL_PAUSE_MS = 5000;
const MAX_TOKEN_REPLY_BYTES = 1_048_576;

export class TokenSource {
  private token: Token | null = null;
  private fetching: Promise<Token> | null = null;
  private refusedUntilMs = 0;
  private readonly readToken;
  private readonly readExpiry;
  private readonly isSuccess: (body: Json) => boolean;

  constructor(private readonly options: TokenSourceOptions) {
    const { token, expiresIn, success } = options.auth;
    this.readToken = compileReplyPath(token);
    this.readExpiry = expiresIn !== undefined && 'path' in expiresIn ? compileReplyPath(expiresIn.path) : null;
    const readSuccess = success === undefined ? null : compileReplyPath(success.path);
    this.isSuccess = (body) =>
      readSuccess === null || (success?.in ?? []).some((expected) => matchesValue(readSuccess(body), expected));
  }

  /** The present token. Throws ConnectorError with stage `auth`; during the cool-down after a refusal without any call. */
  async current(): Promise<string> {
    const nowMs = this.nowMs();
    const { token } = this;
    if (token !== null && nowMs < token.refreshAtMs) return token.value;
    try {
      return (await this.fetchOnce()).value;
    } catch (error) {
      // An early renewal that failed is no harm while the old token lives; it is tried again a little later.
      if (token === null || this.token !== token || nowMs >= token.expiresAtMs || this.refusedUntilMs > nowMs)
        throw error;
      this.token = { ...token, refreshAtMs: nowMs + RENEWAL_PAUSE_MS };
      return token.value;
    }
  }

  /** Forgets a token the system called expired, unless a newer one is already here. */
  forget(value: string): void {
    if (this.token?.value === value) this.token = null;
  }

  /** A token fetched a moment ago was refused as well: the account is at fault, not the token. */
  refuse(value: string): void {
    this.forget(value);
    this.refusedUntilMs = this.nowMs() + LOGIN_COOLDOWN_MS;
  }

  private fetchOnce(): Promise<Token> {
    const coolDownMs = this.refusedUntilMs - this.nowMs();
    if (coolDownMs > 0)
      return Promise.reject(new ConnectorError({ fault: 'login-rejected', waitMs: coolDownMs, mayHaveArrived: false }));
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = null;
    });
    return this.fetching;
  }

  private async fetch(): Promise<Token> {
    try {
      const token = this.tokenOf(await this.ask());
      this.token = token;
      this.options.log.debug(this.options.place, 'Logged in.');
      return token;
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'login-rejected')
        this.refusedUntilMs = this.nowMs() + LOGIN_COOLDOWN_MS;
      // The request this login was for has not left.
      throw error instanceof ConnectorError ? error.with({ stage: 'auth', mayHaveArrived: false }) : error;
    }
  }

  private ask(): Promise<RawReply> {
    const draft = this.options.draft();
    return this.options.egress.send({
      method: draft.method,
      url: hrefOf(draft),
      headers: draft.headers,
      body: draft.body,
      timeoutMs: this.options.limits.timeoutMs,
      maxReplyBytes: Math.min(MAX_TOKEN_REPLY_BYTES, this.options.limits.maxReplyBytes),
      // Shared by all callers: the end of one of them must not end the login of the others.
      signal: new AbortController().signal,
    });
  }

  private tokenOf(raw: RawReply): Token {
    const decoded = decodeReply(raw);
    const body = decoded.ok ? decoded.body : undefined;
    const judgement = this.options.judge({ status: raw.status, headers: raw.headers, body });
    const { status } = raw;
    if (
      judgement.is === 'fault' &&
      ['throttled', 'unavailable', 'maintenance', 'wrong-endpoint', 'not-found'].includes(judgement.fault)
    ) {
      const fault = judgement.fault === 'not-found' ? 'wrong-endpoint' : judgement.fault;
      throw new ConnectorError({ fault, status, waitMs: judgement.waitMs });
    }
    if (!decoded.ok && status < 300) throw new ConnectorError({ fault: 'not-json', status, saying: decoded.saying });
    const value = body === undefined ? undefined : this.readToken(body);
    const isAccepted = status < 300 && body !== undefined && this.isSuccess(body);
    if (isAccepted && typeof value === 'string' && value !== '') return this.living(value, body);
    if (isAccepted && this.options.auth.success !== undefined)
      throw new ConnectorError({ fault: 'drift', status, saying: `no token at ${this.options.auth.token}` });
    throw new ConnectorError({
      fault: 'login-rejected',
      status,
      remoteText: judgement.is === 'fault' ? judgement.remoteText : null,
    });
  }

  private living(value: string, body: Json): Token {
    const nowMs = this.nowMs();
    const lifeMs = this.lifeMs(body);
    const earlyMs = Math.min(this.options.auth.refreshEarlySeconds * 1000, lifeMs / 2);
    return { value, expiresAtMs: nowMs + lifeMs, refreshAtMs: nowMs + lifeMs - earlyMs };
  }

  /** Infinity where the system does not tell. */
  private lifeMs(body: Json): number {
    const { expiresIn } = this.options.auth;
    if (expiresIn === undefined) return Number.POSITIVE_INFINITY;
    if ('seconds' in expiresIn) return expiresIn.seconds * 1000;
    const told = Number(this.readExpiry?.(body) ?? Number.NaN);
    if (!Number.isFinite(told) || told <= 0) return Number.POSITIVE_INFINITY;
    return expiresIn.unit === 'ms' ? told : told * 1000;
  }

  private nowMs(): number {
    return this.options.clock.now().getTime();
  }
}
