/** How does a sandbox server receive and answer? Plain node:http: the sandbox must not be what a benchmark measures. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ActiveFaults, Faults } from './faults.js';
import { spoil } from './spoil.js';

export interface SandboxRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** As received, without the question mark. */
  readonly rawQuery: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly faults: ActiveFaults;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  /** Sent instead of `body`, untouched by faults. */
  readonly bytes?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Rows served, for the statistics. */
  readonly rows?: number;
}

export type Answer = (request: SandboxRequest) => Reply | Promise<Reply>;

export interface Stats {
  requests: number;
  bytes: number;
  rows: number;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly stats: Stats;
  stop(): Promise<void>;
}

export interface ServeOptions {
  readonly port: number;
  readonly answer: Answer;
  readonly faults: Faults;
  readonly latencyMs: number;
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Listens on 127.0.0.1. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const stats: Stats = { requests: 0, bytes: 0, rows: 0 };
  const server = createServer((request, response) => {
    receive({ ...options, stats }, request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, stats, stop: () => stop(server) };
}

export function json(body: unknown, status = 200): Reply {
  return { status, body: JSON.stringify(body) };
}

/** The body as a JSON object; null when it is none. */
export function readJson(request: SandboxRequest): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(request.body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

export function textField(row: unknown, name: string): string {
  const value = typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : '';
}

/** A whole number from a query, or the fallback; NaN when it is given and no whole number. */
export function wholeNumber(text: string | null, fallback: number): number {
  if (text === null || text === '') return fallback;
  return /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
}

/** Money as a decimal string of yuan with two digits. */
export function yuan(fen: number): string {
  const cents = fen % 100;
  return `${(fen - cents) / 100}.${cents < 10 ? '0' : ''}${cents}`;
}

/** Money as a JSON number of yuan in its shortest form: 1234.5, 1234.05, 1234. */
export function yuanNumber(fen: number): string {
  const cents = fen % 100;
  if (cents === 0) return String(fen / 100);
  const decimals = cents % 10 === 0 ? String(cents / 10) : `${cents < 10 ? '0' : ''}${cents}`;
  return `${(fen - cents) / 100}.${decimals}`;
}

async function receive(
  options: ServeOptions & { readonly stats: Stats },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { stats } = options;
  const body = await readBody(request);
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  const faults = options.faults.take(path);
  stats.requests += 1;
  if (options.latencyMs > 0) await pause(options.latencyMs);
  const asked: SandboxRequest = {
    method: request.method ?? 'GET',
    path,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: request.headers,
    body,
    faults,
  };
  if (await spoil.before(faults, response)) return;
  const reply = await options.answer(asked);
  stats.rows += reply.rows ?? 0;
  if (spoil.after(faults, reply, response)) return;
  const bytes = reply.bytes ?? Buffer.from(spoil.text(faults, reply.body));
  stats.bytes += bytes.length;
  response.writeHead(reply.status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': bytes.length,
    ...reply.headers,
    ...spoil.headers(faults),
  });
  response.end(bytes);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (request.method === 'GET') return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RangeError('The body is larger than the sandbox reads.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
