/** How a second person decides about one thing that waits: by the verb of its own room, about exactly what the hash stands for. */
import type { DecideCases } from '../../backpay/decide-cases.js';
import { refusalText } from '../../backpay/refusal-text.js';
import { HubError } from '../../domain/hub-error.js';
import type { Day } from '../../domain/month.js';
import type { PolicyEditions } from '../../policy/packs/policy-editions.js';
import type { DecideOperations } from '../../push/decide-operations.js';
import type { DecidePlan } from '../../push/decide-plan.js';
import type { Approval, ApprovalId } from './approval.js';

export interface Deciders {
  readonly plans: DecidePlan;
  readonly operations: DecideOperations;
  readonly cases: DecideCases;
  readonly editions: PolicyEditions;
}

export interface ApprovalDecision {
  readonly tenantId: string;
  readonly of: ApprovalId;
  readonly decision: 'approve' | 'reject';
  /** Who decides; goes into the audit trail. */
  readonly actor: string;
  /** Hex, as the list showed it. */
  readonly hash: string;
  /** Needed to reject. */
  readonly reason: string | null;
  readonly acceptsUnverified: boolean;
  readonly today: Day;
}

export type ApprovalOutcome =
  | { readonly outcome: 'decided' }
  /** `status` as over HTTP: 404 what is not there, 409 what cannot be decided so. */
  | { readonly outcome: 'refused'; readonly status: 404 | 409; readonly code: string; readonly message: string };

/** `waiting`: as it waits now; null = nothing does, and the verb says why. Throws what is nobody's refusal. */
export async function decideApproval(
  deciders: Deciders,
  decision: ApprovalDecision,
  waiting: Approval | null,
): Promise<ApprovalOutcome> {
  try {
    return (await DECIDE[decision.of.kind](deciders, decision, waiting)) ?? { outcome: 'decided' };
  } catch (error) {
    if (!(error instanceof HubError) || error.next === 'retry' || error.next === 'bug') throw error;
    return refused(error.code, error.message);
  }
}

type Decide = (
  deciders: Deciders,
  decision: ApprovalDecision,
  waiting: Approval | null,
) => Promise<ApprovalOutcome | undefined>;

const DECIDE: Readonly<Record<ApprovalId['kind'], Decide>> = {
  plan: async ({ plans }, { tenantId, of, decision, actor, hash, reason }) => {
    const word = decision === 'approve' ? 'approved' : 'rejected';
    const why = reason === null ? {} : { reason };
    await plans.decide({ ...{ tenantId, planId: of.key, decision: word, actor, hash }, ...why });
    return undefined;
  },
  operation: async ({ operations }, { tenantId, of, decision, actor, hash, reason }) => {
    const word = decision === 'approve' ? 'approve' : 'cancel';
    await operations.decideHeld({ tenantId, operationId: of.key, decision: word, actor, hash, reason });
    return undefined;
  },
  case: async ({ cases }, { tenantId, of, decision, actor, hash, reason, acceptsUnverified, today }) => {
    const request = { caseId: of.key, act: { tenantId, actor, today, reason }, hash };
    const outcome =
      decision === 'approve'
        ? await cases.approve({ ...request, acceptsUnverified })
        : await cases.sendBack(request, 'refused');
    return outcome.outcome === 'moved' ? undefined : refused(outcome.outcome, refusalText(outcome));
  },
  'policy-edition': async ({ editions }, { tenantId, of, decision, actor, hash, today }, waiting) => {
    if (decision === 'reject')
      return refused('not-rejectable', 'An edition is not rejected: it counts for nobody until somebody approves it.');
    // An edition never changes: what waits under this version is what was looked at, or it is another one's hash.
    if (waiting !== null && waiting.hash !== hash)
      return refused('wrong-hash', `Edition ${of.key} has another hash; look at it again.`);
    await editions.approve({ tenantId, version: of.key, by: actor, asOf: today });
    return undefined;
  },
};

const UNKNOWN = ['unknown-plan', 'unknown-operation', 'unknown-case', 'unknown-edition'];

function refused(code: string, message: string): ApprovalOutcome {
  return { outcome: 'refused', status: UNKNOWN.includes(code) ? 404 : 409, code, message };
}
