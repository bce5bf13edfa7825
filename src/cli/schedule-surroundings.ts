/** What hub.yaml says around schedules: the calendar of working days, and when a tenant or connection is in maintenance. */
import { WorkingDays } from '../platform/clock/working-days.js';
import type { HubConfig, TenantConfig } from '../platform/config/hub-config.js';
import type { MaintenanceWindow } from '../platform/config/schedule.schema.js';
import { tenantOf } from '../platform/config/tenant-of.js';
import type { ConnectionWindows } from '../sync/schedules/hold-connections.js';
import type { Schedule } from '../sync/schedules/schedule.js';

export interface ScheduleSurroundings {
  readonly calendar: WorkingDays;
  readonly maintenanceOf: (schedule: Schedule) => readonly MaintenanceWindow[];
}

export function scheduleSurroundings(config: Pick<HubConfig, 'tenants' | 'workCalendar'>): ScheduleSurroundings {
  return {
    calendar: new WorkingDays(config.workCalendar),
    maintenanceOf: ({ tenant: tenantId, connection }) => {
      const { maintenance, connections } = tenantOf(config, tenantId);
      return [...maintenance, ...(connections.find(({ id }) => id === connection)?.maintenance ?? [])];
    },
  };
}

export function windowsOf({ connections }: Pick<TenantConfig, 'connections'>): readonly ConnectionWindows[] {
  return connections.map(({ id, maintenance }) => ({ connectionId: id, windows: maintenance }));
}
