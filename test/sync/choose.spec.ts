import { readCompleteness } from '../../src/sync/completeness.reader.js';
import { readLatestRuns, readRun } from '../../src/sync/runs.reader.js';
import { day } from '../../src/domain/month.js';
import { MemorySource, residentId } from './memory-source.js';
import { AS_OF, TENANT, World, wage } from './world.js';

describe('a full run', () => {
  let world: World;
  let source: MemorySource;

  beforeEach(async () => {
    world = await World.open();
    source = new MemorySource({
      connectionId: 'payroll',
      reads: [
        { name: 'wages', streams: ['wages'], after: ['employees'] },
        { name: 'employees', streams: ['persons'] },
      ],
      pageSize: 200,
    });
    for (let no = 0; no < 520; no += 1)
      source.person(`E${no}`, residentId(no)).fact('wages', `E${no}`, wage('2023-01', 1_000_000));
    world.sources = [source];
  });

  afterEach(() => world.close());

  it('hands everybody over in batches of at most five hundred, each with its job', async () => {
    const outcome = await world.run();
    expect(outcome.chosen).toStrictEqual({ persons: 520, batches: 2 });
    const facts = await world.facts();
    expect(facts.map((fact) => [fact['fact'], fact['batchNo'], (fact['personIds'] as string[]).length])).toStrictEqual([
      ['RecordsChanged', 0, 500],
      ['RecordsChanged', 1, 20],
    ]);
    expect(
      await world.tools.database.inTenant(TENANT, (em) => readRun(em, { tenantId: TENANT, runId: outcome.runId })),
    ).toMatchObject({ state: 'succeeded', batches: { total: 2, done: 0 }, isStale: false, asOf: AS_OF });
  });

  it('reads the list of persons first although the manifest names it last', async () => {
    await world.run();
    expect(source.requests.map((request) => request.read)).toStrictEqual(['employees', 'wages']);
    expect(source.requests.map((request) => [request.window.from, request.window.until])).toStrictEqual([
      ['2022-09', '2023-04'],
      ['2021-01', '2023-04'],
    ]);
  });

  it('has nobody judged when nothing changed, and says that corrections may be planned', async () => {
    await world.run();
    await world.judgeEverybody();
    const posted = (await world.facts()).length;
    const outcome = await world.run();
    expect(outcome.chosen).toStrictEqual({ persons: 0, batches: 0 });
    expect((await world.facts()).slice(posted)).toStrictEqual([
      { fact: 'CorrectionPlanned', tenantId: TENANT, runId: outcome.runId, personIds: null },
    ]);
  });

  it('posts no plan from a dry run', async () => {
    await world.run();
    await world.judgeEverybody();
    const posted = (await world.facts()).length;
    await world.run({ dryRun: true });
    expect((await world.facts()).slice(posted)).toStrictEqual([]);
  });

  it('has exactly those judged whose records changed', async () => {
    await world.run();
    await world.judgeEverybody();
    source.forget('E7', 'wages').fact('wages', 'E7', wage('2023-01', 1_200_000));
    const outcome = await world.run();
    expect(outcome.chosen).toStrictEqual({ persons: 1, batches: 1 });
    expect(outcome.connections[0]?.reads.map((read) => [read.read, read.changed])).toStrictEqual([
      ['employees', 0],
      ['wages', 1],
    ]);
  });

  it.each([
    ['the policy', AS_OF, 'p2'],
    ['the date', day('2023-03-21'), 'p1'],
  ])('has everybody judged again when %s is another one', async (_, asOf, policyVersion) => {
    await world.run();
    await world.judgeEverybody();
    expect((await world.run({ asOf, policyVersion })).chosen.persons).toBe(520);
  });

  it('has everybody judged again when a read turns incomplete, and when it turns complete again, and not in between', async () => {
    await world.run();
    await world.judgeEverybody();
    source.end = { complete: false, reason: 'page-cap' };
    expect((await world.run()).chosen.persons).toBe(520);
    expect((await world.run()).chosen.persons).toBe(0);
    source.end = { complete: true, declaredTotal: null };
    expect((await world.run()).chosen.persons).toBe(520);
  });

  it('tells per stream whether the newest read was complete', async () => {
    await world.run();
    source.end = { complete: false, reason: 'repeated-page' };
    await world.run();
    const completeness = await world.tools.database.inTenant(TENANT, (em) => readCompleteness(em, TENANT));
    expect(
      completeness.map(({ connectionId, stream, complete, reason }) => [connectionId, stream, complete, reason]),
    ).toStrictEqual([
      ['payroll', 'persons', false, 'repeated-page'],
      ['payroll', 'wages', false, 'repeated-page'],
    ]);
  });

  it('tells how each read goes on', async () => {
    const seen: string[] = [];
    await world.run({
      onProgress: ({ read, pages, rows, total, state }) => seen.push(`${read} ${pages} ${rows} ${total} ${state}`),
    });
    expect(seen.slice(0, 5)).toStrictEqual([
      'employees 0 0 null running',
      'employees 1 200 null running',
      'employees 2 400 null running',
      'employees 3 520 null running',
      'employees 3 520 null succeeded',
    ]);
    seen.length = 0;
    await world.run({ onProgress: ({ read, total }) => seen.push(`${read} ${total}`) });
    expect(new Set(seen)).toStrictEqual(new Set(['employees 520', 'wages 520']));
  });

  it('refuses a connector whose reads cannot be put in order, before anything is read', async () => {
    world.sources = [
      new MemorySource({
        connectionId: 'twice',
        reads: [
          { name: 'active', streams: ['persons'] },
          { name: 'leavers', streams: ['persons'] },
        ],
      }),
    ];
    await expect(world.start()).rejects.toMatchObject({ code: 'read-order' });
    world.sources = [
      new MemorySource({
        connectionId: 'circle',
        reads: [
          { name: 'a', streams: ['persons'], after: ['b'] },
          { name: 'b', streams: ['wages'], after: ['a'] },
        ],
      }),
    ];
    await expect(world.start()).rejects.toMatchObject({ code: 'read-order' });
    expect(await world.tools.database.inTenant(TENANT, (em) => readLatestRuns(em, TENANT, 5))).toStrictEqual([]);
  });
});
