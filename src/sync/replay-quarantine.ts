/** How quarantined rows are tried again: their owners are read anew where the source can be asked for them. */
import type { Day } from '../domain/month.js';
import { BATCH_PERSONS } from './choose-persons.js';
import { type PersonsOutcome, pullPersons } from './pull-persons.js';
import { type QuarantineEntry, readQuarantineEntries } from './quarantine.reader.js';
import type { SyncTools } from './sync-tools.js';

export interface ReplayRequest {
  readonly tenantId: string;
  /** The rows to try. */
  readonly quarantineIds: readonly string[];
  readonly asOf: Day;
  readonly policyVersion: string;
  readonly signal: AbortSignal;
}

export interface ReplayOutcome {
  /** Rows tried. */
  readonly tried: number;
  /** Rows that are understood now, or not sent any more. */
  readonly resolved: number;
  /** Rows that the source still sends as they were. */
  readonly stillRejected: number;
  /** Rows whose owner cannot be asked for alone: the next full run tries them. */
  readonly waitForFullRun: number;
}

/** Reads the owners of the rows again and says what became of the rows. Throws the source's error unchanged. */
export async function replayQuarantine(tools: SyncTools, request: ReplayRequest): Promise<ReplayOutcome> {
  const entries = await listEntries(tools, request);
  const replayable = entries.filter((entry) => canAsk(tools, request.tenantId, entry));
  await readOwners(tools, request, replayable);
  const left = new Set((await listEntries(tools, request)).map((entry) => entry.quarantineId));
  const stillRejected = replayable.filter((entry) => left.has(entry.quarantineId)).length;
  return {
    tried: entries.length,
    resolved: replayable.length - stillRejected,
    stillRejected,
    waitForFullRun: entries.length - replayable.length,
  };
}

async function listEntries(tools: SyncTools, request: ReplayRequest): Promise<readonly QuarantineEntry[]> {
  const { tenantId, quarantineIds } = request;
  return tools.database.inTenant(tenantId, (em) => readQuarantineEntries(em, tenantId, quarantineIds));
}

function canAsk(tools: SyncTools, tenantId: string, entry: QuarantineEntry): boolean {
  const connection = tools.connectionsOf(tenantId).find((candidate) => candidate.connectionId === entry.connectionId);
  return (
    entry.ownerKey !== null &&
    (connection?.declaration.reads.some((read) => read.name === entry.read && read.targeted) ?? false)
  );
}

async function readOwners(
  tools: SyncTools,
  request: ReplayRequest,
  entries: readonly QuarantineEntry[],
): Promise<readonly PersonsOutcome[]> {
  const outcomes: PersonsOutcome[] = [];
  const byConnection = new Map<string, Set<string>>();
  for (const { connectionId, ownerKey } of entries) {
    if (ownerKey !== null) byConnection.set(connectionId, (byConnection.get(connectionId) ?? new Set()).add(ownerKey));
  }
  for (const [connectionId, owners] of byConnection) {
    const ownerKeys = [...owners];
    for (let at = 0; at < ownerKeys.length; at += BATCH_PERSONS) {
      outcomes.push(
        await pullPersons(tools, {
          ...request,
          connectionId,
          ownerKeys: ownerKeys.slice(at, at + BATCH_PERSONS),
          trigger: 'manual',
        }),
      );
    }
  }
  return outcomes;
}
