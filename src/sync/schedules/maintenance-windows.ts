/** Whether an instant lies in a maintenance window, and when that window ends. */
import type { MaintenanceWindow } from '../../platform/config/schedule.schema.js';
import { type ScheduleRule, dueInstants } from './due-instants.js';

export interface OpenWindow {
  readonly from: Date;
  readonly until: Date;
  readonly reason: string | null;
}

const HOUR_MS = 3_600_000;

/** The window in which `at` lies, the one that ends last; null = none. Its end is not part of it. */
export function windowAt(windows: readonly MaintenanceWindow[], at: Date): OpenWindow | null {
  const open = windows.flatMap((window) => openAt(window, at));
  return open.sort((a, b) => b.until.getTime() - a.until.getTime())[0] ?? null;
}

function openAt(window: MaintenanceWindow, at: Date): OpenWindow[] {
  const { cron, hours = 0, zone, from, to, reason = null } = window;
  if (cron !== undefined) return openByCron({ cron, zone, hours, reason }, at);
  if (from === undefined || to === undefined) return [];
  const once = { from: new Date(from), until: new Date(to), reason };
  return once.from <= at && at < once.until ? [once] : [];
}

/** Only a window that began within its own length can still be open. */
function openByCron(
  { hours, reason, ...rule }: ScheduleRule & { readonly hours: number; readonly reason: string | null },
  at: Date,
): OpenWindow[] {
  const lengthMs = hours * HOUR_MS;
  const open: OpenWindow[] = [];
  for (const from of dueInstants(rule, new Date(at.getTime() - lengthMs))) {
    if (from > at) break;
    open.push({ from, until: new Date(from.getTime() + lengthMs), reason });
  }
  return open;
}
