import { pullPersons } from '../../src/sync/pull-persons.js';
import { countQuarantine, readQuarantine } from '../../src/sync/quarantine.reader.js';
import { replayQuarantine } from '../../src/sync/replay-quarantine.js';
import { findPersonByIdentity, findPersonByOwner } from '../../src/sync/persons.reader.js';
import { readPersonRecords } from '../../src/sync/source-records.reader.js';
import { MemorySource, residentId } from './memory-source.js';
import { AS_OF, TENANT, World, contribution, wage } from './world.js';

const REQUEST = { tenantId: TENANT, asOf: AS_OF, policyVersion: 'p1', signal: new AbortController().signal };
/** Well formed, with a wrong check character. */
const BAD_NUMBER = '440300199001019999';

function bureau(): MemorySource {
  return new MemorySource({
    connectionId: 'bureau',
    role: 'bureau',
    reads: [
      { name: 'persons', streams: ['persons'] },
      { name: 'contributions', streams: ['contributions'], includesLeavers: false, after: ['persons'] },
    ],
  });
}

describe('persons across systems', () => {
  let world: World;
  let payroll: MemorySource;
  let other: MemorySource;

  beforeEach(async () => {
    world = await World.open();
    payroll = new MemorySource({
      connectionId: 'payroll',
      reads: [
        { name: 'employees', streams: ['persons'] },
        { name: 'wages', streams: ['wages'], after: ['employees'] },
      ],
    });
    other = bureau();
    world.sources = [payroll, other];
  });

  afterEach(() => world.close());

  function inTenant<T>(work: Parameters<World['tools']['database']['inTenant']>[1]): Promise<T> {
    return world.tools.database.inTenant(TENANT, work) as Promise<T>;
  }

  async function frozen(no: number): Promise<string | null | undefined> {
    const person = await world.tools.database.inTenant(TENANT, (em) =>
      findPersonByIdentity(em, world.tools.vault, { tenantId: TENANT, identity: residentId(no) }),
    );
    return person?.frozenReason;
  }

  it('are one person under one number, whatever each system calls them', async () => {
    payroll.person('E1', residentId(1)).fact('wages', 'E1', wage('2023-01', 1_800_000));
    other.person('P77', residentId(1)).fact('contributions', 'P77', contribution('2023-01', 'S1'));
    await world.run();
    const person = await world.tools.database.inTenant(TENANT, (em) =>
      findPersonByOwner(em, { tenantId: TENANT, connectionId: 'bureau', ownerKey: 'P77' }),
    );
    expect(person).toMatchObject({
      idType: 'resident-id',
      frozenReason: null,
      idMasked: expect.stringMatching(/^4403\*{10}.{4}$/),
    });
    const records = await world.tools.database.inTenant(TENANT, (em) =>
      readPersonRecords(em, TENANT, [person?.personId ?? '']),
    );
    expect(
      records
        .get(person?.personId ?? '')
        ?.map((record) => [record.connectionId, record.role, record.stream, record.ownerKey, record.isPartial]),
    ).toStrictEqual([
      ['bureau', 'bureau', 'contributions', 'P77', false],
      ['bureau', 'bureau', 'persons', 'P77', false],
      ['payroll', 'payroll', 'persons', 'E1', false],
      ['payroll', 'payroll', 'wages', 'E1', false],
    ]);
    expect(records.get(person?.personId ?? '')?.[0]?.items).toStrictEqual([contribution('2023-01', 'S1').item]);
  });

  it('are frozen while two employees of one system share a number, and free again when a complete read shows one', async () => {
    payroll
      .person('E1', residentId(1))
      .person('E2', residentId(2))
      .person('E3', residentId(3))
      .person('E9', residentId(1));
    await world.run();
    expect([await frozen(1), await frozen(2)]).toStrictEqual(['duplicate-number', null]);
    expect(
      await world.query('SELECT c.owner_keys, c.connection_id, c.closed_at FROM buduan.correlation_case c'),
    ).toStrictEqual([{ owner_keys: ['E1', 'E9'], connection_id: 'payroll', closed_at: null }]);
    payroll.forget('E9');
    payroll.end = { complete: false, reason: 'end-not-proved' };
    await world.run();
    expect(await frozen(1)).toBe('duplicate-number');
    payroll.end = { complete: true, declaredTotal: null };
    await world.run();
    expect(await frozen(1)).toBeNull();
  });

  it('take their records along when a corrected number shows that they are somebody else', async () => {
    payroll.person('E1', residentId(1)).person('E2', residentId(2)).fact('wages', 'E1', wage('2023-01', 1_800_000));
    await world.run();
    const before = await world.records();
    payroll.forget('E1', 'persons').person('E1', residentId(5));
    await world.run();
    const after = await world.records();
    const personOf = (rows: typeof after, stream: string): unknown =>
      rows.find((row) => row['stream'] === stream && row['owner_key'] === 'E1')?.['person'];
    expect(personOf(after, 'persons')).not.toBe(personOf(before, 'persons'));
    expect(personOf(after, 'wages')).toBe(personOf(after, 'persons'));
  });

  it('whose records come before their name are linked when the list of persons brings them', async () => {
    other.person('P2', residentId(2)).fact('contributions', 'P1', contribution('2023-01', 'S1'));
    await world.run();
    const waiting = await inTenant<Awaited<ReturnType<typeof readQuarantine>>>((em) =>
      readQuarantine(em, TENANT, { after: null, limit: 10 }),
    );
    expect(waiting).toMatchObject([
      { connectionId: 'bureau', read: 'contributions', stream: 'contributions', ownerKey: 'P1', reason: 'unlinked' },
    ]);
    await world.judgeEverybody();
    other.person('P1', residentId(1));
    const outcome = await world.run();
    expect((await world.records()).find((row) => row['stream'] === 'contributions')).toMatchObject({
      link_rule: 'external-id',
      person: expect.any(String),
    });
    expect(await world.query('SELECT q.resolution FROM buduan.quarantined_row q')).toStrictEqual([
      { resolution: 'replayed' },
    ]);
    expect(outcome.chosen.persons).toBe(1);
  });

  it('are found by nobody through plain text: identity numbers stand in no text column', async () => {
    payroll
      .person('E1', residentId(1))
      .reject({ stream: 'persons', ownerKey: 'E2', reason: 'identity-check-character', raw: { idNo: BAD_NUMBER } });
    other.fact('contributions', 'P1', contribution('2023-01', 'S1'));
    await world.run();
    const tables = await world.query(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('buduan', 'graphile_worker') AND c.relkind = 'r'`,
    );
    expect(tables.length).toBeGreaterThan(15);
    const canaries = [residentId(1).number, BAD_NUMBER];
    const patterns = canaries.flatMap((canary) => [
      canary,
      Buffer.from(canary).toString('hex'),
      Buffer.from(canary).toString('base64'),
    ]);
    for (const table of tables) {
      const schema = await world.query(
        `SELECT n.nspname AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = $1 AND n.nspname IN ('buduan', 'graphile_worker')`,
        [table['name']],
      );
      const rows = await world.tools.database.acrossTenants<unknown>((em) =>
        em.query(
          `SELECT count(*)::int AS found FROM ${String(schema[0]?.['schema'])}."${String(table['name'])}" t WHERE t::text ILIKE ANY($1)`,
          [patterns.map((pattern) => `%${pattern}%`)],
        ),
      );
      expect({ table: table['name'], rows }).toStrictEqual({ table: table['name'], rows: [{ found: 0 }] });
    }
  });
});

describe('quarantine', () => {
  let world: World;
  let source: MemorySource;

  beforeEach(async () => {
    world = await World.open();
    source = bureau();
    for (const no of [1, 2, 3])
      source.person(`P${no}`, residentId(no)).fact('contributions', `P${no}`, contribution('2023-01', `S${no}`));
    world.sources = [source];
  });

  afterEach(() => world.close());

  const RAW = { aae003: '202313', personNo: 'P1' };

  function rows(): Promise<Record<string, unknown>[]> {
    return world.query(
      'SELECT q.owner_key, q.reason, q.resolution FROM buduan.quarantined_row q ORDER BY q.quarantine_id',
    );
  }

  it('keeps a row once, sealed, however often it is sent', async () => {
    source.reject({ stream: 'contributions', ownerKey: 'P1', reason: 'not-a-month', raw: RAW });
    await world.run();
    await world.run();
    expect(await rows()).toStrictEqual([{ owner_key: 'P1', reason: 'not-a-month', resolution: null }]);
    const [stored] = await world.query(
      'SELECT q.quarantine_id AS id, q.raw_enc AS raw, q.first_run_id <> q.last_run_id AS seen_again FROM buduan.quarantined_row q',
    );
    expect(stored?.['seen_again']).toBe(true);
    expect(
      world.tools.vault.open(TENANT, 'quarantined_row', 'raw_enc', String(stored?.['id']), stored?.['raw'] as Buffer),
    ).toBe(JSON.stringify(RAW));
    expect(await world.tools.database.inTenant(TENANT, (em) => countQuarantine(em, TENANT))).toStrictEqual([
      { connectionId: 'bureau', stream: 'contributions', reason: 'not-a-month', rows: 1 },
    ]);
  });

  it('takes nothing away from an owner whose row was not understood, and says that what is there is not all', async () => {
    source.fact('contributions', 'P1', contribution('2023-02', 'S1b'));
    await world.run();
    await world.judgeEverybody();
    const before = await world.records();
    source.rows = source.rows.filter((row) => !('record' in row && row.record.itemKey === 'S1b'));
    source.forget('P2', 'contributions');
    source
      .reject({ stream: 'contributions', ownerKey: 'P1', reason: 'not-a-month', raw: RAW })
      .reject({ stream: 'contributions', ownerKey: 'P2', reason: 'not-a-month', raw: { ...RAW, personNo: 'P2' } });
    const outcome = await world.run();
    expect(outcome.state).toBe('succeeded');
    expect(await world.records()).toStrictEqual(before);
    expect(outcome.chosen.persons).toBe(3);
    const [person] = await world.query(
      "SELECT r.person_id AS id FROM buduan.source_record r WHERE r.owner_key = 'P2' AND r.stream = 'persons'",
    );
    const records = await world.tools.database.inTenant(TENANT, (em) =>
      readPersonRecords(em, TENANT, [String(person?.['id'])]),
    );
    expect(
      records.get(String(person?.['id']))?.map((record) => [record.stream, record.isPartial, record.items.length]),
    ).toStrictEqual([
      ['contributions', true, 1],
      ['persons', false, 1],
    ]);
  });

  it('shows an owner whose every row was not understood, with no items', async () => {
    source
      .forget('P3', 'contributions')
      .reject({ stream: 'contributions', ownerKey: 'P3', reason: 'not-a-month', raw: { ...RAW, personNo: 'P3' } });
    await world.run();
    const [person] = await world.query(
      "SELECT r.person_id AS id FROM buduan.source_record r WHERE r.owner_key = 'P3' AND r.stream = 'persons'",
    );
    const records = await world.tools.database.inTenant(TENANT, (em) =>
      readPersonRecords(em, TENANT, [String(person?.['id'])]),
    );
    expect(records.get(String(person?.['id']))).toMatchObject([
      { stream: 'contributions', items: [], isPartial: true, goneAt: null },
      { stream: 'persons', isPartial: false },
    ]);
  });

  it('lets go of a row that mended, and of one that is not sent any more', async () => {
    source
      .reject({ stream: 'contributions', ownerKey: 'P1', reason: 'not-a-month', raw: RAW })
      .reject({ stream: 'persons', ownerKey: 'P8', reason: 'identity-shape', raw: { idNumber: '12' } });
    await world.run();
    await world.judgeEverybody();
    source.rows = source.rows.filter((row) => 'record' in row);
    const outcome = await world.run();
    expect(await rows()).toStrictEqual([
      { owner_key: 'P8', reason: 'identity-shape', resolution: 'gone' },
      { owner_key: 'P1', reason: 'not-a-month', resolution: 'replayed' },
    ]);
    expect(outcome.chosen.persons).toBe(3);
    expect((await world.run()).chosen.persons).toBe(0);
  });

  it('is replayed by asking the source for the owners again', async () => {
    source
      .reject({ stream: 'contributions', ownerKey: 'P1', reason: 'not-a-month', raw: RAW })
      .reject({ stream: 'contributions', ownerKey: 'P2', reason: 'not-a-month', raw: { ...RAW, personNo: 'P2' } })
      .reject({ stream: 'contributions', ownerKey: null, reason: 'missing-field', raw: {} });
    await world.run();
    source.rows = source.rows.filter((row) => !('rejected' in row && row.rejected.ownerKey === 'P1'));
    source.fact('contributions', 'P1', contribution('2022-12', 'S1c'));
    const waiting = await world.query('SELECT quarantine_id FROM buduan.quarantined_row WHERE resolved_at IS NULL');
    const quarantineIds = waiting.map((row) => String(row['quarantine_id']));
    expect(await replayQuarantine(world.tools, { ...REQUEST, quarantineIds })).toStrictEqual({
      tried: 3,
      resolved: 1,
      stillRejected: 1,
      waitForFullRun: 1,
    });
    expect((await rows()).map((row) => [row['owner_key'], row['resolution']])).toStrictEqual([
      ['P1', 'replayed'],
      ['P2', null],
      [null, null],
    ]);
    expect(
      (await world.records()).find((row) => row['stream'] === 'contributions' && row['owner_key'] === 'P1')?.['body'],
    ).toContain('202212');
  });
});

describe('a targeted read', () => {
  let world: World;
  let source: MemorySource;

  beforeEach(async () => {
    world = await World.open();
    source = bureau();
    for (const no of [1, 2, 3])
      source.person(`P${no}`, residentId(no)).fact('contributions', `P${no}`, contribution('2023-01', `S${no}`));
    world.sources = [source];
    await world.run();
  });

  afterEach(() => world.close());

  it('changes the persons it was asked for, posts those that changed, and nobody else', async () => {
    const posted = (await world.facts()).length;
    source.forget('P1', 'contributions').fact('contributions', 'P1', contribution('2023-02', 'S9')).forget('P3');
    const outcome = await pullPersons(world.tools, {
      ...REQUEST,
      connectionId: 'bureau',
      ownerKeys: ['P1', 'P2'],
      trigger: 'webhook',
    });
    const [person] = await world.query(
      "SELECT r.person_id AS id FROM buduan.source_record r WHERE r.owner_key = 'P1' AND r.stream = 'persons'",
    );
    expect(outcome.personIds).toStrictEqual([person?.['id']]);
    expect((await world.facts()).slice(posted)).toStrictEqual([
      {
        fact: 'RecordsChanged',
        tenantId: TENANT,
        runId: outcome.runId,
        asOf: AS_OF,
        batchNo: null,
        personIds: [person?.['id']],
      },
    ]);
    const records = await world.records();
    expect(
      records.find((row) => row['stream'] === 'contributions' && row['owner_key'] === 'P1')?.['body'],
    ).not.toContain('202301');
    expect(records.filter((row) => row['gone'])).toStrictEqual([]);
    expect(
      await world.query('SELECT r.state, r.mode FROM buduan.run r ORDER BY r.started_at DESC LIMIT 1'),
    ).toStrictEqual([{ state: 'succeeded', mode: 'targeted' }]);
  });

  it('notices that a person asked for is not there any more', async () => {
    source.forget('P2');
    await pullPersons(world.tools, { ...REQUEST, connectionId: 'bureau', ownerKeys: ['P2'], trigger: 'webhook' });
    expect(
      (await world.records()).filter((row) => row['gone']).map((row) => [row['stream'], row['owner_key']]),
    ).toStrictEqual([
      ['contributions', 'P2'],
      ['persons', 'P2'],
    ]);
  });

  it('is not undone by a full run that passed the person before', async () => {
    source.beforePage = async (read, page) => {
      if (read !== 'persons' || page !== 0 || source.requests.at(-1)?.owners !== null) return;
      source.beforePage = () => undefined;
      // Hired while the list was being walked: the walk does not meet P4, the webhook's read does.
      const walk = source.rows;
      source.person('P4', residentId(4));
      await pullPersons(world.tools, { ...REQUEST, connectionId: 'bureau', ownerKeys: ['P4'], trigger: 'webhook' });
      source.rows = walk;
    };
    expect((await world.run()).state).toBe('succeeded');
    expect((await world.records()).filter((row) => row['owner_key'] === 'P4')).toMatchObject([{ gone: false }]);
  });

  it('stores nothing when the source fails', async () => {
    const before = await world.records();
    source.failAtPage = 0;
    await expect(
      pullPersons(world.tools, { ...REQUEST, connectionId: 'bureau', ownerKeys: ['P1'], trigger: 'webhook' }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    expect(await world.records()).toStrictEqual(before);
    expect(await world.query('SELECT r.state FROM buduan.run r ORDER BY r.started_at DESC LIMIT 1')).toStrictEqual([
      { state: 'failed' },
    ]);
  });
});
