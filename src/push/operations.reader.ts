/** What others may ask of the ledger: counts, lists, one operation's history. No personal data: owner keys and ids only. */
import type { EntityManager } from 'typeorm';
import { IS_HELD } from '../connectors/connection-health.reader.js';
import type { Json, WriteKind } from '../connectors/port.js';
import type { OperationState } from './operation-states.js';
import { IS_FROZEN } from './push-freeze.reader.js';

export interface OperationCount {
  readonly connectionId: string;
  readonly kind: WriteKind;
  readonly state: OperationState;
  readonly count: number;
}

export interface OperationSummary {
  readonly operationId: string;
  readonly connectionId: string;
  readonly kind: WriteKind;
  readonly state: OperationState;
  readonly ownerKey: string;
  readonly objectKey: string;
  readonly personId: string;
  readonly desired: Readonly<Record<string, Json>>;
  readonly attempt: number;
  readonly outcomeCode: string | null;
  readonly outcomeMessage: string | null;
  readonly payloadHash: string;
  readonly createdAt: Date;
}

export interface OperationFilter {
  readonly tenantId: string;
  readonly runId?: string;
  readonly connectionId?: string;
  readonly states?: readonly OperationState[];
  /** 1–1000. */
  readonly limit: number;
}

export async function countOperations(
  em: EntityManager,
  tenantId: string,
  runId: string | null,
): Promise<readonly OperationCount[]> {
  return em.query<OperationCount[]>(
    `SELECT operation.connection_id AS "connectionId", operation.kind, operation.state, count(*)::int AS count
       FROM buduan.operation
      WHERE operation.tenant_id = $1 AND ($2::uuid IS NULL OR operation.run_id = $2)
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [tenantId, runId],
  );
}

/** What these runs planned, by connection, kind and state. */
export async function countOperationsOf(
  em: EntityManager,
  tenantId: string,
  runIds: readonly string[],
): Promise<readonly OperationCount[]> {
  return em.query<OperationCount[]>(
    `SELECT operation.connection_id AS "connectionId", operation.kind, operation.state, count(*)::int AS count
       FROM buduan.operation
      WHERE operation.tenant_id = $1 AND operation.run_id = ANY ($2::uuid[])
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [tenantId, runIds],
  );
}

/** How many operations a person waits for: those that will move without anybody doing anything, within `horizonSeconds`. */
export async function countMoving(em: EntityManager, tenantId: string, horizonSeconds: number): Promise<number> {
  const rows = await em.query<{ count: number }[]>(
    `SELECT count(*)::int AS count
       FROM buduan.operation
       JOIN buduan.person ON person.tenant_id = operation.tenant_id AND person.person_id = operation.person_id
       JOIN buduan.connection ON connection.tenant_id = operation.tenant_id AND connection.connection_id = operation.connection_id
      WHERE operation.tenant_id = $1 AND person.frozen_reason IS NULL AND NOT ${IS_HELD} AND NOT ${IS_FROZEN}
        AND (operation.state IN ('queued','sending')
          OR (operation.state IN ('retry-wait','unknown') AND operation.next_attempt_at <= now() + make_interval(secs => $2)))`,
    [tenantId, horizonSeconds],
  );
  return rows[0]?.count ?? 0;
}

