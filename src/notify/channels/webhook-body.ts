/** What an outgoing webhook's body is: the same bytes for the same event, however often it is sent. */
import type { Outgoing } from '../channel.js';

export interface WebhookBody {
  readonly contentType: string;
  readonly body: string;
}

type Told = Pick<Outgoing, 'eventId' | 'tenantId' | 'type' | 'occurredAt' | 'body'>;

export function webhookBody(format: 'standard' | 'cloudevents', event: Told): WebhookBody {
  const time = event.occurredAt.toISOString();
  // The data are put in as the text they were stored as: parsed and written again they might be other bytes.
  if (format === 'standard') {
    const head = JSON.stringify({ type: event.type, timestamp: time });
    return { contentType: 'application/json', body: `${head.slice(0, -1)},"data":${event.body}}` };
  }
  const head = JSON.stringify({
    specversion: '1.0',
    id: event.eventId,
    source: `/buduan/tenants/${event.tenantId}`,
    type: event.type,
    time,
    datacontenttype: 'application/json',
  });
  return {
    contentType: 'application/cloudevents+json; charset=utf-8',
    body: `${head.slice(0, -1)},"data":${event.body}}`,
  };
}
