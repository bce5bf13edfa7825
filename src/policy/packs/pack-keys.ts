/** Who may publish a policy: ed25519 keys as text, and the short id under which each is named. */
import { type KeyObject, createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { HubError } from '../../domain/hub-error.js';

/** As hub.yaml names it under `policy.trustedKeys`: `ed25519:` and 32 bytes in base64. */
export const PUBLIC_KEY_TEXT = /^ed25519:[A-Za-z0-9+/]{43}=$/;

/** The header of an ed25519 key in SPKI form (RFC 8410); the key's 32 bytes follow. */
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');

export interface NewKey {
  /** PKCS #8, PEM. Whoever holds it publishes. */
  readonly privatePem: string;
  readonly publicText: string;
  readonly keyId: string;
}

export function generatePackKey(): NewKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicText = publicTextOf(publicKey);
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { privatePem, publicText, keyId: keyIdOf(publicText) };
}

/** Throws `pack-key` for anything but an ed25519 private key. */
export function readPrivateKey(pem: string): { readonly key: KeyObject; readonly keyId: string } {
  const key = parsed(() => createPrivateKey(pem));
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new HubError({
      code: 'pack-key',
      next: 'fix-config',
      message: 'The key is no ed25519 private key in PEM form; make one with "buduan policy keygen".',
    });
  }
  return { key, keyId: keyIdOf(publicTextOf(createPublicKey(key))) };
}

/** The text must fit PUBLIC_KEY_TEXT. */
export function readPublicKey(text: string): KeyObject {
  const raw = Buffer.from(text.slice('ed25519:'.length), 'base64');
  return createPublicKey({ key: Buffer.concat([SPKI_HEADER, raw]), format: 'der', type: 'spki' });
}

/** The first 16 hexadecimal digits of the SHA-256 of the public key's text. */
export function keyIdOf(publicText: string): string {
  return createHash('sha256').update(publicText).digest('hex').slice(0, 16);
}

function publicTextOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return `ed25519:${der.subarray(SPKI_HEADER.length).toString('base64')}`;
}

function parsed(read: () => KeyObject): KeyObject | null {
  try {
    return read();
  } catch {
    return null;
  }
}
