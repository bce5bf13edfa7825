/** What a browser keeps after the second factor: a short-lived proof for one link, and a mark in every form it is shown. */
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import { type LinkName, isSame } from './link-token.js';

/** Long enough to read and answer; the link itself lives for days. */
export const SESSION_MS = 30 * 60_000;

/** `<ends, ms>.<signature>`; worthless for any other link. */
export function writeSession(vault: IdentityVault, link: LinkName, now: Date): string {
  return signed(vault, link, now.getTime() + SESSION_MS);
}

export function isSession(
  vault: IdentityVault,
  link: LinkName,
  shown: { readonly value: string; readonly now: Date },
): boolean {
  const [ends = ''] = shown.value.split('.');
  if (!/^\d{13}$/.test(ends) || Number(ends) <= shown.now.getTime()) return false;
  return isSame(signed(vault, link, Number(ends)), shown.value);
}

/**
 * Goes with every form: of this session, for exactly this text. A form sent again after the text changed, or made by another
 * page, does not carry it.
 */
export function formMark(vault: IdentityVault, session: string, textHash: string): string {
  return vault.nameOf('employee-form', JSON.stringify([session, textHash]));
}

function signed(vault: IdentityVault, { tenantId, linkId }: LinkName, endsMs: number): string {
  return `${endsMs}.${vault.nameOf('employee-session', JSON.stringify([tenantId, linkId, endsMs]))}`;
}
