/** How the rows inside an event are stored, where their source cannot be asked for single persons: newest version wins. */
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Connection } from '../connectors/port.js';
import type { WebhookPayload } from '../connectors/webhook-port.js';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import { storeTargeted } from './pull-persons.js';
import { readOrder } from './read-order.js';
import { insertRun } from './run.store.js';
import type { SyncTools } from './sync-tools.js';
import { claimVersion } from './webhook-inbox.store.js';

export interface EventRequest {
  readonly tenantId: string;
  readonly connection: Connection;
  readonly ownerKey: string;
  readonly payload: WebhookPayload;
  readonly asOf: Day;
  readonly policyVersion: string;
}

/** `older-version`: this or a newer version was applied before; nothing was stored. */
export type Applied =
  | { readonly outcome: 'applied'; readonly runId: string; readonly personIds: readonly string[] }
  | { readonly outcome: 'older-version' };

/** One transaction: the version, the records, RecordsChanged. Adds and revises; takes nothing away. */
export async function applyEvent(tools: SyncTools, request: EventRequest): Promise<Applied> {
  const { tenantId, connection, ownerKey, payload, asOf, policyVersion } = request;
  const { connectionId } = connection;
  const read = readOrder(connection.declaration).find(({ name }) => name === payload.read);
  if (read === undefined)
    throw new HubError({
      code: 'unknown-read',
      next: 'bug',
      message: `Connection ${connectionId} declares no read ${payload.read}, whose mapping its events follow.`,
      detail: { tenantId, connectionId, read: payload.read },
    });
  const runId = uuidv7();
  return tools.database.inTenant(tenantId, async (em) => {
    if (!(await claimVersion(em, { tenantId, connectionId, ownerKey }, payload.version)))
      return { outcome: 'older-version' };
    const run = { tenantId, runId, mode: 'targeted', trigger: 'webhook', asOf, dryRun: false, policyVersion } as const;
    await insertRun(em, { ...run, startedBy: 'webhook', claim: randomUUID() });
    const own = {
      read,
      records: payload.records.filter((record) => record.ownerKey === ownerKey),
      rejected: payload.rejected.filter((row) => row.ownerKey === ownerKey),
      complete: false,
    };
    const scope = { tenantId, connectionId, asOf, ownerKeys: [ownerKey] };
    const personIds = await storeTargeted(em, tools, { request: scope, runId, gathered: [own] });
    return { outcome: 'applied', runId, personIds };
  });
}
