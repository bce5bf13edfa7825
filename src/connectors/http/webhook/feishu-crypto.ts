/** The event crypto of Feishu and Lark: AES-256-CBC under the hash of the key, and a plain SHA-256 over the raw body. */
import { createDecipheriv, createHash } from 'node:crypto';
import { withoutPadding } from './callback-crypto.js';

/** The event as text, or null when it was not made with this key. */
export function openFeishu(encryptKey: string, encrypted: string): string | null {
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length < 32 || bytes.length % 16 !== 0) return null;
  const key = createHash('sha256').update(encryptKey, 'utf8').digest();
  const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
  return withoutPadding(padded, 16)?.toString('utf8') ?? null;
}

/** Lower-case hex. Not an HMAC: the vendor hashes timestamp, nonce, key and body one behind the other. */
export function feishuSignature(
  encryptKey: string,
  { timestamp, nonce }: { readonly timestamp: string; readonly nonce: string },
  body: Buffer,
): string {
  return createHash('sha256').update(`${timestamp}${nonce}${encryptKey}`, 'utf8').update(body).digest('hex');
}
