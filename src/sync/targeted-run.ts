/** What readings of single persons and of single months share: a run of their own at a connection that may be asked. */
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { type HeldConnection, findHeldConnection } from '../connectors/connection-health.reader.js';
import type { Connection } from '../connectors/port.js';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import { BATCH_PERSONS } from './choose-persons.js';
import { type RunTrigger, insertRun, registerConnections } from './run.store.js';
import type { SyncTools } from './sync-tools.js';

export interface ConnectionOfTenant {
  readonly tenantId: string;
  readonly connectionId: string;
}

/** Throws `unknown-connection` (fix-config). */
export function connectionNamed(
  tools: Pick<SyncTools, 'connectionsOf'>,
  { tenantId, connectionId }: ConnectionOfTenant,
): Connection {
  const connection = tools.connectionsOf(tenantId).find((candidate) => candidate.connectionId === connectionId);
  if (connection !== undefined) return connection;
  throw new HubError({
    code: 'unknown-connection',
    next: 'fix-config',
    message: `Tenant ${tenantId} has no connection ${connectionId}. Name one of its configuration.`,
    detail: { tenantId, connectionId },
  });
}

/** Throws `connection-held` (retry) for one that a person took out of use. */
export async function refuseHeld(tools: Pick<SyncTools, 'database'>, of: ConnectionOfTenant): Promise<void> {
  const held = await tools.database.inTenant(of.tenantId, (em) => findHeldConnection(em, of));
  if (held !== null) throw connectionHeld(of, held);
}

export function connectionHeld(
  { tenantId, connectionId }: ConnectionOfTenant,
  { health, until }: HeldConnection,
): HubError {
  return new HubError({
    code: 'connection-held',
    next: 'retry',
    message: `Connection ${connectionId} is in ${health === 'maintenance' ? `maintenance until ${until?.toISOString() ?? 'somebody resumes it'}` : 'quarantine'}; "buduan connection resume ${connectionId}" ends that.`,
    detail: { tenantId, connectionId },
  });
}

export interface TargetedRun {
  readonly tenantId: string;
  readonly runId: string;
  readonly trigger: RunTrigger;
  /** See NewRun.startedBy. */
  readonly startedBy: string;
  readonly asOf: Day;
  readonly policyVersion: string;
}

export async function beginTargetedRun(tools: SyncTools, run: TargetedRun, connection: Connection): Promise<void> {
  const { tenantId } = run;
  await tools.database.inTenant(tenantId, async (em) => {
    await registerConnections(em, { tenantId, name: tools.settingsOf(tenantId).name }, [connection]);
    await insertRun(em, { ...run, mode: 'targeted', dryRun: false, claim: randomUUID() });
  });
}

/** Lets these persons be judged, in ascending order and in batches. */
export async function postChanged(
  em: EntityManager,
  { jobs }: Pick<SyncTools, 'jobs'>,
  changed: Pick<TargetedRun, 'tenantId' | 'runId' | 'asOf'> & { readonly personIds: readonly string[] },
): Promise<void> {
  const { tenantId, runId, asOf } = changed;
  const sorted = [...changed.personIds].sort();
  for (let at = 0; at < sorted.length; at += BATCH_PERSONS) {
    const personIds = sorted.slice(at, at + BATCH_PERSONS);
    await jobs.post(em, { fact: 'RecordsChanged', tenantId, runId, asOf, batchNo: null, personIds });
  }
}

/** Given keys page by page, as a read lists owners: ascending, behind `after`. */
export function pageOfOwners(
  ownerKeys: readonly string[],
): (after: string | null, limit: number) => Promise<readonly string[]> {
  const sorted = [...ownerKeys].sort();
  return (after, limit) => Promise.resolve(sorted.filter((key) => after === null || key > after).slice(0, limit));
}
