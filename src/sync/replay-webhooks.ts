/** How the persons of deliveries are read again because somebody says so. */
import type { SyncTools } from './sync-tools.js';
import { reopenReadings } from './webhook-inbox.store.js';
import { postFollowing } from './webhook-jobs.js';

export interface Replayed {
  /** Persons that are read again. */
  readonly persons: number;
  /** Named ids under which no person is to be read. */
  readonly unknown: readonly string[];
}

/** Of the named deliveries, or (null) of all that failed, died or wait. */
export async function replayWebhooks(
  tools: SyncTools,
  { tenantId, deliveryIds }: { readonly tenantId: string; readonly deliveryIds: readonly string[] | null },
): Promise<Replayed> {
  return tools.database.inTenant(tenantId, async (em) => {
    const readings = await reopenReadings(em, tenantId, deliveryIds);
    for (const connectionId of [...new Set(readings.map((reading) => reading.connectionId))].sort())
      await postFollowing(em, tools.jobs, { tenantId, connectionId });
    const found = new Set(readings.map((reading) => reading.deliveryId));
    return { persons: readings.length, unknown: (deliveryIds ?? []).filter((id) => !found.has(id)) };
  });
}
