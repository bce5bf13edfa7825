/** Which tenant of the configuration an id names, or is meant where there is only one. */
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

/** The tenant that was named, or the only one. Throws `which-tenant`. */
export function chooseTenant({ tenants }: Pick<HubConfig, 'tenants'>, wanted: string | undefined): TenantConfig {
  const ids = tenants.map((tenant) => tenant.id);
  const [only] = tenants;
  if (wanted === undefined && tenants.length === 1 && only !== undefined) return only;
  const found = tenants.find((tenant) => tenant.id === wanted);
  if (found !== undefined) return found;
  const what =
    wanted === undefined ? 'The configuration has several tenants' : `The configuration has no tenant "${wanted}"`;
  throw new HubError({
    code: 'which-tenant',
    next: 'fix-config',
    message: `${what}; name one with --tenant: ${ids.join(', ')}.`,
  });
}
