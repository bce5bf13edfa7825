/** Which acknowledged operations a later complete read contradicts: the target said yes and shows the old value still. */
import type { EntityManager } from 'typeorm';

/** A connection whose every read was complete after `since`. */
export interface CompleteRead {
  readonly connectionId: string;
  readonly since: Date;
}

/** How often a plain overwrite that the target accepted and ignored is sent again before a person must look. */
const VERIFY_ATTEMPTS = 3;

/**
 * Plain overwrites that stayed without effect are tried again, at last `dead` with `not-verified`. Operations that move money
 * are left alone: bureaus post days later, and a second sending could pay twice.
 */
export async function reopenIgnored(
  em: EntityManager,
  tenantId: string,
  reads: readonly CompleteRead[],
): Promise<number> {
  if (reads.length === 0) return 0;
  const rows = await em.query<{ count: number }[]>(
    `WITH read AS (SELECT * FROM unnest($2::text[], $3::timestamptz[]) AS read(connection_id, since)),
     ignored AS (
       SELECT operation.operation_id
         FROM buduan.operation
         JOIN read ON read.connection_id = operation.connection_id AND read.since > operation.acknowledged_at
         JOIN buduan.correction
           ON correction.tenant_id = operation.tenant_id AND correction.connection_id = operation.connection_id
          AND correction.kind = operation.kind AND correction.owner_key = operation.owner_key
          AND correction.object_key = operation.object_key AND correction.payload_hash = operation.payload_hash
        WHERE operation.tenant_id = $1 AND operation.state = 'acknowledged' AND NOT operation.moves_money
          FOR UPDATE OF operation),
     moved AS (
       UPDATE buduan.operation
          SET state = CASE WHEN operation.verify_attempt + 1 < $4 THEN 'retry-wait' ELSE 'dead' END,
              verify_attempt = operation.verify_attempt + 1, attempt = 0, next_attempt_at = now(), outcome_code = 'not-verified',
              outcome_message = 'The target accepted the value, and a later complete read still shows the old one.'
         FROM ignored
        WHERE operation.tenant_id = $1 AND operation.operation_id = ignored.operation_id
       RETURNING operation.operation_id, operation.state, operation.fence),
     history AS (
       INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
       SELECT $1, moved.operation_id, 'acknowledged', moved.state, moved.fence, 'not-verified' FROM moved)
     SELECT count(*)::int AS count FROM moved`,
    [tenantId, reads.map((read) => read.connectionId), reads.map((read) => read.since), VERIFY_ATTEMPTS],
  );
  return rows[0]?.count ?? 0;
}
