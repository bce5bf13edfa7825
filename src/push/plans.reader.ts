/** Which plans there are, and what one of them holds: for the person who decides about it. */
import type { EntityManager } from 'typeorm';
import type { Json, WriteKind } from '../connectors/port.js';
import type { MoneyByKind, PulledBrake } from './brakes.js';
import { planHash } from './plan.store.js';

export type PlanState = 'clear' | 'suspended' | 'approved' | 'rejected' | 'emptied';

export interface PlanSummary {
  readonly planId: string;
  readonly runId: string;
  readonly state: PlanState;
  readonly reasons: readonly string[];
  readonly startedBy: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  /** Operations it was made with. */
  readonly operations: number;
  readonly createdAt: Date;
}

export interface PlanView extends PlanSummary {
  readonly pulled: readonly PulledBrake[];
  /** Hex; of what the brake still holds, and of nothing where it holds nothing. */
  readonly hash: string;
  readonly held: number;
  readonly worse: number;
  readonly rebased: number;
  readonly moneyFen: MoneyByKind;
  readonly persons: number | null;
  readonly kinds: readonly {
    readonly connectionId: string;
    readonly kind: WriteKind;
    readonly state: string;
    readonly count: number;
  }[];
}

const SUMMARY = `plan.plan_id AS "planId", plan.run_id AS "runId", plan.state, plan.reasons, run.started_by AS "startedBy",
  plan.decided_by AS "decidedBy", plan.decided_at AS "decidedAt", plan.operation_count AS operations, plan.created_at AS "createdAt"`;
const FROM = `FROM buduan.plan JOIN buduan.run ON run.tenant_id = plan.tenant_id AND run.run_id = plan.run_id`;

/** Newest first; `state` null = all. */
export async function listPlans(
  em: EntityManager,
  filter: {
    readonly tenantId: string;
    readonly state: PlanState | null;
    readonly runId?: string;
    readonly limit: number;
  },
): Promise<readonly PlanSummary[]> {
  return em.query(
    `SELECT ${SUMMARY} ${FROM}
      WHERE plan.tenant_id = $1 AND ($2::text IS NULL OR plan.state = $2) AND ($4::uuid IS NULL OR plan.run_id = $4)
      ORDER BY plan.created_at DESC, plan.plan_id DESC LIMIT $3`,
    [filter.tenantId, filter.state, filter.limit, filter.runId ?? null],
  );
}

export async function readPlan(em: EntityManager, tenantId: string, planId: string): Promise<PlanView | null> {
  const rows: PlanView[] = await em.query(
    `WITH held AS (
       SELECT operation.payload_hash FROM buduan.operation
        WHERE operation.tenant_id = $1 AND operation.plan_id = $2 AND operation.state = 'held' AND operation.outcome_code = 'brake'),
     kinds AS (
       SELECT operation.connection_id, operation.kind, operation.state, count(*)::int AS count FROM buduan.operation
        WHERE operation.tenant_id = $1 AND operation.plan_id = $2 GROUP BY 1, 2, 3)
     SELECT ${SUMMARY}, plan.figures AS pulled, plan.worse_count AS worse, plan.rebased_count AS rebased, plan.money AS "moneyFen",
            plan.person_count AS persons, (SELECT encode(${planHash('held')}, 'hex') FROM held) AS hash,
            (SELECT count(*)::int FROM held) AS held,
            (SELECT coalesce(json_agg(json_build_object('connectionId', kinds.connection_id, 'kind', kinds.kind, 'state', kinds.state,
                                                        'count', kinds.count) ORDER BY kinds.connection_id, kinds.kind, kinds.state), '[]')
               FROM kinds) AS kinds
       ${FROM} WHERE plan.tenant_id = $1 AND plan.plan_id = $2`,
    [tenantId, planId],
  );
  return rows[0] ?? null;
}

export interface PlannedChange {
  readonly operationId: string;
  readonly connectionId: string;
  readonly kind: WriteKind;
  readonly ownerKey: string;
  readonly objectKey: string;
  readonly seen: Readonly<Record<string, Json>>;
  readonly desired: Readonly<Record<string, Json>>;
}

/** What exactly the brake still holds, by target and owner. */
export async function listPlannedChanges(
  em: EntityManager,
  filter: { readonly tenantId: string; readonly planId: string; readonly limit: number },
): Promise<readonly PlannedChange[]> {
  return em.query(
    `SELECT operation.operation_id AS "operationId", operation.connection_id AS "connectionId", operation.kind,
            operation.owner_key AS "ownerKey", operation.object_key AS "objectKey", operation.expected_before AS seen, operation.desired
       FROM buduan.operation
      WHERE operation.tenant_id = $1 AND operation.plan_id = $2 AND operation.state = 'held' AND operation.outcome_code = 'brake'
      ORDER BY operation.connection_id, operation.kind, operation.owner_key, operation.object_key, operation.operation_id LIMIT $3`,
    [filter.tenantId, filter.planId, filter.limit],
  );
}
