/** What lies in the archive of a case, and how it becomes one file. Pure. */
import { strToU8, zipSync } from 'fflate';
import type { CaseEvidence } from './take-evidence.js';
import { evidencePage } from './evidence-page.js';
import { evidenceReadme } from './evidence-readme.js';

/** A ZIP file; `head.json` is as `buduan audit verify --head` takes it. */
export function evidenceArchive(evidence: CaseEvidence): Uint8Array {
  return zipSync(
    {
      'README.txt': strToU8(evidenceReadme(evidence)),
      'case.json': strToU8(`${JSON.stringify(evidence, null, 2)}\n`),
      'evidence.zh.html': strToU8(evidencePage(evidence, 'zh')),
      'evidence.en.html': strToU8(evidencePage(evidence, 'en')),
      'head.json': strToU8(`${JSON.stringify(evidence.audit.head)}\n`),
    },
    { mtime: evidence.taken.at, level: 6 },
  );
}

export function evidenceName({ case: { caseId } }: CaseEvidence): string {
  return `case-${caseId}.zip`;
}
