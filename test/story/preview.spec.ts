/** A company's first night: everything is read and judged, nothing leaves until a second person has looked. */
import { EXIT } from '../../src/cli/exit-codes.js';
import { runMonth } from '../../src/cli/run-month.js';
import { month } from '../../src/domain/month.js';
import { Secret } from '../../src/platform/config/secrets.js';
import { endTracing } from '../../src/platform/tracing/tracing.js';
import { SANDBOX_CREDENTIALS } from '../../src/sandbox/credentials.js';
import { type PersonView, findPersonByOwner } from '../../src/sync/persons.reader.js';
import { decodeItems } from '../../src/sync/record-body.js';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.js';
import { DecidePlan } from '../../src/push/decide-plan.js';
import { readPlan } from '../../src/push/plans.reader.js';
import { AS_OF, openStoryWorld, type StoryWorld } from './story-world.js';

describe('the first run of a new company', () => {
  let world: StoryWorld;
  let receiver: OtlpReceiver;
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    world = await openStoryWorld({
      employees: 60,
      tracing: {
        endpoint: receiver.endpoint,
        headers: { 'x-tenant': new Secret('to-the-receiver') },
        samplePercent: 100,
      },
      tenant: (tenant) => ({ ...tenant, brakes: { ...tenant.brakes, firstRun: 'preview' } }),
    });
  }, 120_000);
  afterAll(async () => {
    await world.close();
    await receiver.close();
  });

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

  it('reads one month of one system again alone: takes what it says of it, and leaves every other month as it stands', async () => {
    const tenantId = world.tenant.id;
    const wagesOf = async (ownerKey: string): Promise<ReadonlyMap<string, number>> => {
      const [row] = await world.sql(
        `SELECT r.body FROM buduan.source_record r WHERE r.connection_id = 'payroll' AND r.stream = 'wages' AND r.owner_key = '${ownerKey}'`,
      );
      return new Map(decodeItems('wages', String(row?.['body'])).map(({ month, grossFen }) => [month, grossFen]));
    };
    const personOf = (ownerKey: string): Promise<PersonView | null> =>
      world.hub.database.inTenant(tenantId, (em) =>
        findPersonByOwner(em, { tenantId, connectionId: 'payroll', ownerKey }),
      );
    const owners = await world.sql(
      `SELECT r.owner_key AS key FROM buduan.source_record r WHERE r.connection_id = 'payroll' AND r.stream = 'wages' AND r.person_id IS NOT NULL ORDER BY 1`,
    );
    const paid: string[] = [];
    for (const { key } of owners) {
      const wages = await wagesOf(String(key));
      if (wages.has('2022-11') && wages.has('2022-12')) paid.push(String(key));
    }
    const [firstKey = '', secondKey = ''] = paid;
    const indexOf = (key: string): number => Number(key.slice(1)) - 1;
    const [before, other] = [await wagesOf(firstKey), await wagesOf(secondKey)];
    await world.change({ index: indexOf(firstKey), wageMonth: '2022-12', gross: 24_680 });
    await world.change({ index: indexOf(firstKey), wageMonth: '2022-11', gross: 13_579 });
    await world.change({ index: indexOf(secondKey), wageMonth: '2022-12', gross: 11_223 });

    const request = { tenant: world.tenant, asOf: AS_OF, startedBy: 'somebody', connectionId: 'payroll' };
    const one = await personOf(firstKey);
    const [alone] = await runMonth(world.hub, { ...request, month: month('2022-12'), personId: one?.personId ?? null });
    expect(alone).toMatchObject({ persons: 1, reads: [{ read: 'wages', changed: 1, complete: true }] });
    expect(await wagesOf(firstKey)).toEqual(new Map([...before, ['2022-12', 2_468_000]]));
    expect(await wagesOf(secondKey)).toEqual(other);

    const [all] = await runMonth(world.hub, { ...request, month: month('2022-12'), personId: null });
    expect(all).toMatchObject({ persons: 1, reads: [{ read: 'wages', changed: 1, complete: true }] });
    expect(await wagesOf(firstKey)).toEqual(new Map([...before, ['2022-12', 2_468_000]]));
    expect(await wagesOf(secondKey)).toEqual(new Map([...other, ['2022-12', 1_122_300]]));
    const two = await personOf(secondKey);
    const judged = await world.sql(
      `SELECT j.run_id FROM buduan.judgement j WHERE j.person_id = '${two?.personId ?? ''}'`,
    );
    expect(judged).toEqual([{ run_id: all?.runId }]);
    const gone = await world.sql(
      `SELECT count(*)::int AS count FROM buduan.source_record r WHERE r.gone_at IS NOT NULL`,
    );
    expect(gone).toEqual([{ count: 0 }]);
    await expect(runMonth(world.hub, { ...request, month: month('1999-12'), personId: null })).rejects.toMatchObject({
      code: 'no-month-read',
    });
  }, 120_000);

  it('told what it did as spans that belong together, and nobody and no secret in any of them', async () => {
    await endTracing();
    const spans = receiver.spans();
    const named = (name: string): readonly ReceivedSpan[] => spans.filter((span) => span.name === `buduan.${name}`);
    for (const name of ['run', 'read.page', 'reconcile.batch', 'push.operations', 'http.call'])
      expect([name, named(name).length > 0]).toEqual([name, true]);
    const tenant = world.tenant.id;
    expect(new Set(spans.map(({ attributes }) => attributes['buduan.tenant']))).toEqual(new Set([tenant]));
    const [night] = named('run');
    expect(night?.attributes).toMatchObject({ 'buduan.kind': 'run', 'buduan.outcome': 'succeeded' });
    const pages = named('read.page').filter(({ traceId }) => traceId === night?.traceId);
    expect(pages.map(({ attributes }) => attributes['buduan.connection'])).toContain('bureau');
    expect(named('http.call').some(({ traceId }) => traceId === night?.traceId)).toBe(true);
    expect(named('http.call').every(({ attributes }) => Number(attributes['buduan.status']) === 200)).toBe(true);

    const received = receiver.received();
    expect(received).toContain('to-the-receiver');
    expect(received).not.toMatch(/\b\d{17}[\dX]\b|E\d{6}\b/);
    for (const system of Object.values(SANDBOX_CREDENTIALS))
      for (const secret of Object.values(system)) expect(received).not.toContain(secret);
    for (const url of Object.values(world.sandbox.urls)) expect(received).not.toContain(url);
    const people = await world.sql(`SELECT r.body FROM buduan.source_record r WHERE r.stream = 'persons'`);
    const names = people.flatMap(({ body }) => decodeItems('persons', String(body)).flatMap(({ name }) => name ?? []));
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => name !== null && received.includes(name))).toEqual([]);
  });
});
