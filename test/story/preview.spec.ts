/** A company's first night: everything is read and judged, nothing leaves until a second person has looked. */
import { EXIT } from '../../src/cli/exit-codes.js';
import { DecidePlan } from '../../src/push/decide-plan.js';
import { readPlan } from '../../src/push/plans.reader.js';
import { openStoryWorld, type StoryWorld } from './story-world.js';

describe('the first run of a new company', () => {
  let world: StoryWorld;
  beforeAll(async () => {
    world = await openStoryWorld({
      employees: 60,
      tenant: (tenant) => ({ ...tenant, brakes: { ...tenant.brakes, firstRun: 'preview' } }),
    });
  }, 120_000);
  afterAll(() => world.close());

  it('sends nothing, says so, and sends exactly the plan after an approval', async () => {
    const night = await world.run();
    expect(night).toMatchObject({ state: 'suspended', exitCode: EXIT.suspended, sent: 0 });
    expect(night.suspendedPlans).toMatchObject([{ reasons: ['first-run'] }]);
    expect(await world.report()).toMatchObject({ ok: 0, wrong: 0, extra: 0 });

    const [{ planId } = { planId: '' }] = night.suspendedPlans;
    const tenantId = world.tenant.id;
    const plan = await world.hub.database.inTenant(tenantId, (em) => readPlan(em, tenantId, planId));
    expect(plan?.pulled).toMatchObject([{ about: ['agency', 'attendance', 'bureau', 'payroll'] }]);
    const decision = {
      tenantId,
      planId,
      decision: 'approved',
      actor: 'second.person',
      hash: plan?.hash ?? '',
    } as const;
    expect(await world.hub.app.get(DecidePlan).decide(decision)).toBe(plan?.held);

    const next = await world.run();
    expect(next).toMatchObject({ state: 'succeeded', suspendedPlans: [] });
    expect(await world.report()).toMatchObject({ missing: 0, wrong: 0, extra: 0, duplicated: 0 });
  }, 120_000);
});
