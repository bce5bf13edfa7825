/** What of the ledger waits for a second person: plans that a brake holds, and held operations that move money. */
import type { EntityManager } from 'typeorm';
import type { Json, WriteKind } from '../connectors/port.js';
import { planHash } from './plan.store.js';

/** Behind this one, in order of `since` (whole milliseconds) and the text of the id. */
export interface AfterAwaiting {
  readonly since: Date;
  readonly id: string;
}

export interface AwaitingFilter {
  readonly tenantId: string;
  readonly after: AfterAwaiting | null;
  /** 1–1001. */
  readonly limit: number;
  /** Only this one; null = all. */
  readonly id: string | null;
}

interface Awaiting {
  /** The uuid. */
  readonly id: string;
  readonly since: Date;
  /** Hex; of exactly what would leave. */
  readonly hash: string;
  /** Who started the run behind it; null = nobody is known. */
  readonly startedBy: string | null;
}

export interface AwaitingPlan extends Awaiting {
  readonly runId: string;
  readonly reasons: readonly string[];
  readonly held: number;
  readonly persons: number | null;
}

/** `$3` and `$4` are the place behind which the page begins. */
const behind = (since: string, id: string): string =>
  `($3::timestamptz IS NULL OR (date_trunc('milliseconds', ${since}), ${id}::text COLLATE "C") > ($3::timestamptz, $4::text COLLATE "C"))`;
const ORDER = `ORDER BY since, id LIMIT $5`;

function parametersOf({ tenantId, id, after, limit }: AwaitingFilter): unknown[] {
  return [tenantId, id, after?.since ?? null, after?.id ?? '', Math.min(Math.max(limit, 1), 1001)];
}

export async function awaitingPlans(em: EntityManager, filter: AwaitingFilter): Promise<readonly AwaitingPlan[]> {
  return em.query<AwaitingPlan[]>(
    `SELECT plan.plan_id::text COLLATE "C" AS id, date_trunc('milliseconds', plan.created_at) AS since, held.hash, run.started_by AS "startedBy",
            plan.run_id AS "runId", plan.reasons, held.count AS held, plan.person_count AS persons
       FROM buduan.plan
       JOIN buduan.run ON run.tenant_id = plan.tenant_id AND run.run_id = plan.run_id
       CROSS JOIN LATERAL (
         SELECT encode(${planHash('operation')}, 'hex') AS hash, count(*)::int AS count FROM buduan.operation
          WHERE operation.tenant_id = plan.tenant_id AND operation.plan_id = plan.plan_id AND operation.state = 'held'
            AND operation.outcome_code = 'brake') AS held
      WHERE plan.tenant_id = $1 AND plan.state = 'suspended' AND ($2::uuid IS NULL OR plan.plan_id = $2::uuid)
        AND ${behind('plan.created_at', 'plan.plan_id')} ${ORDER}`,
    parametersOf(filter),
  );
}

export interface AwaitingOperation extends Awaiting {
  readonly connectionId: string;
  readonly kind: WriteKind;
  readonly ownerKey: string;
  readonly objectKey: string;
  readonly personId: string;
  readonly idMasked: string;
  readonly seen: Readonly<Record<string, Json>>;
  readonly desired: Readonly<Record<string, Json>>;
}

export async function awaitingOperations(
  em: EntityManager,
  filter: AwaitingFilter,
): Promise<readonly AwaitingOperation[]> {
  return em.query<AwaitingOperation[]>(
    `SELECT operation.operation_id::text COLLATE "C" AS id, date_trunc('milliseconds', operation.created_at) AS since,
            encode(operation.payload_hash, 'hex') AS hash, run.started_by AS "startedBy", operation.connection_id AS "connectionId",
            operation.kind, operation.owner_key AS "ownerKey", operation.object_key AS "objectKey", operation.person_id AS "personId",
            person.id_masked AS "idMasked", operation.expected_before AS seen, operation.desired
       FROM buduan.operation
       JOIN buduan.person ON person.tenant_id = operation.tenant_id AND person.person_id = operation.person_id
       LEFT JOIN buduan.run ON run.tenant_id = operation.tenant_id AND run.run_id = operation.run_id
      WHERE operation.tenant_id = $1 AND operation.state = 'held' AND operation.outcome_code = 'needs-approval'
        AND ($2::uuid IS NULL OR operation.operation_id = $2::uuid)
        AND ${behind('operation.created_at', 'operation.operation_id')} ${ORDER}`,
    parametersOf(filter),
  );
}
