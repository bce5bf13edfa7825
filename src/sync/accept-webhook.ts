/** What happens inside the request of a webhook: verified, written into the inbox together with its jobs, answered. Nothing else. */
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { ConnectionRegistry } from '../connectors/registry.js';
import type { VerifiedDelivery, WebhookAnswer, WebhookCall } from '../connectors/webhook-port.js';
import { registerConnections } from './run.store.js';
import type { SyncTools } from './sync-tools.js';
import { insertDelivery, type DeliveryKey, type Inserted, type NewDelivery } from './webhook-inbox.store.js';
import { postFollowing } from './webhook-jobs.js';
import type { WebhookRefusals } from './webhook-refusals.js';

export interface WebhookEndpoint {
  readonly tenantId: string;
  readonly connectionId: string;
}

export type Accepted =
  | { readonly outcome: 'answered'; readonly answer: WebhookAnswer }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'too-large'; readonly maxBytes: number };

/** The receiving end of all connections. */
export class AcceptWebhook {
  private readonly registered = new Set<string>();

  constructor(
    private readonly tools: SyncTools,
    private readonly registry: Pick<ConnectionRegistry, 'receiver'>,
    private readonly refusals: WebhookRefusals,
  ) {}

  /**
   * `answered` only after inbox and jobs are committed. An unknown tenant or connection is refused like a forged call, so
   * that nobody learns what there is. Throws what the database throws: the sender then sends again.
   */
  async accept(endpoint: WebhookEndpoint, call: WebhookCall): Promise<Accepted> {
    const { tenantId, connectionId } = endpoint;
    const receiver = this.registry.receiver(tenantId, connectionId);
    if (receiver === null) return { outcome: 'refused' };
    if (call.body.length > receiver.maxBodyBytes) {
      this.refusals.count(tenantId, connectionId, 'too-large');
      return { outcome: 'too-large', maxBytes: receiver.maxBodyBytes };
    }
    const verdict = receiver.verify(call);
    switch (verdict.verdict) {
      case 'refused':
        this.refusals.count(tenantId, connectionId, verdict.reason);
        return { outcome: 'refused' };
      case 'address-check':
        return { outcome: 'answered', answer: verdict.answer };
      case 'delivery':
        await this.tools.database.inTenant(tenantId, (em) => this.store(em, endpoint, verdict.delivery), {
          plans: 'kept',
        });
        this.registered.add(`${tenantId}/${connectionId}`);
        return { outcome: 'answered', answer: verdict.answer };
    }
  }

  private async store(em: EntityManager, endpoint: WebhookEndpoint, delivery: VerifiedDelivery): Promise<void> {
    await this.registerOnce(em, endpoint);
    const hash = createHash('sha256').update(delivery.text, 'utf8').digest();
    const row = newDelivery(delivery, hash);
    let key: DeliveryKey = { ...endpoint, deliveryId: delivery.deliveryId };
    let inserted = await this.insert(em, key, row);
    // A sender that gives two events one id must not lose the second: it is kept under an id of its own.
    if (inserted === 'other-body') {
      key = { ...endpoint, deliveryId: `${delivery.deliveryId}#${hash.toString('hex').slice(0, 16)}` };
      inserted = await this.insert(em, key, row);
    }
    if (inserted !== 'new' || row.state !== 'received') return;
    // Last: until the commit, whoever stores another call of this connection waits here.
    await postFollowing(em, this.tools.jobs, endpoint);
  }

  private insert(em: EntityManager, key: DeliveryKey, row: Stored): Promise<Inserted> {
    const { text, ...rest } = row;
    const { tenantId } = key;
    const bodySealed = this.tools.vault.seal(tenantId, 'webhook_delivery', 'body_enc', sealedRow(key), text);
    return insertDelivery(em, { ...key, ...rest, bodySealed });
  }

  /** The inbox refers to the connection, which a run makes known otherwise. */
  private async registerOnce(em: EntityManager, { tenantId, connectionId }: WebhookEndpoint): Promise<void> {
    if (this.registered.has(`${tenantId}/${connectionId}`)) return;
    const connection = this.tools.connectionsOf(tenantId).filter((each) => each.connectionId === connectionId);
    await registerConnections(em, { tenantId, name: this.tools.settingsOf(tenantId).name }, connection);
  }
}

type Stored = Omit<NewDelivery, keyof DeliveryKey | 'bodySealed'> & { readonly text: string };

/** The row a sealed event belongs to. */
export function sealedRow({ connectionId, deliveryId }: DeliveryKey): string {
  return JSON.stringify([connectionId, deliveryId]);
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
