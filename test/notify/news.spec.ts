/** That news is written with the change it reports, told together, once, and not at all where nobody listens. */
import { ConnectionHealth } from '../../src/connectors/connection-health.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import { claimStuck } from '../../src/push/tell-stuck.store.js';
import { CONNECTION, openLedgerWorld, TENANT, type LedgerWorld, type WorldOptions } from '../push/ledger-world.js';

let world: LedgerWorld;
afterEach(() => world.close());

const given = async (options: WorldOptions = {}): Promise<void> => void (world = await openLedgerWorld(options));
/** Jobs that wait, by fact, with what they say. */
const posted = (fact: string): Promise<Record<string, unknown>[]> =>
  world.test.database.acrossTenants((em) =>
    em.query(
      `SELECT j.payload FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
        WHERE t.identifier = $1 ORDER BY j.id`,
      [fact],
    ),
  );
const claim = (): ReturnType<typeof claimStuck> =>
  world.test.database.inTenant(TENANT, (em) => claimStuck(em, TENANT, CONNECTION));

describe('operations that need a person', () => {
  const BLIND = { kind: 'declaration', writeClass: { type: 'blind' }, automaticKinds: ['declaration'] } as const;

  async function stick(persons: number): Promise<void> {
    world.target.answer = ({ operationId }) => ({ operationId, outcome: 'unknown', code: 'timed-out' });
    for (let person = 0; person < persons; person += 1)
      await world.correct({
        ...{ personId: await world.person(), kind: 'declaration', movesMoney: 'yes' },
        ...{ desired: { baseFen: 500_000 }, seen: {} },
      });
    await world.planAll();
    await world.sendAll();
  }

  it('are one piece of news however many they are, and are told once', async () => {
    await given({ ...BLIND, batch: 2 });
    await stick(7);
    expect(await posted('OperationsStuck')).toEqual([
      { payload: { fact: 'OperationsStuck', tenantId: TENANT, connectionId: CONNECTION } },
    ]);
    const both = await Promise.all([claim(), claim()]);
    const told = both.find((each) => each !== null);
    expect(both.filter((each) => each !== null)).toHaveLength(1);
    expect(told).toMatchObject({ operations: 7, byState: { 'needs-human': 7 } });
    expect([told?.operationIds.length, Object.values(told?.byCode ?? {})]).toEqual([7, [7]]);
  });

  it('and fail again after a replay are told again', async () => {
    await given(BLIND);
    await stick(1);
    const first = await claim();
    await world.decide.decide({ tenantId: TENANT, decision: 'replay', actor: 'Lin', operationIds: null });
    expect(await claim()).toBeNull();
    await world.sendAll();
    const second = await claim();
    expect([second?.operationIds, second?.fingerprint === first?.fingerprint]).toEqual([first?.operationIds, false]);
  });
});

describe('a run', () => {
  it('is told as complete once it is planned', async () => {
    await given();
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    await world.planAll();
    await world.planOf(await world.person());
    const told = { fact: 'RunCompleted', tenantId: TENANT, runId: world.runId, asOf: '2023-03-20', state: 'succeeded' };
    expect(await posted('RunCompleted')).toEqual([{ payload: { ...told, operations: 1 } }]);
  });

  it('that a brake holds is told as suspended, and as complete after somebody let it go on', async () => {
    await given({ brakes: { worseStatus: { persons: 0, percent: 0 } } });
    await world.correct({ personId: await world.person(), desired: { status: 'gap' }, seen: { status: 'insured' } });
    await world.planAll();
    const [plan] = await world.sql(`SELECT plan_id AS id, encode(hash, 'hex') AS hash FROM buduan.plan`);
    expect(await posted('RunSuspended')).toMatchObject([
      { payload: { planId: plan?.['id'], reasons: ['worse-status'], operations: 1 } },
    ]);
    expect(await posted('RunCompleted')).toEqual([]);
    const decision = { tenantId: TENANT, planId: String(plan?.['id']), hash: String(plan?.['hash']) };
    await world.decidePlan.decide({ ...decision, decision: 'approved', actor: 'Chen' });
    expect(await posted('RunCompleted')).toMatchObject([{ payload: { state: 'succeeded', operations: 1 } }]);
  });
});

describe('a connection', () => {
  it('is told with its change of health, and a probe that changes nothing is no news', async () => {
    await given();
    const { database, url } = world.test;
    const health = new ConnectionHealth(database, silentLog(), new Jobs({ database, url, log: silentLog() }));
    const key = { tenantId: TENANT, connectionId: CONNECTION };
    for (const state of ['up', 'down', 'down', 'half-open', 'up'] as const) await health.note(key, state);
    expect((await posted('ConnectionMoved')).map(({ payload }) => (payload as { health: string }).health)).toEqual([
      'down',
      'up',
    ]);
  });
});

describe('news of a tenant with nobody to tell', () => {
  it('is not written, and every other fact is', async () => {
    await given();
    const { database, url } = world.test;
    const jobs = new Jobs({ database, url, log: silentLog(), isHeard: () => false });
    await database.inTenant(TENANT, async (em) => {
      const of = { tenantId: TENANT, connectionId: CONNECTION };
      await jobs.post(em, { fact: 'OperationsStuck', ...of });
      await jobs.post(em, { fact: 'OperationsDue', ...of });
    });
    expect([(await posted('OperationsStuck')).length, (await posted('OperationsDue')).length]).toEqual([0, 1]);
  });
});
