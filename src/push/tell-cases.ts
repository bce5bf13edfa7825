/** How cases hear what became of their operations: one fact per case, in the transaction of the change. */
import type { EntityManager } from 'typeorm';
import type { Jobs } from '../platform/jobs/jobs.js';
import { settledCases } from './case-operations.store.js';

export async function tellCases(
  em: EntityManager,
  jobs: Pick<Jobs, 'post'>,
  { tenantId, operationIds }: { readonly tenantId: string; readonly operationIds: readonly string[] },
): Promise<void> {
  if (operationIds.length === 0) return;
  for (const settled of await settledCases(em, tenantId, operationIds))
    await jobs.post(em, { fact: 'OperationSettled', tenantId, ...settled });
}
