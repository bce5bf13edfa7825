/** What happens inside the request of a webhook: verified, written into the inbox together with its job, answered. Nothing else. */
import type { ConnectionRegistry } from '../connectors/registry.js';
import type { WebhookAnswer, WebhookCall } from '../connectors/webhook-port.js';
import { type WebhookEndpoint, StoreDeliveries } from './store-deliveries.js';
import type { SyncTools } from './sync-tools.js';
import type { WebhookRefusals } from './webhook-refusals.js';

export type Accepted =
  | { readonly outcome: 'answered'; readonly answer: WebhookAnswer }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'too-large'; readonly maxBytes: number };

/** The receiving end of all connections. */
export class AcceptWebhook {
  private readonly inbox: StoreDeliveries;

  constructor(
    tools: SyncTools,
    private readonly registry: Pick<ConnectionRegistry, 'receiver'>,
    private readonly refusals: WebhookRefusals,
  ) {
    this.inbox = new StoreDeliveries(tools);
  }

  /**
   * `answered` only after inbox and job are committed. An unknown tenant or connection is refused like a forged call, so
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
        await this.inbox.store(endpoint, verdict.delivery);
        return { outcome: 'answered', answer: verdict.answer };
    }
  }
}
