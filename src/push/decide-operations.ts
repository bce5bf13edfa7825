/** What a person may do with operations: approve what moves money, replay what failed, cancel. What a brake holds: decide-plan.ts. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { HubError } from '../domain/hub-error.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { dueKey } from './plan-operations.js';
import { connectionsWithDue } from './plan-operations.store.js';
import { sameName } from './same-name.js';
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

/** What a second person decides about one held operation that moves money. */
export interface HeldDecisionRequest {
  readonly tenantId: string;
  readonly operationId: string;
  readonly decision: 'approve' | 'cancel';
  readonly actor: string;
  /** Hex, as the list showed it: the decision is about exactly that. */
  readonly hash: string;
  readonly reason: string | null;
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
    return this.database.inTenant(request.tenantId, (em) => this.move(em, request, {}));
  }

  /**
   * Lets exactly one operation leave, or gives it up. Throws `unknown-operation`, `not-held`, `operation-changed` when the
   * hash is another by now, and `same-person` when who started the run would approve what it planned.
   */
  async decideHeld({ operationId, hash, reason, ...request }: HeldDecisionRequest): Promise<void> {
    await this.database.inTenant(request.tenantId, async (em) => {
      const held = await lockHeld(em, request.tenantId, operationId);
      refuseHeld({ operationId, hash, ...request }, held);
      await this.move(em, { ...request, operationIds: [operationId] }, { hash, reason });
    });
  }

  private async move(
    em: EntityManager,
    request: DecisionRequest,
    why: { readonly hash?: string; readonly reason?: string | null },
  ): Promise<number> {
    const { tenantId, decision, actor } = request;
    const operationIds = await moveOperations(em, request);
    const moved = operationIds.length;
    if (moved === 0 && request.operationIds !== null) throw nothingToDecide(request);
    const object = request.operationIds === null ? 'operations:all' : `operations:${request.operationIds.join(',')}`;
    await appendAuditEvent(em, {
      ...{ tenantId, actor, action: `operations.${decision}`, object, detail: { moved, ...why } },
    });
    await tellCases(em, this.jobs, { tenantId, operationIds });
    for (const connectionId of await connectionsWithDue(em, tenantId))
      await this.jobs.post(em, { fact: 'OperationsDue', tenantId, connectionId }, dueKey(tenantId, connectionId));
    return moved;
  }
}

interface HeldOperation {
  readonly isHeld: boolean;
  /** Hex. */
  readonly hash: string;
  readonly startedBy: string | null;
}

async function lockHeld(em: EntityManager, tenantId: string, operationId: string): Promise<HeldOperation | null> {
  const [row] = await em.query<HeldOperation[]>(
    `SELECT operation.state = 'held' AND operation.outcome_code IS NOT DISTINCT FROM 'needs-approval' AS "isHeld",
            encode(operation.payload_hash, 'hex') AS hash, run.started_by AS "startedBy"
       FROM buduan.operation
       LEFT JOIN buduan.run ON run.tenant_id = operation.tenant_id AND run.run_id = operation.run_id
      WHERE operation.tenant_id = $1 AND operation.operation_id = $2 FOR UPDATE OF operation`,
    [tenantId, operationId],
  );
  return row ?? null;
}

function refuseHeld(
  { operationId, decision, actor, hash }: Omit<HeldDecisionRequest, 'reason'>,
  held: HeldOperation | null,
): asserts held is HeldOperation {
  const refuse = (code: string, message: string): HubError => new HubError({ code, next: 'ask-person', message });
  if (held === null) throw refuse('unknown-operation', `There is no operation ${operationId}.`);
  if (!held.isHeld) throw refuse('not-held', `Operation ${operationId} does not wait for an approval any more.`);
  if (held.hash !== hash)
    throw refuse(
      'operation-changed',
      `Operation ${operationId} would send something else than what the hash stands for; look at it again.`,
    );
  if (decision === 'approve' && held.startedBy !== null && sameName(actor, held.startedBy))
    throw refuse(
      'same-person',
      `The run that planned operation ${operationId} was started by ${held.startedBy}; another person approves it.`,
    );
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
