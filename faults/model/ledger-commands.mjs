/** Commands of the ledger's model test: each is carried out on the model and on two real nodes, which must then agree. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { ANSWERS, LedgerModel } from './ledger-model.mjs';
import { LedgerWorld, PERSONS, WRITES } from './ledger-world.mjs';

/** Answers whose outcome does not depend on which of two nodes was first. */
const PLAIN_ANSWERS = ['accept', 'reject', 'retry'];

class Command {
  constructor(name, args, { can = () => true, run }) {
    Object.assign(this, { name, args, can, carryOut: run });
  }

  check(model) {
    return this.can(model);
  }

  async run(model, world) {
    await this.carryOut(model, world);
    await agree(model, world);
    counted.commands += 1;
    counted.byName[this.name] = (counted.byName[this.name] ?? 0) + 1;
  }

  toString() {
    return `${this.name}(${JSON.stringify(this.args).slice(1, -1)})`;
  }
}

export const counted = { commands: 0, byName: {} };

async function agree(model, world) {
  const rows = await world.operations();
  const real = rows.map(({ personId, value, state, fence, attempt }) => ({
    ...{ person: world.persons.indexOf(personId), value: Number(value), state, fence, attempt },
  }));
  assert.deepEqual(real, model.picture());
  const effects = rows.flatMap(({ id }, no) => (world.effects.has(id) ? [[no, world.effects.get(id).count]] : []));
  assert.deepEqual(new Map(effects), model.effects);
  if (model.write.movesMoney)
    for (const [no, count] of effects) assert.equal(count, 1, `operation ${no} took effect ${count} times`);
}

const node = fc.integer({ min: 0, max: 1 });
const person = fc.integer({ min: 0, max: PERSONS - 1 });
const answers = (from) => fc.array(fc.constantFrom(...from), { minLength: PERSONS, maxLength: PERSONS });
const isFree = (at) => (model) => !model.hanging.has(at);
const command = (arbitraries, make) => fc.tuple(...arbitraries).map((args) => make(...args));

const want = command(
  [person, fc.option(fc.integer({ min: 1, max: 2 }))],
  (who, value) =>
    new Command('want', [who, value], {
      run: async (model, world) => {
        if (value === null) model.wants.delete(who);
        else model.wants.set(who, value);
        await world.want(who, value);
      },
    }),
);

const plan = command(
  [node, fc.option(person)],
  (at, who) =>
    new Command('plan', [at, who], {
      run: async (model, world) => {
        const persons = who === null ? null : [who];
        model.plan(persons === null ? null : persons);
        await world.plan(at, persons);
      },
    }),
);

const decide = command(
  [node, fc.constantFrom('approve', 'approve', 'approve', 'cancel')],
  (at, decision) =>
    new Command(decision, [at], {
      run: async (model, world) => {
        model.decide(decision);
        await world.decide(at, decision);
      },
    }),
);

const replay = command(
  [node],
  (at) =>
    new Command('replay', [at], {
      can: (model) => model.replayable().length > 0,
      run: async (model, world) => {
        const rows = await world.operations();
        const ids = model.replayable().map(({ no }) => rows[no].id);
        model.replay();
        await world.decide(at, 'replay', ids);
      },
    }),
);

const send = command(
  [node, answers(ANSWERS)],
  (at, told) =>
    new Command('send', [at, told], {
      can: isFree(at),
      run: async (model, world) => {
        world.answers = told;
        model.recover();
        model.sendAll(told);
        await world.send(at);
      },
    }),
);

const sendBoth = command(
  [answers(PLAIN_ANSWERS)],
  (told) =>
    new Command('sendBoth', [told], {
      can: (model) => model.hanging.size === 0,
      run: async (model, world) => {
        world.answers = told;
        model.recover();
        model.sendAll(told);
        await Promise.all([world.send(0), world.send(1)]);
      },
    }),
);

/** A node is paused (keeps its lock), or loses its database, while the target has its request. */
const hang = command(
  [node, fc.boolean(), fc.boolean()],
  (at, isLost, hasEffect) =>
    new Command('hang', [at, isLost, hasEffect], {
      can: isFree(at),
      run: async (model, world) => {
        model.recover();
        const items = await world.hang(at, { isLost, hasEffect });
        if (items === null) return model.sendAll([]);
        const rows = await world.operations();
        const numbers = items.map(({ operationId }) => rows.findIndex(({ id }) => id === operationId));
        for (const operation of model.expirable())
          if (rows[operation.no].state === 'needs-human') model.expire(operation);
        const claimable = model.claimable().map(({ no }) => no);
        assert.ok(
          numbers.every((no) => claimable.includes(no)),
          `sent ${numbers}, of which only ${claimable} may leave`,
        );
        model.hang(at, { numbers, isLost, hasEffect });
      },
    }),
);

const answerLate = command(
  [node, fc.boolean(), answers(ANSWERS)],
  (at, isHeard, told) =>
    new Command('answerLate', [at, isHeard, told], {
      can: (model) => model.hanging.has(at),
      run: async (model, world) => {
        const { hasEffect } = model.hanging.get(at);
        const answer = isHeard ? (hasEffect ? 'accept' : 'retry') : hasEffect ? 'lost-after' : 'lost-before';
        world.answers = told;
        model.answerLate(at, answer, told);
        await world.answerLate(at, answer);
      },
    }),
);

const passTime = fc.constant(null).map(
  () =>
    new Command('passTime', [], {
      run: async (model, world) => {
        model.passTime();
        await world.passTime();
      },
    }),
);

const age = fc.constant(null).map(
  () =>
    new Command('age', [], {
      run: async (model, world) => {
        model.age();
        await world.age();
      },
    }),
);

/** Sends and waits often: most of what can go wrong lies between them. */
export const LEDGER_COMMANDS = [
  ...[want, want, plan, plan, decide, decide, send, send, send, sendBoth, hang, hang, answerLate, answerLate],
  ...[passTime, passTime, replay, age],
];

/** One run: a fresh tenant of one kind of write, the commands, the table of moves. */
export async function playLedger(shared, write, commands) {
  const world = await new LedgerWorld(shared, write).open();
  try {
    await fc.asyncModelRun(() => ({ model: new LedgerModel(write), real: world }), commands);
    assert.deepEqual(await world.illegalMoves(), []);
  } finally {
    await world.close();
  }
}

export const writeKinds = fc.constantFrom(...WRITES);
