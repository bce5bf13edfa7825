/** Which operations need a person and were not told to anybody yet. */
import type { EntityManager } from 'typeorm';

export interface StuckOperations {
  readonly operations: number;
  readonly byState: Readonly<Record<string, number>>;
  /** By the code of what went wrong; the rarest beyond 20 are left out. */
  readonly byCode: Readonly<Record<string, number>>;
  /** At most 100, oldest first. */
  readonly operationIds: readonly string[];
  /** Another one for other operations, and for the same ones stuck again. */
  readonly fingerprint: string;
}

const IS_STUCK = `operation.state IN ('dead','needs-human') AND operation.told_fence IS DISTINCT FROM operation.fence`;

export async function connectionsWithStuck(em: EntityManager, tenantId: string): Promise<readonly string[]> {
  const rows = await em.query<{ connectionId: string }[]>(
    `SELECT DISTINCT operation.connection_id AS "connectionId" FROM buduan.operation
      WHERE operation.tenant_id = $1 AND ${IS_STUCK} ORDER BY 1`,
    [tenantId],
  );
  return rows.map(({ connectionId }) => connectionId);
}

/** Marks and counts in one statement; two claims at the same time share nothing. */
export async function claimStuck(
  em: EntityManager,
  tenantId: string,
  connectionId: string,
): Promise<StuckOperations | null> {
  const rows = await em.query<StuckOperations[]>(
    `WITH chosen AS (
       SELECT operation.operation_id FROM buduan.operation
        WHERE operation.tenant_id = $1 AND operation.connection_id = $2 AND ${IS_STUCK}
        ORDER BY operation.operation_id FOR UPDATE),
     told AS (
       UPDATE buduan.operation SET told_fence = operation.fence FROM chosen
        WHERE operation.tenant_id = $1 AND operation.operation_id = chosen.operation_id
       RETURNING operation.operation_id, operation.state, coalesce(operation.outcome_code, 'unknown') AS code, operation.fence),
     states AS (SELECT told.state, count(*)::int AS count FROM told GROUP BY 1),
     codes AS (SELECT told.code, count(*)::int AS count FROM told GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20)
     SELECT (SELECT count(*)::int FROM told) AS operations,
            (SELECT md5(string_agg(told.operation_id::text || '/' || told.fence, ',' ORDER BY told.operation_id)) FROM told) AS fingerprint,
            (SELECT coalesce(json_object_agg(states.state, states.count), '{}') FROM states) AS "byState",
            (SELECT coalesce(json_object_agg(codes.code, codes.count), '{}') FROM codes) AS "byCode",
            (SELECT coalesce(json_agg(first.operation_id), '[]') FROM (
               SELECT told.operation_id FROM told ORDER BY told.operation_id LIMIT 100) AS first) AS "operationIds"`,
    [tenantId, connectionId],
  );
  const [stuck] = rows;
  return stuck === undefined || stuck.operations === 0 ? null : stuck;
}
