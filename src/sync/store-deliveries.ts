/** How verified deliveries get into the inbox: whatever comes while one transaction is under way shares the next. */
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import pLimit from 'p-limit';
import type { VerifiedDelivery } from '../connectors/webhook-port.js';
import { isDatabaseTrouble } from '../platform/database/database-error.js';
import { registerConnections } from './run.store.js';
import type { SyncTools } from './sync-tools.js';
import { insertDelivery, type DeliveryKey, type Inserted, type NewDelivery } from './webhook-inbox.store.js';
import { postFollowing } from './webhook-jobs.js';

export interface WebhookEndpoint {
  readonly tenantId: string;
  readonly connectionId: string;
}

interface Waiting {
  readonly endpoint: WebhookEndpoint;
  readonly delivery: VerifiedDelivery;
  readonly stored: () => void;
  readonly failed: (error: unknown) => void;
}

/** Deliveries in one transaction: what is called about in half a second when a flood is on, so that nobody waits for long. */
const DELIVERIES_AT_ONCE = 100;
/** Transactions at a time, one per tenant: a quarter of the pool, so that neither calls nor work can take it all. */
const WRITERS = 4;
const FEW_ROWS = { plans: 'kept' } as const;

/** Two calls of one connection would wait for each other at its job anyway; so one writes for all who wait. */
export class StoreDeliveries {
  private readonly registered = new Set<string>();
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly writers = pLimit(WRITERS);

  constructor(private readonly tools: SyncTools) {}

  /** Resolves after the commit of inbox and job. Rejects with what the database threw; nothing is stored then. */
  store(endpoint: WebhookEndpoint, delivery: VerifiedDelivery): Promise<void> {
    return new Promise((stored, failed) => {
      const waiting = this.waiting.get(endpoint.tenantId);
      if (waiting !== undefined) return void waiting.push({ endpoint, delivery, stored, failed });
      this.waiting.set(endpoint.tenantId, [{ endpoint, delivery, stored, failed }]);
      void this.writers(() => this.write(endpoint.tenantId));
    });
  }

  /** Ends when nobody of the tenant waits any more. */
  private async write(tenantId: string): Promise<void> {
    const waiting = this.waiting.get(tenantId) ?? [];
    while (waiting.length > 0) {
      const group = waiting.splice(0, DELIVERIES_AT_ONCE);
      // Where one cannot be stored, the others are: only its sender is told to send again.
      if (!(await this.attempt(tenantId, group))) for (const one of group) await this.attempt(tenantId, [one]);
    }
    this.waiting.delete(tenantId);
  }

  private async attempt(tenantId: string, group: readonly Waiting[]): Promise<boolean> {
    try {
      await this.tools.database.inTenant(tenantId, (em) => this.insertAll(em, group), FEW_ROWS);
    } catch (error) {
      if (group.length > 1 && !isDatabaseTrouble(error)) return false;
      for (const { failed } of group) failed(error);
      return true;
    }
    for (const { endpoint, stored } of group) {
      this.registered.add(keyOf(endpoint));
      stored();
    }
    return true;
  }

  private async insertAll(em: EntityManager, group: readonly Waiting[]): Promise<void> {
    const toFollow = new Map<string, WebhookEndpoint>();
    for (const { endpoint, delivery } of inOrder(group)) {
      await this.registerOnce(em, endpoint);
      if (await this.insertOne(em, endpoint, delivery)) toFollow.set(endpoint.connectionId, endpoint);
    }
    // Last, and in order: until the commit, whoever stores another call of these connections waits here.
    for (const [, endpoint] of [...toFollow].sort(([a], [b]) => (a < b ? -1 : 1)))
      await postFollowing(em, this.tools.jobs, endpoint);
  }

  /** Whether there is somebody to read now. */
  private async insertOne(em: EntityManager, endpoint: WebhookEndpoint, delivery: VerifiedDelivery): Promise<boolean> {
    const hash = createHash('sha256').update(delivery.text, 'utf8').digest();
    const row = newDelivery(delivery, hash);
    const key: DeliveryKey = { ...endpoint, deliveryId: delivery.deliveryId };
    let inserted = await this.insert(em, key, row);
    // A sender that gives two events one id must not lose the second: it is kept under an id of its own.
    if (inserted === 'other-body') {
      const deliveryId = `${delivery.deliveryId}#${hash.toString('hex').slice(0, 16)}`;
      inserted = await this.insert(em, { ...key, deliveryId }, row);
    }
    return inserted === 'new' && row.state === 'received';
  }

  private insert(em: EntityManager, key: DeliveryKey, row: Stored): Promise<Inserted> {
    const { text, ...rest } = row;
    const { tenantId } = key;
    const bodySealed = this.tools.vault.seal(tenantId, 'webhook_delivery', 'body_enc', sealedRow(key), text);
    return insertDelivery(em, { ...key, ...rest, bodySealed });
  }

  /** The inbox refers to the connection, which a run makes known otherwise. */
  private async registerOnce(em: EntityManager, endpoint: WebhookEndpoint): Promise<void> {
    const { tenantId, connectionId } = endpoint;
    if (this.registered.has(keyOf(endpoint))) return;
    const connection = this.tools.connectionsOf(tenantId).filter((each) => each.connectionId === connectionId);
    await registerConnections(em, { tenantId, name: this.tools.settingsOf(tenantId).name }, connection);
  }
}

type Stored = Omit<NewDelivery, keyof DeliveryKey | 'bodySealed'> & { readonly text: string };

/** The row a sealed event belongs to. */
export function sealedRow({ connectionId, deliveryId }: DeliveryKey): string {
  return JSON.stringify([connectionId, deliveryId]);
}

function keyOf({ tenantId, connectionId }: WebhookEndpoint): string {
  return `${tenantId}/${connectionId}`;
}

/** By connection and id, so that two nodes that are told the same wait for each other in one direction only. */
function inOrder(group: readonly Waiting[]): readonly Waiting[] {
  const place = ({ endpoint, delivery }: Waiting): string => `${endpoint.connectionId} ${delivery.deliveryId}`;
  return [...group].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

function newDelivery({ kind, eventType, ownerKeys, text }: VerifiedDelivery, bodyHash: Buffer): Stored {
  const common = { eventType, bodyHash, text };
  const nobody = { ...common, ownerKeys: [''] };
  switch (kind) {
    case 'unwanted':
      return { ...nobody, state: 'ignored', reason: 'unwanted-type' };
    case 'not-understood':
      return { ...nobody, state: 'dead', reason: 'not-understood' };
    case 'event':
      if (ownerKeys.length === 0) return { ...nobody, state: 'waiting', reason: 'names-nobody' };
      return { ...common, ownerKeys, state: 'received', reason: null };
  }
}
