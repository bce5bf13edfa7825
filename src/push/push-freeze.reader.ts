/** Whether and why nothing of a tenant may leave. */
import type { EntityManager } from 'typeorm';

export type FreezeCause = 'restored' | 'person';

export interface TenantFreeze {
  readonly since: Date;
  readonly cause: FreezeCause;
  readonly by: string | null;
  readonly reason: string | null;
}

/** True for a tenant ($1) of which nothing may leave; the one place that says so. */
export const IS_FROZEN = `EXISTS (SELECT FROM buduan.tenant WHERE tenant.tenant_id = $1 AND tenant.push_frozen_at IS NOT NULL)`;

export const FREEZE_COLUMNS = `tenant.push_frozen_at AS since, tenant.push_frozen_cause AS cause, tenant.push_frozen_by AS by,
  tenant.push_frozen_reason AS reason`;

export async function readFreeze(em: EntityManager, tenantId: string): Promise<TenantFreeze | null> {
  const rows: TenantFreeze[] = await em.query(
    `SELECT ${FREEZE_COLUMNS} FROM buduan.tenant WHERE tenant.tenant_id = $1 AND tenant.push_frozen_at IS NOT NULL`,
    [tenantId],
  );
  return rows[0] ?? null;
}
