/** The policy as shipped, and with the demo tenant's overlay, for tests. */
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
