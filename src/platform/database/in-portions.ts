/** How rows that nobody needs any more are removed beside other work: a bounded portion at a time, each a transaction of its own. */
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';

const PORTION = 1_000;
/** In one look; what is left is removed in the next. */
const PORTIONS_AT_ONCE = 10;

/** `remove` takes away up to `limit` rows and says how many. Returns the sum. */
export async function removeInPortions(
  database: Pick<Database, 'inTenant'>,
  of: { readonly tenantId: string; readonly signal: AbortSignal },
  remove: (em: EntityManager, limit: number) => Promise<number>,
): Promise<number> {
  let removed = 0;
  for (let portions = 0; portions < PORTIONS_AT_ONCE && !of.signal.aborted; portions += 1) {
    const count = await database.inTenant(of.tenantId, (em) => remove(em, PORTION), { flush: 'later' });
    removed += count;
    if (count < PORTION) break;
  }
  return removed;
}
