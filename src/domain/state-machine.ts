/** Which moves a life cycle allows: transition tables as data, checked once at start. */
import { HubError, assertHolds } from './hub-error.js';

export interface StateMachine<S extends string> {
  readonly name: string;
  readonly initial: S;
  readonly moves: Readonly<Record<S, readonly S[]>>;
}

/** Declares a machine and throws when a state cannot be reached from the initial one or a move leads nowhere. */
export function defineStateMachine<S extends string>(machine: StateMachine<S>): StateMachine<S> {
  assertHolds(
    Object.hasOwn(machine.moves, machine.initial),
    `State machine ${machine.name} begins in an undeclared state.`,
    { state: machine.initial },
  );
  const reached = new Set<S>([machine.initial]);
  for (const state of reached) {
    for (const next of machine.moves[state]) {
      assertHolds(Object.hasOwn(machine.moves, next), `State machine ${machine.name} moves to an undeclared state.`, {
        state,
        next,
      });
      reached.add(next);
    }
  }
  const unreachable = (Object.keys(machine.moves) as S[]).filter((state) => !reached.has(state));
  assertHolds(unreachable.length === 0, `State machine ${machine.name} has unreachable states.`, {
    states: unreachable.join(','),
  });
  return machine;
}

export function canMove<S extends string>(machine: StateMachine<S>, from: S, to: S): boolean {
  return machine.moves[from].includes(to);
}

/** Throws `illegal-move` when the table does not allow it. */
export function assertMove<S extends string>(machine: StateMachine<S>, from: S, to: S): void {
  if (!canMove(machine, from, to)) {
    throw new HubError({
      code: 'illegal-move',
      next: 'bug',
      message: `${machine.name} cannot move from ${from} to ${to}.`,
      detail: { from, to },
    });
  }
}
