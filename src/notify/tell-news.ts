/** How news becomes notifications: one row per endpoint that wants it, stored before anything leaves, however often the news is heard. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v5 as nameBasedId, v7 as newId } from 'uuid';
import { letsThrough } from '../domain/events.js';
import type { News } from '../domain/facts.js';
import type { NotifyConfig, NotifyEndpoint } from '../platform/config/notify-config.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { concernsEmployee } from './employee-news.js';
import type { Event } from './event-data.js';
import { eventsOf } from './events-of-news.js';
import { insertNotifications, type NewNotification } from './notification.store.js';
import { dueKey } from './due-key.js';
import { NOTIFY_SETTINGS, type NotifySettings } from './notify-settings.js';

/** Names events by what happened; never changed, or a receiver would take old events for new ones. */
const EVENT_NAMESPACE = '6a1f3c52-90f4-4d0e-8a86-2b7d3f6c1e05';

@Injectable()
export class TellNews {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(NOTIFY_SETTINGS) private readonly settings: NotifySettings,
  ) {}

  /** Safe to repeat: the same news has the same ids. */
  async onNews(news: News): Promise<void> {
    const { tenantId } = news;
    const endpoints = this.settings.endpointsOf(tenantId);
    if (endpoints.length === 0) return;
    await this.database.inTenant(tenantId, async (em) => {
      const events = await eventsOf(em, news, this.settings);
      const endpointIds = await insertNotifications(em, tenantId, notificationsOf(tenantId, events, endpoints));
      await this.postDue(em, tenantId, endpointIds);
      if (endpointIds.length > 0)
        this.settings.log.info(
          { tenantId, events: events.map(({ type }) => type), endpoints: endpointIds },
          'Notifications wait to be sent.',
        );
    });
  }

  private async postDue(em: EntityManager, tenantId: string, endpointIds: readonly string[]): Promise<void> {
    for (const endpointId of endpointIds)
      await this.jobs.post(em, { fact: 'NotificationsDue', tenantId, endpointId }, dueKey(tenantId, endpointId));
  }
}

function notificationsOf(
  tenantId: string,
  events: readonly Event[],
  endpoints: NotifyConfig,
): readonly NewNotification[] {
  return events.flatMap((event) => {
    const { type, key, data, personId } = event;
    const eventId = nameBasedId(JSON.stringify([tenantId, key]), EVENT_NAMESPACE);
    const body = JSON.stringify(data);
    return endpoints
      .filter((endpoint) => letsThrough(endpoint.events, type) && (!isPersonal(endpoint) || concernsEmployee(event)))
      .map(({ id }) => ({
        ...{ notificationId: newId(), endpointId: id, eventId, eventType: type, personId, body },
      }));
  });
}

/** Whether it tells the employee concerned, and nobody else. */
export function isPersonal(endpoint: NotifyEndpoint): boolean {
  return 'address' in endpoint && endpoint.address !== undefined;
}
