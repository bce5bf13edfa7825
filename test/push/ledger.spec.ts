import { fixedClock } from '../../src/platform/clock/clock.js';
import {
  closeAndListIllegalMoves,
  openLedgerWorld,
  TENANT,
  type LedgerWorld,
  type WorldOptions,
} from './ledger-world.js';

let world: LedgerWorld;

async function given(options: WorldOptions = {}): Promise<void> {
  world = await openLedgerWorld(options);
}

// Whatever a test does, every move the ledger recorded is one that the table of the state machine allows.
afterEach(async () => {
  expect(await closeAndListIllegalMoves(world)).toEqual([]);
});

describe('planning', () => {
  it('asks to be sent again only while something waits: a ledger at rest posts no job for ever', async () => {
    await given();
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    await world.planAll();
    const dueJobs = (): Promise<Record<string, unknown>[]> =>
      world.test.database.acrossTenants((em) =>
        em.query(
          `DELETE FROM graphile_worker._private_jobs j WHERE j.payload->>'fact' = 'OperationsDue' RETURNING 1 AS due`,
        ),
      );
    expect((await dueJobs())[0]).toHaveLength(1);
    await world.sendAll();
    expect((await dueJobs())[0]).toHaveLength(0);
  });

  it('makes one operation per correction, however often it is planned', async () => {
    await given();
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    expect((await world.planAll()).planned).toBe(1);
    expect((await world.planAll()).planned).toBe(0);
    expect(await world.states()).toEqual(['queued']);
  });

  it('cancels what is not needed any more before it was sent', async () => {
    await given();
    const personId = await world.person();
    await world.correct({ personId, desired: { status: 'insured' } });
    await world.planAll();
    await world.vanish(personId);
    await world.planAll();
    expect(await world.states()).toEqual(['cancelled']);
  });

  it('lets a newer desired value supersede, never race', async () => {
    await given();
    const personId = await world.person();
    await world.correct({ personId, desired: { status: 'gap' } });
    await world.planAll();
    await world.correct({ personId, desired: { status: 'insured' } });
    await world.planAll();
    expect([...(await world.states())].sort()).toEqual(['queued', 'superseded']);
    await world.sendAll();
    expect(world.target.requests.flat().map((item) => item.values['status'])).toEqual(['insured']);
  });

  it('sends a value again that drifted back after it was verified, under another key', async () => {
    await given();
    const personId = await world.person();
    for (const round of [1, 2]) {
      await world.correct({ personId, desired: { status: 'insured' } });
      await world.planAll();
      await world.sendAll();
      await world.vanish(personId);
      await world.planAll();
      expect(world.target.effects).toHaveLength(round);
    }
    expect(new Set(world.target.effects).size).toBe(2);
    expect(await world.states()).toEqual(['verified', 'verified']);
  });

  it('does not plan a refused value again by itself, so that nothing loops at night', async () => {
    await given();
    world.target.answer = (item) => ({ operationId: item.operationId, outcome: 'rejected', code: 'E1', message: 'no' });
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    await world.planAll();
    await world.sendAll();
    expect((await world.planAll()).planned).toBe(0);
    expect(await world.states()).toEqual(['rejected']);
  });
});

