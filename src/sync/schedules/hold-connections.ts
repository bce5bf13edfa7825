/** How connections are taken out of use while a maintenance window of theirs is open: for reads and for what is sent. */
import type { EntityManager } from 'typeorm';
import type { ConnectionHealth } from '../../connectors/connection-health.js';
import type { MaintenanceWindow } from '../../platform/config/schedule.schema.js';
import { windowAt } from './maintenance-windows.js';

export interface ConnectionWindows {
  readonly connectionId: string;
  readonly windows: readonly MaintenanceWindow[];
}

export interface HoldRequest {
  readonly tenantId: string;
  readonly connections: readonly ConnectionWindows[];
  readonly now: Date;
}

/** In the caller's transaction; safe to repeat. A window that has ended ends the hold by itself. */
export async function holdConnections(
  em: EntityManager,
  health: Pick<ConnectionHealth, 'holdForWindow'>,
  { tenantId, connections, now }: HoldRequest,
): Promise<void> {
  for (const { connectionId, windows } of connections) {
    const open = windowAt(windows, now);
    if (open === null) continue;
    const held = { since: open.from, until: open.until, reason: open.reason };
    await health.holdForWindow(em, { tenantId, connectionId }, held);
  }
}
