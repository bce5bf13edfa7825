import type { Row } from './world.js';
import { MemorySource, residentId } from './memory-source.js';
import { TENANT, World, contribution, employment, wage } from './world.js';

const PAYROLL = {
  connectionId: 'payroll',
  reads: [
    { name: 'employees', streams: ['persons', 'employments'] },
    { name: 'wages', streams: ['wages'], after: ['employees'] },
  ],
} as const;

/** Four employees whose wage months are spread over pages of three rows. */
function payroll(): MemorySource {
  const source = new MemorySource(PAYROLL);
  for (const no of [1, 2, 3, 4]) {
    source.person(`E${no}`, residentId(no), { status: 'insured' }).fact('employments', `E${no}`, employment(`J${no}`));
    for (const month of ['2022-12', '2023-01']) source.fact('wages', `E${no}`, wage(month, 1_800_000));
  }
  // The months of one employee lie far apart, as in reads by year.
  for (const no of [1, 2, 3, 4]) source.fact('wages', `E${no}`, wage('2023-02', 1_900_000));
  return source;
}

describe('a pull', () => {
  let world: World;
  let source: MemorySource;

  beforeEach(async () => {
    world = await World.open();
    source = payroll();
    world.sources = [source];
  });

  afterEach(() => world.close());

  async function changedSince(before: readonly Row[]): Promise<readonly Row[]> {
    const known = new Set(before.map((row) => JSON.stringify(row)));
    return (await stamps()).filter((row) => !known.has(JSON.stringify(row)));
  }

  function stamps(): Promise<Row[]> {
    return world.query(
      'SELECT r.stream, r.owner_key, r.xmin::text, r.ctid::text FROM buduan.source_record r ORDER BY 1, 2',
    );
  }

  it('stores what every page said, linked by identity number and by the connection’s own list', async () => {
    const outcome = await world.run();
    expect(outcome.state).toBe('succeeded');
    const records = await world.records();
    expect(records).toHaveLength(12);
    expect(records.filter((row) => row['link_rule'] === 'identity-number').map((row) => row['stream'])).toStrictEqual([
      'persons',
      'persons',
      'persons',
      'persons',
    ]);
    expect(new Set(records.map((row) => row['person'])).size).toBe(4);
    expect(records.find((row) => row['stream'] === 'wages')?.['body']).toBe(
      '[1,\n["2022-12",202212,1800000,false,false],\n["2023-01",202301,1800000,false,false],\n["2023-02",202302,1900000,false,false]]',
    );
  });

  it('writes nothing when nothing changed, although owners are spread over pages', async () => {
    await world.run();
    const before = await stamps();
    const second = await world.run();
    expect(second.connections.flatMap((connection) => connection.reads.map((read) => read.changed))).toStrictEqual([
      0, 0,
    ]);
    expect(await changedSince(before)).toStrictEqual([]);
  });

  it('drops an item that a complete read no longer names, and only in its owner', async () => {
    await world.run();
    const before = await stamps();
    source.rows = source.rows.filter(
      (row) => !('record' in row && row.record.ownerKey === 'E2' && row.record.itemKey === '2022-12'),
    );
    await world.run();
    expect((await changedSince(before)).map((row) => [row['stream'], row['owner_key']])).toStrictEqual([
      ['wages', 'E2'],
    ]);
    expect(
      (await world.records()).find((row) => row['stream'] === 'wages' && row['owner_key'] === 'E2')?.['body'],
    ).toBe('[1,\n["2023-01",202301,1800000,false,false],\n["2023-02",202302,1900000,false,false]]');
  });

  it('keeps items and owners that an incomplete read does not name', async () => {
    await world.run();
    const before = await world.records();
    source.rows = source.rows.filter(
      (row) => !('record' in row && (row.record.ownerKey === 'E2' || row.record.itemKey === '2022-12')),
    );
    source.end = { complete: false, reason: 'total-mismatch' };
    const outcome = await world.run();
    expect(outcome.state).toBe('partial');
    expect(outcome.connections[0]?.reads.map((read) => read.reason)).toStrictEqual([
      'total-mismatch',
      'total-mismatch',
    ]);
    expect(await world.records()).toStrictEqual(before);
  });

  it('marks owners as gone only after a complete read, and takes them back when they return', async () => {
    await world.run();
    const { rows } = source;
    source.forget('E4');
    await world.run();
    expect(
      (await world.records()).filter((row) => row['gone']).map((row) => [row['stream'], row['owner_key']]),
    ).toStrictEqual([
      ['employments', 'E4'],
      ['persons', 'E4'],
      ['wages', 'E4'],
    ]);
    source.rows = rows;
    await world.run();
    expect((await world.records()).filter((row) => row['gone'])).toStrictEqual([]);
  });

  it('does not take a list without leavers for proof that somebody is gone', async () => {
    const roster = new MemorySource({
      connectionId: 'roster',
      reads: [{ name: 'active', streams: ['persons'], includesLeavers: false }],
    });
    roster.person('A', residentId(1)).person('B', residentId(2)).person('C', residentId(3));
    world.sources = [roster];
    await world.run();
    roster.forget('C');
    expect((await world.run()).state).toBe('succeeded');
    expect((await world.records()).map((row) => row['gone'])).toStrictEqual([false, false, false]);
  });

  it.each([
    ['empty', 0],
    ['less than half', 1],
  ])('takes a source that is suddenly %s for broken, not for a company without people', async (_, left) => {
    await world.run();
    const before = await world.records();
    source.rows = source.rows.filter((row) => 'record' in row && Number(row.record.ownerKey.slice(1)) <= left);
    const outcome = await world.run();
    expect(outcome.state).toBe('partial');
    expect(outcome.connections[0]?.reads.map((read) => [read.state, read.reason])).toStrictEqual([
      ['incomplete', 'count-drop'],
      ['incomplete', 'count-drop'],
    ]);
    expect(await world.records()).toStrictEqual(before);
  });

  it('stores what a suspiciously short read did bring', async () => {
    await world.run();
    source.rows = [];
    source.person('E1', residentId(1), { status: 'gap' });
    await world.run();
    expect(
      (await world.records()).find((row) => row['stream'] === 'persons' && row['owner_key'] === 'E1')?.['body'],
    ).toBe('[1,\n["","某人",false,false,2,false]]');
  });

  it('asks reads that go by person for the live persons of the connection, in order', async () => {
    const seen: string[] = [];
    const attendance = new MemorySource({
      connectionId: 'attendance',
      role: 'attendance',
      reads: [
        { name: 'roster', streams: ['persons'] },
        { name: 'months', streams: ['attendance'], after: ['roster'], ownersFrom: 'roster' },
      ],
    });
    for (const no of [3, 1, 2]) attendance.person(`U${no}`, residentId(no));
    attendance.beforePage = async (read) => {
      if (read !== 'months') return;
      for (let after: string | null = null; ;) {
        const keys: readonly string[] = (await attendance.requests.at(-1)?.listOwners(after, 2)) ?? [];
        seen.push(...keys);
        if (keys.length < 2) return;
        after = keys.at(-1) ?? null;
      }
    };
    world.sources = [attendance];
    await world.run();
    expect(seen).toStrictEqual(['U1', 'U2', 'U3']);
  });

  it('gives contributions without a list of persons to the person of the same connection only', async () => {
    const bureau = new MemorySource({
      connectionId: 'bureau',
      role: 'bureau',
      reads: [
        { name: 'contributions', streams: ['contributions'], after: ['persons'] },
        { name: 'persons', streams: ['persons'] },
      ],
    });
    bureau.fact('contributions', 'E1', contribution('2023-01', 'S1')).person('P9', residentId(9));
    world.sources = [source, bureau];
    await world.run();
    const stored = (await world.records()).find((row) => row['stream'] === 'contributions');
    expect(stored).toMatchObject({ owner_key: 'E1', person: null, link_rule: null });
  });

  it('keeps tenants apart: the same people at two tenants are different persons, invisible to each other', async () => {
    const other = new MemorySource({ ...PAYROLL, tenantId: 'company-b' });
    other.person('E1', residentId(1));
    world.sources = [source, other];
    await world.run();
    await world.run({ tenantId: 'company-b' });
    expect(await world.records('company-b')).toHaveLength(1);
    expect(await world.records(TENANT)).toHaveLength(12);
    const indexes = new Set(
      [...(await world.records(TENANT)), ...(await world.records('company-b'))].map((row) => row['person']),
    );
    expect(indexes.size).toBe(5);
  });
});
