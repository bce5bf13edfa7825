/** What the address of an employee's page carries: whose page, and a signature that only this hub can make. */
import { timingSafeEqual } from 'node:crypto';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';

/*
 * bdl_<tenant>_<link id, base64url>_<signature>. The id is random (122 bits) and the signature keyed (128 bits): neither can be
 * guessed, who reads the database cannot make an address, and an address that this hub did not make never reaches the database.
 */
const TOKEN = /^bdl_([a-z0-9][a-z0-9-]{0,62})_([A-Za-z0-9_-]{22})_([0-9a-f]{32})$/;

/** A name with the key that signs it: one of those of the ring, as long as the link lives. */
export interface SignedLink extends LinkName {
  readonly keyId: string;
}

export interface LinkName {
  readonly tenantId: string;
  readonly linkId: string;
}

export function writeToken(vault: IdentityVault, { tenantId, linkId, keyId }: SignedLink): string {
  const id = Buffer.from(linkId.replaceAll('-', ''), 'hex').toString('base64url');
  return `bdl_${tenantId}_${id}_${signature(vault, { tenantId, linkId, keyId })}`;
}

/** null = this hub did not make it. */
export function readToken(vault: IdentityVault, token: string): LinkName | null {
  const [, tenantId, id, shown] = TOKEN.exec(token) ?? [];
  if (tenantId === undefined || id === undefined || shown === undefined) return null;
  const hex = Buffer.from(id, 'base64url').toString('hex');
  const linkId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const name = { tenantId, linkId };
  // The last character of base64url has spare bits: only the way it is written here counts.
  const isOurs = vault.indexKeyIds.some((keyId) => isSame(writeToken(vault, { ...name, keyId }), token));
  return isOurs ? name : null;
}

/** Takes the same time wherever the texts begin to differ. */
export function isSame(expected: string, shown: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(shown)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function signature(vault: IdentityVault, { tenantId, linkId, keyId }: SignedLink): string {
  return vault.nameOf('employee-link', JSON.stringify([tenantId, linkId]), keyId);
}
