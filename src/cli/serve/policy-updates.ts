/** How a running hub looks for new editions of the policy: a schedule of hub.yaml, fetched through the egress guard. */
import type { Day } from '../../domain/month.js';
import { POLICY_UPDATES } from '../../platform/config/hub-config-rules.js';
import { PolicyEditions } from '../../policy/packs/policy-editions.js';
import { scheduleOf } from '../../platform/config/schedule.schema.js';
import type { Schedule } from '../../sync/schedules/schedule.js';
import type { OpenHub } from '../open-hub.js';
import { fetchPack } from '../policy/fetch-pack.js';

export interface PolicyUpdates {
  /** None where hub.yaml has no `policy.updates`. Accounted for under the first tenant: occurrences belong to one. */
  readonly schedule: readonly Schedule[];
  readonly errand: (asOf: Day) => Promise<void>;
}

/** What is taken in waits for approval like any other pack, or counts at once where a tenant says so. */
export function policyUpdates(hub: OpenHub): PolicyUpdates {
  const { updates } = hub.config.policy;
  const [first] = hub.config.tenants;
  if (updates === undefined || first === undefined) return { schedule: [], errand: () => Promise.resolve() };
  const { url, cron, zone } = updates;
  return {
    schedule: [scheduleOf({ id: POLICY_UPDATES, tenant: first.id, cron, zone })],
    errand: async (asOf) => {
      const { archive, source } = await fetchPack(url, hub);
      const pulled = await hub.app.get(PolicyEditions).pull(archive, { source, by: POLICY_UPDATES, asOf });
      hub.log.info({ component: 'policy', ...pulled }, 'The policy was looked for.');
    },
  };
}
