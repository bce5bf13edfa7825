/** Facts about calls that pass the guard: what is tried again, what is not, and what is thrown. */
import { jest } from '@jest/globals';
import { HubError } from '../domain/hub-error.js';
import { createLog, silentLog } from '../platform/log/log.js';
import { ConnectorError } from './connector-error.js';
import type { FaultName } from './error-table.js';
import { Guard, type GuardLimits, type GuardTiming } from './guard.js';

const LIMITS: GuardLimits = { concurrency: 4, retries: 3, retryCapMs: 60_000 };

class Rig {
  nowMs = 0;
  readonly waits: number[] = [];
  attempts = 0;
  readonly guard: Guard;

  constructor(limits: Partial<GuardLimits> = {}, extra: { failures?: number; lines?: string[] } = {}) {
    const timing: GuardTiming = {
      nowMs: () => this.nowMs,
      wait: (ms) => {
        this.waits.push(Math.round(ms));
        this.nowMs += ms;
        return Promise.resolve();
      },
      random: () => 1,
    };
    const log = extra.lines
      ? createLog({ level: 'debug', destination: { write: (line) => void extra.lines?.push(line) } })
      : silentLog();
    this.guard = new Guard({
      tenantId: 't1',
      connectionId: 'bureau-main',
      limits: { ...LIMITS, ...limits },
      log,
      timing,
      breaker: { failures: extra.failures ?? 100, restMs: 15_000 },
    });
  }

  /** Fails with each outcome in turn, then succeeds. */
  async call(
    outcomes: readonly Error[],
    options: { idempotent?: boolean; deadlineMs?: number } = {},
  ): Promise<unknown> {
    const queue = [...outcomes];
    return this.guard
      .call(
        'contributions',
        () => {
          this.attempts += 1;
          const next = queue.shift();
          return next === undefined ? Promise.resolve('done') : Promise.reject(next);
        },
        { deadlineMs: options.deadlineMs ?? 100_000, idempotent: options.idempotent ?? true },
      )
      .catch((error: unknown) => error);
  }
}

function fault(name: FaultName, more: { waitMs?: number; mayHaveArrived?: boolean } = {}): ConnectorError {
  return new ConnectorError({ fault: name, ...more });
}

describe('what is tried again', () => {
  it.each<FaultName>(['connection-refused', 'connection-cut', 'timed-out', 'unavailable', 'host-not-found'])(
    '%s, with growing pauses',
    async (name) => {
      const rig = new Rig();
      expect(await rig.call([fault(name), fault(name), fault(name)])).toBe('done');
      expect(rig.waits).toEqual([200, 400, 800]);
    },
  );

  it('a throttled call, after the wait the system asked for', async () => {
    const rig = new Rig();
    expect(await rig.call([fault('throttled', { waitMs: 7000 })])).toBe('done');
    expect(rig.waits).toEqual([7000]);
  });

  it('nothing beyond the allowed attempts; the last error is thrown', async () => {
    const rig = new Rig({ retries: 2 });
    expect(await rig.call(Array.from({ length: 9 }, () => fault('unavailable')))).toMatchObject({
      code: 'unavailable',
      category: 'REMOTE_UNAVAILABLE',
    });
    expect(rig.attempts).toBe(3);
  });
});

describe('what is not tried again', () => {
  it.each<FaultName>([
    'auth-rejected',
    'login-rejected',
    'rejected',
    'request-invalid',
    'not-json',
    'drift',
    'redirected',
    'reply-too-large',
    'address-refused',
    'tls-refused',
    'not-found',
    'conflict',
    'maintenance',
    'internal',
  ])('%s', async (name) => {
    const rig = new Rig();
    expect(await rig.call([fault(name)])).toMatchObject({ code: name });
    expect(rig.attempts).toBe(1);
  });

  it('a call that does harm twice, unless it provably did not arrive', async () => {
    const rig = new Rig();
    expect(await rig.call([fault('timed-out')], { idempotent: false })).toMatchObject({
      code: 'timed-out',
      mayHaveArrived: true,
    });
    expect(rig.attempts).toBe(1);
    expect(
      await rig.call([fault('connection-refused'), fault('throttled', { waitMs: 1 })], { idempotent: false }),
    ).toBe('done');
    expect(rig.attempts).toBe(4);
  });

  it('a call whose wait goes beyond the cap: it is handed back with its time', async () => {
    const rig = new Rig({ retryCapMs: 60_000 });
    expect(await rig.call([fault('throttled', { waitMs: 3_600_000 })])).toMatchObject({
      category: 'RATE_LIMIT',
      action: 'WAIT_UNTIL',
      waitMs: 3_600_000,
    });
    expect(rig.waits).toEqual([]);
  });

  it('other calls of the connection before that time: they are not even sent', async () => {
    const rig = new Rig();
    await rig.call([fault('throttled', { waitMs: 3_600_000 })]);
    expect(await rig.call([])).toMatchObject({
      code: 'throttled',
      action: 'WAIT_UNTIL',
      waitMs: 3_600_000,
      mayHaveArrived: false,
    });
    expect(rig.attempts).toBe(1);
    rig.nowMs += 3_600_000;
    expect(await rig.call([])).toBe('done');
  });

  it('a call whose wait would outlast its deadline', async () => {
    const rig = new Rig();
    expect(await rig.call([fault('unavailable', { waitMs: 30_000 })], { deadlineMs: 20_000 })).toMatchObject({
      code: 'unavailable',
      action: 'WAIT_UNTIL',
      waitMs: 30_000,
    });
  });
});

