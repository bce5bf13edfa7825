/** What a browser keeps after the second factor: a short-lived proof for one link, and a mark in every form it is shown. */
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import { type LinkName, type SignedLink, isSame } from './link-token.js';

/** Long enough to read and answer; the link itself lives for days. */
export const SESSION_MS = 30 * 60_000;

/** `<ends, ms>.<signature>`; worthless for any other link. */
export function writeSession(vault: IdentityVault, link: LinkName, now: Date): string {
  return signed(vault, { ...link, keyId: vault.currentIndexKeyId }, now.getTime() + SESSION_MS);
}

export function isSession(
  vault: IdentityVault,
  link: LinkName,
  shown: { readonly value: string; readonly now: Date },
): boolean {
  const [ends = ''] = shown.value.split('.');
  if (!/^\d{13}$/.test(ends) || Number(ends) <= shown.now.getTime()) return false;
  return vault.indexKeyIds.some((keyId) => isSame(signed(vault, { ...link, keyId }, Number(ends)), shown.value));
}

/**
 * Goes with every form: of this session, for exactly this text. A form sent again after the text changed, or made by another
 * page, does not carry it.
 */
export function formMark(vault: IdentityVault, session: string, textHash: string): string {
  return mark(vault, { session, textHash, keyId: vault.currentIndexKeyId });
}

/** Whether a form carries the mark of this session and text, also one that was shown before the key changed. */
export function isFormMark(
  vault: IdentityVault,
  form: { readonly session: string; readonly textHash: string },
  shown: string,
): boolean {
  return vault.indexKeyIds.some((keyId) => isSame(mark(vault, { ...form, keyId }), shown));
}

function mark(
  vault: IdentityVault,
  { session, textHash, keyId }: { readonly session: string; readonly textHash: string; readonly keyId: string },
): string {
  return vault.nameOf('employee-form', JSON.stringify([session, textHash]), keyId);
}

function signed(vault: IdentityVault, { tenantId, linkId, keyId }: SignedLink, endsMs: number): string {
  return `${endsMs}.${vault.nameOf('employee-session', JSON.stringify([tenantId, linkId, endsMs]), keyId)}`;
}
