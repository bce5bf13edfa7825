/** What a person may do with operations: approve what moves money, replay what failed, cancel. What a brake holds: decide-plan.ts. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { HubError } from '../domain/hub-error.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { dueKey } from './plan-operations.js';
import { connectionsWithDue } from './plan-operations.store.js';
import { tellCases } from './tell-cases.js';

export type Decision = 'approve' | 'replay' | 'cancel';

export interface DecisionRequest {
  readonly tenantId: string;
  readonly decision: Decision;
  /** Who decides; goes into the audit trail. */
  readonly actor: string;
  /** null = every operation the decision can apply to. */
  readonly operationIds: readonly string[] | null;
}

/** Which rows each decision may touch and what it makes of them; `$4` is the actor. */
const MOVES: Readonly<Record<Decision, { readonly where: string; readonly set: string }>> = {
  approve: {
    where: `operation.state = 'held' AND operation.outcome_code = 'needs-approval'`,
    set: `state = 'queued', outcome_code = NULL, approved_by = $4, approved_hash = operation.payload_hash`,
  },
  replay: {
    // A refused back-payment has let go of its months: another case may be paying them by now.
    where: `operation.state IN ('dead','rejected','needs-human') AND (operation.kind <> 'back-payment' OR operation.state <> 'rejected') AND NOT EXISTS (
              SELECT FROM buduan.operation AS newer
               WHERE newer.tenant_id = operation.tenant_id AND newer.connection_id = operation.connection_id AND newer.kind = operation.kind
                 AND newer.owner_key = operation.owner_key AND newer.object_key = operation.object_key
                 AND newer.operation_id <> operation.operation_id AND newer.created_at > operation.created_at)`,
    set: `state = 'queued', outcome_code = NULL, outcome_message = NULL, attempt = 0, verify_attempt = 0, next_attempt_at = NULL`,
  },
  cancel: {
    where: `operation.state IN ('held','queued','retry-wait','dead','rejected','needs-human')`,
    set: `state = 'cancelled'`,
  },
};

@Injectable()
export class DecideOperations {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  /** Returns how many operations moved. Throws `nothing-to-decide` when named operations are in no fitting state. */
  async decide(request: DecisionRequest): Promise<number> {
    return this.database.inTenant(request.tenantId, async (em) => {
      const operationIds = await moveOperations(em, request);
      const moved = operationIds.length;
      if (moved === 0 && request.operationIds !== null) throw nothingToDecide(request);
      await appendAuditEvent(em, {
        tenantId: request.tenantId,
        actor: request.actor,
        action: `operations.${request.decision}`,
        object: request.operationIds === null ? 'operations:all' : `operations:${request.operationIds.join(',')}`,
        detail: { moved },
      });
      await tellCases(em, this.jobs, { tenantId: request.tenantId, operationIds });
      for (const connectionId of await connectionsWithDue(em, request.tenantId)) {
        await this.jobs.post(
          em,
          { fact: 'OperationsDue', tenantId: request.tenantId, connectionId },
          dueKey(request.tenantId, connectionId),
        );
      }
      return moved;
    });
  }
}

async function moveOperations(em: EntityManager, request: DecisionRequest): Promise<readonly string[]> {
  const move = MOVES[request.decision];
  const rows = await em.query<{ operationId: string }[]>(
    `WITH chosen AS (
       SELECT operation.operation_id, operation.state FROM buduan.operation
        WHERE operation.tenant_id = $1 AND ($2::uuid[] IS NULL OR operation.operation_id = ANY ($2)) AND ${move.where}
          FOR UPDATE OF operation),
     moved AS (
       UPDATE buduan.operation SET ${move.set} FROM chosen
        WHERE operation.tenant_id = $1 AND operation.operation_id = chosen.operation_id
       RETURNING operation.operation_id, chosen.state AS from_state, operation.state AS to_state, operation.fence),
     history AS (
       INSERT INTO buduan.operation_event (tenant_id, operation_id, from_state, to_state, fence, reason)
       SELECT $1, moved.operation_id, moved.from_state, moved.to_state, moved.fence, $3 || ' by ' || $4::text FROM moved)
     SELECT moved.operation_id AS "operationId" FROM moved ORDER BY moved.operation_id`,
    [request.tenantId, request.operationIds, request.decision, request.actor],
  );
  return rows.map(({ operationId }) => operationId);
}

function nothingToDecide(request: DecisionRequest): HubError {
  return new HubError({
    code: 'nothing-to-decide',
    next: 'ask-person',
    message: `None of the ${request.operationIds?.length ?? 0} named operations can be moved by "${request.decision}"; look at their states with "buduan operations".`,
    detail: { decision: request.decision },
  });
}
