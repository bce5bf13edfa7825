/** How one thing at a time happens for a tenant, over all nodes: a lock on its row, made where it is missing. */
import type { EntityManager } from 'typeorm';

/** Makes the tenant known and holds its row until the end of the transaction. */
export async function lockTenant(
  em: EntityManager,
  tenant: { readonly tenantId: string; readonly name: string },
): Promise<void> {
  await em.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $2) ON CONFLICT (tenant_id) DO NOTHING', [
    tenant.tenantId,
    tenant.name,
  ]);
  await em.query('SELECT 1 FROM buduan.tenant WHERE tenant.tenant_id = $1 FOR NO KEY UPDATE', [tenant.tenantId]);
}
