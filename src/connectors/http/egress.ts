/** How bytes leave the hub and come back: the only file that knows axios. No redirects, no proxy, checked addresses, capped time and size. */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import http, { type ClientRequest, type ClientRequestArgs, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import axios, { isAxiosError, type AxiosRequestConfig } from 'axios';
import type { Log } from '../../platform/log/log.js';
import { ConnectorError } from '../connector-error.js';
import { faultOfNetworkCode, type FaultName } from '../error-table.js';
import { AddressPolicy, type EgressPolicy } from './address-policy.js';

export type { EgressPolicy } from './address-policy.js';

export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent byte for byte. */
  readonly body: Buffer | string | undefined;
  /** From the first look-up to the last byte. */
  readonly timeoutMs: number;
  /** After inflation. */
  readonly maxReplyBytes: number;
  readonly signal: AbortSignal;
}

export interface RawReply {
  readonly status: number;
  /** Lower-case names; repeated headers joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Egress {
  /** One request, one reply, whatever its status below 300 or from 400 on. Throws ConnectorError. */
  send(request: OutgoingRequest): Promise<RawReply>;
  /** Closes idle connections. */
  close(): void;
}

/** Resolves a host name to all its addresses; replaceable for tests. */
export type Resolve = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

const systemResolve: Resolve = (host, done) => {
  systemLookup(host, { all: true, verbatim: true }, done);
};

const MAX_SOCKETS_PER_HOST = 64;
/** Below the five seconds after which many servers close: a request on a socket that is just being closed is lost. */
const IDLE_SOCKET_MS = 4_000;
const MAX_HEADER_BYTES = 32_768;

interface Wire {
  /** True once the request may have left: connected, and for https agreed on a key. */
  hasLeft: boolean;
  readonly request: OutgoingRequest;
}

/** Opens the door to the outside world under the operator's rules. One per process; safe for concurrent use. */
export function createEgress(policy: EgressPolicy, log: Log, resolve: Resolve = systemResolve): Egress {
  const addresses = new AddressPolicy(policy);
  const options = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS_PER_HOST,
    maxFreeSockets: 16,
    timeout: IDLE_SOCKET_MS,
    scheduling: 'lifo' as const,
    lookup: checkedLookup(addresses, resolve),
  };
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };
  // An instance of its own: defaults and interceptors somebody sets on the shared one have no power here.
  const client = axios.create();
  log.debug({ hosts: policy.allow.length }, 'Egress is open.');
  return {
    send: async (request) => {
      const url = parseUrl(request.url);
      addresses.checkUrl(url);
      const wire: Wire = { hasLeft: false, request };
      const ended = endedBy(request);
      try {
        const reply = await client.request<Buffer>(axiosConfig(wire, url, { agents, signal: ended.signal }));
        return rawReply(reply.status, reply.headers, reply.data);
      } catch (error) {
        throw translated(error, wire, ended.reason());
      } finally {
        ended.release();
      }
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

function axiosConfig(
  wire: Wire,
  url: URL,
  { agents, signal }: { readonly agents: Agents; readonly signal: AbortSignal },
): AxiosRequestConfig {
  const { request } = wire;
  return {
    method: request.method,
    url: url.href,
    headers: { 'User-Agent': 'buduan', ...request.headers },
    data: request.body,
    responseType: 'arraybuffer',
    decompress: true,
    maxContentLength: request.maxReplyBytes,
    maxBodyLength: Number.POSITIVE_INFINITY,
    maxRedirects: 0,
    proxy: false,
    httpAgent: agents.http,
    httpsAgent: agents.https,
    signal,
    transport: watchedTransport(wire, url),
    transformRequest: keepBody,
    transformResponse: keepBody,
    validateStatus: acceptStatus,
    transitional: { clarifyTimeoutError: true },
  };
}

function keepBody(body: unknown): unknown {
  return body;
}

function acceptStatus(): boolean {
  return true;
}

/** Notes the moment from which the request may have arrived, and refuses redirects before their bodies are read. */
function watchedTransport(
  wire: Wire,
  url: URL,
): { request: (options: ClientRequestArgs, onReply: (reply: IncomingMessage) => void) => ClientRequest } {
  const secure = url.protocol === 'https:';
  return {
    request: (options, onReply) => {
      const sent = (secure ? https : http).request({ ...options, maxHeaderSize: MAX_HEADER_BYTES }, onReply);
      sent.once('socket', (socket) => {
        if (sent.reusedSocket || (!secure && !socket.connecting)) wire.hasLeft = true;
        else socket.once(secure ? 'secureConnect' : 'connect', () => (wire.hasLeft = true));
      });
      return sent;
    },
  };
}

interface Ending {
  readonly signal: AbortSignal;
  reason(): FaultName | null;
  release(): void;
}

/** One signal for the caller's abort and the total deadline. */
function endedBy(request: OutgoingRequest): Ending {
  const controller = new AbortController();
  let reason: FaultName | null = null;
  const end = (fault: FaultName): void => {
    reason ??= fault;
    controller.abort();
  };
  const timer = setTimeout(() => end('timed-out'), request.timeoutMs);
  const onAbort = (): void => end('cancelled');
  if (request.signal.aborted) onAbort();
  else request.signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    reason: () => reason,
    release: () => {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', onAbort);
    },
  };
}

/** A look-up for sockets of any kind that finds allowed addresses only: what is checked is what is connected to. */
export function checkedLookup(addresses: AddressPolicy, resolve: Resolve = systemResolve): LookupFunction {
  return (host, options, done) => {
    resolve(host, (error, found) => {
      if (error) return done(error, []);
      const usable = found.filter(
        (entry) =>
          options.family === undefined || options.family === 0 || entry.family === familyNumber(options.family),
      );
      const [first] = usable;
      if (first === undefined) return done(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), []);
      try {
        // One forbidden address among them is reason enough: a name that sometimes leads inside is not trusted at all.
        for (const entry of usable) addresses.checkAddress(host, entry.address);
      } catch (refusal) {
        return done(refusal as NodeJS.ErrnoException, []);
      }
      return options.all ? done(null, [...usable]) : done(null, first.address, first.family);
    });
  };
}

