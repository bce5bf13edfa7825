/** Which identity documents the hub accepts, how each is normalised and checked. Source: GB 11643-1999 (ISO 7064 MOD 11-2), ICAO 9303 7-3-1 check digits. */
import { parseDay } from './month.js';

/**
 * `resident-id` 居民身份证 · `hmt-residence-permit` 港澳台居民居住证 (81/82/83…) ·
 * `foreign-permanent-residence` 外国人永久居留身份证 (15 characters with letters, or 18 beginning with 9) · `passport` 护照.
 */
export const ID_TYPES = ['resident-id', 'hmt-residence-permit', 'foreign-permanent-residence', 'passport'] as const;
export type IdType = (typeof ID_TYPES)[number];

export interface IdentityNumber {
  readonly type: IdType;
  /** Normalised: half-width, upper case, no blanks; 15-digit resident numbers upgraded to 18. */
  readonly number: string;
}

export type IdentityRefusal = 'empty' | 'shape' | 'check-character' | 'birth-date' | 'not-a-string';
export type IdentityParse =
  { readonly ok: true; readonly identity: IdentityNumber } | { readonly ok: false; readonly reason: IdentityRefusal };

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';
const HMT_PREFIXES = ['810000', '820000', '830000'];

/** The MOD 11-2 check character over the first 17 digits. */
export function residentCheckCharacter(first17: string): string {
  let sum = 0;
  for (let index = 0; index < 17; index += 1) sum += (first17.charCodeAt(index) - 48) * (WEIGHTS[index] ?? 0);
  return CHECK_CHARACTERS[sum % 11] ?? '';
}

/**
 * Folds and checks a number as an outside system sent it. A number that is not a string is refused: 18 digits do not
 * survive a JSON number. The type is recognised unless the source states it.
 */
export function parseIdentityNumber(raw: unknown, statedType?: IdType): IdentityParse {
  if (typeof raw !== 'string') return refuse('not-a-string');
  const folded = foldIdentityText(raw);
  if (folded === '') return refuse('empty');
  const type = statedType ?? recogniseType(folded);
  switch (type) {
    case 'resident-id':
      return parseResident(folded);
    case 'hmt-residence-permit':
      return HMT_PREFIXES.includes(folded.slice(0, 6)) ? parseMod112(folded, type) : refuse('shape');
    case 'foreign-permanent-residence':
      return parseForeignResidence(folded);
    case 'passport':
      return /^(?=.*\d)[A-Z0-9]{5,15}$/.test(folded) ? accept(type, folded) : refuse('shape');
  }
}

/** Full-width forms to half-width, blanks, hyphens and invisible marks away, ASCII letters to upper case (only those: ı is no I). */
export function foldIdentityText(raw: string): string {
  return raw
    .normalize('NFKC')
    .replace(/[\s\u200B-\u200D\u2060\uFEFF'`-]/gu, '')
    .replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** First 4 and last 4 characters, the rest as `*`; of 3–8 characters the first and last one, of fewer at most the first. */
export function maskIdentityNumber(number: string): string {
  if (number.length <= 2) return `${number.slice(0, number.length - 1)}${'*'.repeat(Math.min(number.length, 1))}`;
  if (number.length <= 8) return `${number.slice(0, 1)}${'*'.repeat(number.length - 2)}${number.slice(-1)}`;
  return `${number.slice(0, 4)}${'*'.repeat(number.length - 8)}${number.slice(-4)}`;
}

function recogniseType(folded: string): IdType {
  if (/^(?:\d{15}|\d{17}[\dX])$/.test(folded)) {
    if (HMT_PREFIXES.includes(folded.slice(0, 6))) return 'hmt-residence-permit';
    return folded.length === 18 && folded.startsWith('9') ? 'foreign-permanent-residence' : 'resident-id';
  }
  if (/^[A-Z]{3}\d{12}$/.test(folded)) return 'foreign-permanent-residence';
  return /^\d+X?$/.test(folded) ? 'resident-id' : 'passport';
}

function parseResident(folded: string): IdentityParse {
  if (!/^\d{15}$/.test(folded)) {
    return /^[1-8]/.test(folded) || folded.startsWith('0') ? parseMod112(folded, 'resident-id') : refuse('shape');
  }
  const first17 = `${folded.slice(0, 6)}19${folded.slice(6)}`;
  return parseMod112(`${first17}${residentCheckCharacter(first17)}`, 'resident-id');
}

function parseMod112(folded: string, type: IdType): IdentityParse {
  if (!/^\d{17}[\dX]$/.test(folded)) return refuse('shape');
  if (!isBirthDate(folded.slice(6, 14))) return refuse('birth-date');
  if (residentCheckCharacter(folded) !== folded[17]) return refuse('check-character');
  return accept(type, folded);
}

function parseForeignResidence(folded: string): IdentityParse {
  if (/^9\d{16}[\dX]$/.test(folded)) return parseMod112(folded, 'foreign-permanent-residence');
  if (!/^[A-Z]{3}\d{12}$/.test(folded)) return refuse('shape');
  if (!isBirthDate(`19${folded.slice(7, 13)}`) && !isBirthDate(`20${folded.slice(7, 13)}`)) return refuse('birth-date');
  if (icaoCheckDigit(folded.slice(0, 14)) !== folded[14]) return refuse('check-character');
  return accept('foreign-permanent-residence', folded);
}

/** ICAO 9303 check digit: weights 7-3-1, letters count 10–35. */
function icaoCheckDigit(text: string): string {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1)
    sum += Number.parseInt(text[index] ?? '0', 36) * ([7, 3, 1][index % 3] ?? 0);
  return String(sum % 10);
}

function isBirthDate(digits: string): boolean {
  return parseDay(`${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`) !== null;
}

function accept(type: IdType, number: string): IdentityParse {
  return { ok: true, identity: { type, number } };
}

function refuse(reason: IdentityRefusal): IdentityParse {
  return { ok: false, reason };
}