describe('money', () => {
  it('leaves only after an approval, which is recorded with its actor and its hash', async () => {
    await given({ kind: 'declaration', writeClass: { type: 'keyed', ttlHours: 24 } });
    await world.correct({
      personId: await world.person(),
      desired: { baseFen: 1_800_000 },
      kind: 'declaration',
      movesMoney: 'yes',
    });
    await world.planAll();
    await world.sendAll();
    expect(world.target.requests).toEqual([]);
    expect(await world.states()).toEqual(['held']);
    await world.decide.decide({ tenantId: TENANT, decision: 'approve', actor: 'lin', operationIds: null });
    await world.sendAll();
    const [operation] = await world.sql(
      'SELECT state, approved_by, approved_hash = payload_hash AS bound FROM buduan.operation',
    );
    expect(operation).toEqual({ state: 'acknowledged', approved_by: 'lin', bound: true });
    const [audit] = await world.sql(`SELECT actor, action FROM buduan.audit_event WHERE action LIKE 'operations.%'`);
    expect(audit).toEqual({ actor: 'lin', action: 'operations.approve' });
  });

  it('cannot be queued without an approval of exactly its payload, whoever writes the row', async () => {
    await given({ kind: 'declaration' });
    await world.correct({
      personId: await world.person(),
      desired: { baseFen: 1 },
      kind: 'declaration',
      movesMoney: 'yes',
    });
    await world.planAll();
    await expect(world.sql(`UPDATE buduan.operation SET state = 'queued'`)).rejects.toThrow(
      /violates check constraint/,
    );
  });

  it('goes to a person when a blind write got no answer', async () => {
    await given({ kind: 'declaration', writeClass: { type: 'blind' }, automaticKinds: ['declaration'] });
    world.target.answer = (item) => ({ operationId: item.operationId, outcome: 'unknown', code: 'reply-lost' });
    await world.correct({
      personId: await world.person(),
      desired: { baseFen: 1 },
      kind: 'declaration',
      movesMoney: 'yes',
    });
    await world.planAll();
    await world.sendAll();
    await world.sendAll();
    expect(world.target.requests).toHaveLength(1);
    expect(await world.states()).toEqual(['needs-human']);
  });

  it('is resent under the same key where the target honours keys', async () => {
    await given({ kind: 'declaration', writeClass: { type: 'keyed', ttlHours: 24 }, automaticKinds: ['declaration'] });
    world.target.answer = (item) => ({ operationId: item.operationId, outcome: 'unknown', code: 'reply-lost' });
    await world.correct({
      personId: await world.person(),
      desired: { baseFen: 1 },
      kind: 'declaration',
      movesMoney: 'yes',
    });
    await world.planAll();
    await world.sendAll();
    world.target.answer = (item) => world.target.accept(item);
    await world.wait();
    await world.sendAll();
    const keys = world.target.requests.flat().map((item) => item.idempotencyKey);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(await world.states()).toEqual(['acknowledged']);
  });

  it('goes to a person when its wait outlived the key under which an earlier try may have arrived', async () => {
    await given({ kind: 'declaration', writeClass: { type: 'keyed', ttlHours: 24 }, automaticKinds: ['declaration'] });
    world.target.answer = (item) => ({ operationId: item.operationId, outcome: 'unknown', code: 'reply-lost' });
    await world.correct({
      personId: await world.person(),
      desired: { baseFen: 1 },
      kind: 'declaration',
      movesMoney: 'yes',
    });
    await world.planAll();
    await world.sendAll();
    await world.sql(`UPDATE buduan.operation SET first_sent_at = first_sent_at - interval '22 hours'`);
    await world.wait();
    await world.sendAll();
    expect(world.target.requests).toHaveLength(1);
    expect(await world.states()).toEqual(['needs-human']);
  });

  it('is asked for, not resent, where the target can be asked; "not found" then frees one resend', async () => {
    await given({
      kind: 'declaration',
      writeClass: { type: 'queryable', consistent: true, maxProcessingMs: 0 },
      automaticKinds: ['declaration'],
    });
    world.target.answer = (item) => ({ operationId: item.operationId, outcome: 'unknown', code: 'reply-lost' });
    await world.correct({
      personId: await world.person(),
      desired: { baseFen: 1 },
      kind: 'declaration',
      movesMoney: 'yes',
    });
    await world.planAll();
    await world.sendAll();
    expect(await world.states()).toEqual(['unknown']);
    world.target.found = 'found';
    await world.wait();
    await world.sendAll();
    expect(world.target.requests).toHaveLength(1);
    expect(await world.states()).toEqual(['acknowledged']);
  });
});

