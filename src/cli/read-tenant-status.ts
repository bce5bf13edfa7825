/** How a tenant stands: last runs, schedules, persons, findings, operations, quarantine. Counts and ids only. */
import type { EntityManager } from 'typeorm';
import { type TenantFreeze, readFreeze } from '../push/push-freeze.reader.js';
import { countOperations, type OperationCount } from '../push/operations.reader.js';
import { countFindings, type FindingCount } from '../reconcile/findings.reader.js';
import { countInconclusive, countStatuses } from '../reconcile/judgements.reader.js';
import { type Occurrence, readLatestOccurrences } from '../sync/schedules/occurrences.reader.js';
import { countQuarantine } from '../sync/quarantine.reader.js';
import { readLatestRuns, type RunStatus } from '../sync/runs.reader.js';

export interface TenantStatus {
  /** Newest first. */
  readonly runs: readonly RunStatus[];
  /** The newest due instant of each schedule. */
  readonly schedules: readonly Occurrence[];
  readonly persons: Awaited<ReturnType<typeof countStatuses>>;
  readonly inconclusive: Awaited<ReturnType<typeof countInconclusive>>;
  readonly findings: readonly FindingCount[];
  readonly operations: readonly OperationCount[];
  /** What keeps every operation from leaving; null = nothing. */
  readonly frozen: TenantFreeze | null;
  readonly quarantine: Awaited<ReturnType<typeof countQuarantine>>;
}

const RUNS_SHOWN = 5;

export async function readTenantStatus(em: EntityManager, tenantId: string): Promise<TenantStatus> {
  return {
    runs: await readLatestRuns(em, tenantId, RUNS_SHOWN),
    schedules: await readLatestOccurrences(em, tenantId),
    persons: await countStatuses(em, tenantId),
    inconclusive: await countInconclusive(em, tenantId),
    findings: await countFindings(em, tenantId),
    operations: await countOperations(em, tenantId, null),
    frozen: await readFreeze(em, tenantId),
    quarantine: await countQuarantine(em, tenantId),
  };
}
