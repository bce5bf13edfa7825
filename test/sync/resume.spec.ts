import { randomUUID } from 'node:crypto';
import type { Connection } from '../../src/connectors/port.js';
import { type PageCommit, commitPage } from '../../src/sync/commit-page.js';
import { pullRead } from '../../src/sync/pull.js';
import type { RunHandle } from '../../src/sync/run-full.js';
import { windowOf } from '../../src/sync/windows.js';
import { MemorySource, residentId } from './memory-source.js';
import { AS_OF, TENANT, World, wage } from './world.js';

const READS = [
  { name: 'employees', streams: ['persons'] },
  { name: 'wages', streams: ['wages'], after: ['employees'] },
] as const;

function payroll(): MemorySource {
  const source = new MemorySource({ connectionId: 'payroll', reads: READS, pageSize: 2 });
  for (const no of [1, 2, 3, 4, 5]) source.person(`E${no}`, residentId(no));
  for (const month of ['2023-01', '2023-02'])
    for (const no of [1, 2, 3, 4, 5]) source.fact('wages', `E${no}`, wage(month, 1_000_000 + no));
  source.reject({
    stream: 'persons',
    ownerKey: 'E6',
    reason: 'identity-check-character',
    raw: { idNo: '440300199001010000' },
  });
  return source;
}

/** Pages of two rows, three of the list and five of the wages; and where a walk goes on when stopped before each page. */
const PAGES = 8;
const RESUMED_AT = [
  ['employees', null],
  ['employees', 2],
  ['employees', 4],
  ['wages', null],
  ['wages', 2],
  ['wages', 4],
  ['wages', 6],
  ['wages', 8],
];

describe('a broken-off run', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.open();
  });

  afterEach(() => world.close());

  async function finalState(): Promise<unknown> {
    const quarantine = await world.query(
      'SELECT q.owner_key, q.reason, q.resolution FROM buduan.quarantined_row q ORDER BY 1',
    );
    const left = await world.query(
      'SELECT (SELECT count(*)::int FROM buduan.pull_seen) AS seen, (SELECT count(*)::int FROM buduan.checkpoint WHERE cursor IS NOT NULL) AS places',
    );
    return { records: await world.records(), quarantine, left };
  }

  it('ends as if it had never been interrupted, wherever it broke off', async () => {
    const identities = [1, 2, 3, 4, 5].map(residentId);
    expect(new Set(identities.map((identity) => identity.number)).size).toBe(5);
    const whole = payroll();
    world.sources = [whole];
    await world.run();
    const expected = await finalState();
    for (let stopAt = 0; stopAt < PAGES; stopAt += 1) {
      await world.query('DELETE FROM buduan.source_record');
      await world.query('DELETE FROM buduan.quarantined_row');
      const source = payroll();
      world.sources = [source];
      let handle: RunHandle | null = null;
      let page = 0;
      source.beforePage = () => {
        if (page === stopAt) void handle?.stop();
        page += 1;
      };
      handle = await world.start({ policyVersion: `p${stopAt}` });
      await expect(handle.finished).rejects.toMatchObject({ code: 'run-stopped' });
      source.beforePage = () => undefined;
      const asked = source.requests.length;
      const resumed = await world.start({ policyVersion: `p${stopAt}` });
      expect(resumed.isResumed).toBe(true);
      expect(resumed.runId).toBe(handle.runId);
      expect((await resumed.finished).state).toBe('succeeded');
      expect(await finalState()).toStrictEqual(expected);
      // Neither pages that were committed nor reads that had ended are asked for again.
      expect([source.requests[asked]?.read, source.requests[asked]?.cursor]).toStrictEqual(RESUMED_AT[stopAt]);
    }
  });

  it('is taken over a minute after its process was killed, not before', async () => {
    const source = payroll();
    world.sources = [source];
    const held = heldAt(source, 1);
    const killed = await world.start();
    await held.reached;
    await expect(world.start()).rejects.toMatchObject({ code: 'run-active' });
    await world.forgetHeartbeat();
    source.beforePage = () => undefined;
    const resumed = await world.start();
    expect(resumed.runId).toBe(killed.runId);
    expect((await resumed.finished).state).toBe('succeeded');
    const before = await finalState();
    // The first process was not dead but paused: it wakes up and must not change anything.
    held.release();
    await expect(killed.finished).rejects.toMatchObject({ code: 'checkpoint-moved' });
    expect(await finalState()).toStrictEqual(before);
  });

  it('is not taken back by the process that held it first and wakes up between two reads', async () => {
    const source = payroll();
    world.sources = [source];
    const first = heldAt(source, 2);
    const killed = await world.start();
    await first.reached;
    // Its last page of the list of persons is under way when it is declared dead.
    await world.query('UPDATE buduan.run SET stats = stats || \'{"claim": "another"}\'');
    first.release();
    await expect(killed.finished).rejects.toMatchObject({ code: 'run-taken-over' });
    expect(await world.query("SELECT s.read_name FROM buduan.stream_run s WHERE s.state = 'running'")).toStrictEqual(
      [],
    );
    expect(await world.query('SELECT r.state FROM buduan.run r')).toStrictEqual([{ state: 'running' }]);
  });

  it('goes on under a new run when the policy is another one by now, and has everything judged that the old one changed', async () => {
    const source = payroll();
    world.sources = [source];
    source.beforePage = (read, page) => {
      if (read === 'wages' && page === 1) void handle.stop();
    };
    const handle = await world.start();
    await expect(handle.finished).rejects.toMatchObject({ code: 'run-stopped' });
    source.beforePage = () => undefined;
    const next = await world.start({ policyVersion: 'p2' });
    expect(next.isResumed).toBe(false);
    const outcome = await next.finished;
    expect(outcome.state).toBe('succeeded');
    expect(outcome.chosen.persons).toBe(5);
    expect(await world.query('SELECT r.state FROM buduan.run r ORDER BY r.started_at')).toStrictEqual([
      { state: 'expired' },
      { state: 'succeeded' },
    ]);
  });

  it('begins a read anew when the months asked for are others by now', async () => {
    const source = payroll();
    world.sources = [source];
    source.beforePage = (_, page) => {
      if (page === 1) void handle.stop();
    };
    const handle = await world.start();
    await expect(handle.finished).rejects.toMatchObject({ code: 'run-stopped' });
    source.beforePage = () => undefined;
    await world.run({ asOf: '2023-04-20' as typeof AS_OF });
    expect(await world.query("SELECT s.reason FROM buduan.stream_run s WHERE s.state = 'failed'")).toStrictEqual([
      { reason: 'abandoned' },
    ]);
    expect(source.requests.at(-2)?.cursor).toBeNull();
  });

  it('has each failed read stand for itself, and not begin what needs it', async () => {
    const broken = payroll();
    broken.failAtPage = 1;
    const sound = new MemorySource({
      connectionId: 'roster',
      role: 'attendance',
      reads: [{ name: 'roster', streams: ['persons'] }],
    });
    sound.person('U1', residentId(1));
    world.sources = [broken, sound];
    const outcome = await world.run();
    expect(outcome.state).toBe('partial');
    expect(
      outcome.connections.map((connection) => [
        connection.connectionId,
        connection.state,
        connection.reads.map((read) => read.reason),
      ]),
    ).toStrictEqual([
      ['payroll', 'failed', ['unavailable', 'after-failed']],
      ['roster', 'succeeded', [null]],
    ]);
    // The page that came before the failure is stored; the next run begins at the first page.
    expect((await world.records()).filter((row) => row['connection_id'] === 'payroll')).toHaveLength(2);
    broken.failAtPage = null;
    expect((await world.run()).state).toBe('succeeded');
  });
});

