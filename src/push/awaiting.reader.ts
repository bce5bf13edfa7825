/** What of the ledger waits for a second person: plans that a brake holds, and held operations that move money. */
import type { EntityManager } from 'typeorm';
import type { Json, WriteKind } from '../connectors/port.js';
import {
  type AwaitingFilter,
  awaitingColumns,
  awaitingPage,
  awaitingParameters,
} from '../platform/database/awaiting-page.js';
import { planHash } from './plan.store.js';

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

const PLAN = { since: 'plan.created_at', id: 'plan.plan_id' };
const OPERATION = { since: 'operation.created_at', id: 'operation.operation_id' };

export async function awaitingPlans(em: EntityManager, filter: AwaitingFilter): Promise<readonly AwaitingPlan[]> {
  return em.query<AwaitingPlan[]>(
    `SELECT ${awaitingColumns(PLAN)}, held.hash, run.started_by AS "startedBy",
            plan.run_id AS "runId", plan.reasons, held.count AS held, plan.person_count AS persons
       FROM buduan.plan
       JOIN buduan.run ON run.tenant_id = plan.tenant_id AND run.run_id = plan.run_id
       CROSS JOIN LATERAL (
         SELECT encode(${planHash('operation')}, 'hex') AS hash, count(*)::int AS count FROM buduan.operation
          WHERE operation.tenant_id = plan.tenant_id AND operation.plan_id = plan.plan_id AND operation.state = 'held'
            AND operation.outcome_code = 'brake') AS held
      WHERE plan.tenant_id = $1 AND plan.state = 'suspended' ${awaitingPage(PLAN)}`,
    awaitingParameters(filter),
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
    `SELECT ${awaitingColumns(OPERATION)},
            encode(operation.payload_hash, 'hex') AS hash, run.started_by AS "startedBy", operation.connection_id AS "connectionId",
            operation.kind, operation.owner_key AS "ownerKey", operation.object_key AS "objectKey", operation.person_id AS "personId",
            person.id_masked AS "idMasked", operation.expected_before AS seen, operation.desired
       FROM buduan.operation
       JOIN buduan.person ON person.tenant_id = operation.tenant_id AND person.person_id = operation.person_id
       LEFT JOIN buduan.run ON run.tenant_id = operation.tenant_id AND run.run_id = operation.run_id
      WHERE operation.tenant_id = $1 AND operation.state = 'held' AND operation.outcome_code = 'needs-approval'
        ${awaitingPage(OPERATION)}`,
    awaitingParameters(filter),
  );
}
