/** How ended notifications are sent again: under the ids they had, so that a receiver who has them already can tell. */
import { Inject, Injectable } from '@nestjs/common';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { dueKey } from './due-key.js';
import { revive } from './notification.store.js';

export interface ReplayRequest {
  readonly tenantId: string;
  readonly notificationIds: readonly string[];
  /** Who decides; goes into the audit trail. */
  readonly actor: string;
}

@Injectable()
export class ReplayNotifications {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  /** Delivered and dead ones; what still waits is left alone. Returns how many wait again. */
  async replay({ tenantId, notificationIds, actor }: ReplayRequest): Promise<number> {
    if (notificationIds.length === 0) return 0;
    return this.database.inTenant(tenantId, async (em) => {
      const endpointIds = await revive(em, tenantId, notificationIds);
      if (endpointIds.length === 0) return 0;
      for (const endpointId of new Set(endpointIds))
        await this.jobs.post(em, { fact: 'NotificationsDue', tenantId, endpointId }, dueKey(tenantId, endpointId));
      await appendAuditEvent(em, {
        ...{ tenantId, actor, action: 'notifications.replay', object: 'notifications' },
        detail: { replayed: endpointIds.length, endpoints: [...new Set(endpointIds)] },
      });
      return endpointIds.length;
    });
  }
}
