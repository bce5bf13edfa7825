/** How the checks of a manifest tell what is wrong, and where. */
import { nearestWord } from '../../../platform/config/check-schema.js';
import type { DocumentIssue, DocumentPath } from '../../../platform/config/yaml-document.js';

export class ManifestReport {
  readonly issues: DocumentIssue[] = [];

  /** The value at `path` is wrong. */
  wrong(path: DocumentPath, message: string): void {
    this.issues.push({ path, message });
  }

  /** The key at the end of `path` is wrong. */
  wrongKey(path: DocumentPath, message: string): void {
    this.issues.push({ path, message, at: 'key' });
  }
}

/** "did you mean …" where a near word exists, the whole list otherwise. */
export function expectedWords(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known);
  if (near !== null) return `did you mean "${near}"?`;
  return known.length === 0 ? 'none is declared' : `expected one of: ${known.join(', ')}`;
}
