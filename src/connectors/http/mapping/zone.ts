/** Which calendar day an instant falls on in a time zone, and which instant a local time there is. */
import { parseDay, type Day } from '../../../domain/month.js';

const MS_PER_HOUR = 3_600_000;

/** Asia/Shanghai has stood at +08:00 since its last summer time ended. */
const SHANGHAI = 'Asia/Shanghai';
const SHANGHAI_FIXED_SINCE = Date.UTC(1991, 8, 15);

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day of an instant (epoch milliseconds) in an IANA zone; null outside the years 1900–2999. */
export function dayInZone(instant: number, zone: string): Day | null {
  if (!Number.isFinite(instant) || Math.abs(instant) > 8e15) return null;
  const local = instant + offsetMs(instant, zone);
  return Math.abs(local) > 8e15 ? null : parseDay(new Date(local).toISOString().slice(0, 10));
}

/** The instant at which clocks of the zone show `local` (written as if it were UTC). In a repeated hour the earlier one. */
export function instantInZone(local: number, zone: string): number {
  const guess = local - offsetMs(local, zone);
  return local - offsetMs(guess, zone);
}

function offsetMs(instant: number, zone: string): number {
  if (zone === 'UTC') return 0;
  if (zone === SHANGHAI && instant >= SHANGHAI_FIXED_SINCE) return 8 * MS_PER_HOUR;
  const shown: Record<string, number> = {};
  for (const part of formatOf(zone).formatToParts(instant)) shown[part.type] = Number(part.value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(zone, made);
  return made;
}
