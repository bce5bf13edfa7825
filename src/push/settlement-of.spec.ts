import { RETRY_WAITS_SECONDS } from './operation-states.js';
import type { ClaimedOperation } from './send-operations.store.js';
import { settlementOf } from './settlement-of.js';

const OVERWRITE = { type: 'overwrite' } as const;

function operation(attempt: number, movesMoney: 'money' | 'no-money' = 'no-money'): ClaimedOperation {
  return {
    operationId: '00000000-0000-4000-8000-000000000001',
    kind: 'status',
    ownerKey: 'A000001',
    objectKey: '',
    businessKey: 'k:0',
    desired: { status: 'gap' },
    movesMoney: movesMoney === 'money',
    fence: 3,
    attempt,
    msSinceFirstSent: 0,
  };
}

describe('what an outcome makes of an operation', () => {
  it('keeps the fence it was claimed under', () => {
    const settled = settlementOf(operation(1), { operationId: 'x', outcome: 'accepted', remoteRef: 'r1' }, OVERWRITE);
    expect(settled).toMatchObject({ state: 'acknowledged', fence: 3, remoteRef: 'r1', waitSeconds: null });
  });

  it('waits longer with every try and dies after the last', () => {
    const states = [1, 2, 3, 4, 5, 6].map((attempt) =>
      settlementOf(operation(attempt), { operationId: 'x', outcome: 'retry', code: 'busy', waitMs: null }, OVERWRITE),
    );
    expect(states.map((each) => each.waitSeconds)).toEqual([...RETRY_WAITS_SECONDS, null]);
    expect(states.at(-1)?.state).toBe('dead');
  });

  it('honours a longer wait that the target asks for, and ignores a shorter one', () => {
    const long = settlementOf(
      operation(1),
      { operationId: 'x', outcome: 'retry', code: 'throttled', waitMs: 90_000 },
      OVERWRITE,
    );
    const short = settlementOf(
      operation(3),
      { operationId: 'x', outcome: 'retry', code: 'throttled', waitMs: 1 },
      OVERWRITE,
    );
    expect(long.waitSeconds).toBe(90);
    expect(short.waitSeconds).toBe(60);
  });

  it('does not resend money whose outcome is unknown through a blind write', () => {
    const settled = settlementOf(
      operation(1, 'money'),
      { operationId: 'x', outcome: 'unknown', code: 'reply-lost' },
      { type: 'blind' },
    );
    expect(settled).toMatchObject({ state: 'needs-human', waitSeconds: null });
  });

  it('lets a queryable write be asked for after its processing time', () => {
    const writeClass = { type: 'queryable', consistent: true, maxProcessingMs: 2500 } as const;
    expect(
      settlementOf(operation(1, 'money'), { operationId: 'x', outcome: 'unknown', code: 'reply-lost' }, writeClass),
    ).toMatchObject({ state: 'unknown', waitSeconds: 2.5 });
  });
});
