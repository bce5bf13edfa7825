/** A hub whose clock stands until the rig lets it run, as fast as it says, and whose schedules are looked at often enough for that. */
export const patches = {
  'platform/clock/clock.js': `
export const systemClock = {
  now() {
    const { fromMs, sinceMs, speed } = globalThis.buduanClock ?? { fromMs: Number(process.env.FAULTS_CLOCK_FROM), sinceMs: 0, speed: 0 };
    return new Date(fromMs + (Date.now() - sinceMs) * speed);
  },
};`,
  'sync/schedules/schedule-ticks.js': `
if (typeof inner.ScheduleTicks?.prototype.look !== 'function') throw new Error('The rig looks at schedules, which are looked at no more.');
export class ScheduleTicks extends inner.ScheduleTicks {
  begin(registry) {
    super.begin(registry);
    this.often = setInterval(() => void this.look(), 25);
  }
  stop(registry) {
    clearInterval(this.often);
    return super.stop(registry);
  }
}`,
};
