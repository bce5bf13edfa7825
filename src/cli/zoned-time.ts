/** How instants are shown to people: on the wall clock of a zone, with its distance from UTC. */
import { offsetAt } from '../sync/schedules/zone-offsets.js';

/** For example `2026-11-25 02:00:00 +08:00`. */
export function zonedTime(at: Date, zone: string): string {
  const offsetMs = offsetAt(zone, at.getTime());
  const wall = new Date(at.getTime() + offsetMs).toISOString();
  const minutes = Math.abs(Math.round(offsetMs / 60_000));
  const offset = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return `${wall.slice(0, 10)} ${wall.slice(11, 19)} ${offsetMs < 0 ? '-' : '+'}${offset}`;
}
