/** Operations of back-payment cases: made from an approved case, settled by what became of the case, told to whoever follows it. */
import type { EntityManager } from 'typeorm';
import type { Json } from '../connectors/port.js';
import type { CaseVerified, OperationSettled } from '../domain/facts.js';

/** The round of a case that an operation was made in, from its business key; null of other operations, in whatever order conditions are looked at. */
const ROUND = `substring(operation.business_key FROM '^case:[^:]+:([0-9]+)')::integer`;

export interface CaseOperation {
  /** The case, or `case:insurance:month`. */
  readonly objectKey: string;
  readonly businessKey: string;
  readonly desired: Readonly<Record<string, Json>>;
  /** Hex; over what leaves and over the approval it is bound to. */
  readonly payloadHash: string;
}

export interface CaseScope {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly ownerKey: string;
  readonly personId: string;
  readonly approvedBy: string;
  readonly runId: string;
}

/** Queued with the approval of exactly this payload; an operation of the same key that is there already stays as it is. */
export async function insertCaseOperations(
  em: EntityManager,
  scope: CaseScope,
  operations: readonly CaseOperation[],
): Promise<void> {
  await em.query(
    `WITH planned AS (
       INSERT INTO buduan.operation (tenant_id, operation_id, connection_id, kind, owner_key, object_key, person_id, business_key, desired,
                                     expected_before, payload_hash, moves_money, state, approved_by, approved_hash, run_id)
       SELECT $1, gen_random_uuid(), $2, 'back-payment', $3, made."objectKey", $4, made."businessKey", made.desired, '{}',
              decode(made."payloadHash", 'hex'), true, 'queued', $5, decode(made."payloadHash", 'hex'), $6
         FROM jsonb_to_recordset($7::jsonb) AS made ("objectKey" text, "businessKey" text, desired jsonb, "payloadHash" text)
       ON CONFLICT DO NOTHING
       RETURNING operation_id, fence)
     INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
     SELECT $1, planned.operation_id, 'planned', 'queued', planned.fence, 'approved by ' || $5 FROM planned`,
    [
      ...[scope.tenantId, scope.connectionId, scope.ownerKey, scope.personId, scope.approvedBy, scope.runId],
      JSON.stringify(operations),
    ],
  );
}

/** The bureau shows the money: what was sent in that round (null = in any) and never answered has arrived. */
export async function verifyCaseOperations(
  em: EntityManager,
  { tenantId, caseId, personId, round }: Omit<CaseVerified, 'fact'>,
): Promise<void> {
  await em.query(
    `WITH open AS (
       SELECT operation.operation_id, operation.state FROM buduan.operation
        WHERE operation.tenant_id = $1 AND operation.kind = 'back-payment' AND operation.desired->>'caseId' = $2
          AND operation.state IN ('acknowledged','unknown','needs-human')
          AND ($3::integer IS NULL OR ${ROUND} = $3) AND ($4::uuid IS NULL OR operation.person_id = $4)
          FOR UPDATE OF operation),
     moved AS (
       UPDATE buduan.operation SET state = 'verified', verified_at = now() FROM open
        WHERE operation.tenant_id = $1 AND operation.operation_id = open.operation_id
       RETURNING operation.operation_id, open.state AS from_state, operation.fence)
     INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
     SELECT $1, moved.operation_id, moved.from_state, 'verified', moved.fence, 'a read of the bureau shows the months' FROM moved`,
    [tenantId, caseId, round, personId],
  );
}

/** What of a case may leave no more: everything of these rounds. */
export interface FormerRounds {
  readonly tenantId: string;
  readonly caseId: string;
  /** Whose few operations are looked through: row-level security keeps the index over cases from being used. */
  readonly personId: string;
  /** The last of them. */
  readonly round: number;
}

const IN_FORMER = `operation.tenant_id = $1 AND operation.person_id = $4 AND operation.kind = 'back-payment' AND operation.desired->>'caseId' = $2
          AND ${ROUND} <= $3`;

