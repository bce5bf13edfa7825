/** How operations are claimed, and how outcomes are recorded: every statement names the fence it relies on. */
import type { EntityManager } from 'typeorm';
import type { Json, WriteKind } from '../connectors/port.js';
import { IS_FROZEN } from './push-freeze.reader.js';

export interface ClaimedOperation {
  readonly operationId: string;
  readonly kind: WriteKind;
  readonly ownerKey: string;
  readonly objectKey: string;
  readonly businessKey: string;
  readonly desired: Readonly<Record<string, Json>>;
  readonly movesMoney: boolean;
  readonly fence: number;
  readonly attempt: number;
  readonly msSinceFirstSent: number;
}

/** Where an attempt left one operation. `waitSeconds` only with `retry-wait` and `unknown`. */
export interface Settlement {
  readonly operationId: string;
  readonly fence: number;
  readonly state: 'acknowledged' | 'retry-wait' | 'unknown' | 'rejected' | 'dead' | 'needs-human';
  readonly code: string | null;
  readonly message: string | null;
  readonly remoteRef: string | null;
  readonly waitSeconds: number | null;
}

const CLAIMED = `operation.operation_id AS "operationId", operation.kind, operation.owner_key AS "ownerKey", operation.object_key AS "objectKey",
  operation.business_key AS "businessKey", operation.desired, operation.moves_money AS "movesMoney", operation.fence, operation.attempt,
  (extract(epoch FROM clock_timestamp() - operation.first_sent_at) * 1000)::float8 AS "msSinceFirstSent"`;

export interface ClaimRequest {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly kind: WriteKind;
  readonly dispatchId: string;
  readonly limit: number;
}

/**
 * Moves up to `limit` due operations to `sending` under a new fence. Frozen persons are passed over, a frozen tenant has none. The caller already holds
 * the session lock of `dispatchId`, so whoever finds these rows after a crash can tell a dead sender from a slow one.
 */
export async function claimOperations(em: EntityManager, request: ClaimRequest): Promise<readonly ClaimedOperation[]> {
  return em.query<ClaimedOperation[]>(
    `WITH due AS (
       SELECT operation.operation_id, operation.state
         FROM buduan.operation
         JOIN buduan.person ON person.tenant_id = operation.tenant_id AND person.person_id = operation.person_id
        WHERE operation.tenant_id = $1 AND operation.connection_id = $2 AND operation.kind = $3
          AND (operation.state = 'queued' OR (operation.state = 'retry-wait' AND operation.next_attempt_at <= now()))
          AND person.frozen_reason IS NULL AND NOT ${IS_FROZEN}
          AND (NOT operation.moves_money OR operation.approved_hash = operation.payload_hash)
        ORDER BY operation.operation_id
        LIMIT $5
          FOR UPDATE OF operation SKIP LOCKED),
     moved AS (
       UPDATE buduan.operation
          SET state = 'sending', dispatch_id = $4, fence = operation.fence + 1, attempt = operation.attempt + 1,
              sent_at = clock_timestamp(), first_sent_at = coalesce(operation.first_sent_at, clock_timestamp()), next_attempt_at = NULL
         FROM due
        WHERE operation.tenant_id = $1 AND operation.operation_id = due.operation_id
       RETURNING operation.*, due.state AS from_state),
     history AS (
       INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence)
       SELECT $1, moved.operation_id, moved.from_state, 'sending', moved.fence FROM moved)
     SELECT ${CLAIMED} FROM moved AS operation ORDER BY operation.operation_id`,
    [request.tenantId, request.connectionId, request.kind, request.dispatchId, request.limit],
  );
}

/** Records outcomes. An answer that arrives after a take-over still counts when it says "acknowledged"; anything else then is stale. */
export async function settleOperations(
  em: EntityManager,
  tenantId: string,
  settlements: readonly Settlement[],
): Promise<number> {
  const rows = await em.query<{ count: number }[]>(
    `WITH outcome AS (
       SELECT * FROM jsonb_to_recordset($2::jsonb)
           AS outcome("operationId" uuid, fence integer, state text, code text, message text, "remoteRef" text, "waitSeconds" float8)),
     held AS (
       SELECT operation.operation_id, operation.state FROM buduan.operation JOIN outcome ON outcome."operationId" = operation.operation_id
        WHERE operation.tenant_id = $1
          AND ((operation.state IN ('sending','unknown') AND operation.fence = outcome.fence)
            OR (operation.state = 'unknown' AND outcome.state = 'acknowledged'))
          FOR UPDATE OF operation),
     moved AS (
       UPDATE buduan.operation
          SET state = outcome.state, outcome_code = outcome.code, outcome_message = outcome.message,
              remote_ref = coalesce(outcome."remoteRef", operation.remote_ref),
              acknowledged_at = CASE WHEN outcome.state = 'acknowledged' THEN clock_timestamp() ELSE operation.acknowledged_at END,
              unknown_at = CASE WHEN outcome.state = 'unknown' THEN coalesce(operation.unknown_at, clock_timestamp()) END,
              next_attempt_at = CASE WHEN outcome."waitSeconds" IS NOT NULL THEN clock_timestamp() + make_interval(secs => outcome."waitSeconds") END
         FROM outcome, held
        WHERE operation.tenant_id = $1 AND operation.operation_id = outcome."operationId" AND held.operation_id = operation.operation_id
       RETURNING operation.operation_id, held.state AS from_state, operation.state AS to_state, operation.fence, outcome.code),
     history AS (
       INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
       SELECT $1, moved.operation_id, moved.from_state, moved.to_state, moved.fence, moved.code FROM moved WHERE moved.from_state <> moved.to_state)
     SELECT count(*)::int AS count FROM moved`,
    [tenantId, JSON.stringify(settlements)],
  );
  return rows[0]?.count ?? 0;
}

