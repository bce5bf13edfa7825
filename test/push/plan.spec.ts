/** Whether a plan that is too large waits, whole and unchanged, for a second person, and whether small plans can walk around that. */
import { forgetPlans } from '../../src/push/forget-plans.js';
import { listPlannedChanges, listPlans, readPlan, type PlanView } from '../../src/push/plans.reader.js';
import {
  closeAndListIllegalMoves,
  openLedgerWorld,
  CONNECTION,
  TENANT,
  type LedgerWorld,
  type WorldOptions,
} from './ledger-world.js';

const ONE_MAY_WORSEN = { worseStatus: { persons: 1, percent: 0 } };

let world: LedgerWorld;

async function given(options: WorldOptions = {}): Promise<void> {
  world = await openLedgerWorld(options);
}

afterEach(async () => {
  expect(await closeAndListIllegalMoves(world)).toEqual([]);
});

async function worsen(): Promise<string> {
  const personId = await world.person();
  await world.correct({ personId, desired: { status: 'gap' }, seen: { status: 'insured' } });
  return personId;
}

async function newestPlan(): Promise<PlanView> {
  const found = await world.test.database.inTenant(TENANT, async (em) => {
    const [newest] = await listPlans(em, { tenantId: TENANT, state: null, limit: 1 });
    return newest ? readPlan(em, TENANT, newest.planId) : null;
  });
  if (found === null) throw new Error('no plan was stored');
  return found;
}

function decide(plan: PlanView, decision: 'approved' | 'rejected', actor = 'Chen'): Promise<number> {
  return world.decidePlan.decide({ tenantId: TENANT, planId: plan.planId, hash: plan.hash, decision, actor });
}

const runState = async (): Promise<unknown> => (await world.sql('SELECT state FROM buduan.run'))[0]?.['state'];
const sent = (): number => world.target.requests.flat().length;

describe('a plan that would show too many people in a worse status', () => {
  it('is stored and suspended with its figures, and nothing of it is sent', async () => {
    await given({ brakes: ONE_MAY_WORSEN });
    await worsen();
    await worsen();
    const report = await world.planAll();
    expect(report.brakes).toEqual([{ reason: 'worse-status', about: [], own: 2, total: 2, limit: 1 }]);
    await world.sendAll();
    expect({ sent: sent(), states: await world.states(), run: await runState() }).toEqual({
      sent: 0,
      states: ['held', 'held'],
      run: 'suspended',
    });
    expect(await newestPlan()).toMatchObject({ state: 'suspended', reasons: ['worse-status'], worse: 2, held: 2 });
  });

  it('leaves exactly as it was shown once another person approves it, and its run goes on', async () => {
    await given({ brakes: ONE_MAY_WORSEN });
    const personIds = [await worsen(), await worsen()];
    await world.planAll();
    const plan = await newestPlan();
    const shown = await world.test.database.inTenant(TENANT, (em) =>
      listPlannedChanges(em, { tenantId: TENANT, planId: plan.planId, limit: 10 }),
    );
    expect(await decide(plan, 'approved')).toBe(2);
    await world.sendAll();
    const left = world.target.requests.flat().map((item) => item.ownerKey);
    expect(left.sort()).toEqual(shown.map((change) => change.ownerKey).sort());
    expect(left.sort()).toEqual(personIds.sort());
    expect(await runState()).toBe('succeeded');
    const audit = await world.sql(
      `SELECT actor, action FROM buduan.audit_event WHERE action LIKE 'plan.%' ORDER BY event_no`,
    );
    expect(audit).toEqual([
      { actor: 'hub', action: 'plan.suspended' },
      { actor: 'Chen', action: 'plan.approved' },
    ]);
  });

  it('cannot be approved by the one who started its run, however the name is written', async () => {
    await given({ brakes: { worseStatus: { persons: 0, percent: 0 } } });
    await worsen();
    await world.planAll();
    const plan = await newestPlan();
    await expect(decide(plan, 'approved', ' ｌin ')).rejects.toMatchObject({ code: 'same-person' });
    await expect(decide(plan, 'approved', '  ')).rejects.toMatchObject({ code: 'who-decides' });
    expect(await world.states()).toEqual(['held']);
    expect(await decide(plan, 'rejected', 'Lin')).toBe(1);
  });

  it('cannot be approved by the hash of what it was before it changed', async () => {
    await given({ brakes: ONE_MAY_WORSEN });
    const gone = await worsen();
    await worsen();
    await world.planAll();
    const before = await newestPlan();
    await world.vanish(gone);
    await world.planAll();
    await expect(decide(before, 'approved')).rejects.toMatchObject({ code: 'plan-changed' });
    expect(await world.states()).toEqual(expect.arrayContaining(['cancelled', 'held']));
  });

  it('can be decided about once only', async () => {
    await given({ brakes: { worseStatus: { persons: 0, percent: 0 } } });
    await worsen();
    await world.planAll();
    const plan = await newestPlan();
    await decide(plan, 'approved');
    await expect(decide(plan, 'rejected')).rejects.toMatchObject({ code: 'plan-not-suspended' });
  });

  it('is suspended again by the next run after it was rejected', async () => {
    await given({ brakes: { worseStatus: { persons: 0, percent: 0 } } });
    await worsen();
    await world.planAll();
    const first = await newestPlan();
    await decide(first, 'rejected');
    expect(await runState()).toBe('cancelled');
    expect((await world.planAll()).brakes).toHaveLength(1);
    const second = await newestPlan();
    expect({ isOther: second.planId !== first.planId, hash: second.hash }).toEqual({ isOther: true, hash: first.hash });
  });

  it('is emptied when the data shows that nothing of it is needed', async () => {
    await given({ brakes: { worseStatus: { persons: 0, percent: 0 } } });
    const personId = await worsen();
    await world.planAll();
    const { planId } = await newestPlan();
    await world.vanish(personId);
    await world.planAll();
    const plans = await world.sql('SELECT plan_id, state FROM buduan.plan ORDER BY created_at');
    expect(plans[0]).toEqual({ plan_id: planId, state: 'emptied' });
  });
});

