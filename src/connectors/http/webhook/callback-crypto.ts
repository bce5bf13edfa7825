/** The callback crypto of DingTalk and WeCom: a sorted SHA-1 over four texts, and AES-256-CBC around a framed message. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { isSameText } from './signature.js';

/*
 * Frame: 16 random bytes · length of the message (uint32, big endian) · message · receiver. Padding is PKCS #7 with blocks
 * of 32 bytes, which is more than the cipher's block, so it is taken off by hand.
 */
const RANDOM_BYTES = 16;
const PAD_BLOCK = 32;

export interface CallbackKeys {
  readonly token: string;
  /** 43 characters of base64 without the final "=". */
  readonly aesKey: string;
  /** Who the message must be meant for: AppKey, SuiteKey or CorpId. */
  readonly owner: string;
}

export interface Stamp {
  readonly timestamp: string;
  readonly nonce: string;
}

/** Lower-case hex. */
export function callbackSignature(token: string, { timestamp, nonce }: Stamp, encrypted: string): string {
  return createHash('sha1').update([token, timestamp, nonce, encrypted].sort().join('')).digest('hex');
}

/** The message, or null when the text was not made with this key for this receiver. */
export function openCallback({ aesKey, owner }: CallbackKeys, encrypted: string): string | null {
  const key = callbackKey(aesKey);
  const sealed = Buffer.from(encrypted, 'base64');
  if (key === null || sealed.length === 0 || sealed.length % 16 !== 0) return null;
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const framed = withoutPadding(Buffer.concat([decipher.update(sealed), decipher.final()]), PAD_BLOCK);
  if (framed === null || framed.length < RANDOM_BYTES + 4) return null;
  const length = framed.readUInt32BE(RANDOM_BYTES);
  const start = RANDOM_BYTES + 4;
  if (length > framed.length - start) return null;
  if (!isSameText(framed.subarray(start + length).toString('utf8'), owner)) return null;
  return framed.subarray(start, start + length).toString('utf8');
}

/** The other direction, for answers. `random` is replaceable for tests. */
export function sealCallback(
  { aesKey, owner }: CallbackKeys,
  message: string,
  random = randomBytes(RANDOM_BYTES),
): string {
  const key = callbackKey(aesKey) ?? Buffer.alloc(32);
  const text = Buffer.from(message, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const framed = Buffer.concat([random, length, text, Buffer.from(owner, 'utf8')]);
  const pad = PAD_BLOCK - (framed.length % PAD_BLOCK);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(framed), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}

/** Null unless it is 43 characters of base64. */
export function callbackKey(aesKey: string): Buffer | null {
  return /^[A-Za-z0-9+/]{43}$/.test(aesKey) ? Buffer.from(`${aesKey}=`, 'base64') : null;
}

/** Null when the padding is not whole. */
export function withoutPadding(padded: Buffer, block: number): Buffer | null {
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > block || pad > padded.length) return null;
  return padded.subarray(padded.length - pad).every((byte) => byte === pad) ? padded.subarray(0, -pad) : null;
}
