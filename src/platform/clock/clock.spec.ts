/** What the clock says to people in a zone. */
import { dayInZone, fixedClock } from './clock.js';

describe('the clock', () => {
  it('stands still until it is moved', () => {
    const clock = fixedClock('2023-03-20T23:59:59+08:00');
    expect(clock.now().toISOString()).toBe('2023-03-20T15:59:59.000Z');
    clock.advance(1000);
    expect(clock.now().toISOString()).toBe('2023-03-20T16:00:00.000Z');
  });

  it('begins a day at midnight of the zone, not of the server', () => {
    expect(dayInZone(new Date('2023-03-20T15:59:59Z'))).toBe('2023-03-20');
    expect(dayInZone(new Date('2023-03-20T16:00:00Z'))).toBe('2023-03-21');
    expect(dayInZone(new Date('2023-03-20T16:00:00Z'), 'UTC')).toBe('2023-03-20');
  });

  it('refuses a text that is no instant', () => {
    expect(() => fixedClock('yesterday')).toThrow(RangeError);
  });
});
