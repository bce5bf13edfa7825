/** What a text from outside that people shall read may look like here: short, on one line, without anything that acts or identifies. Pure. */
import { maskIdentities } from './mask-identities.js';

/** More than any office's reason for a refusal needs. */
export const LONGEST_FOREIGN_WORDS = 500;

/** C0, C1 and DEL; line and paragraph separators. */
const CONTROLS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g;
/** Marks that are not seen and turn or join what is: zero-width ones, direction marks and overrides, halves of a pair. */
const UNSEEN = /[\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]|\p{Cs}/gu;

/**
 * The text as it is stored and shown: control characters are blanks, blanks are one, identity numbers keep their first and last
 * four, at most 500 characters; null where nothing is left. Escaping is the business of whoever writes a page.
 */
export function cleanForeignWords(text: string): string | null {
  // Cut roughly first: nobody's megabytes are worth a pattern.
  const plain = text
    .slice(0, 20 * LONGEST_FOREIGN_WORDS)
    .normalize('NFC')
    .replace(UNSEEN, '')
    .replace(CONTROLS, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const masked = maskIdentities(plain);
  const letters = [...masked];
  const short =
    letters.length > LONGEST_FOREIGN_WORDS ? `${letters.slice(0, LONGEST_FOREIGN_WORDS - 1).join('')}…` : masked;
  return short === '' ? null : short;
}
