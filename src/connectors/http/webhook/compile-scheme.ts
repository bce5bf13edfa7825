/** How the scheme of a manifest opens a call: refused, a check of the address, or an event that somebody with the secret sent just now. */
import { createHash } from 'node:crypto';
import type { RefusalReason, WebhookAnswer, WebhookCall, WebhookHead } from '../../webhook-port.js';
import type { Json } from '../../port.js';
import { parseExactJson } from '../exact-json.js';
import { callbackSignature, openCallback, sealCallback, type CallbackKeys } from './callback-crypto.js';
import { feishuSignature, openFeishu } from './feishu-crypto.js';
import { readFlatXml } from './flat-xml.js';
import { hmacOf, isAnySame, isFresh, isSameText, liveSecrets, stampMs } from './signature.js';
import type { WebhookScheme } from './webhook.schema.js';

export interface OpenedEvent {
  /** Decrypted where the scheme encrypts. */
  readonly text: string;
  /** The delivery id of a header; null where it stands in the event, if anywhere. */
  readonly headerId: string | null;
}

export type Opened =
  | { readonly is: 'refused'; readonly reason: RefusalReason }
  | { readonly is: 'address-check'; readonly answer: WebhookAnswer }
  | { readonly is: 'event'; readonly event: OpenedEvent; readonly answer: WebhookAnswer };

/** What stands before the body: nothing that could be a signature, a signature with its time (null: not a time), or neither yet. */
export type SignedStamp =
  { readonly is: 'unsigned' } | { readonly is: 'signed'; readonly atMs: number | null } | { readonly is: 'in-body' };

export interface CompiledScheme {
  stampOf(head: WebhookHead): SignedStamp;
  open(call: WebhookCall, ageSeconds: number): Opened;
  /** The event as values; undefined for text that is no event. */
  parse(text: string): Json | undefined;
  /** Where the delivery id and the type stand by default. */
  readonly idPaths: readonly string[];
  readonly typePaths: readonly string[];
}

export interface SchemeValues {
  readonly secretOf: (name: string) => string;
  /** Renders the receiver's name. */
  readonly textOf: (template: string) => string;
}

const NO_STAMP: SignedStamp = { is: 'unsigned' };
const UNSIGNED: Opened = { is: 'refused', reason: 'unsigned' };
const FORGED: Opened = { is: 'refused', reason: 'forged' };
const STALE: Opened = { is: 'refused', reason: 'stale' };
const THANKS: WebhookAnswer = { contentType: 'application/json', body: '{"received":true}' };

export function compileScheme(scheme: WebhookScheme, values: SchemeValues): CompiledScheme {
  switch (scheme.type) {
    case 'standard-webhooks':
      return standardWebhooks(liveSecrets(values.secretOf(scheme.secret)).map(standardKey));
    case 'hmac':
      return declaredHmac(scheme, values);
    case 'dingtalk':
      return dingtalk(callbackKeys(scheme, values));
    case 'wecom':
      return wecom(callbackKeys(scheme, values));
    case 'feishu':
      return feishu(values.secretOf(scheme.encryptKey), values.secretOf(scheme.token));
  }
}

