/** How corrections become operations: each method is one set-based statement over all corrections of a tenant, or of some persons. */
import type { EntityManager } from 'typeorm';
import type { PlanFigures } from './brakes.js';
import { figuresOf } from './plan-figures.store.js';
import { planHash } from './plan.store.js';

export interface PlanScope {
  readonly tenantId: string;
  readonly runId: string;
  /** null = everybody. */
  readonly personIds: readonly string[] | null;
}

/** Appends one history row per moved operation; `moved` must offer operation_id, from_state, to_state, fence. */
const HISTORY = `INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
  SELECT $1, moved.operation_id, moved.from_state, moved.to_state, moved.fence, moved.reason FROM moved`;

const IN_SCOPE = `($2::uuid[] IS NULL OR operation.person_id = ANY ($2::uuid[]))`;

/**
 * Operations whose difference is gone: sent ones are thereby verified, unsent ones are not needed any more. The differences of
 * a frozen person are put away without anybody having looked: that verifies nothing. Back-payments follow their case instead.
 */
export async function settleVanished(em: EntityManager, scope: PlanScope): Promise<number> {
  return count(
    await em.query(
      `WITH vanished AS (
         SELECT operation.operation_id, operation.state
           FROM buduan.operation
           JOIN buduan.person ON person.tenant_id = operation.tenant_id AND person.person_id = operation.person_id
          WHERE operation.tenant_id = $1 AND ${IN_SCOPE} AND operation.kind <> 'back-payment'
            AND (operation.state IN ('planned','held','queued','retry-wait')
              OR (operation.state IN ('acknowledged','unknown','needs-human') AND person.frozen_reason IS NULL))
            AND NOT EXISTS (
              SELECT FROM buduan.correction
               WHERE correction.tenant_id = operation.tenant_id AND correction.connection_id = operation.connection_id
                 AND correction.kind = operation.kind AND correction.owner_key = operation.owner_key
                 AND correction.object_key = operation.object_key)
            FOR UPDATE OF operation),
       moved AS (
         UPDATE buduan.operation
            SET state = CASE WHEN vanished.state IN ('acknowledged','unknown','needs-human') THEN 'verified' ELSE 'cancelled' END,
                verified_at = CASE WHEN vanished.state IN ('acknowledged','unknown','needs-human') THEN now() END
           FROM vanished
          WHERE operation.tenant_id = $1 AND operation.operation_id = vanished.operation_id
         RETURNING operation.operation_id, vanished.state AS from_state, operation.state AS to_state, operation.fence,
                   'a read shows that the difference is gone' AS reason),
       history AS (${HISTORY})
       SELECT count(*)::int AS count FROM moved`,
      [scope.tenantId, scope.personIds],
    ),
  );
}

/** Live operations whose target should now show another value: unsent ones and answered ones make room for the newer. */
export async function supersedeOutdated(em: EntityManager, scope: PlanScope): Promise<number> {
  return count(
    await em.query(
      `WITH outdated AS (
         SELECT operation.operation_id, operation.state
           FROM buduan.operation
           JOIN buduan.correction
             ON correction.tenant_id = operation.tenant_id AND correction.connection_id = operation.connection_id
            AND correction.kind = operation.kind AND correction.owner_key = operation.owner_key
            AND correction.object_key = operation.object_key
          WHERE operation.tenant_id = $1 AND ${IN_SCOPE}
            AND operation.state IN ('planned','held','queued','retry-wait','acknowledged')
            AND correction.payload_hash <> operation.payload_hash
            FOR UPDATE OF operation),
       moved AS (
         UPDATE buduan.operation SET state = 'superseded'
           FROM outdated
          WHERE operation.tenant_id = $1 AND operation.operation_id = outdated.operation_id
         RETURNING operation.operation_id, outdated.state AS from_state, operation.state AS to_state, operation.fence,
                   'a newer desired value' AS reason),
       history AS (${HISTORY})
       SELECT count(*)::int AS count FROM moved`,
      [scope.tenantId, scope.personIds],
    ),
  );
}

export interface InsertRules {
  readonly planId: string;
  /** Kinds that leave without a person's approval although they move money. */
  readonly automaticKinds: readonly string[];
  /** True when a brake holds this plan: everything is stored, nothing leaves. */
  readonly braked: boolean;
}

