/** Whether nodes that know nothing of each other keep one limit together. */
import { SharedRateBudget, type RateLimits } from '../../src/connectors/rate-budget.js';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase({ poolSize: 4 });
});
afterAll(() => test.close());

function nodes(budgetKey: string, limits: RateLimits, count: number): SharedRateBudget[] {
  const nowMs = (): number => performance.now();
  return Array.from(
    { length: count },
    () => new SharedRateBudget({ database: test.database, budgetKey, limits, nowMs }),
  );
}

/** When each of `each` requests per node would leave, if all wanted to leave now. */
async function departures(sharers: readonly SharedRateBudget[], each: number): Promise<number[]> {
  const times: number[] = [];
  await Promise.all(
    sharers.map(async (node) => {
      for (let sent = 0; sent < each; sent += 1) {
        const delayMs = await node.book();
        times.push(performance.now() + delayMs);
      }
    }),
  );
  return times.sort((a, b) => a - b);
}

function mostWithin(times: readonly number[], windowMs: number): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + windowMs).length));
}

describe('a budget that nodes share', () => {
  it.each([20, 50, 500])('sends no more than %d requests in any second, from four nodes together', async (limit) => {
    const times = await departures(nodes(`wide-${limit}`, { requestsPerSecond: limit }, 4), Math.ceil(limit / 2));
    expect(mostWithin(times, 1000)).toBeLessThanOrEqual(limit);
  });

  it('paces a small limit evenly, whoever asks', async () => {
    const times = await departures(nodes('small', { requestsPerMinute: 10 }, 3), 4);
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    // A tenth for the time an answer of the database takes on a busy machine.
    expect(Math.min(...gaps)).toBeGreaterThan(5_400);
    expect(times).toHaveLength(12);
  });

  it('lets a first request go at once', async () => {
    const [node] = nodes('idle', { requestsPerSecond: 5, requestsPerMinute: 100 }, 1);
    expect(await node?.book()).toBe(0);
  });

  it('stops every node when one was told to wait', async () => {
    const [told, other] = nodes('paused', { requestsPerSecond: 5 }, 2);
    await told?.pause(60_000);
    expect(await other?.book()).toBeGreaterThan(50_000);
    expect(other?.pauseMs()).toBeGreaterThan(50_000);
  });

  it('says on every node how much of it is left', async () => {
    const [sender, other] = nodes('told', { requestsPerMinute: 2, requestsPerSecond: 100 }, 2);
    expect(await other?.state()).toEqual([
      { window: 'second', remaining: 10, most: 10, bookedMs: 0 },
      { window: 'minute', remaining: 1, most: 1, bookedMs: 0 },
    ]);
    await sender?.book();
    const [, minute] = (await other?.state()) ?? [];
    expect(minute).toMatchObject({ window: 'minute', remaining: 0, most: 1 });
    await sender?.pause(90_000);
    const paused = (await other?.state()) ?? [];
    expect(paused.map(({ remaining }) => remaining)).toEqual([0, 0]);
    for (const { bookedMs } of paused) expect(bookedMs).toBeGreaterThan(60_000);
  });

  it('belongs to one credential only', async () => {
    const [one] = nodes('credential-a', { requestsPerMinute: 1 }, 1);
    const [two] = nodes('credential-b', { requestsPerMinute: 1 }, 1);
    expect([await one?.book(), await two?.book()]).toEqual([0, 0]);
    expect(await one?.book()).toBeGreaterThan(50_000);
  });
});
