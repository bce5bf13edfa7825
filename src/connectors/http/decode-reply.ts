/** What a reply's bytes say: JSON, nothing, or something that is not JSON. */
import { isUtf8 } from 'node:buffer';
import type { Json } from '../port.js';
import type { RawReply } from './egress.js';
import { parseExactJson } from './exact-json.js';

export type DecodedReply = { readonly ok: true; readonly body: Json } | { readonly ok: false; readonly saying: string };

/** An empty body is null. Content types are believed only when they contradict JSON outright. */
export function decodeReply(reply: RawReply): DecodedReply {
  if (reply.body.length === 0) return { ok: true, body: null };
  const contentType = (reply.headers['content-type'] ?? '').toLowerCase();
  const mediaType = contentType.split(';')[0]?.trim() ?? '';
  if (/html|xml|^(?:image|audio|video)\//.test(mediaType))
    return { ok: false, saying: `expected JSON, got ${safeMediaType(mediaType)}` };
  const text = decodeText(reply.body, contentType);
  if (text === null) return { ok: false, saying: 'expected JSON in UTF-8, got other bytes' };
  try {
    return { ok: true, body: parseExactJson(text) };
  } catch {
    // The parser's own message quotes the text and is dropped.
    return {
      ok: false,
      saying: /^\s*</.test(text)
        ? 'expected JSON, got a web page'
        : 'expected JSON, got text that is cut off or garbled',
    };
  }
}

function decodeText(body: Buffer, contentType: string): string | null {
  const charset = /charset="?([\w-]+)/.exec(contentType)?.[1] ?? 'utf-8';
  if (/^gb(?:k|2312|18030)$/.test(charset)) return new TextDecoder('gb18030').decode(body);
  if (!isUtf8(body)) return null;
  const hasByteOrderMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return body.toString('utf8', hasByteOrderMark ? 3 : 0);
}

/** Header text comes from outside: only a well-formed media type is repeated. */
function safeMediaType(mediaType: string): string {
  return /^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,60}$/.test(mediaType) ? mediaType : 'another format';
}