describe('many small plans', () => {
  it('are counted together over a day, so that one more person is one too many', async () => {
    await given({ brakes: { worseStatus: { persons: 2, percent: 0 } } });
    for (const expected of [[], [], ['worse-status']]) {
      const report = await world.planOf(await worsen());
      expect(report.brakes.map(({ reason }) => reason)).toEqual(expected);
    }
    await world.sendAll();
    expect(sent()).toBe(2);
  });

  it('count a person who is in several of them once', async () => {
    await given({ brakes: { worseStatus: { persons: 2, percent: 0 } } });
    const [one, two] = [await worsen(), await worsen()];
    expect((await world.planOf(one)).brakes).toEqual([]);
    // Shown as insured again meanwhile, and again to be shown in a gap.
    for (let again = 0; again < 3; again += 1) {
      await world.sql(`UPDATE buduan.operation SET state = 'verified', verified_at = now()`);
      expect(await world.planOf(one)).toMatchObject({ planned: 1, brakes: [] });
    }
    expect((await world.planOf(two)).brakes).toEqual([]);
    expect((await world.planOf(await worsen())).brakes).toEqual([
      { reason: 'worse-status', about: [], own: 1, total: 3, limit: 2 },
    ]);
  });

  it('go when they are old, except what waits for somebody or is under way', async () => {
    await given({ brakes: ONE_MAY_WORSEN });
    const [over, underWay] = [await worsen(), await worsen()];
    await world.planOf(over);
    await world.sql(`UPDATE buduan.operation SET state = 'verified', verified_at = now()`);
    await world.sql(`UPDATE buduan.plan SET created_at = now() - interval '2 days'`);
    await world.planOf(underWay);
    await world.planOf(await worsen());
    await world.planAll();
    await world.sql(`UPDATE buduan.plan SET created_at = created_at - interval '401 days'`);
    const rule = { tenantId: TENANT, keepDays: 400 };
    const forget = (): Promise<number> => forgetPlans(world.test.database, rule, new AbortController().signal);
    expect(await forget()).toBe(1);
    const left = await world.sql('SELECT is_full, state FROM buduan.plan ORDER BY is_full, state');
    expect(left).toEqual([
      { is_full: false, state: 'clear' },
      { is_full: false, state: 'suspended' },
      { is_full: true, state: expect.any(String) },
    ]);
    expect(await forget()).toBe(0);
  });

  it('cannot pass each other when they are made at the same moment', async () => {
    await given({ brakes: { worseStatus: { persons: 2, percent: 0 } } });
    const personIds: string[] = [];
    for (let at = 0; at < 6; at += 1) personIds.push(await worsen());
    const reports = await Promise.all(personIds.map((personId) => world.planOf(personId)));
    expect(reports.filter(({ brakes }) => brakes.length === 0)).toHaveLength(2);
  });

  it('begin anew after a day', async () => {
    await given({ brakes: ONE_MAY_WORSEN });
    await world.planOf(await worsen());
    await world.sql(`UPDATE buduan.plan SET created_at = created_at - interval '24 hours 1 minute'`);
    expect((await world.planOf(await worsen())).brakes).toEqual([]);
  });

  it('do not count what a second person has looked at', async () => {
    await given({ brakes: ONE_MAY_WORSEN });
    await worsen();
    await worsen();
    await world.planAll();
    await decide(await newestPlan(), 'approved');
    expect((await world.planOf(await worsen())).brakes).toEqual([]);
  });
});

