/** What time it is: the only door to the system's clock, so that tests and reproducible runs can stand still. */
import { type Day, day } from '../../domain/month.js';

/** The zone in which people's days and schedules are meant unless they say otherwise. */
export const DEFAULT_ZONE = 'Asia/Shanghai';

export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that moves only when told to. */
export interface FixedClock extends Clock {
  advance(ms: number): void;
}

/** A clock standing at an ISO 8601 instant such as `2023-03-20T09:00:00+08:00`. */
export function fixedClock(iso: string): FixedClock {
  let atMs = Date.parse(iso);
  if (Number.isNaN(atMs))
    throw new RangeError('fixedClock expects an ISO 8601 instant, for example 2023-03-20T09:00:00+08:00.');
  return {
    now: () => new Date(atMs),
    advance: (ms) => {
      atMs += ms;
    },
  };
}

/** Zone → its format. Making one takes longer than a hundred uses of it; zones stand in the configuration and are few. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of an instant in an IANA zone. */
export function dayInZone(at: Date, zone: string = DEFAULT_ZONE): Day {
  return day(formatOf(zone).format(at));
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  formats.set(zone, format);
  return format;
}
