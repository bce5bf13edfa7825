/** The rows of plan: what the brakes concluded and what a person decided. Each method is one statement. */
import type { EntityManager } from 'typeorm';
import type { PlanFigures, PulledBrake } from './brakes.js';
import type { PlanScope } from './plan-operations.store.js';

/**
 * One planning of a tenant at a time: two small plans beside each other would each see the day without the other. Taken
 * before anything else is locked.
 */
export async function lockPlanning(em: EntityManager, tenantId: string): Promise<void> {
  await em.query(`SELECT pg_advisory_xact_lock(hashtextextended('buduan.plan:' || $1, 0))`, [tenantId]);
}

export interface MadePlan {
  readonly planId: string;
  readonly figures: PlanFigures;
  readonly pulled: readonly PulledBrake[];
  readonly hash: Buffer;
  readonly operations: number;
  readonly persons: number;
  readonly newConnections: readonly string[];
}

export async function insertPlan(em: EntityManager, scope: PlanScope, plan: MadePlan): Promise<void> {
  await em.query(
    `INSERT INTO buduan.plan (tenant_id, plan_id, run_id, is_full, state, reasons, figures, hash, operation_count, worse_count, rebased_count,
                              money, person_count, new_connections, run_state)
     SELECT $1, $2, $3, $4, CASE WHEN cardinality($5::text[]) > 0 THEN 'suspended' ELSE 'clear' END, $5, $6, $7, $8, $9, $10, $11, $12, $13,
            coalesce(earlier.run_state, run.state)
       FROM buduan.run
       LEFT JOIN LATERAL (
         SELECT plan.run_state FROM buduan.plan
          WHERE plan.tenant_id = run.tenant_id AND plan.run_id = run.run_id ORDER BY plan.created_at, plan.plan_id LIMIT 1) AS earlier ON true
      WHERE run.tenant_id = $1 AND run.run_id = $3`,
    [
      ...[scope.tenantId, plan.planId, scope.runId, scope.personIds === null],
      ...[
        [...new Set(plan.pulled.map(({ reason }) => reason))],
        JSON.stringify(plan.pulled),
        plan.hash,
        plan.operations,
      ],
      ...[plan.figures.worse, plan.figures.rebased, JSON.stringify(plan.figures.moneyFen), plan.persons],
      plan.newConnections,
    ],
  );
}

/** Notes what was planned; a run with a plan that is held is suspended. */
export async function notePlanOfRun(
  em: EntityManager,
  scope: PlanScope,
  noted: { readonly report: unknown; readonly isHeld: boolean },
): Promise<void> {
  await em.query(
    `UPDATE buduan.run SET stats = stats || $3::jsonb, state = CASE WHEN $4::boolean AND state <> 'failed' THEN 'suspended' ELSE state END
      WHERE run.tenant_id = $1 AND run.run_id = $2`,
    [scope.tenantId, scope.runId, JSON.stringify({ plan: noted.report }), noted.isHeld],
  );
}

/** From now on plans may rest on these connections. */
export async function markKnown(em: EntityManager, tenantId: string, connectionIds: readonly string[]): Promise<void> {
  if (connectionIds.length === 0) return;
  await em.query(
    `UPDATE buduan.connection SET known_since = now()
      WHERE connection.tenant_id = $1 AND connection.connection_id = ANY ($2) AND connection.known_since IS NULL`,
    [tenantId, connectionIds],
  );
}

/** Whether every read of the run was complete, before a plan could suspend it. */
export async function isRunComplete(em: EntityManager, scope: PlanScope): Promise<boolean> {
  const rows: { state: string }[] = await em.query(
    'SELECT run.state FROM buduan.run WHERE run.tenant_id = $1 AND run.run_id = $2',
    [scope.tenantId, scope.runId],
  );
  return rows[0]?.state === 'succeeded';
}

/** Suspended plans of which nothing is held any more: the data moved on, or a person cancelled each operation. */
export async function emptyPlans(em: EntityManager, tenantId: string): Promise<void> {
  await em.query(
    `UPDATE buduan.plan SET state = 'emptied'
      WHERE plan.tenant_id = $1 AND plan.state = 'suspended' AND NOT EXISTS (
        SELECT FROM buduan.operation
         WHERE operation.tenant_id = plan.tenant_id AND operation.plan_id = plan.plan_id AND operation.state = 'held'
           AND operation.outcome_code = 'brake')`,
    [tenantId],
  );
}

export interface PlanToDecide {
  readonly state: string;
  readonly runId: string;
  readonly startedBy: string | null;
  readonly newConnections: readonly string[];
  /** Hex, of what the plan still holds. */
  readonly hash: string;
  readonly held: number;
}