describe('sending', () => {
  it('leaves in slices of time, so that a slow target keeps no worker from other tenants', async () => {
    const clock = fixedClock(new Date().toISOString());
    await given({ batch: 1, clock });
    for (let count = 0; count < 3; count += 1)
      await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    await world.planAll();
    await world.test.database.acrossTenants((em) => em.query('DELETE FROM graphile_worker._private_jobs'));
    world.target.beforeAnswer = () => Promise.resolve(clock.advance(3_000));
    await world.sendAll();
    expect([...(await world.states())].sort()).toEqual(['acknowledged', 'acknowledged', 'queued']);
    const waiting = await world.test.database.acrossTenants((em) =>
      em.query<unknown[]>('SELECT 1 FROM graphile_worker._private_jobs'),
    );
    expect(waiting).toHaveLength(1);
    await world.sendAll();
    expect(await world.states()).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
  });

  it('asks after lost outcomes for half of a slice at most, so that slow answers keep nothing else from leaving', async () => {
    const clock = fixedClock(new Date().toISOString());
    const writeClass = { type: 'queryable', consistent: true, maxProcessingMs: 0 } as const;
    await given({ kind: 'declaration', writeClass, automaticKinds: ['declaration'], clock });
    const declare = async (): Promise<void> =>
      world.correct({
        ...{ personId: await world.person(), desired: { baseFen: 1 }, kind: 'declaration', movesMoney: 'yes' },
      });
    world.target.answer = (item) => ({ operationId: item.operationId, outcome: 'unknown', code: 'reply-lost' });
    for (let count = 0; count < 4; count += 1) await declare();
    await world.planAll();
    await world.sendAll();
    world.target.answer = (item) => world.target.accept(item);
    await declare();
    await world.planAll();
    await world.wait();
    let questions = 0;
    world.target.asked = () => {
      questions += 1;
      clock.advance(1_000);
    };
    await world.sendAll();
    expect(questions).toBe(3);
    expect(world.target.effects).toHaveLength(1);
    await world.sendAll();
    expect(questions).toBe(4);
  });

  it('sends bulk requests no larger than the target takes', async () => {
    await given({ batch: 2 });
    for (let index = 0; index < 5; index += 1)
      await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    await world.planAll();
    await world.sendAll();
    expect(world.target.requests.map((items) => items.length)).toEqual([2, 2, 1]);
  });

  it('takes partial acceptance item by item', async () => {
    await given();
    const bad = await world.person();
    world.target.answer = (item) =>
      item.ownerKey === bad
        ? { operationId: item.operationId, outcome: 'rejected', code: 'E_FIELD', message: 'another field is wrong' }
        : world.target.accept(item);
    await world.correct({ personId: bad, desired: { status: 'insured' } });
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    await world.planAll();
    await world.sendAll();
    expect([...(await world.states())].sort()).toEqual(['acknowledged', 'rejected']);
  });

  it('finds the one bad item that makes a target refuse the whole request', async () => {
    await given();
    const bad = await world.person();
    const connection = world.target;
    let items: readonly string[] = [];
    connection.beforeAnswer = () => {
      items = connection.requests.at(-1)?.map((item) => item.ownerKey) ?? [];
      return Promise.resolve();
    };
    connection.answer = (item) =>
      items.includes(bad)
        ? { operationId: item.operationId, outcome: 'rejected', code: 'E_BATCH', message: 'bad batch' }
        : connection.accept(item);
    await world.correct({ personId: bad, desired: { status: 'insured' } });
    for (let index = 0; index < 6; index += 1)
      await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    await world.planAll();
    await world.sendAll();
    expect([...(await world.states())].sort()).toEqual([...Array<string>(6).fill('acknowledged'), 'rejected']);
    expect(new Set(connection.effects).size).toBe(6);
  });

  it('does not call an operation verified because its person was frozen', async () => {
    await given();
    const personId = await world.person();
    await world.correct({ personId, desired: { status: 'insured' } });
    await world.planAll();
    await world.sendAll();
    await world.sql(`UPDATE buduan.person SET frozen_reason = 'duplicate-number' WHERE person_id = $1`, [personId]);
    await world.vanish(personId);
    await world.planAll();
    expect(await world.states()).toEqual(['acknowledged']);
  });

  it('passes over frozen persons', async () => {
    await given();
    const personId = await world.person();
    await world.correct({ personId, desired: { status: 'insured' } });
    await world.planAll();
    await world.sql(`UPDATE buduan.person SET frozen_reason = 'duplicate-number' WHERE person_id = $1`, [personId]);
    await world.sendAll();
    expect(world.target.requests).toEqual([]);
  });

  it('dies after its last try and comes back when a person replays it', async () => {
    await given();
    world.target.answer = (item) => ({ operationId: item.operationId, outcome: 'retry', code: 'busy', waitMs: null });
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    await world.planAll();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await world.sendAll();
      await world.wait();
    }
    expect(await world.states()).toEqual(['dead']);
    world.target.answer = (item) => world.target.accept(item);
    await world.decide.decide({ tenantId: TENANT, decision: 'replay', actor: 'chen', operationIds: null });
    await world.sendAll();
    expect(await world.states()).toEqual(['acknowledged']);
  });

  it('writes a history row for every move', async () => {
    await given();
    const personId = await world.person();
    await world.correct({ personId, desired: { status: 'insured' } });
    await world.planAll();
    await world.sendAll();
    await world.vanish(personId);
    await world.planAll();
    const events = await world.sql('SELECT from_state, to_state FROM buduan.operation_event ORDER BY event_no');
    expect(events.map((event) => `${String(event['from_state'])}>${String(event['to_state'])}`)).toEqual([
      'planned>queued',
      'queued>sending',
      'sending>acknowledged',
      'acknowledged>verified',
    ]);
  });
});

describe('a sender that disappears', () => {
  async function abandonedInSending(): Promise<{ readonly release: () => Promise<void> }> {
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    await world.planAll();
    const session = await world.test.database.session();
    const dispatchId = '018f0000-0000-7000-8000-000000000001';
    await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [dispatchId]);
    await world.sql(
      `UPDATE buduan.operation SET state = 'sending', dispatch_id = $1, fence = 1, attempt = 1, sent_at = now(), first_sent_at = now()`,
      [dispatchId],
    );
    return { release: () => session.release() };
  }

  it('is left alone while its lock is held: it may only be paused', async () => {
    await given();
    const sender = await abandonedInSending();
    await world.sendAll();
    expect(await world.states()).toEqual(['sending']);
    expect(world.target.requests).toEqual([]);
    await sender.release();
  });

  it('is taken over when its lock is free, under a new fence', async () => {
    await given();
    const sender = await abandonedInSending();
    await sender.release();
    await world.sendAll();
    await world.sendAll();
    expect(await world.states()).toEqual(['acknowledged']);
    const [operation] = await world.sql('SELECT fence FROM buduan.operation');
    expect(operation?.['fence']).toBe(3);
  });
});
