/** One exchange against a test server, built as the manifest engine builds it, with its log lines captured. */
import { Guard } from '../../src/connectors/guard.js';
import { authSchema, limitsSchema, repliesSchema, signSchema } from '../../src/connectors/http/auth.schema.js';
import { createEgress, type Egress } from '../../src/connectors/http/egress.js';
import { Exchange, type ExchangeReply, type ExchangeRequest } from '../../src/connectors/http/exchange.js';
import { systemClock, type Clock } from '../../src/platform/clock/clock.js';
import { createLog, type Log } from '../../src/platform/log/log.js';

export const LOOPBACK = { allow: [{ host: '127.0.0.1', http: true, addresses: ['127.0.0.0/8'] }] };

export interface ExchangeRig {
  readonly exchange: Exchange;
  readonly guard: Guard;
  readonly lines: string[];
  get(path?: string, more?: Partial<ExchangeRequest>): Promise<ExchangeReply>;
  /** The error a call ends with, and how long it took. */
  failure(path?: string, more?: Partial<ExchangeRequest>): Promise<{ readonly error: unknown; readonly ms: number }>;
  close(): void;
}

export interface RigOptions {
  readonly baseUrl: string;
  readonly auth?: unknown;
  readonly sign?: unknown;
  readonly limits?: Record<string, unknown>;
  readonly replies?: unknown;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly egress?: Egress;
}

export function exchangeRig(options: RigOptions): ExchangeRig {
  const lines: string[] = [];
  const log: Log = createLog({
    level: 'trace',
    pretty: false,
    destination: { write: (line) => void lines.push(line) },
  });
  const limits = limitsSchema.parse({ timeoutMs: 2000, retries: 0, ...options.limits });
  const guard = new Guard({ tenantId: 't1', connectionId: 'c1', limits, log });
  const egress = options.egress ?? createEgress(LOOPBACK, log);
  const exchange = new Exchange({
    tenantId: 't1',
    connectionId: 'c1',
    baseUrl: options.baseUrl,
    auth: authSchema.parse(options.auth ?? { type: 'none' }),
    sign: options.sign === undefined ? null : signSchema.parse(options.sign),
    limits,
    replies: repliesSchema.parse(options.replies ?? []),
    message: 'message',
    secrets: options.secrets ?? {},
    config: {},
    egress,
    guard,
    clock: options.clock ?? systemClock,
    log,
  });
  const get = (path = '/', more: Partial<ExchangeRequest> = {}): Promise<ExchangeReply> =>
    exchange.send(
      { name: 'persons', method: 'GET', path, query: {}, headers: {}, idempotent: true, ...more },
      new AbortController().signal,
    );
  return {
    exchange,
    guard,
    lines,
    get,
    failure: async (path, more) => {
      const startedMs = performance.now();
      try {
        await get(path, more);
      } catch (error) {
        return { error, ms: performance.now() - startedMs };
      }
      throw new Error('The call succeeded; a failure was expected.');
    },
    close: () => egress.close(),
  };
}
