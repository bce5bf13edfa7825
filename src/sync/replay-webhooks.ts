/** How the persons of deliveries are read again because somebody says so. */
import type { SyncTools } from './sync-tools.js';
import { reopenReadings } from './webhook-inbox.store.js';
import { postFollowing } from './webhook-jobs.js';

/** Of the named deliveries, or (null) of all that failed, died or wait; returns how many persons are read again. */
export async function replayWebhooks(
  tools: SyncTools,
  { tenantId, deliveryIds }: { readonly tenantId: string; readonly deliveryIds: readonly string[] | null },
): Promise<number> {
  return tools.database.inTenant(tenantId, async (em) => {
    const readings = await reopenReadings(em, tenantId, deliveryIds);
    for (const connectionId of [...new Set(readings)].sort())
      await postFollowing(em, tools.jobs, { tenantId, connectionId });
    return readings.length;
  });
}
