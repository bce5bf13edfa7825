/** How far a zone's wall clock is from UTC at an instant, and when that next changes. */

const HOUR_MS = 3_600_000;
/** No zone has changed its clock twice within this time. */
const STEP_MS = 7 * 24 * HOUR_MS;

export interface OffsetChange {
  /** The first instant of the new offset, in milliseconds since 1970. */
  readonly atMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Wall clock minus UTC in milliseconds, for example 28,800,000 for Asia/Shanghai. `zone` is an IANA name. */
export function offsetAt(zone: string, atMs: number): number {
  const name =
    formatOf(zone)
      .formatToParts(atMs)
      .find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours, minutes, seconds] = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? [];
  const size = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000;
  return sign === '-' ? -size : size;
}

/** The first change of the offset after `fromMs`, or null when there is none up to and including `untilMs`. */
export function nextOffsetChange(zone: string, fromMs: number, untilMs: number): OffsetChange | null {
  const beforeMs = offsetAt(zone, fromMs);
  for (let low = fromMs; low < untilMs;) {
    const high = Math.min(low + STEP_MS, untilMs);
    if (offsetAt(zone, high) !== beforeMs) return changeWithin(zone, low, high);
    low = high;
  }
  return null;
}

/** The offset at `low` still holds, the one at `high` does not. */
function changeWithin(zone: string, low: number, high: number): OffsetChange {
  const beforeMs = offsetAt(zone, low);
  let last = low;
  let first = high;
  while (first - last > 1) {
    const middle = Math.floor((last + first) / 2);
    if (offsetAt(zone, middle) === beforeMs) last = middle;
    else first = middle;
  }
  return { atMs: first, beforeMs, afterMs: offsetAt(zone, first) };
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  return format;
}
