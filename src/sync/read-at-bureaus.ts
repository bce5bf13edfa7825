/** How somebody newly hired is read at once at every bureau that knows the person, or finds him: the months before the hiring are there. */
import type { Day } from '../domain/month.js';
import { findAtBureaus } from './find-at-bureaus.js';
import { bureausOfHired } from './new-hires.store.js';
import { pullPersons, type PersonsOutcome } from './pull-persons.js';
import type { RunTrigger } from './run.store.js';
import type { SyncTools } from './sync-tools.js';

export interface BureausRequest {
  readonly tenantId: string;
  readonly personIds: readonly string[];
  /** The read that may have brought an employment; null = whatever brought it. */
  readonly runId: string | null;
  readonly asOf: Day;
  readonly trigger: RunTrigger;
  readonly policyVersion: string;
  readonly signal: AbortSignal;
}

export interface BureauRead extends PersonsOutcome {
  readonly connectionId: string;
}

/** Reads nothing where no employment is new. Throws the bureau's error unchanged. */
export async function readAtBureaus(tools: SyncTools, request: BureausRequest): Promise<readonly BureauRead[]> {
  const known = await tools.database.inTenant(request.tenantId, (em) => bureausOfHired(em, request));
  const owners = [...known, ...(await findAtBureaus(tools, request))];
  const reads: BureauRead[] = [];
  for (const connectionId of new Set(owners.map((owner) => owner.connectionId))) {
    const ownerKeys = owners.filter((owner) => owner.connectionId === connectionId).map(({ ownerKey }) => ownerKey);
    reads.push({ connectionId, ...(await pullPersons(tools, { ...request, connectionId, ownerKeys })) });
  }
  return reads;
}