it('remembers that an earlier attempt may have arrived', async () => {
  const rig = new Rig();
  expect(await rig.call([fault('timed-out'), fault('request-invalid')])).toMatchObject({
    code: 'request-invalid',
    mayHaveArrived: true,
  });
});

describe('the deadline', () => {
  it('ends an attempt that ignores its signal', async () => {
    const guard = new Guard({ tenantId: 't1', connectionId: 'c', limits: LIMITS, log: silentLog() });
    const started = performance.now();
    const failure: unknown = await guard
      .call('x', () => new Promise(() => undefined), { deadlineMs: 30, idempotent: true })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'timed-out', category: 'TRANSIENT_NETWORK', mayHaveArrived: true });
    expect(performance.now() - started).toBeLessThan(1030);
  });

  it('also counts the time spent waiting for a free slot', async () => {
    const guard = new Guard({
      tenantId: 't1',
      connectionId: 'c',
      limits: { ...LIMITS, concurrency: 1 },
      log: silentLog(),
    });
    const stop = new AbortController();
    const first = guard
      .call('x', () => new Promise(() => undefined), { deadlineMs: 5000, idempotent: true, signal: stop.signal })
      .catch((error: unknown) => error);
    expect(
      await guard
        .call('y', () => Promise.resolve(1), { deadlineMs: 30, idempotent: true })
        .catch((error: unknown) => error),
    ).toMatchObject({ code: 'timed-out', mayHaveArrived: false });
    stop.abort();
    expect(await first).toMatchObject({ code: 'cancelled', mayHaveArrived: true });
  });
});

it('never runs more attempts at once than allowed', async () => {
  const rig = new Rig({ concurrency: 3 });
  let running = 0;
  let most = 0;
  const attempt = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  await Promise.all(
    Array.from({ length: 20 }, () => rig.guard.call('x', attempt, { deadlineMs: 5000, idempotent: true })),
  );
  expect(most).toBe(3);
});

it('hands a call back when its own rate limit would outlast the deadline', async () => {
  const rig = new Rig({ requestsPerMinute: 1 });
  expect(await rig.call([])).toBe('done');
  expect(await rig.call([], { deadlineMs: 20_000 })).toMatchObject({
    code: 'throttled',
    action: 'WAIT_UNTIL',
    waitMs: 60_000,
    mayHaveArrived: false,
  });
});

describe('the breaker', () => {
  afterEach(() => jest.restoreAllMocks());

  it('opens after consecutive failures, asks once after its rest, and closes on success', async () => {
    let wallMs = 1_000_000;
    jest.spyOn(Date, 'now').mockImplementation(() => wallMs);
    const rig = new Rig({ retries: 0 }, { failures: 3 });
    for (let count = 0; count < 3; count += 1) await rig.call([fault('unavailable')]);
    expect(rig.guard.health).toBe('down');
    expect(await rig.call([])).toMatchObject({
      code: 'breaker-open',
      category: 'REMOTE_UNAVAILABLE',
      action: 'WAIT_UNTIL',
      waitMs: 15_000,
      mayHaveArrived: false,
    });
    expect(rig.attempts).toBe(3);
    wallMs += 15_001;
    rig.nowMs += 15_001;
    expect(await rig.call([])).toBe('done');
    expect(rig.guard.health).toBe('up');
  });

  it('does not open for a system that answers, however unfriendly', async () => {
    const rig = new Rig({ retries: 0 }, { failures: 3 });
    for (const name of ['rejected', 'auth-rejected', 'throttled', 'request-invalid', 'not-found', 'drift'] as const)
      await rig.call([fault(name)]);
    expect(rig.guard.health).toBe('up');
  });
});

describe('what is thrown and logged', () => {
  it('names connection and call, and carries nothing foreign', async () => {
    const lines: string[] = [];
    const rig = new Rig({}, { lines });
    const failure = (await rig.call([new SyntaxError('Unexpected token in {"name":"canary-name"}')])) as ConnectorError;
    expect(failure).toBeInstanceOf(ConnectorError);
    expect(failure).toMatchObject({
      code: 'internal',
      detail: { tenantId: 't1', connectionId: 'bureau-main', call: 'contributions', kind: 'SyntaxError' },
    });
    expect(failure.message).toContain('Connection bureau-main, contributions:');
    expect(failure.cause).toBeUndefined();
    expect(`${failure.message}${JSON.stringify(failure)}${lines.join('')}`).not.toContain('canary');
  });

  it('keeps the safe message of our own errors', async () => {
    const failure = (await new Rig().call([
      new HubError({ code: 'bad-key', next: 'fix-config', message: 'The signing key is no key.' }),
    ])) as ConnectorError;
    expect(failure).toMatchObject({ code: 'internal', detail: { reason: 'bad-key' } });
    expect(failure.message).toContain('The signing key is no key.');
  });

  it('is one line per finished call, with ids, attempts and outcome', async () => {
    const lines: string[] = [];
    const rig = new Rig({}, { lines });
    await rig.call([fault('unavailable')]);
    await rig.call([fault('rejected')]);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 'debug', connectionId: 'bureau-main', call: 'contributions', attempts: 2 }),
      expect.objectContaining({ level: 'warn', code: 'rejected', category: 'BUSINESS_REJECTED', attempts: 1 }),
    ]);
  });

  it('never shows what the system said', async () => {
    const lines: string[] = [];
    const rig = new Rig({}, { lines });
    const failure = (await rig.call([
      new ConnectorError({ fault: 'rejected', remoteText: '张三 canary' }),
    ])) as ConnectorError;
    expect(failure.remoteText).toBe('张三 canary');
    expect(`${failure.message}${JSON.stringify(failure)}${lines.join('')}`).not.toContain('canary');
  });
});