/** The bytes of a `whsec_` secret. */
export function standardKey(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

function standardWebhooks(keys: readonly Buffer[]): CompiledScheme {
  return {
    ...json(['id'], ['type']),
    stampOf: ({ headers, method }) => {
      const timestamp = headers['webhook-timestamp'];
      if (method !== 'POST' || !headers['webhook-id'] || !timestamp || !headers['webhook-signature']) return NO_STAMP;
      return { is: 'signed', atMs: stampMs(timestamp, 'seconds') };
    },
    open: ({ headers, body, method, now }, ageSeconds) => {
      const id = headers['webhook-id'];
      const timestamp = headers['webhook-timestamp'];
      const signatures = headers['webhook-signature'];
      if (method !== 'POST' || !id || !timestamp || !signatures) return UNSIGNED;
      const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`, 'utf8'), body]);
      const expected = keys.map((key) => `v1,${hmacOf('sha256', key, signed, 'base64')}`);
      const atMs = stampMs(timestamp, 'seconds');
      if (atMs === null || !isAnySame(signatures.split(' ').slice(0, 16), expected)) return FORGED;
      return isFresh(atMs, now, ageSeconds) ? received(body, id) : STALE;
    },
  };
}

function declaredHmac(scheme: WebhookScheme & { readonly type: 'hmac' }, { secretOf }: SchemeValues): CompiledScheme {
  const keys = liveSecrets(secretOf(scheme.secret)).map((secret) => Buffer.from(secret, scheme.keyEncoding));
  const parts = scheme.over.split(/(\$\{(?:timestamp|id|body)\})/);
  return {
    ...json([], ['type']),
    stampOf: ({ headers, method }) => {
      const timestamp = headers[scheme.timestamp.header];
      const isIdMissing = scheme.id !== undefined && !headers[scheme.id.header];
      if (method !== 'POST' || !timestamp || isIdMissing || !headers[scheme.header]) return NO_STAMP;
      return { is: 'signed', atMs: stampMs(timestamp, scheme.timestamp.unit) };
    },
    open: ({ headers, body, method, now }, ageSeconds) => {
      const timestamp = headers[scheme.timestamp.header];
      const id = scheme.id === undefined ? null : (headers[scheme.id.header] ?? '');
      const signature = headers[scheme.header];
      if (method !== 'POST' || !timestamp || id === '' || !signature) return UNSIGNED;
      const values: Readonly<Record<string, Buffer>> = {
        '${timestamp}': Buffer.from(timestamp, 'utf8'),
        '${id}': Buffer.from(id ?? '', 'utf8'),
        '${body}': body,
      };
      const signed = Buffer.concat(parts.map((part) => values[part] ?? Buffer.from(part, 'utf8')));
      const expected = keys.map((key) => `${scheme.prefix}${hmacOf(scheme.algorithm, key, signed, scheme.encode)}`);
      const atMs = stampMs(timestamp, scheme.timestamp.unit);
      if (atMs === null || !isAnySame([signature], expected)) return FORGED;
      return isFresh(atMs, now, ageSeconds) ? received(body, id) : STALE;
    },
  };
}

function callbackKeys(
  scheme: WebhookScheme & { readonly type: 'dingtalk' | 'wecom' },
  { secretOf, textOf }: SchemeValues,
): CallbackKeys {
  return { token: secretOf(scheme.token), aesKey: secretOf(scheme.aesKey), owner: textOf(scheme.owner) };
}

/** Everything is answered by a sealed and signed "success", the check of the address too. */
function dingtalk(keys: CallbackKeys): CompiledScheme {
  return {
    ...json(['eventId', 'EventId'], ['EventType', 'eventType']),
    stampOf: (head) => (head.method === 'POST' ? stampOfQuery(head) : NO_STAMP),
    open: (call, ageSeconds) => {
      const query = readQuery(call.rawQuery);
      const encrypted = call.method === 'POST' ? textAt(parsed(call.body), 'encrypt') : null;
      const opened = openSigned(keys, call, { query, encrypted, ageSeconds });
      if ('is' in opened) return opened;
      const answer = sealedSuccess(keys, call.now, query.get('nonce') ?? '');
      if (textAt(parseJson(opened.text), 'EventType') === 'check_url') return { is: 'address-check', answer };
      return { is: 'event', event: { text: opened.text, headerId: null }, answer };
    },
  };
}

function sealedSuccess(keys: CallbackKeys, now: Date, nonce: string): WebhookAnswer {
  const timestamp = String(now.getTime());
  const encrypt = sealCallback(keys, 'success');
  const signature = callbackSignature(keys.token, { timestamp, nonce }, encrypt);
  return {
    contentType: 'application/json',
    body: JSON.stringify({ msg_signature: signature, timeStamp: timestamp, nonce, encrypt }),
  };
}

/** The address is checked by a GET that wants its decrypted text back, bare. */
function wecom(keys: CallbackKeys): CompiledScheme {
  return {
    parse: (text) => readFlatXml(text.trim()) ?? parseJson(text),
    idPaths: ['MsgId'],
    typePaths: ['Event', 'MsgType'],
    stampOf: stampOfQuery,
    open: (call, ageSeconds) => {
      const query = readQuery(call.rawQuery);
      const isCheck = call.method === 'GET';
      const encrypted = isCheck ? (query.get('echostr')?.replaceAll(' ', '+') ?? null) : wecomBody(call.body);
      const opened = openSigned(keys, call, { query, encrypted, ageSeconds });
      if ('is' in opened) return opened;
      if (isCheck) return { is: 'address-check', answer: { contentType: 'text/plain', body: opened.text } };
      const answer: WebhookAnswer = { contentType: 'text/plain', body: '' };
      return { is: 'event', event: { text: opened.text, headerId: null }, answer };
    },
  };
}

function wecomBody(body: Buffer): string | null {
  const text = body.toString('utf8').trim();
  if (text.startsWith('{')) return textAt(parseJson(text), 'encrypt');
  return textAt(readFlatXml(text), 'Encrypt');
}

function stampOfQuery({ rawQuery }: WebhookHead): SignedStamp {
  const query = readQuery(rawQuery);
  const timestamp = query.get('timestamp');
  const isSigned = Boolean(query.get('msg_signature') ?? query.get('signature'));
  return isSigned && timestamp && query.get('nonce') ? { is: 'signed', atMs: stampMs(timestamp, 'either') } : NO_STAMP;
}

/** What DingTalk and WeCom share: signature over the encrypted text, age, decryption, receiver. */
function openSigned(
  keys: CallbackKeys,
  { now }: WebhookCall,
  sent: { readonly query: ReadonlyMap<string, string>; readonly encrypted: string | null; readonly ageSeconds: number },
): Opened | { readonly text: string } {
  const { query, encrypted, ageSeconds } = sent;
  const signature = query.get('msg_signature') ?? query.get('signature');
  const timestamp = query.get('timestamp');
  const nonce = query.get('nonce');
  if (!signature || !timestamp || !nonce || !encrypted) return UNSIGNED;
  const atMs = stampMs(timestamp, 'either');
  if (atMs === null || !isSameText(signature, callbackSignature(keys.token, { timestamp, nonce }, encrypted)))
    return FORGED;
  if (!isFresh(atMs, now, ageSeconds)) return STALE;
  const text = openCallback(keys, encrypted);
  return text === null ? FORGED : { text };
}

/** The check of the address comes unsigned; it is believed by the token inside, and nothing but its challenge is told. */
function feishu(encryptKey: string, token: string): CompiledScheme {
  return {
    ...json(['header.event_id', 'uuid'], ['header.event_type', 'event.type']),
    stampOf: ({ headers, method }) => {
      if (method !== 'POST') return NO_STAMP;
      const timestamp = headers['x-lark-request-timestamp'];
      if (!timestamp || !headers['x-lark-signature'] || !headers['x-lark-request-nonce']) return { is: 'in-body' };
      return { is: 'signed', atMs: stampMs(timestamp, 'seconds') };
    },
    open: ({ headers, body, method, now }, ageSeconds) => {
      const encrypted = method === 'POST' ? textAt(parsed(body), 'encrypt') : null;
      if (encrypted === null) return UNSIGNED;
      const signature = headers['x-lark-signature'];
      const timestamp = headers['x-lark-request-timestamp'];
      const nonce = headers['x-lark-request-nonce'];
      if (!signature || !timestamp || !nonce) return feishuCheck(openFeishu(encryptKey, encrypted), token);
      const atMs = stampMs(timestamp, 'seconds');
      if (atMs === null || !isSameText(signature, feishuSignature(encryptKey, { timestamp, nonce }, body)))
        return FORGED;
      if (!isFresh(atMs, now, ageSeconds)) return STALE;
      const text = openFeishu(encryptKey, encrypted);
      if (text === null) return FORGED;
      const check = feishuCheck(text, token);
      return check.is === 'address-check' ? check : received(Buffer.from(text, 'utf8'), null);
    },
  };
}

function feishuCheck(text: string | null, token: string): Opened {
  const event = text === null ? undefined : parseJson(text);
  const challenge = textAt(event, 'challenge');
  if (textAt(event, 'type') !== 'url_verification' || challenge === null) return UNSIGNED;
  if (!isSameText(textAt(event, 'token') ?? '', token)) return FORGED;
  return {
    is: 'address-check',
    answer: { contentType: 'application/json', body: JSON.stringify({ challenge }) },
  };
}

function received(body: Buffer, headerId: string | null): Opened {
  return { is: 'event', event: { text: body.toString('utf8'), headerId }, answer: THANKS };
}

function json(
  idPaths: readonly string[],
  typePaths: readonly string[],
): Pick<CompiledScheme, 'parse' | 'idPaths' | 'typePaths'> {
  return { parse: parseJson, idPaths, typePaths };
}

function parsed(body: Buffer): Json | undefined {
  return parseJson(body.toString('utf8'));
}

function parseJson(text: string): Json | undefined {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

function textAt(value: Json | undefined | null, name: string): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return null;
  const found: unknown = (value as Readonly<Record<string, unknown>>)[name];
  return typeof found === 'string' ? found : null;
}

/** "+" stays itself: base64 in a query is often sent as it is. What cannot be decoded is left out. */
function readQuery(rawQuery: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of rawQuery.split('&').slice(0, 64)) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    try {
      query.set(decodeURIComponent(pair.slice(0, at)), decodeURIComponent(pair.slice(at + 1)));
    } catch {
      continue;
    }
  }
  return query;
}

/** What makes a delivery unique where its sender gives it no id: 64 hex digits. */
export function hashId(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
