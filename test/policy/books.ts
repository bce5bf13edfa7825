/** The policy as shipped, and with the demo tenant's overlay, for tests. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PolicyBook } from '../../src/policy/book.js';
import { loadPolicyBook } from '../../src/policy/load.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const POLICY_DIR = `${root}policy`;
export const DEMO_OVERLAY = `${root}examples/overlays/company-a.yaml`;

export function shippedBook(): PolicyBook {
  return loadPolicyBook({ policyDir: POLICY_DIR });
}

export function demoBook(): PolicyBook {
  return loadPolicyBook({ policyDir: POLICY_DIR, overlayFiles: [DEMO_OVERLAY] });
}

/** The policy for the worked examples: the pack, places that do not exist (`made-up/`), and what the examples say beside it (`case-overlay.yaml`). */
export function caseBook(): PolicyBook {
  const folder = mkdtempSync(join(tmpdir(), 'buduan-cases-'));
  try {
    cpSync(POLICY_DIR, folder, { recursive: true });
    cpSync(`${root}test/policy/made-up`, join(folder, 'regions'), {
      recursive: true,
      force: false,
      errorOnExist: true,
    });
    return loadPolicyBook({ policyDir: folder, overlayFiles: [`${root}test/policy/case-overlay.yaml`] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
