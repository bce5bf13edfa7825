/** How much waits to be sent, and for how long: counts by connection and state, without what is over. */
import type { EntityManager } from 'typeorm';

export interface OutboxCount {
  readonly connectionId: string;
  readonly state: string;
  readonly count: number;
  /** Of those that may leave now the age of the oldest, in seconds; 0 where none may. */
  readonly lagSeconds: number;
}

export async function readOutbox(em: EntityManager, tenantId: string): Promise<readonly OutboxCount[]> {
  return em.query(
    `SELECT operation.connection_id AS "connectionId", operation.state, count(*)::int AS count,
            coalesce(extract(epoch FROM now() - min(coalesce(operation.next_attempt_at, operation.created_at))
              FILTER (WHERE operation.state = 'queued' OR (operation.state = 'retry-wait' AND operation.next_attempt_at <= now()))), 0)::float8 AS "lagSeconds"
       FROM buduan.operation
      WHERE operation.tenant_id = $1
        AND operation.state IN ('planned','held','queued','sending','acknowledged','retry-wait','unknown','rejected','dead','needs-human')
      GROUP BY 1, 2 ORDER BY 1, 2`,
    [tenantId],
  );
}
