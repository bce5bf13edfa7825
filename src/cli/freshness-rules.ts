/** Which reads of a tenant may be silent for how long: its configuration, read beside what its connectors declare. */
import { ConnectionRegistry } from '../connectors/registry.js';
import type { TenantConfig } from '../platform/config/hub-config.js';
import type { FreshnessRule } from '../sync/silent-reads.js';
import type { OpenHub } from './open-hub.js';

export function freshnessRules(hub: Pick<OpenHub, 'app'>, tenant: TenantConfig): readonly FreshnessRule[] {
  const registry = hub.app.get(ConnectionRegistry);
  return tenant.connections.map(({ id, freshHours, freshness }) => ({
    connectionId: id,
    reads: registry.open(tenant.id, id).declaration.reads.map(({ name }) => name),
    hours: freshness?.hours ?? freshHours,
    hoursOf: freshness?.reads ?? {},
  }));
}
