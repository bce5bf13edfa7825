/** How the plans of single persons, of which every webhook makes one, stay few. */
import type { Database } from '../platform/database/database.js';
import { removeInPortions } from '../platform/database/in-portions.js';
import { type KeptPlans, deleteSmallPlans } from './forget-plans.store.js';

/** How many were removed. */
export function forgetPlans(
  database: Pick<Database, 'inTenant'>,
  kept: KeptPlans,
  signal: AbortSignal,
): Promise<number> {
  return removeInPortions(database, { tenantId: kept.tenantId, signal }, (em, limit) =>
    deleteSmallPlans(em, kept, limit),
  );
}