export interface Inserted extends PlanFigures {
  readonly operations: number;
  readonly hash: Buffer;
}

/**
 * One operation for each correction that has no live one and was not refused before with exactly this payload.
 * The business key counts how often the same value was wanted before, so that a value that drifts back can be sent again.
 */
export async function insertOperations(em: EntityManager, scope: PlanScope, rules: InsertRules): Promise<Inserted> {
  const rows: Inserted[] = await em.query(
    `WITH fresh AS (
       SELECT correction.*, coalesce(earlier.same_payload, 0) AS revision,
              CASE WHEN correction.moves_money AND NOT correction.kind = ANY ($4::text[]) THEN 'held'
                   WHEN $5::boolean THEN 'held' ELSE 'queued' END AS first_state
         FROM buduan.correction
         LEFT JOIN LATERAL (
           SELECT count(*) FILTER (WHERE operation.payload_hash = correction.payload_hash) AS same_payload,
                  bool_or(operation.state IN ('planned','held','queued','sending','acknowledged','retry-wait','unknown','needs-human')) AS is_live,
                  bool_or(operation.state IN ('rejected','dead') AND operation.payload_hash = correction.payload_hash) AS is_refused
             FROM buduan.operation
            WHERE operation.tenant_id = correction.tenant_id AND operation.person_id = correction.person_id
              AND operation.connection_id = correction.connection_id AND operation.kind = correction.kind
              AND operation.owner_key = correction.owner_key AND operation.object_key = correction.object_key) AS earlier ON true
        WHERE correction.tenant_id = $1 AND ($2::uuid[] IS NULL OR correction.person_id = ANY ($2::uuid[]))
          AND earlier.is_live IS NOT TRUE AND earlier.is_refused IS NOT TRUE),
     planned AS (
       INSERT INTO buduan.operation (tenant_id, operation_id, connection_id, kind, owner_key, object_key, person_id, business_key,
                                     desired, expected_before, payload_hash, moves_money, state, outcome_code, approved_by, approved_hash, run_id, plan_id)
       SELECT fresh.tenant_id, gen_random_uuid(), fresh.connection_id, fresh.kind, fresh.owner_key, fresh.object_key, fresh.person_id,
              encode(fresh.payload_hash, 'hex') || ':' || fresh.revision, fresh.desired, fresh.seen, fresh.payload_hash, fresh.moves_money,
              fresh.first_state,
              CASE WHEN fresh.first_state = 'held' THEN CASE WHEN $5::boolean THEN 'brake' ELSE 'needs-approval' END END,
              CASE WHEN fresh.moves_money AND fresh.first_state = 'queued' THEN 'configuration' END,
              CASE WHEN fresh.moves_money AND fresh.first_state = 'queued' THEN fresh.payload_hash END, $3, $6
         FROM fresh
       ON CONFLICT DO NOTHING
       RETURNING operation_id, person_id, kind, desired, expected_before AS seen, moves_money, payload_hash, state AS to_state, fence,
                 'planned' AS from_state, outcome_code AS reason),
     moved AS (SELECT * FROM planned),
     history AS (${HISTORY})
     SELECT figures.*, (SELECT ${planHash('planned')} FROM planned) AS hash FROM (${figuresOf('planned')}) AS figures`,
    [scope.tenantId, scope.personIds, scope.runId, rules.automaticKinds, rules.braked, rules.planId],
  );
  return rows[0] ?? { operations: 0, worse: 0, rebased: 0, moneyFen: {}, hash: Buffer.alloc(0) };
}

/** Connections with operations that may leave now. */
export async function connectionsWithDue(em: EntityManager, tenantId: string): Promise<readonly string[]> {
  const rows = await em.query<{ connection_id: string }[]>(
    `SELECT DISTINCT operation.connection_id FROM buduan.operation
      WHERE operation.tenant_id = $1
        AND (operation.state = 'queued' OR (operation.state IN ('retry-wait','unknown') AND operation.next_attempt_at <= now()))
      ORDER BY operation.connection_id`,
    [tenantId],
  );
  return rows.map((row) => row.connection_id);
}

function count(rows: readonly { count: number }[]): number {
  return rows[0]?.count ?? 0;
}
