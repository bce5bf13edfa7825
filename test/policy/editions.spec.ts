/** How editions of the policy come in on a real database: what is refused, who may approve, and that every node follows. */
import { join } from 'node:path';
import { day } from '../../src/domain/month.js';
import { verifyAuditChain } from '../../src/platform/audit/verify-audit-chain.js';
import type { HubConfig, TenantConfig } from '../../src/platform/config/hub-config.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import { readEditions } from '../../src/policy/packs/editions.reader.js';
import { sealPack } from '../../src/policy/packs/pack-archive.js';
import { generatePackKey } from '../../src/policy/packs/pack-keys.js';
import { PolicyEditions } from '../../src/policy/packs/policy-editions.js';
import { PolicyBooks } from '../../src/policy/policy-books.js';
import { type TestDatabase, openTestDatabase } from '../support/test-database.js';
import { dated, regionText, removeSmallPolicies, smallFiles, smallPolicy } from './small-policy.js';

const PUBLISHER = generatePackKey();
const FROM = { source: 'a test', by: 'anna', asOf: day('2026-11-25') };

const CITY = regionText(
  '110000',
  `  pension:\n    base_floor:\n      - ${dated('4000', '2024-07-01', 'unit: yuan/month')}\n`,
);
const OVERLAY_OF_110000 = `overlay: 1
tenant: south
confirmedBy: Ms Chen
confirmedOn: 2026-11-20
reason: as on our own bills
regions:
  '110000':
    pension:
      employer_rate:
        - { value: '0.14', unit: ratio, effective_from: 2026-01-01, note: as on our own bills }
`;

function packText(version: string): string {
  return `version: ${version}\nreleased_on: 2026-01-01\nverified_for_months: 12\n`;
}

function named(overlays: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(overlays).map(([tenant, text]) => [`${tenant}.overlay.yaml`, text]));
}

function edition(version: string, floor: string, key = PUBLISHER.privatePem): Buffer {
  const files = smallFiles({
    'PACK.yaml': packText(version),
    'regions/110000.yaml': regionText(
      '110000',
      `  pension:\n    base_floor:\n      - ${dated(floor, '2025-07-01', 'unit: yuan/month')}\n`,
    ),
  });
  return sealPack(new Map(Object.entries(files)), key);
}

