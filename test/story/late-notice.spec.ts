/** A notice that comes late, from its pack to one approved recalculation: nobody is told of errors, nothing leaves by itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fetchPack } from '../../src/cli/policy/fetch-pack.js';
import { policyUpdates } from '../../src/cli/serve/policy-updates.js';
import { policyVersionOf } from '../../src/cli/run-once.js';
import { fen } from '../../src/domain/fen.js';
import { month } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import { changeLine, diffPolicies } from '../../src/policy/diff-policies.js';
import { PolicyEditions } from '../../src/policy/packs/policy-editions.js';
import { PolicyBooks } from '../../src/policy/policy-books.js';
import { quote } from '../../src/policy/quote.js';
import { readImpact, readImpactPersons } from '../../src/reconcile/policy-impact.reader.js';
import { PolicyImpacts } from '../../src/reconcile/policy-impacts.js';
import { PUBLISHER, STRANGER, sealedEdition } from '../policy/late-notice.js';
import { AS_OF, openStoryWorld, type StoryWorld } from './story-world.js';

const VERSION = '2999.1.0';

describe('a notice that comes late', () => {
  let world: StoryWorld;
  let folder: string;
  let pack: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'late-notice-'));
    pack = join(folder, 'policy.pack');
    world = await openStoryWorld({
      policyPack: pack,
      policy: (control) => ({
        trustedKeys: [PUBLISHER.publicText],
        updates: { url: `${control}/policy/pack`, cron: '0 6 * * *', zone: 'Asia/Shanghai' },
      }),
      tenant: (tenant) => ({ ...tenant, approvals: { declaration: 'hold', 'back-payment': 'hold' } }),
    });
    await world.run();
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });

  const editions = (): PolicyEditions => world.hub.app.get(PolicyEditions);

  async function pull(): Promise<Awaited<ReturnType<PolicyEditions['pull']>>> {
    const { archive, source } = await fetchPack(`${world.sandbox.control}/policy/pack?token=x`, world.hub);
    expect(source).toBe(`${world.sandbox.control}/policy/pack`);
    return editions().pull(archive, { source, by: 'anna', asOf: AS_OF });
  }

  async function until<T>(look: () => Promise<T | null>): Promise<T> {
    for (const end = Date.now() + 30_000; Date.now() < end; await wait(20)) {
      const found = await look();
      if (found !== null) return found;
    }
    throw new Error('it did not happen within 30 s');
  }

  const impact = (): ReturnType<typeof readImpact> =>
    world.hub.database.inTenant(world.tenant.id, (em) => readImpact(em, world.tenant.id, VERSION));

  it('is not served, or tampered with, or signed by a stranger, or older: refused, and nothing changes', async () => {
    await expect(pull()).rejects.toMatchObject({ code: 'pack-not-served' });
    const good = sealedEdition(VERSION);
    const tampered = Buffer.from(good);
    tampered[good.length - 20] = (tampered[good.length - 20] ?? 0) ^ 1;
    writeFileSync(pack, tampered);
    await expect(pull()).rejects.toMatchObject({ code: 'pack-tampered' });
    writeFileSync(pack, sealedEdition(VERSION, { key: STRANGER.privatePem }));
    await expect(pull()).rejects.toMatchObject({ code: 'pack-unknown-key' });
    writeFileSync(pack, sealedEdition('2020.1.0'));
    await expect(pull()).rejects.toMatchObject({ code: 'pack-older' });
    expect(await world.sql('SELECT 1 FROM buduan.policy_pack')).toEqual([]);
  });

  it('is taken in, shown with what it changes and for whom, and does not count yet', async () => {
    const before = world.hub.app.get(PolicyBooks).forTenant(world.tenant.id);
    writeFileSync(pack, sealedEdition(VERSION));
    expect(await pull()).toMatchObject({ outcome: 'stored', version: VERSION, activatedFor: [] });
    const after = await editions().bookOf(world.tenant.id, VERSION);
    const lines = diffPolicies(before, after).regions.flatMap(({ changes }) => changes.map(changeLine));
    expect(lines).toEqual([
      '+ unemployment base_cap from 2023-01-01: 2500 yuan/month [reported]',
      '+ unemployment base_floor from 2023-01-01: 2500 yuan/month [reported]',
    ]);
    const question = { tenantId: world.tenant.id, before, after, asOf: AS_OF };
    const preview = await world.hub.app.get(PolicyImpacts).preview(question);
    expect(preview.months).toBeGreaterThan(20);
    // 140 yuan more: 0.3 % of it from the employee, 0.7 % from the employer.
    expect(preview).toMatchObject({ employeeFen: preview.months * 42, employerFen: preview.months * 98, unknown: 0 });
    expect(world.hub.app.get(PolicyBooks).forTenant(world.tenant.id).version).toBe(before.version);
    expect(await impact()).toBeNull();
  });

  it('counts after the approval of a second person, and its impact is kept: who, which months, how many fen', async () => {
    const approval = { tenantId: world.tenant.id, version: VERSION, asOf: AS_OF };
    await expect(editions().approve({ ...approval, by: 'anna' })).rejects.toMatchObject({ code: 'same-person' });
    await editions().approve({ ...approval, by: 'bo' });
    const kept = await until(impact);
    expect(kept).toMatchObject({ employeeFen: kept.months * 42, employerFen: kept.months * 98, appliedBy: null });
    const [person] = await world.hub.database.inTenant(world.tenant.id, (em) =>
      readImpactPersons(em, world.tenant.id, { version: VERSION, limit: 1 }),
    );
    expect(person?.months[0]).toMatchObject({ insurance: 'unemployment', chargedBaseFen: 236_000, baseFen: 250_000 });
    const asked = {
      region: region('440300'),
      month: month('2023-02'),
      wageFen: fen(1_800_000),
      insurances: ['unemployment'] as const,
      knownAt: AS_OF,
    };
    const bases = [
      await editions().refresh(world.tenant.id),
      await editions().bookOf(world.tenant.id, kept.beforeVersion),
    ].map((book) => quote({ ...asked, book }).insurances[0]?.baseFen);
    expect(bases).toEqual([250_000, 236_000]);
  });

  it('is applied in one run: the touched are judged anew, nobody is accused, and what moves money waits', async () => {
    const sentBefore = await world.sql(
      `SELECT count(*)::int AS count FROM buduan.operation WHERE kind = 'declaration' AND sent_at IS NOT NULL`,
    );
    const request = {
      tenantId: world.tenant.id,
      version: VERSION,
      by: 'bo',
      asOf: AS_OF,
      policyVersion: policyVersionOf(world.hub, world.tenant),
    };
    const impacts = world.hub.app.get(PolicyImpacts);
    const applied = await impacts.apply(request);
    expect(await impacts.apply(request)).toEqual(applied);
    await until(async () => {
      const rows = await world.sql(`SELECT 1 FROM buduan.run WHERE run_id = '${applied.runId}' AND stats ? 'plan'`);
      return rows.length === 0 ? null : rows;
    });
    const judged = await world.sql(
      `SELECT count(*)::int AS count FROM buduan.judgement WHERE policy_version LIKE '${VERSION}%'`,
    );
    expect(judged).toEqual([{ count: applied.persons }]);
    const accused = await world.sql(
      `SELECT f.person_id FROM buduan.finding f JOIN buduan.policy_impact_person p USING (tenant_id, person_id)
        WHERE f.opened_run_id = '${applied.runId}' AND f.insurance = 'unemployment'`,
    );
    expect(accused).toEqual([]);
    const sent = await world.sql(
      `SELECT count(*)::int AS count FROM buduan.operation WHERE kind = 'declaration' AND sent_at IS NOT NULL`,
    );
    expect(sent).toEqual(sentBefore);
    const trail = await world.sql(
      `SELECT action, actor FROM buduan.audit_event WHERE object = 'policy:${VERSION}' ORDER BY event_no`,
    );
    expect(trail).toEqual([
      { action: 'policy.pulled', actor: 'anna' },
      { action: 'policy.activated', actor: 'bo' },
      { action: 'policy.impact-applied', actor: 'bo' },
    ]);
  });

  it('would have come by itself: the schedule takes in what is newer, once, and it waits like any other', async () => {
    const { schedule, errand } = policyUpdates(world.hub);
    expect(schedule).toMatchObject([{ id: 'policy-updates', tenant: world.tenant.id, cron: '0 6 * * *' }]);
    writeFileSync(pack, sealedEdition('2999.2.0'));
    await errand(AS_OF);
    await errand(AS_OF);
    const packs = await world.sql('SELECT version, pulled_by FROM buduan.policy_pack ORDER BY version');
    expect(packs).toEqual([
      { version: VERSION, pulled_by: 'anna' },
      { version: '2999.2.0', pulled_by: 'policy-updates' },
    ]);
    expect((await editions().refresh(world.tenant.id)).version).toContain(VERSION);
  });
});
