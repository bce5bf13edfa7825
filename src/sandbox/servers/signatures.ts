/** Is a request signed by whoever knows the secret, fresh, and new? */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SandboxRequest } from './serve.js';

const WINDOW_MS = 5 * 60 * 1000;
/** Nonces are forgotten when their timestamp could not pass any more; the map is swept every so many requests. */
const SWEEP_EVERY = 5000;

export interface SignatureOptions {
  readonly appKey: string;
  readonly appSecret: string;
  readonly now: () => number;
}

export class Signatures {
  readonly #options: SignatureOptions;
  readonly #nonces = new Map<string, number>();

  constructor(options: SignatureOptions) {
    this.#options = options;
  }

  /** Why the request is not let in; null = it is. A nonce counts as used only when everything else was right. */
  refuse(request: SandboxRequest): string | null {
    const { appKey, now } = this.#options;
    const timestamp = header(request, 'x-timestamp');
    const nonce = header(request, 'x-nonce');
    if (header(request, 'x-app-key') !== appKey) return 'unknown app key';
    if (!/^\d{10}$/.test(timestamp) || Math.abs(now() - Number(timestamp) * 1000) > WINDOW_MS)
      return 'timestamp out of range';
    if (nonce.length < 8 || nonce.length > 64) return 'nonce must have 8 to 64 characters';
    if (!this.#matches(request, timestamp, nonce)) return 'bad signature';
    if (this.#nonces.has(nonce)) return 'nonce was used before';
    this.#remember(nonce);
    return null;
  }

  /** The query is accepted as sent and as decoded: what counts is the order of its names. */
  #matches(request: SandboxRequest, timestamp: string, nonce: string): boolean {
    const given = Buffer.from(header(request, 'x-signature'), 'utf8');
    const bodyHash = createHash('sha256').update(request.body).digest('hex');
    return [sortedAsSent(request.rawQuery), sortedDecoded(request.query)].some((query) => {
      const text = `${request.method}\n${request.path}\n${query}\n${timestamp}\n${nonce}\n${bodyHash}`;
      const expected = Buffer.from(createHmac('sha256', this.#options.appSecret).update(text).digest('hex'), 'utf8');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }

  #remember(nonce: string): void {
    const now = this.#options.now();
    this.#nonces.set(nonce, now);
    if (this.#nonces.size % SWEEP_EVERY !== 0) return;
    for (const [old, at] of this.#nonces) if (now - at > 2 * WINDOW_MS) this.#nonces.delete(old);
  }
}

function header(request: SandboxRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function sortedAsSent(rawQuery: string): string {
  if (rawQuery === '') return '';
  return rawQuery.split('&').sort(byName).join('&');
}

function sortedDecoded(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${name}=${value}`)
    .sort(byName)
    .join('&');
}

function byName(left: string, right: string): number {
  const leftName = left.slice(0, left.indexOf('='));
  const rightName = right.slice(0, right.indexOf('='));
  return leftName < rightName ? -1 : Number(leftName > rightName);
}
