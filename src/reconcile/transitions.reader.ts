/** What a run changed in the picture: from what to what, how often. */
import type { EntityManager } from 'typeorm';
import type { Transition } from './transitions.js';

/** Most frequent first. */
export async function readTransitions(
  em: EntityManager,
  tenantId: string,
  runId: string,
): Promise<readonly Transition[]> {
  return em.query(
    `SELECT transition.of_what AS "of", transition.from_value AS "from", transition.to_value AS "to", transition.count::float8 AS count
       FROM buduan.transition WHERE transition.tenant_id = $1 AND transition.run_id = $2
      ORDER BY transition.of_what DESC, transition.count DESC, transition.from_value, transition.to_value`,
    [tenantId, runId],
  );
}
