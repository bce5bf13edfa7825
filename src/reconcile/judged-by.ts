/** By what a judgement was made: the edition of the policy and the tenant's own settings, as one short text. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../platform/crypto/canonical-hash.js';
import type { TenantRules } from './reconcile-settings.js';

/** When this text changes, everybody is judged again. */
export function judgedBy(
  { insurances, lookBackMonths, authority }: Pick<TenantRules, 'insurances' | 'lookBackMonths' | 'authority'>,
  policyVersion: string,
): string {
  const settings = createHash('sha256')
    .update(canonicalJson({ insurances, lookBackMonths, authority }))
    .digest('hex')
    .slice(0, 8);
  return `${policyVersion}/${settings}`;
}
