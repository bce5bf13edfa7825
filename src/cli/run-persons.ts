/** One person read again in every system that knows them, judged, and what differs sent; nothing else is touched. */
import type { Day } from '../domain/month.js';
import type { TenantConfig } from '../platform/config/hub-config.js';
import { readOwners } from '../sync/persons.reader.js';
import { pullPersons, type PersonsOutcome } from '../sync/pull-persons.js';
import { SyncTools } from '../sync/sync-tools.js';
import type { OpenHub } from './open-hub.js';
import { policyVersionOf, waitUntilDone } from './run-once.js';

export interface RunPersonRequest {
  readonly tenant: TenantConfig;
  readonly personId: string;
  /** Only this connection; null = every one that knows the person. */
  readonly connectionId: string | null;
  readonly asOf: Day;
  readonly startedBy: string;
}

export interface PersonRead extends PersonsOutcome {
  readonly connectionId: string;
}

const READ_WITHIN_MS = 300_000;

/** Needs a hub that works. Throws the source's error unchanged; what earlier systems said is stored by then. */
export async function runPerson(hub: OpenHub, request: RunPersonRequest): Promise<readonly PersonRead[]> {
  const { tenant, personId, connectionId, asOf, startedBy } = request;
  const owners = await hub.database.inTenant(tenant.id, (em) => readOwners(em, tenant.id, personId));
  const reads: PersonRead[] = [];
  for (const [id, ownerKeys] of byConnection(owners)) {
    if (connectionId !== null && id !== connectionId) continue;
    const outcome = await pullPersons(hub.app.get(SyncTools), {
      ...{ tenantId: tenant.id, connectionId: id, ownerKeys, asOf, startedBy },
      ...{
        trigger: 'manual',
        policyVersion: policyVersionOf(hub, tenant),
        signal: AbortSignal.timeout(READ_WITHIN_MS),
      },
    });
    reads.push({ ...outcome, connectionId: id });
  }
  await waitUntilDone(hub, tenant, reads);
  return reads;
}

export function byConnection(
  owners: readonly { readonly connectionId: string; readonly ownerKey: string }[],
): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const { connectionId, ownerKey } of owners)
    keys.set(connectionId, [...(keys.get(connectionId) ?? []), ownerKey]);
  return keys;
}
