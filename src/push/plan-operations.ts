/** What should leave: turns planned corrections into operations, under the brakes, in the transaction that tells push to send. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CorrectionPlanned } from '../domain/facts.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import type { Log } from '../platform/log/log.js';
import { readCompleteness } from '../sync/completeness.reader.js';
import {
  connectionsWithDue,
  countWorseStatus,
  insertOperations,
  settleVanished,
  supersedeOutdated,
  type PlanScope,
} from './plan-operations.store.js';
import { PUSH_SETTINGS, type PushSettings, type TenantPushRules } from './push-settings.js';
import { reopenIgnored, type CompleteRead } from './verify-operations.store.js';

export interface PlanReport {
  /** Accepted by the target, and still without effect in a later complete read. */
  readonly ignored: number;
  readonly verifiedOrCancelled: number;
  readonly superseded: number;
  readonly planned: number;
  /** Set when a brake stopped the plan: how many persons would have got a worse status, and how many may. */
  readonly brake: { readonly worse: number; readonly limit: number } | null;
}

@Injectable()
export class PlanOperations {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(PUSH_SETTINGS) private readonly settings: PushSettings,
  ) {}

  /** Idempotent: the same corrections make no second operation. */
  async onCorrectionPlanned(fact: CorrectionPlanned): Promise<PlanReport> {
    return this.database.inTenant(fact.tenantId, async (em) => {
      const scope: PlanScope = { tenantId: fact.tenantId, runId: fact.runId, personIds: fact.personIds };
      const report = await planScope(em, scope, this.settings.tenantRules(fact.tenantId));
      for (const connectionId of await connectionsWithDue(em, fact.tenantId)) {
        await this.jobs.post(
          em,
          { fact: 'OperationsDue', tenantId: fact.tenantId, connectionId },
          dueKey(fact.tenantId, connectionId),
        );
      }
      if (fact.personIds === null) await recordPlan(em, scope, report);
      logPlan(this.settings.log, scope, report);
      return report;
    });
  }
}

/** One sender per connection at a time, one waiting job at most. */
export function dueKey(tenantId: string, connectionId: string): { key: string; queue: string } {
  const name = `push:${tenantId}:${connectionId}`;
  return { key: name, queue: name };
}

async function planScope(em: EntityManager, scope: PlanScope, rules: TenantPushRules): Promise<PlanReport> {
  const verifiedOrCancelled = await settleVanished(em, scope);
  const superseded = await supersedeOutdated(em, scope);
  const ignored =
    scope.personIds === null ? await reopenIgnored(em, scope.tenantId, await completeReads(em, scope.tenantId)) : 0;
  const brake = await evaluateBrake(em, scope, rules);
  const planned = await insertOperations(em, scope, { automaticKinds: rules.automaticKinds, braked: brake !== null });
  return { ignored, verifiedOrCancelled, superseded, planned, brake };
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

async function evaluateBrake(
  em: EntityManager,
  scope: PlanScope,
  rules: TenantPushRules,
): Promise<PlanReport['brake']> {
  const { worse, persons } = await countWorseStatus(em, scope);
  const limit = Math.max(rules.worseStatus.persons, Math.floor((persons * rules.worseStatus.percent) / 100));
  return worse > limit ? { worse, limit } : null;
}

async function recordPlan(em: EntityManager, scope: PlanScope, report: PlanReport): Promise<void> {
  await em.query(
    `UPDATE buduan.run SET stats = stats || $3::jsonb, state = CASE WHEN $4::boolean AND state <> 'failed' THEN 'suspended' ELSE state END
      WHERE run.tenant_id = $1 AND run.run_id = $2`,
    [scope.tenantId, scope.runId, JSON.stringify({ plan: report }), report.brake !== null],
  );
  await appendAuditEvent(em, {
    tenantId: scope.tenantId,
    actor: 'hub',
    action: report.brake === null ? 'plan.made' : 'plan.suspended',
    object: `run:${scope.runId}`,
    detail: {
      planned: report.planned,
      superseded: report.superseded,
      settled: report.verifiedOrCancelled,
      worse: report.brake?.worse ?? null,
    },
  });
}

function logPlan(log: Log, scope: PlanScope, report: PlanReport): void {
  const fields = { tenantId: scope.tenantId, runId: scope.runId, ...report };
  if (report.brake === null) log.info(fields, 'operations planned');
  else log.error(fields, 'plan suspended by the worse-status brake: look at the plan, then release or cancel it');
}
