/** One month of one connection, or of one person in every system that knows them, read again, judged, and what differs sent. */
import type { Day, Month } from '../domain/month.js';
import type { TenantConfig } from '../platform/config/hub-config.js';
import { readOwners } from '../sync/persons.reader.js';
import { pullMonth, type MonthOutcome } from '../sync/pull-month.js';
import { SyncTools } from '../sync/sync-tools.js';
import type { OpenHub } from './open-hub.js';
import { policyVersionOf, waitUntilDone } from './run-once.js';
import { byConnection } from './run-persons.js';

export interface RunMonthRequest {
  readonly tenant: TenantConfig;
  readonly month: Month;
  /** Only this connection; null = every one that knows the person. */
  readonly connectionId: string | null;
  /** null = everybody of the connection. */
  readonly personId: string | null;
  readonly asOf: Day;
  readonly startedBy: string;
}

export interface MonthRead extends MonthOutcome {
  readonly connectionId: string;
}

const READ_WITHIN_MS = 3_600_000;

/** Needs a hub that works. Throws the source's error unchanged; what earlier systems said is stored by then. */
export async function runMonth(hub: OpenHub, request: RunMonthRequest): Promise<readonly MonthRead[]> {
  const { tenant, month, asOf, startedBy } = request;
  const months: MonthRead[] = [];
  for (const [connectionId, ownerKeys] of await placesOf(hub, request)) {
    const outcome = await pullMonth(hub.app.get(SyncTools), {
      ...{ tenantId: tenant.id, connectionId, month, ownerKeys, asOf, startedBy },
      policyVersion: policyVersionOf(hub, tenant),
      signal: AbortSignal.timeout(READ_WITHIN_MS),
    });
    months.push({ ...outcome, connectionId });
  }
  await waitUntilDone(hub, tenant, months);
  return months;
}

/** Where to read, and whom there; of a person without a connection those where the month can be asked for. */
async function placesOf(
  hub: OpenHub,
  { tenant, personId, connectionId }: RunMonthRequest,
): Promise<ReadonlyMap<string, readonly string[] | null>> {
  if (personId === null) return new Map(connectionId === null ? [] : [[connectionId, null]]);
  const owners = await hub.database.inTenant(tenant.id, (em) => readOwners(em, tenant.id, personId));
  return new Map([...byConnection(owners)].filter(([id]) => connectionId === null || id === connectionId));
}