function familyNumber(family: number | 'IPv4' | 'IPv6'): number {
  return family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family;
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new ConnectorError({ fault: 'host-refused', saying: 'not an absolute URL' });
  return new URL(text);
}

function rawReply(status: number, headers: Readonly<Record<string, unknown>>, body: Buffer): RawReply {
  if (status >= 300 && status < 400) throw new ConnectorError({ fault: 'redirected', status });
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') plain[name.toLowerCase()] = value;
    else if (Array.isArray(value)) plain[name.toLowerCase()] = value.join(', ');
  }
  return { status, headers: plain, body };
}

/** Foreign errors end here: they carry URLs, headers and bodies, and are not passed on as causes. */
function translated(error: unknown, wire: Wire, ended: FaultName | null): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (ended !== null) return endedError(ended, wire);
  const cause = rootOf(error);
  if (cause instanceof ConnectorError) return cause;
  if (isAxiosError(error) && /maxContentLength/.test(error.message))
    return new ConnectorError({ fault: 'reply-too-large', detail: { maxReplyBytes: wire.request.maxReplyBytes } });
  const code = codeOf(cause) ?? codeOf(error);
  if (code === null) return new ConnectorError({ fault: 'internal', mayHaveArrived: wire.hasLeft });
  return networkError(code, wire);
}

function networkError(code: string, wire: Wire): ConnectorError {
  if (/^(?:Z_|ERR_BROTLI|ERR__ERROR_)/.test(code))
    return new ConnectorError({ fault: 'not-json', saying: 'the compressed body is broken', detail: { code } });
  if (/^HPE_/.test(code))
    return new ConnectorError({ fault: 'not-json', saying: 'the answer is not HTTP', detail: { code } });
  const fault = faultOfNetworkCode(code);
  return new ConnectorError({
    fault: fault === 'timed-out' && !wire.hasLeft ? 'connect-timed-out' : fault,
    mayHaveArrived: wire.hasLeft,
    detail: { code },
  });
}

function endedError(ended: FaultName, wire: Wire): ConnectorError {
  if (ended === 'timed-out' && !wire.hasLeft)
    return new ConnectorError({ fault: 'connect-timed-out', detail: { timeoutMs: wire.request.timeoutMs } });
  return new ConnectorError({
    fault: ended,
    mayHaveArrived: wire.hasLeft,
    detail: { timeoutMs: wire.request.timeoutMs },
  });
}

/** The innermost cause; of several addresses that failed, the first. Judged by shape: core errors may stem from another realm. */
function rootOf(error: unknown): unknown {
  let root = error;
  for (let depth = 0; depth < 5; depth += 1) {
    if (typeof root !== 'object' || root === null) return root;
    if ('errors' in root && Array.isArray(root.errors) && root.errors.length > 0) root = root.errors[0] as unknown;
    else if ('cause' in root && root.cause !== undefined && root.cause !== null) root = root.cause;
    else return root;
  }
  return root;
}

function codeOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}
