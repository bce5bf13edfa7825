/** What happens inside the request of a webhook: verified, written into the inbox together with its job, answered. Nothing else. */
import type { ConnectionRegistry } from '../connectors/registry.js';
import type { WebhookAnswer, WebhookCall, WebhookHead } from '../connectors/webhook-port.js';
import { type WebhookEndpoint, StoreDeliveries } from './store-deliveries.js';
import type { SyncTools } from './sync-tools.js';
import type { WebhookRefusals } from './webhook-refusals.js';

export type Refused = { readonly outcome: 'refused' } | { readonly outcome: 'too-large'; readonly maxBytes: number };
export type Accepted = { readonly outcome: 'answered'; readonly answer: WebhookAnswer } | Refused;
/** `body-decides`: nothing speaks against it yet; its body may be so long. */
export type Glanced = { readonly outcome: 'body-decides'; readonly maxBytes: number } | Refused;

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
   * What can be said before the body is taken in: a flood of calls that are refused anyway costs no memory. `bodyBytes`: as
   * announced, 0 where nothing is.
   */
  glance({ tenantId, connectionId }: WebhookEndpoint, head: WebhookHead, bodyBytes: number): Glanced {
    const receiver = this.registry.receiver(tenantId, connectionId);
    if (receiver === null) return { outcome: 'refused' };
    const { maxBodyBytes: maxBytes } = receiver;
    if (bodyBytes > maxBytes) return this.tooLarge({ tenantId, connectionId }, maxBytes);
    const reason = receiver.refusalOf(head);
    if (reason === null) return { outcome: 'body-decides', maxBytes };
    this.refusals.count(tenantId, connectionId, reason);
    return { outcome: 'refused' };
  }

  /** For a body that was longer than announced. */
  tooLarge({ tenantId, connectionId }: WebhookEndpoint, maxBytes: number): Refused {
    this.refusals.count(tenantId, connectionId, 'too-large');
    return { outcome: 'too-large', maxBytes };
  }

  /**
   * `answered` only after inbox and job are committed. An unknown tenant or connection is refused like a forged call, so
   * that nobody learns what there is. Throws what the database throws: the sender then sends again.
   */
  async accept(endpoint: WebhookEndpoint, call: WebhookCall): Promise<Accepted> {
    const { tenantId, connectionId } = endpoint;
    const receiver = this.registry.receiver(tenantId, connectionId);
    if (receiver === null) return { outcome: 'refused' };
    if (call.body.length > receiver.maxBodyBytes) return this.tooLarge(endpoint, receiver.maxBodyBytes);
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