/** What waits for one connection. */
export interface OutboxLook {
  /** Dispatches that look abandoned: operations left in `sending`. */
  readonly sending: readonly string[];
  /** Whether there are operations of unknown outcome whose time to be looked at has come. */
  readonly hasUnknown: boolean;
  /** Kinds with operations that may leave now. */
  readonly kinds: readonly string[];
}

/** The outcome of at most 1,000 dispatches is looked after at a time. */
export async function lookAtOutbox(em: EntityManager, tenantId: string, connectionId: string): Promise<OutboxLook> {
  const rows = await em.query<OutboxLook[]>(
    `WITH kind AS (
       SELECT operation.kind, operation.state FROM buduan.operation
        WHERE operation.tenant_id = $1 AND operation.connection_id = $2
          AND (operation.state = 'queued' OR (operation.state IN ('retry-wait','unknown') AND operation.next_attempt_at <= clock_timestamp()))
        GROUP BY operation.kind, operation.state)
     SELECT ARRAY(SELECT DISTINCT operation.dispatch_id::text FROM buduan.operation
                   WHERE operation.tenant_id = $1 AND operation.connection_id = $2 AND operation.state = 'sending' ORDER BY 1 LIMIT 1000) AS sending,
            EXISTS (SELECT FROM kind WHERE kind.state = 'unknown') AS "hasUnknown",
            ARRAY(SELECT DISTINCT kind.kind FROM kind WHERE kind.state <> 'unknown' ORDER BY 1) AS kinds`,
    [tenantId, connectionId],
  );
  return rows[0] ?? { sending: [], hasUnknown: false, kinds: [] };
}

/** Takes abandoned operations over: their outcome is unknown from now on (not from when they were sent), under a new fence. */
export async function takeOver(em: EntityManager, tenantId: string, dispatchId: string): Promise<number> {
  const rows = await em.query<{ count: number }[]>(
    `WITH moved AS (
       UPDATE buduan.operation
          SET state = 'unknown', fence = operation.fence + 1, unknown_at = clock_timestamp(), next_attempt_at = clock_timestamp(),
              outcome_code = 'sender-lost'
        WHERE operation.tenant_id = $1 AND operation.dispatch_id = $2 AND operation.state = 'sending'
       RETURNING operation.operation_id, operation.fence),
     history AS (
       INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
       SELECT $1, moved.operation_id, 'sending', 'unknown', moved.fence, 'sender-lost' FROM moved)
     SELECT count(*)::int AS count FROM moved`,
    [tenantId, dispatchId],
  );
  return rows[0]?.count ?? 0;
}

export interface UnknownOperationRow extends ClaimedOperation {
  readonly msUnknown: number;
}

/** Operations whose outcome is unknown and whose time to be looked at has come. */
export async function listUnknown(
  em: EntityManager,
  tenantId: string,
  connectionId: string,
): Promise<readonly UnknownOperationRow[]> {
  return em.query<UnknownOperationRow[]>(
    `SELECT ${CLAIMED}, (extract(epoch FROM clock_timestamp() - operation.unknown_at) * 1000)::float8 AS "msUnknown"
       FROM buduan.operation
      WHERE operation.tenant_id = $1 AND operation.connection_id = $2 AND operation.state = 'unknown' AND operation.next_attempt_at <= clock_timestamp()
      ORDER BY operation.operation_id LIMIT 500`,
    [tenantId, connectionId],
  );
}

/** Seconds until the next operation of a connection may be looked at again; null when none waits. */
export async function secondsToNextDue(
  em: EntityManager,
  tenantId: string,
  connectionId: string,
): Promise<number | null> {
  const rows = await em.query<{ seconds: number }[]>(
    `SELECT greatest(0, extract(epoch FROM min(coalesce(operation.next_attempt_at, now())) - clock_timestamp()))::float8 AS seconds
       FROM buduan.operation
       JOIN buduan.person ON person.tenant_id = operation.tenant_id AND person.person_id = operation.person_id
      WHERE operation.tenant_id = $1 AND operation.connection_id = $2 AND operation.state IN ('queued','retry-wait','unknown')
        AND person.frozen_reason IS NULL
     -- greatest() passes over NULL and would make 0 of "none waits".
     HAVING count(*) > 0`,
    [tenantId, connectionId],
  );
  return rows[0]?.seconds ?? null;
}
