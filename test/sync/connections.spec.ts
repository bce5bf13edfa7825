/** Whether a connection that is out of use is left alone, one that was down is asked again by one node, and a part can be read alone. */
import { ConnectionHealth } from '../../src/connectors/connection-health.js';
import { readConnectionHealth, type ConnectionHealthRow } from '../../src/connectors/connection-health.reader.js';
import { fixedClock } from '../../src/platform/clock/clock.js';
import { createLog, silentLog } from '../../src/platform/log/log.js';
import { ConnectionWatch } from '../../src/sync/connection-watch.js';
import { pullPersons } from '../../src/sync/pull-persons.js';
import { SyncTools } from '../../src/sync/sync-tools.js';
import { MemorySource, residentId } from './memory-source.js';
import { AS_OF, TENANT, World, wage } from './world.js';

const KEY = { tenantId: TENANT, connectionId: 'payroll' };
const HELD = { by: 'lin', reason: 'moving house', until: null };

let world: World;
let payroll: MemorySource;
let attendance: MemorySource;
let health: ConnectionHealth;

beforeEach(async () => {
  world = await World.open();
  payroll = new MemorySource({
    connectionId: 'payroll',
    reads: [
      { name: 'employees', streams: ['persons'] },
      { name: 'wages', streams: ['wages'], after: ['employees'] },
    ],
  }).person('E1', residentId(1));
  attendance = new MemorySource({
    connectionId: 'attendance',
    role: 'attendance',
    reads: [{ name: 'staff', streams: ['persons'] }],
  }).person('A1', residentId(1));
  world.sources = [payroll, attendance];
  health = new ConnectionHealth(world.tools.database, silentLog(), world.tools.jobs);
});
afterEach(() => world.close());

async function row(): Promise<ConnectionHealthRow | undefined> {
  const rows = await world.tools.database.inTenant(TENANT, (em) => readConnectionHealth(em, TENANT));
  return rows.find(({ connectionId }) => connectionId === 'payroll');
}

const reasons = async (runId: string): Promise<unknown> =>
  world.query('SELECT connection_id, read_name, reason FROM buduan.stream_run WHERE run_id = $1 ORDER BY 1, 2', [
    runId,
  ]);

describe('a connection in maintenance', () => {
  it('is not read, which concludes nothing, while the others are', async () => {
    await world.run();
    payroll.requests.length = 0;
    await health.decide(KEY, { ...HELD, health: 'maintenance' });
    const { runId, state } = await world.run();
    expect(payroll.requests).toEqual([]);
    expect(state).toBe('partial');
    expect(await reasons(runId)).toEqual([
      { connection_id: 'attendance', read_name: 'staff', reason: null },
      { connection_id: 'payroll', read_name: 'employees', reason: 'maintenance' },
      { connection_id: 'payroll', read_name: 'wages', reason: 'maintenance' },
    ]);
    const request = { ...KEY, ownerKeys: ['E1'], asOf: AS_OF, trigger: 'manual', policyVersion: 'p1' } as const;
    const pulled = pullPersons(world.tools, { ...request, signal: new AbortController().signal });
    await expect(pulled).rejects.toMatchObject({ code: 'connection-held' });
  });

  it('is used again when its time is over, or somebody resumes it', async () => {
    await world.run();
    await health.decide(KEY, { ...HELD, health: 'maintenance', until: new Date('2020-01-01T00:00:00Z') });
    expect(await row()).toMatchObject({ health: 'up' });
    expect((await world.run()).state).toBe('succeeded');
    await health.decide(KEY, { ...HELD, health: 'quarantined' });
    expect((await world.run()).state).toBe('partial');
    await health.decide(KEY, { ...HELD, health: 'up' });
    expect((await world.run()).state).toBe('succeeded');
    const audit = await world.query('SELECT actor, action FROM buduan.audit_event ORDER BY event_no');
    expect(audit.map(({ action }) => action)).toEqual([
      'connection.maintenance',
      'connection.quarantined',
      'connection.up',
    ]);
  });

  it('stays what a person made it, whatever its guard says', async () => {
    await world.run();
    await health.decide(KEY, { ...HELD, health: 'quarantined' });
    await health.note(KEY, 'up');
    await health.note(KEY, 'down');
    expect(await row()).toMatchObject({ health: 'quarantined', by: 'lin' });
  });
});

