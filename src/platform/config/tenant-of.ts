/** Which tenant of the configuration an id names. */
import { HubError } from '../../domain/hub-error.js';
import type { HubConfig, TenantConfig } from './hub-config.js';

/** Throws `unknown-tenant`. */
export function tenantOf({ tenants }: Pick<HubConfig, 'tenants'>, tenantId: string): TenantConfig {
  const tenant = tenants.find(({ id }) => id === tenantId);
  if (tenant !== undefined) return tenant;
  throw new HubError({
    code: 'unknown-tenant',
    next: 'fix-config',
    message: `The configuration has no tenant ${tenantId}; add it under "tenants".`,
    detail: { tenantId },
  });
}
