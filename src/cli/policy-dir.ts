/** Where the policy pack lies that came with this program. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HubError } from '../domain/hub-error.js';

/** Beside `dist/` in an installed package, at the top of a checkout. Throws `policy-missing`. */
export function policyDir(): string {
  const found = ['../../policy', '../../../policy']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find(existsSync);
  if (found === undefined)
    throw new HubError({
      code: 'policy-missing',
      next: 'fix-config',
      message: 'The policy folder is missing beside the program; install buduan again.',
    });
  return found;
}
