/** What should leave: turns planned corrections into operations, under the brakes, in the transaction that tells push to send. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { CorrectionPlanned } from '../domain/facts.js';
import { HubError } from '../domain/hub-error.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import type { Log } from '../platform/log/log.js';
import { readCompleteness } from '../sync/completeness.reader.js';
import { pulledBrakes, type PulledBrake } from './brakes.js';
import {
  countPersons,
  exactWindowPersons,
  freshFigures,
  moneyDays,
  newConnections,
  windowFigures,
} from './plan-figures.store.js';
import {
  connectionsWithDue,
  insertOperations,
  settleVanished,
  supersedeOutdated,
  type PlanScope,
} from './plan-operations.store.js';
import { emptyPlans, insertPlan, isRunComplete, lockPlanning, markKnown, notePlanOfRun } from './plan.store.js';
import { PUSH_SETTINGS, type PushSettings, type TenantPushRules } from './push-settings.js';
import { tellCompleted, tellSuspended } from './tell-run.js';
import { tellStuck } from './tell-stuck.js';
import { reopenIgnored, type CompleteRead } from './verify-operations.store.js';

export interface PlanReport {
  /** Accepted by the target, and still without effect in a later complete read. */
  readonly ignored: number;
  readonly verifiedOrCancelled: number;
  readonly superseded: number;
  readonly planned: number;
  /** Under which id what was planned is stored; null when there was nothing to plan. */
  readonly planId: string | null;
  /** The brakes that hold the plan; none = it leaves by itself. */
  readonly brakes: readonly PulledBrake[];
}

/** Of named persons only; a whole run plans its statements by what there is. */
const FEW_ROWS = { flush: 'later', plans: 'kept' } as const;

@Injectable()
export class PlanOperations {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(PUSH_SETTINGS) private readonly settings: PushSettings,
  ) {}

  /** Idempotent: the same corrections make no second operation. */
  async onCorrectionPlanned(fact: CorrectionPlanned): Promise<PlanReport> {
    return this.database.inTenant(
      fact.tenantId,
      async (em) => {
        const scope: PlanScope = { tenantId: fact.tenantId, runId: fact.runId, personIds: fact.personIds };
        const report = await planScope(em, scope, this.settings.tenantRules(fact.tenantId));
        for (const connectionId of await connectionsWithDue(em, fact.tenantId)) {
          await this.jobs.post(
            em,
            { fact: 'OperationsDue', tenantId: fact.tenantId, connectionId },
            dueKey(fact.tenantId, connectionId),
          );
        }
        if (report.planId !== null) await recordPlan(em, scope, report);
        await this.tell(em, scope, report);
        logPlan(this.settings.log, scope, report);
        return report;
      },
      fact.personIds === null ? {} : FEW_ROWS,
    );
  }

  private async tell(em: EntityManager, scope: PlanScope, report: PlanReport): Promise<void> {
    const { tenantId, runId, personIds } = scope;
    const told = { tenantId, runId, operations: report.planned };
    const { planId } = report;
    const reasons = report.brakes.map(({ reason }) => reason);
    if (planId !== null && reasons.length > 0) await tellSuspended(em, this.jobs, { ...told, planId, reasons });
    else if (personIds === null) await tellCompleted(em, this.jobs, told);
    if (report.ignored > 0) await tellStuck(em, this.jobs, { tenantId, at: this.settings.clock.now() });
  }
}

/** One sender per connection at a time, one waiting job at most. */
export function dueKey(tenantId: string, connectionId: string): { key: string; queue: string } {
  const name = `push:${tenantId}:${connectionId}`;
  return { key: name, queue: name };
}

async function planScope(em: EntityManager, scope: PlanScope, rules: TenantPushRules): Promise<PlanReport> {
  await lockPlanning(em, scope.tenantId);
  const verifiedOrCancelled = await settleVanished(em, scope);
  const superseded = await supersedeOutdated(em, scope);
  const ignored =
    scope.personIds === null ? await reopenIgnored(em, scope.tenantId, await completeReads(em, scope.tenantId)) : 0;
  const made = await makePlan(em, scope, rules);
  await emptyPlans(em, scope.tenantId);
  return { ignored, verifiedOrCancelled, superseded, ...made };
}

