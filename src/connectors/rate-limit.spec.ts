/** Facts about departures to a limited system. */
import { RateLimit } from './rate-limit.js';

/** Departure times of `count` requests that all want to leave at once. */
function departures(
  limits: { requestsPerSecond?: number; requestsPerMinute?: number },
  count: number,
): Promise<number[]> {
  const rate = new RateLimit({ ...limits, nowMs: () => 0 });
  return Promise.all(Array.from({ length: count }, () => rate.book()));
}

function mostInWindow(times: readonly number[], windowMs: number): number {
  return Math.max(
    ...times.map((start) => times.filter((time) => time >= start - 1e-6 && time < start + windowMs - 1e-6).length),
  );
}

it.each([1, 3, 5, 19, 20, 50, 500])('never sends more than %d requests in any second', async (limit) => {
  expect(mostInWindow(await departures({ requestsPerSecond: limit }, limit * 3), 1000)).toBeLessThanOrEqual(limit);
});

it.each([1, 60, 600])('never sends more than %d requests in any minute', async (limit) => {
  expect(mostInWindow(await departures({ requestsPerMinute: limit }, limit * 2), 60_000)).toBeLessThanOrEqual(limit);
});

it('uses at least nine tenths of what is allowed', async () => {
  const times = await departures({ requestsPerSecond: 500 }, 5000);
  expect(times.at(-1)).toBeLessThan(11_200);
});

it('keeps the tighter of two limits', async () => {
  expect(await departures({ requestsPerSecond: 3, requestsPerMinute: 6 }, 3)).toEqual([0, 10_000, 20_000]);
});

it('lets everything through without a limit', async () => {
  expect(await departures({}, 100)).toEqual(Array.from({ length: 100 }, () => 0));
});

it('does not save up tokens beyond its burst', async () => {
  let now = 0;
  const rate = new RateLimit({ requestsPerSecond: 10, nowMs: () => now });
  now = 3_600_000;
  expect([await rate.book(), await rate.book()]).toEqual([0, 100]);
});

it('lets nothing depart during a pause the system asked for', async () => {
  let now = 0;
  const rate = new RateLimit({ nowMs: () => now });
  await rate.pause(5000);
  expect(await rate.book()).toBe(5000);
  now = 5000;
  expect(await rate.book()).toBe(0);
});
