/** What a key looks like to who holds it, and what of it is stored. Pure but for the dice. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/*
 * bdn_<tenant>_<key id>_<secret>. The tenant stands in it because rows are fenced by tenant: a key is looked up within its own.
 * The secret is 256 random bits, so one round of SHA-256 is all the hash it needs.
 */
const KEY = /^bdn_([a-z0-9][a-z0-9-]{0,62})_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;
const ID_BYTES = 8;

export interface KeyParts {
  readonly tenantId: string;
  readonly keyId: string;
  readonly secret: string;
}

/** A new key; the text is shown once and kept by nobody. */
export function makeKey(tenantId: string): { readonly text: string; readonly keyId: string; readonly hash: Buffer } {
  const keyId = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { text: `bdn_${tenantId}_${keyId}_${secret}`, keyId, hash: hashOfSecret(secret) };
}

/** null = this is no key. */
export function parseKey(text: string): KeyParts | null {
  const [, tenantId, keyId, secret] = KEY.exec(text) ?? [];
  return tenantId === undefined || keyId === undefined || secret === undefined ? null : { tenantId, keyId, secret };
}

export function isSecretOf(secret: string, hash: Buffer): boolean {
  return timingSafeEqual(hashOfSecret(secret), hash);
}

/** Of equal length whatever was shown, so that a comparison tells nothing by its time. */
export function hashOfSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