/**
 * Ends what was taken, waits, or could be sent again by a person. True = nothing of these rounds can leave any more; false =
 * something is on its way, or its outcome is still being asked for.
 */
export async function closeRounds(
  em: EntityManager,
  { tenantId, caseId, personId, round }: FormerRounds,
  reason: string,
): Promise<boolean> {
  await em.query(
    `WITH former AS (
       SELECT operation.operation_id, operation.state FROM buduan.operation
        WHERE ${IN_FORMER}
          AND operation.state IN ('planned','held','queued','retry-wait','acknowledged','needs-human','dead')
          FOR UPDATE OF operation),
     moved AS (
       UPDATE buduan.operation SET state = CASE WHEN former.state = 'dead' THEN 'cancelled' ELSE 'superseded' END, next_attempt_at = NULL
         FROM former
        WHERE operation.tenant_id = $1 AND operation.operation_id = former.operation_id
       RETURNING operation.operation_id, former.state AS from_state, operation.state AS to_state, operation.fence)
     INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
     SELECT $1, moved.operation_id, moved.from_state, moved.to_state, moved.fence, $5 FROM moved`,
    [tenantId, caseId, round, personId, reason],
  );
  // A statement of its own: a sender may have claimed one while the former waited for its lock.
  const [left] = await em.query<{ isMoving: boolean }[]>(
    `SELECT EXISTS (SELECT FROM buduan.operation WHERE ${IN_FORMER}
        AND operation.state NOT IN ('verified','superseded','cancelled','rejected')) AS "isMoving"`,
    [tenantId, caseId, round, personId],
  );
  return left?.isMoving === false;
}

/**
 * What the ledger says now of the cases among these operations, round by round. Of several operations of one round the one that
 * needs a person most speaks; a round of which something is still to be sent, and nothing else is known, says nothing yet.
 */
export async function settledCases(
  em: EntityManager,
  tenantId: string,
  operationIds: readonly string[],
): Promise<readonly Omit<OperationSettled, 'fact' | 'tenantId'>[]> {
  return em.query(
    `WITH asked AS MATERIALIZED (
       SELECT DISTINCT operation.person_id, operation.desired->>'caseId' AS case_id, ${ROUND} AS round
         FROM buduan.operation
        WHERE operation.tenant_id = $1 AND operation.kind = 'back-payment' AND operation.operation_id = ANY ($2::uuid[]))
     SELECT told."caseId", told.round, told.state, told.code, told.reason, told."remoteRef", told.refused FROM (
       SELECT operation.desired->>'caseId' AS "caseId", ${ROUND} AS round,
              (array_agg(operation.state ORDER BY ${RANK}))[1] AS state,
              (array_agg(operation.outcome_code ORDER BY ${RANK}))[1] AS code,
              (array_agg(CASE WHEN operation.state = 'rejected' THEN nullif(operation.outcome_message, '') END ORDER BY ${RANK}))[1] AS reason,
              CASE WHEN count(*) = 1 THEN min(operation.remote_ref) END AS "remoteRef",
              coalesce(jsonb_agg(jsonb_build_object('insurance', operation.desired->>'insurance', 'month', operation.desired->>'month',
                                                      'reason', nullif(operation.outcome_message, '')))
                FILTER (WHERE operation.state IN ('rejected','cancelled') AND operation.desired ? 'insurance'), '[]') AS refused
         FROM asked
         JOIN buduan.operation ON operation.tenant_id = $1 AND operation.person_id = asked.person_id
        WHERE operation.kind = 'back-payment' AND operation.state NOT IN ('verified','superseded')
          AND operation.desired->>'caseId' = asked.case_id AND ${ROUND} = asked.round
        GROUP BY 1, 2) AS told
      WHERE told.state NOT IN ('planned','held','queued','sending','retry-wait') ORDER BY told."caseId", told.round`,
    [tenantId, operationIds],
  );
}

const RANK = `array_position('{needs-human,dead,unknown,acknowledged,planned,held,queued,sending,retry-wait,rejected,cancelled}'::text[], operation.state), operation.operation_id`;
