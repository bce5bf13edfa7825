/** How often one address may knock: a count per minute, kept in the process. */
import type { Clock } from '../platform/clock/clock.js';

/** A person who reads and answers needs a dozen; an office behind one address some more. */
const MOST_PER_MINUTE = 120;
const MINUTE_MS = 60_000;
/** Beyond this, the addresses of the minute share what is left: memory stays bounded under a flood. */
const MOST_ADDRESSES = 10_000;

export class RequestRate {
  private readonly counts = new Map<string, number>();
  private minute = 0;

  constructor(private readonly clock: Clock) {}

  /** Counts this request; false = too many. */
  admits(address: string): boolean {
    const minute = Math.floor(this.clock.now().getTime() / MINUTE_MS);
    if (minute !== this.minute) this.counts.clear();
    this.minute = minute;
    const key = this.counts.has(address) || this.counts.size < MOST_ADDRESSES ? address : 'others';
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return count <= MOST_PER_MINUTE;
  }
}