/** Everything of the plan is locked, so that what is decided about is what was looked at. */
export async function lockPlan(em: EntityManager, tenantId: string, planId: string): Promise<PlanToDecide | null> {
  const rows: PlanToDecide[] = await em.query(
    `WITH chosen AS (
       SELECT plan.* FROM buduan.plan WHERE plan.tenant_id = $1 AND plan.plan_id = $2 FOR UPDATE),
     held AS (
       SELECT operation.operation_id, operation.payload_hash FROM buduan.operation
        WHERE operation.tenant_id = $1 AND operation.plan_id = $2 AND operation.state = 'held' AND operation.outcome_code = 'brake'
          FOR UPDATE)
     SELECT chosen.state, chosen.run_id AS "runId", run.started_by AS "startedBy", chosen.new_connections AS "newConnections",
            (SELECT encode(${planHash('held')}, 'hex') FROM held) AS hash, (SELECT count(*)::int FROM held) AS held
       FROM chosen JOIN buduan.run ON run.tenant_id = $1 AND run.run_id = chosen.run_id`,
    [tenantId, planId],
  );
  return rows[0] ?? null;
}

/** Of what exactly would be sent: every payload's hash, in order; the same operations have the same hash. */
export function planHash(row: string): string {
  return `sha256(coalesce(string_agg(${row}.payload_hash, '\\x'::bytea ORDER BY ${row}.payload_hash), '\\x'::bytea))`;
}

export interface PlanDecision {
  readonly tenantId: string;
  readonly planId: string;
  readonly actor: string;
  readonly decision: 'approved' | 'rejected';
  /** Money-moving kinds that need no approval of their own. */
  readonly automaticKinds: readonly string[];
}

/**
 * Lets a plan go on as if no brake had held it: money that needs an approval of its own goes on waiting for that. Or gives all
 * of it up. Returns how many operations left the brake.
 */
export async function decideHeld(em: EntityManager, decision: PlanDecision): Promise<number> {
  const rows = await em.query<{ count: number }[]>(
    `WITH moved AS (
       UPDATE buduan.operation
          SET state = CASE WHEN $4 = 'rejected' THEN 'cancelled'
                           WHEN operation.moves_money AND NOT operation.kind = ANY ($5::text[]) THEN 'held' ELSE 'queued' END,
              outcome_code = CASE WHEN $4 = 'rejected' THEN 'plan-rejected'
                                  WHEN operation.moves_money AND NOT operation.kind = ANY ($5::text[]) THEN 'needs-approval' END,
              approved_by = CASE WHEN $4 = 'approved' AND (NOT operation.moves_money OR operation.kind = ANY ($5::text[])) THEN $3 END,
              approved_hash = CASE WHEN $4 = 'approved' AND operation.moves_money AND operation.kind = ANY ($5::text[]) THEN operation.payload_hash END
        WHERE operation.tenant_id = $1 AND operation.plan_id = $2 AND operation.state = 'held' AND operation.outcome_code = 'brake'
       RETURNING operation.operation_id, operation.state, operation.fence),
     history AS (
       INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
       SELECT $1, moved.operation_id, 'held', moved.state, moved.fence, 'plan ' || $4 || ' by ' || $3::text FROM moved WHERE moved.state <> 'held')
     SELECT count(*)::int AS count FROM moved`,
    [decision.tenantId, decision.planId, decision.actor, decision.decision, decision.automaticKinds],
  );
  return rows[0]?.count ?? 0;
}

/** Ends the plan; its run has its own state again, or is cancelled, once none of its plans is suspended. */
export async function endPlan(em: EntityManager, decision: PlanDecision, hash: string): Promise<void> {
  await em.query(
    `UPDATE buduan.plan SET state = $4, decided_by = $3, decided_at = now(), decided_hash = decode($5, 'hex')
      WHERE plan.tenant_id = $1 AND plan.plan_id = $2`,
    [decision.tenantId, decision.planId, decision.actor, decision.decision, hash],
  );
  await em.query(
    `UPDATE buduan.run SET state = CASE WHEN $3 = 'rejected' THEN 'cancelled' ELSE plan.run_state END
       FROM buduan.plan
      WHERE plan.tenant_id = $1 AND plan.plan_id = $2 AND run.tenant_id = $1 AND run.run_id = plan.run_id AND run.state = 'suspended'
        AND NOT EXISTS (SELECT FROM buduan.plan AS other
                         WHERE other.tenant_id = $1 AND other.run_id = plan.run_id AND other.state = 'suspended')`,
    [decision.tenantId, decision.planId, decision.decision],
  );
}