describe('editions of the policy', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openTestDatabase();
  });
  afterEach(() => test.close());
  afterAll(removeSmallPolicies);

  /** What one process has: north waits for approval, south takes every edition at once. */
  function node(overlays: Readonly<Record<string, string>> = {}): {
    readonly editions: PolicyEditions;
    readonly books: PolicyBooks;
  } {
    const { policyDir } = smallPolicy(
      Object.keys(overlays).length === 0 ? {} : { 'regions/110000.yaml': CITY, ...named(overlays) },
    );
    const tenants = [
      { id: 'north', name: '北', policy: { activate: 'approval' } },
      { id: 'south', name: '南', policy: { activate: 'automatic' } },
    ] as unknown as TenantConfig[];
    const config: Pick<HubConfig, 'tenants' | 'policy'> = { tenants, policy: { trustedKeys: [PUBLISHER.publicText] } };
    const books = PolicyBooks.load({
      policyDir,
      overlays: new Map(tenants.map(({ id }) => [id, id in overlays ? [join(policyDir, `${id}.overlay.yaml`)] : []])),
    });
    const jobs = new Jobs({ database: test.database, url: test.url, log: silentLog() });
    return { books, editions: new PolicyEditions({ database: test.database, jobs, books, config, log: silentLog() }) };
  }

  const facts = (): Promise<unknown> =>
    test.database.acrossTenants((em) =>
      em.query(
        `SELECT jobs.payload->>'tenantId' AS tenant, jobs.payload->>'version' AS version, jobs.payload->>'beforeVersion' AS before
           FROM graphile_worker._private_jobs AS jobs JOIN graphile_worker._private_tasks AS tasks ON tasks.id = jobs.task_id
          WHERE tasks.identifier = 'PolicyPublished' ORDER BY jobs.id`,
      ),
    );

  it('come in once, count at once only where the configuration says so, and are told as facts', async () => {
    const { editions, books } = node();
    expect(await editions.pull(edition('2026.2.0', '5000'), FROM)).toEqual({
      outcome: 'stored',
      version: '2026.2.0',
      activatedFor: ['south'],
      failedFor: [],
    });
    expect(await editions.pull(edition('2026.2.0', '5000'), FROM)).toMatchObject({
      outcome: 'known',
      activatedFor: [],
    });
    expect([books.forTenant('north').version, books.forTenant('south').version]).toEqual(['2026.1.0', '2026.2.0']);
    expect(await facts()).toEqual([{ tenant: 'south', version: '2026.2.0', before: '2026.1.0' }]);
  });

  it('count after the approval of another person than who pulled, and are followed by every node', async () => {
    const [first, second] = [node(), node()];
    await first.editions.pull(edition('2026.2.0', '5000'), FROM);
    const approval = { tenantId: 'north', version: '2026.2.0', asOf: FROM.asOf };
    await expect(first.editions.approve({ ...approval, by: ' Anna' })).rejects.toMatchObject({ code: 'same-person' });
    expect((await second.editions.refresh('north')).version).toBe('2026.1.0');
    await first.editions.approve({ ...approval, by: 'bo' });
    expect((await second.editions.refresh('north')).version).toBe('2026.2.0');
    expect(await facts()).toHaveLength(2);
    const chain = await test.database.inTenant('north', (em) => verifyAuditChain(em, 'north'));
    expect(chain).toMatchObject({ intact: true, events: 2 });
    await expect(first.editions.approve({ ...approval, by: 'bo' })).rejects.toMatchObject({ code: 'pack-older' });
  });

  it('stay to be asked, each by its version', async () => {
    const { editions } = node();
    await editions.pull(edition('2026.2.0', '5000'), FROM);
    await editions.pull(edition('2026.10.0', '6000'), FROM);
    const values = await Promise.all(
      ['2026.1.0', '2026.2.0', '2026.10.0'].map(async (version) =>
        (await editions.bookOf('north', version)).records.map(({ text }) => text),
      ),
    );
    expect(values).toEqual([[], ['5000'], ['6000']]);
    await expect(editions.bookOf('north', '2026.3.0')).rejects.toMatchObject({ code: 'unknown-edition' });
    const seen = await test.database.inTenant('south', (em) => readEditions(em, 'south'));
    expect(seen.map(({ version, approvedBy }) => `${version} ${approvedBy ?? '–'}`).sort()).toEqual([
      '2026.10.0 configuration',
      '2026.2.0 configuration',
    ]);
  });

  it.each([
    ['older than the newest', () => edition('2026.1.9', '4000'), 'pack-older'],
    ['as old as what came with the program', () => edition('2026.1.0', '4000'), 'pack-older'],
    ['another one of the same version', () => edition('2026.2.0', '4000'), 'pack-version-taken'],
    ["a stranger's", () => edition('2026.3.0', '4000', generatePackKey().privatePem), 'pack-unknown-key'],
    ['full of mistakes', () => edition('2026.3.0', 'much'), 'config-invalid'],
  ])('are refused when they are %s, and nothing is kept', async (_what, archive, code) => {
    const { editions } = node();
    await editions.pull(edition('2026.2.0', '5000'), FROM);
    await expect(editions.pull(archive(), FROM)).rejects.toMatchObject({ code });
    expect(await test.database.inTenant('north', (em) => readEditions(em, 'north'))).toHaveLength(1);
  });

  it("do not count for a tenant whose overlay does not fit, and that tenant's overlay keeps them from nobody else", async () => {
    const { editions, books } = node({ south: OVERLAY_OF_110000 });
    const without = sealPack(
      new Map(Object.entries(smallFiles({ 'PACK.yaml': packText('2026.3.0') }))),
      PUBLISHER.privatePem,
    );
    expect(await editions.pull(without, FROM)).toMatchObject({
      outcome: 'stored',
      activatedFor: [],
      failedFor: ['south'],
    });
    await editions.approve({ tenantId: 'north', version: '2026.3.0', by: 'bo', asOf: FROM.asOf });
    expect(books.forTenant('north').version).toBe('2026.3.0');
    expect(books.forTenant('south').version).toMatch(/^2026\.1\.0\+south@/);
  });

  it('are evidence: an activation cannot be changed, and no tenant sees that of another', async () => {
    const { editions } = node();
    await editions.pull(edition('2026.2.0', '5000'), FROM);
    const changed: unknown = await test.database
      .inTenant('south', (em) => em.query(`UPDATE buduan.policy_activation SET approved_by = 'x' RETURNING 1`))
      .catch(() => 'refused');
    expect(changed).not.toEqual([[{ '?column?': 1 }], 1]);
    const rows = await test.database.inTenant('north', (em) =>
      em.query<unknown[]>('SELECT 1 FROM buduan.policy_activation'),
    );
    expect(rows).toEqual([]);
  });
});