/** How many operations were sent since a moment, by connection and kind. */
export async function countSentSince(
  em: EntityManager,
  tenantId: string,
  since: Date,
): Promise<readonly OperationCount[]> {
  return em.query<OperationCount[]>(
    `SELECT operation.connection_id AS "connectionId", operation.kind, operation.state, count(*)::int AS count
       FROM buduan.operation
      WHERE operation.tenant_id = $1 AND operation.sent_at >= $2
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [tenantId, since],
  );
}

export async function listOperations(em: EntityManager, filter: OperationFilter): Promise<readonly OperationSummary[]> {
  return em.query<OperationSummary[]>(
    `SELECT operation.operation_id AS "operationId", operation.connection_id AS "connectionId", operation.kind, operation.state,
            operation.owner_key AS "ownerKey", operation.object_key AS "objectKey", operation.person_id AS "personId", operation.desired,
            operation.attempt, operation.outcome_code AS "outcomeCode", operation.outcome_message AS "outcomeMessage",
            encode(operation.payload_hash, 'hex') AS "payloadHash", operation.created_at AS "createdAt"
       FROM buduan.operation
      WHERE operation.tenant_id = $1 AND ($2::uuid IS NULL OR operation.run_id = $2)
        AND ($3::text IS NULL OR operation.connection_id = $3) AND ($4::text[] IS NULL OR operation.state = ANY ($4))
      ORDER BY operation.created_at, operation.operation_id LIMIT $5`,
    [filter.tenantId, filter.runId ?? null, filter.connectionId ?? null, filter.states ?? null, filter.limit],
  );
}

export interface OperationEvent {
  readonly fromState: OperationState;
  readonly toState: OperationState;
  readonly fence: number;
  readonly reason: string | null;
  readonly at: Date;
}

export async function readOperationHistory(
  em: EntityManager,
  tenantId: string,
  operationId: string,
): Promise<readonly OperationEvent[]> {
  return em.query<OperationEvent[]>(
    `SELECT operation_event.from_state AS "fromState", operation_event.to_state AS "toState", operation_event.fence,
            operation_event.reason, operation_event.at
       FROM buduan.operation_event
      WHERE operation_event.tenant_id = $1 AND operation_event.operation_id = $2
      ORDER BY operation_event.event_no LIMIT 1000`,
    [tenantId, operationId],
  );
}

/** What left, or is to leave, for a back-payment case, and what came back. */
export interface OperationOfCase {
  readonly operationId: string;
  readonly connectionId: string;
  readonly state: OperationState;
  readonly ownerKey: string;
  readonly objectKey: string;
  readonly businessKey: string;
  /** The values the connection's manifest writes its request from. */
  readonly desired: Readonly<Record<string, Json>>;
  /** Hex; over connection, kind, owner, object, desired values and the hash of the case. */
  readonly payloadHash: string;
  readonly approvedHash: string | null;
  readonly approvedBy: string | null;
  readonly attempt: number;
  readonly firstSentAt: Date | null;
  readonly sentAt: Date | null;
  readonly unknownAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly verifiedAt: Date | null;
  readonly remoteRef: string | null;
  readonly outcomeCode: string | null;
  readonly outcomeMessage: string | null;
}

/** Oldest first; at most `limit`. */
export async function readOperationsOfCase(
  em: EntityManager,
  { tenantId, caseId, limit }: { readonly tenantId: string; readonly caseId: string; readonly limit: number },
): Promise<readonly OperationOfCase[]> {
  return em.query<OperationOfCase[]>(
    `SELECT o.operation_id AS "operationId", o.connection_id AS "connectionId", o.state, o.owner_key AS "ownerKey", o.object_key AS "objectKey",
            o.business_key AS "businessKey", o.desired, encode(o.payload_hash, 'hex') AS "payloadHash", encode(o.approved_hash, 'hex') AS "approvedHash",
            o.approved_by AS "approvedBy", o.attempt, o.first_sent_at AS "firstSentAt", o.sent_at AS "sentAt", o.unknown_at AS "unknownAt",
            o.acknowledged_at AS "acknowledgedAt", o.verified_at AS "verifiedAt", o.remote_ref AS "remoteRef", o.outcome_code AS "outcomeCode",
            o.outcome_message AS "outcomeMessage"
       FROM buduan.operation o
      WHERE o.tenant_id = $1 AND o.kind = 'back-payment' AND o.desired->>'caseId' = $2
      ORDER BY o.created_at, o.operation_id LIMIT $3`,
    [tenantId, caseId, limit],
  );
}
