/** What will be sent, while credentials and signature are still being added: method, URL in parts, headers, body text. */
import { compareText } from '../../domain/compare-text.js';
import { ConnectorError } from '../connector-error.js';
import type { Json } from '../port.js';
import type { CredentialPlace } from './auth.schema.js';
import { text } from './template-filters.js';

/** A request under construction. Query pairs are percent-encoded, in the order in which they will be sent. */
export interface RequestDraft {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  pairs: [name: string, value: string][];
  readonly headers: Record<string, string>;
  body: string | undefined;
}

export type QueryValues = Readonly<Record<string, string | number | undefined>>;

export interface DraftOptions {
  readonly method: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Relative to the base URL, or absolute. */
  readonly path: string;
  readonly query: QueryValues;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: { readonly type: 'json' | 'form'; readonly value: Json } | undefined;
  /** Whether an absolute path may lead to another host than the base URL. */
  readonly mayLeaveHost: boolean;
}

/** Throws ConnectorError `foreign-link` for an absolute URL on another host. */
export function draftRequest(options: DraftOptions): RequestDraft {
  const url = targetUrl(options);
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
  const draft: RequestDraft = {
    method: options.method,
    origin: url.origin,
    path: url.pathname,
    pairs: pairsOf(url.search),
    headers,
    body: undefined,
  };
  for (const [name, value] of Object.entries(options.query))
    if (value !== undefined) setQuery(draft, name, String(value));
  if (options.body !== undefined) {
    draft.body = options.body.type === 'json' ? JSON.stringify(options.body.value) : formText(options.body.value);
    headers['Content-Type'] ??= options.body.type === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  }
  return draft;
}

/** Puts a credential where the manifest wants it. */
export function placeCredential(draft: RequestDraft, place: CredentialPlace, value: string): void {
  if ('header' in place) draft.headers[place.header] = `${place.prefix ?? ''}${value}`;
  else if ('query' in place) setQuery(draft, place.query, value);
  else {
    const before = draft.headers['Cookie'];
    draft.headers['Cookie'] = `${before === undefined ? '' : `${before}; `}${place.cookie}=${encodeStrict(value)}`;
  }
}

/** Replaces a parameter, or adds it at the end. */
export function setQuery(draft: RequestDraft, name: string, value: string): void {
  const encoded = encodeStrict(name);
  draft.pairs = draft.pairs.filter(([present]) => present !== encoded);
  draft.pairs.push([encoded, encodeStrict(value)]);
}

/** The query as sent, without the question mark. */
export function queryText(draft: RequestDraft): string {
  return joined(draft.pairs);
}

/** The query as sent, sorted by name, then value. */
export function sortedQueryText(draft: RequestDraft): string {
  return joined(sorted(draft.pairs));
}

/** Sorted `k=v&…` of the plain, decoded values. */
export function sortedPlainQueryText(draft: RequestDraft): string {
  return joined(sorted(draft.pairs.map(([name, value]) => [decodePlus(name), decodePlus(value)])));
}

export function hrefOf(draft: RequestDraft): string {
  const query = queryText(draft);
  return `${draft.origin}${draft.path}${query === '' ? '' : `?${query}`}`;
}

/** Percent-encodes everything outside RFC 3986's unreserved set, so that no URL parser on the way changes a signed query. */
export function encodeStrict(plain: string): string {
  return encodeURIComponent(plain).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function targetUrl({ baseUrl, path, mayLeaveHost }: DraftOptions): URL {
  if (!URL.canParse(baseUrl))
    throw new ConnectorError({ fault: 'host-refused', saying: 'the base URL is not an absolute URL' });
  const base = new URL(baseUrl);
  const isAbsolute = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(path);
  if (!isAbsolute)
    return new URL(`${baseUrl.replace(/\/+$/, '')}${path === '' || path.startsWith('/') ? '' : '/'}${path}`);
  if (!URL.canParse(path, base.href)) throw new ConnectorError({ fault: 'foreign-link', saying: 'not a URL' });
  const target = new URL(path, base);
  if (mayLeaveHost) return target;
  if (target.hostname !== base.hostname || target.port !== base.port || !/^https?:$/.test(target.protocol)) {
    throw new ConnectorError({ fault: 'foreign-link', saying: 'another host than the base URL' });
  }
  // Systems behind a TLS proxy write http links; the base URL's own scheme is kept.
  return new URL(`${target.pathname}${target.search}`, base);
}

function pairsOf(search: string): [string, string][] {
  return search
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

function formText(value: Json): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return '';
  const pairs = Object.entries(value).flatMap(([name, field]) =>
    (Array.isArray(field) ? (field as readonly Json[]) : [field]).map((part): [string, string] => [
      encodeStrict(name),
      encodeStrict(text(part)),
    ]),
  );
  return joined(pairs);
}

function joined(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function sorted(pairs: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return [...pairs].sort(
    ([nameA, valueA], [nameB, valueB]) => compareText(nameA, nameB) || compareText(valueA, valueB),
  );
}

function decodePlus(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return encoded;
  }
}