describe('a change of bases and money', () => {
  it('is held when it concerns more than a tenth of all persons', async () => {
    await given({ kind: 'bases', brakes: { bases: { persons: 0, percent: 10 } } });
    const personId = await world.person();
    await world.correct({ personId, desired: { pension: 1 }, kind: 'bases', seen: {} });
    expect((await world.planAll()).brakes).toMatchObject([{ reason: 'bases', own: 1 }]);
  });

  it('is held when it moves more than three times what a usual day moves', async () => {
    await given({ kind: 'declaration', brakes: { moneyTimesMedian: 3 }, automaticKinds: ['declaration'] });
    for (const daysAgo of [10, 40, 70]) {
      await declare(100);
      await world.planAll();
      await world.sql(
        `UPDATE buduan.plan SET created_at = now() - make_interval(days => $1::int) WHERE created_at > now() - interval '1 day'`,
        [daysAgo],
      );
    }
    await declare(300);
    expect((await world.planAll()).brakes).toEqual([]);
    await declare(1);
    expect((await world.planAll()).brakes).toEqual([
      { reason: 'money', about: ['declaration'], own: 1, total: 301, limit: 300 },
    ]);
  });

  it('still needs an approval of its own after its plan was approved', async () => {
    await given({ kind: 'declaration', brakes: { bases: { persons: 0, percent: 0 } } });
    await declare(5);
    await world.planAll();
    expect(await decide(await newestPlan(), 'approved')).toBe(1);
    await world.sendAll();
    expect({ sent: sent(), states: await world.states() }).toEqual({ sent: 0, states: ['held'] });
    await world.decide.decide({ tenantId: TENANT, decision: 'approve', actor: 'Chen', operationIds: null });
    await world.sendAll();
    expect(sent()).toBe(1);
  });

  it('cannot be approved one by one around the brake', async () => {
    await given({ kind: 'declaration', brakes: { bases: { persons: 0, percent: 0 } } });
    await declare(5);
    await world.planAll();
    const all = { tenantId: TENANT, decision: 'approve', actor: 'Chen', operationIds: null } as const;
    expect(await world.decide.decide(all)).toBe(0);
  });

  async function declare(baseFen: number): Promise<void> {
    const personId = await world.person();
    await world.correct({ personId, desired: { baseFen }, kind: 'declaration', seen: {}, movesMoney: 'yes' });
  }
});

describe('the first plan that rests on a new connection', () => {
  async function givenNewConnection(): Promise<void> {
    await given({ brakes: { firstRun: 'preview' } });
    await world.sql(
      `INSERT INTO buduan.source_record (tenant_id, connection_id, stream, owner_key, body, content_hash, changed_run_id, observed_at)
       VALUES ($1, $2, 'persons', 'E1', '', ''::bytea, $3, now())`,
      [TENANT, CONNECTION, world.runId],
    );
  }

  it('waits for an approval, and the next one leaves by itself', async () => {
    await givenNewConnection();
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    expect((await world.planAll()).brakes).toMatchObject([{ reason: 'first-run', about: [CONNECTION] }]);
    await decide(await newestPlan(), 'approved');
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    expect((await world.planAll()).brakes).toEqual([]);
  });

  it('stays a preview however often it is rejected', async () => {
    await givenNewConnection();
    await world.correct({ personId: await world.person(), desired: { status: 'insured' } });
    for (let round = 0; round < 2; round += 1) {
      expect((await world.planAll()).brakes).toHaveLength(1);
      await decide(await newestPlan(), 'rejected');
    }
  });

  it('needs nobody where a complete run shows that nothing differs', async () => {
    await givenNewConnection();
    await world.planAll();
    const [row] = await world.sql('SELECT known_since IS NOT NULL AS known FROM buduan.connection');
    expect(row).toEqual({ known: true });
  });
});
