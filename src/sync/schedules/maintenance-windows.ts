/** Whether an instant lies in a maintenance window, and when that window ends. */
import type { MaintenanceWindow } from '../../platform/config/schedule.schema.js';
import { latestDue } from './due-instants.js';

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

function openAt({ cron, hours, zone, from, to, reason }: MaintenanceWindow, at: Date): OpenWindow[] {
  const begin = cron === undefined ? new Date(from ?? NaN) : latestDue({ cron, zone }, at);
  if (begin === null || begin.getTime() > at.getTime()) return [];
  const until = to === undefined ? new Date(begin.getTime() + (hours ?? 0) * HOUR_MS) : new Date(to);
  return at.getTime() < until.getTime() ? [{ from: begin, until, reason: reason ?? null }] : [];
}
