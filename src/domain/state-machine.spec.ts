/** That a life cycle allows exactly the moves of its table. */
import { assertHolds } from './hub-error.js';
import { assertMove, canMove, defineStateMachine } from './state-machine.js';

const door = defineStateMachine({
  name: 'door',
  initial: 'shut',
  moves: { shut: ['open'], open: ['shut', 'broken'], broken: [] },
});

describe('a state machine', () => {
  it('allows the moves of its table and no other', () => {
    expect([
      canMove(door, 'shut', 'open'),
      canMove(door, 'shut', 'broken'),
      canMove(door, 'broken', 'open'),
      canMove(door, 'shut', 'shut'),
    ]).toEqual([true, false, false, false]);
    expect(() => assertMove(door, 'open', 'broken')).not.toThrow();
    expect(() => assertMove(door, 'broken', 'shut')).toThrow(
      expect.objectContaining({ code: 'illegal-move', detail: { from: 'broken', to: 'shut' } }),
    );
  });

  it('is refused when a state cannot be reached or a move leads nowhere', () => {
    const island: Record<string, readonly string[]> = { a: [], b: ['a'] };
    expect(() => defineStateMachine({ name: 'island', initial: 'a', moves: island })).toThrow(
      'island has unreachable states',
    );
    const moves: Record<string, readonly string[]> = { a: ['toString'] };
    expect(() => defineStateMachine({ name: 'nowhere', initial: 'a', moves })).toThrow(
      'nowhere moves to an undeclared state',
    );
    expect(() => defineStateMachine({ name: 'rootless', initial: 'z', moves })).toThrow(
      'rootless begins in an undeclared state',
    );
  });
});

describe('an invariant', () => {
  it('throws a bug with safe detail when it is broken', () => {
    expect(() => assertHolds(true, 'fine')).not.toThrow();
    expect(() => assertHolds(false, 'Broken.', { count: 2 })).toThrow(
      expect.objectContaining({ code: 'invariant-broken', next: 'bug', detail: { count: 2 } }),
    );
  });
});
