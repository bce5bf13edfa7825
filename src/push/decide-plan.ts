/** What a person may do with a plan that a brake holds: let exactly it go on, or give it up. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { HubError } from '../domain/hub-error.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { dueKey } from './plan-operations.js';
import { connectionsWithDue } from './plan-operations.store.js';
import { decideHeld, endPlan, lockPlan, lockPlanning, markKnown, type PlanToDecide } from './plan.store.js';
import { tellCompleted } from './tell-run.js';
import { PUSH_SETTINGS, type PushSettings } from './push-settings.js';
import { sameName } from './same-name.js';

export interface PlanDecisionRequest {
  readonly tenantId: string;
  readonly planId: string;
  readonly decision: 'approved' | 'rejected';
  /** Who decides; goes into the audit trail. */
  readonly actor: string;
  /** Hex, as `plan show` printed it: the decision is about exactly that. */
  readonly hash: string;
  /** Why, for the audit trail. */
  readonly reason?: string;
}

@Injectable()
export class DecidePlan {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(PUSH_SETTINGS) private readonly settings: PushSettings,
  ) {}

  /**
   * Returns how many operations left the brake. Throws `unknown-plan`, `plan-not-suspended`, `plan-changed` when the hash is
   * another by now, and `same-person` when who started the run would approve its plan.
   */
  async decide(request: PlanDecisionRequest): Promise<number> {
    const { tenantId, planId } = request;
    return this.database.inTenant(tenantId, async (em) => {
      await lockPlanning(em, tenantId);
      const plan = await lockPlan(em, tenantId, planId);
      refuse(request, plan);
      const { automaticKinds } = this.settings.tenantRules(tenantId);
      const decision = { ...request, actor: request.actor.trim(), automaticKinds };
      const moved = await decideHeld(em, decision);
      await endPlan(em, decision, plan.hash);
      if (request.decision === 'approved') await markKnown(em, tenantId, plan.newConnections);
      await tellCompleted(em, this.jobs, { tenantId, runId: plan.runId, operations: moved });
      await this.postDue(em, tenantId);
      await appendAuditEvent(em, {
        tenantId,
        actor: decision.actor,
        action: `plan.${request.decision}`,
        object: `plan:${planId}`,
        detail: {
          ...{ runId: plan.runId, hash: plan.hash, operations: moved, startedBy: plan.startedBy },
          ...(request.reason === undefined ? {} : { reason: request.reason }),
        },
      });
      return moved;
    });
  }

  private async postDue(em: EntityManager, tenantId: string): Promise<void> {
    for (const connectionId of await connectionsWithDue(em, tenantId))
      await this.jobs.post(em, { fact: 'OperationsDue', tenantId, connectionId }, dueKey(tenantId, connectionId));
  }
}

function refuse(request: PlanDecisionRequest, plan: PlanToDecide | null): asserts plan is PlanToDecide {
  const { planId, decision, hash, actor } = request;
  if (plan === null)
    throw refusal('unknown-plan', `There is no plan ${planId}; "buduan plan list" shows those there are.`);
  if (plan.state !== 'suspended')
    throw refusal('plan-not-suspended', `Plan ${planId} is ${plan.state}; only a suspended plan can be decided about.`);
  if (plan.hash !== hash.trim().toLowerCase())
    throw refusal(
      'plan-changed',
      `Plan ${planId} holds something else than what the hash stands for: look at it again with "buduan plan show ${planId}".`,
    );
  if (sameName(actor, ''))
    throw refusal('who-decides', 'A decision needs the name of the person who takes it; name them with --by.');
  if (decision === 'approved' && plan.startedBy !== null && sameName(actor, plan.startedBy))
    throw refusal(
      'same-person',
      `Run ${plan.runId} was started by ${plan.startedBy}; its plan needs the approval of another person.`,
    );
}

function refusal(code: string, message: string): HubError {
  return new HubError({ code, next: 'ask-person', message });
}