describe('a connection that was down', () => {
  function watch(tools = world.tools): ConnectionWatch {
    return new ConnectionWatch({
      tenants: [{ tenantId: TENANT, freshness: [], windows: [] }],
      tools,
      health,
      clock: fixedClock('2023-03-20T10:00:00Z'),
    });
  }

  beforeEach(async () => {
    await world.run();
    await health.note(KEY, 'down', 'unreachable');
  });

  it('rests first, then is asked by exactly one of two nodes, and is up when it answers', async () => {
    const asked: string[] = [];
    payroll.check = () => {
      asked.push('payroll');
      return Promise.resolve({ ok: true, detail: '' });
    };
    await watch().look();
    expect(asked).toEqual([]);
    await world.query(`UPDATE buduan.connection SET health_since = now() - interval '1 minute'`);
    await Promise.all([watch().look(), watch().look()]);
    expect(asked).toEqual(['payroll']);
    expect(await row()).toMatchObject({ health: 'up', reason: null });
  });

  it('stays down with the reason while it does not answer', async () => {
    const silent = { ok: false, code: 'unreachable', message: 'no answer' } as const;
    Object.assign(payroll, { check: () => Promise.resolve(silent) });
    await world.query(`UPDATE buduan.connection SET health_since = now() - interval '1 minute'`);
    await watch().look();
    expect(await row()).toMatchObject({ health: 'down', reason: 'unreachable' });
  });
});

describe('a read that has fallen silent', () => {
  it('is told once, and taken back once it is complete again', async () => {
    await world.run();
    const lines: string[] = [];
    const log = createLog({ level: 'info', pretty: false, destination: { write: (line) => void lines.push(line) } });
    const { database, jobs, vault, connectionsOf, settingsOf } = world.tools;
    const clock = fixedClock(new Date(Date.now() + 30 * 3_600_000).toISOString());
    const freshness = [{ connectionId: 'payroll', reads: ['employees', 'wages'], hours: 24, hoursOf: { wages: 48 } }];
    const watch = new ConnectionWatch({
      tenants: [{ tenantId: TENANT, freshness, windows: [] }],
      tools: new SyncTools(database, jobs, vault, log, connectionsOf, settingsOf),
      health,
      clock,
    });
    await watch.look();
    await watch.look();
    clock.advance(-30 * 3_600_000);
    await watch.look();
    const told = lines.map((line) => JSON.parse(line) as { read: string; level: string | number; msg: string });
    expect(told.map(({ read, msg }) => `${read}: ${msg}`)).toEqual([
      'employees: A read has not been complete for longer than it may; look at its connection.',
      'employees: A read is complete again.',
    ]);
  });
});

describe('a part of a run', () => {
  it('reads only the named read, keeps what the others said, and judges who changed', async () => {
    await world.run();
    for (const source of [payroll, attendance]) source.requests.length = 0;
    payroll.fact('wages', 'E1', wage('2023-02', 100));
    const outcome = await world.run({ only: { connectionId: 'payroll', reads: ['wages'] } });
    expect([payroll, attendance].map(({ requests }) => [...new Set(requests.map(({ read }) => read))])).toEqual([
      ['wages'],
      [],
    ]);
    expect(outcome).toMatchObject({ state: 'succeeded', chosen: { persons: 1 } });
    expect(await world.query('SELECT count(*)::int AS n FROM buduan.source_record WHERE gone_at IS NULL')).toEqual([
      { n: 3 },
    ]);
  });

  it('is refused by name where there is no such connection or read', async () => {
    await expect(world.start({ only: { connectionId: 'hr', reads: null } })).rejects.toMatchObject({
      code: 'unknown-connection',
    });
    await expect(world.start({ only: { connectionId: 'payroll', reads: ['bonus'] } })).rejects.toMatchObject({
      code: 'unknown-read',
    });
  });
});