describe('a page', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.open();
  });

  afterEach(() => world.close());

  it('leaves neither records nor a moved checkpoint when its transaction fails half-way', async () => {
    const source = payroll();
    world.sources = [source];
    const handle = await world.start();
    await handle.finished;
    await world.query('DELETE FROM buduan.source_record');
    const before = await world.query('SELECT c.version, c.cursor FROM buduan.checkpoint c ORDER BY c.read_name');
    // The second owner of the first page cannot be stored: U+0000 is no text for PostgreSQL.
    source.rows = [];
    source.person('E1', residentId(1)).person('E\u00002', residentId(2)).person('E3', residentId(3));
    const outcome = await world.run();
    expect(outcome.connections[0]?.reads[0]).toMatchObject({ state: 'running', reason: 'broken-off', pages: 0 });
    expect(await world.records()).toStrictEqual([]);
    const after = await world.query('SELECT c.version, c.cursor FROM buduan.checkpoint c ORDER BY c.read_name');
    expect(after.map((row) => (row['cursor'] as { cursor?: unknown } | null)?.cursor ?? null)).toStrictEqual([
      null,
      null,
    ]);
    expect(after).not.toStrictEqual(before);
  });

  it('is refused when another process holds the traversal', async () => {
    const source = payroll();
    world.sources = [source];
    await world.run();
    const runId = randomUUID();
    await world.query(
      "INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version) VALUES ($1, $2, 'delta', 'manual', 'running', '2023-03-20', false, 'p1')",
      [TENANT, runId],
    );
    const [read] = source.declaration.reads;
    if (read === undefined) throw new Error('The memory source declares its reads.');
    const request = {
      tenantId: TENANT,
      runId,
      claim: null,
      connection: source as Connection,
      read,
      window: windowOf(AS_OF, 6),
      asOf: AS_OF,
      signal: new AbortController().signal,
    };
    const held = heldAt(source, 1);
    // Watched from the start: it may be refused while the other process is still reading.
    const refused = expect(pullRead(world.tools, request)).rejects.toMatchObject({ code: 'checkpoint-moved' });
    await held.reached;
    source.beforePage = () => undefined;
    expect(await pullRead(world.tools, request)).toMatchObject({ state: 'succeeded' });
    held.release();
    await refused;
  });

  it('cannot be committed under a version of the checkpoint that has passed', async () => {
    const source = payroll();
    world.sources = [source];
    await world.run();
    const runs = await world.query('SELECT s.stream_run_id, s.run_id FROM buduan.stream_run s LIMIT 1');
    const late: PageCommit = {
      traversal: {
        tenantId: TENANT,
        connectionId: 'payroll',
        read: 'employees',
        streamRunId: String(runs[0]?.['stream_run_id']),
        runId: String(runs[0]?.['run_id']),
        streams: ['persons'],
        includesLeavers: true,
        window: windowOf(AS_OF, 6),
        isFirst: false,
      },
      version: 1,
      page: { portions: [], blindIndexes: [], rejected: [], rowCount: 0, next: null, end: null, drift: {} },
      drift: {},
      countDropPercent: 50,
    };
    await expect(commitPage(world.tools, late)).rejects.toMatchObject({ code: 'checkpoint-moved' });
  });
});

/** Holds the source before page `at` of any read until released. */
function heldAt(source: MemorySource, at: number): { readonly reached: Promise<void>; release(): void } {
  let arrive = (): void => undefined;
  let release = (): void => undefined;
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const gate = new Promise<void>((resolve) => (release = resolve));
  source.beforePage = (_, page) => {
    if (page !== at) return undefined;
    arrive();
    return gate;
  };
  return { reached, release: () => release() };
}