/** A whole run leaves a plan also where nothing differs; single persons leave one only where something does. */
async function makePlan(
  em: EntityManager,
  scope: PlanScope,
  rules: TenantPushRules,
): Promise<Pick<PlanReport, 'planned' | 'planId' | 'brakes'>> {
  const fresh = await freshFigures(em, scope);
  if (fresh.operations === 0 && scope.personIds !== null) return { planned: 0, planId: null, brakes: [] };
  const { operations, ...plan } = fresh;
  const unknown = await newConnections(em, scope.tenantId);
  const around = {
    rules: rules.brakes,
    window: await windowFigures(em, scope.tenantId),
    persons: await countPersons(em, scope),
    moneyDaysFen: Object.keys(plan.moneyFen).length > 0 ? await moneyDays(em, scope.tenantId) : {},
    newConnections: unknown,
  };
  const first = pulledBrakes({ ...around, plan, operations });
  if (first.some(({ reason }) => reason === 'worse-status' || reason === 'bases'))
    around.window = { ...around.window, ...(await exactWindowPersons(em, scope)) };
  const brakes = pulledBrakes({ ...around, plan, operations });
  const planId = uuidv7();
  const { automaticKinds } = rules;
  const inserted = await insertOperations(em, scope, { planId, automaticKinds, braked: brakes.length > 0 });
  const { operations: planned, hash, ...figures } = inserted;
  // Judging goes on meanwhile: what is stored must be what the brakes have seen.
  if (brakes.length === 0 && pulledBrakes({ ...around, plan: figures, operations: planned }).length > 0)
    throw planMoved(scope);
  const stored = { planId, figures, pulled: brakes, hash, operations: planned };
  await insertPlan(em, scope, { ...stored, persons: around.persons, newConnections: unknown });
  const isPreview = planned > 0 && rules.brakes.firstRun === 'preview';
  if (!isPreview && scope.personIds === null && (planned > 0 || (await isRunComplete(em, scope))))
    await markKnown(em, scope.tenantId, unknown);
  return { planned, planId, brakes };
}

function planMoved({ tenantId, runId }: PlanScope): HubError {
  return new HubError({
    code: 'plan-moved',
    next: 'retry',
    message: `More was judged for run ${runId} while its plan was made; it is made again.`,
    detail: { tenantId, runId },
  });
}

/** Connections whose newest read of every stream was complete, with the moment the oldest of them began. */
async function completeReads(em: EntityManager, tenantId: string): Promise<readonly CompleteRead[]> {
  const byConnection = new Map<string, { complete: boolean; since: Date }>();
  for (const read of await readCompleteness(em, tenantId)) {
    const known = byConnection.get(read.connectionId);
    const since = known && known.since < read.startedAt ? known.since : read.startedAt;
    byConnection.set(read.connectionId, { complete: read.complete && (known?.complete ?? true), since });
  }
  return [...byConnection]
    .filter(([, { complete }]) => complete)
    .map(([connectionId, { since }]) => ({ connectionId, since }));
}

async function recordPlan(em: EntityManager, scope: PlanScope, report: PlanReport): Promise<void> {
  const isHeld = report.brakes.length > 0;
  if (scope.personIds === null || isHeld) await notePlanOfRun(em, scope, { report, isHeld });
  // Single persons that leave by themselves are told by the ledger; their number has no bound.
  if (scope.personIds !== null && !isHeld) return;
  await appendAuditEvent(em, {
    tenantId: scope.tenantId,
    actor: 'hub',
    action: isHeld ? 'plan.suspended' : 'plan.made',
    object: `run:${scope.runId}`,
    detail: {
      planId: report.planId,
      planned: report.planned,
      superseded: report.superseded,
      settled: report.verifiedOrCancelled,
      brakes: report.brakes.map((brake) => ({ ...brake, about: [...brake.about] })),
    },
  });
}

function logPlan(log: Log, scope: PlanScope, report: PlanReport): void {
  const fields = { tenantId: scope.tenantId, runId: scope.runId, ...report };
  if (report.brakes.length === 0) log.info(fields, 'operations planned');
  else log.error(fields, 'A brake holds the plan: read it with "buduan plan show", then approve or reject it.');
}
