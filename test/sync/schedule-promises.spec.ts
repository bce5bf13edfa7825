/** Whether schedules keep their promises on a real database: one row an instant, whatever stops, waits or holds it. */
import fc from 'fast-check';
import { ConnectionHealth } from '../../src/connectors/connection-health.js';
import type { Day } from '../../src/domain/month.js';
import { type FixedClock, fixedClock } from '../../src/platform/clock/clock.js';
import { scheduleOf } from '../../src/platform/config/schedule.schema.js';
import { silentLog } from '../../src/platform/log/log.js';
import { dueInstants } from '../../src/sync/schedules/due-instants.js';
import { holdConnections } from '../../src/sync/schedules/hold-connections.js';
import { pauseSchedule, resumeSchedule } from '../../src/sync/schedules/pause-schedule.js';
import { ScheduleTicks, type ScheduleTicksOptions } from '../../src/sync/schedules/schedule-ticks.js';
import type { Schedule } from '../../src/sync/schedules/schedule.js';
import { MemorySource, residentId } from './memory-source.js';
import { TENANT, World, type Row } from './world.js';

type Written = Parameters<typeof scheduleOf>[0];

const schedule = (id: string, given: Partial<Written> = {}): Schedule =>
  scheduleOf({ id, tenant: TENANT, cron: '0 2 * * *', ...given });

let world: World;
let clock: FixedClock;
let payroll: MemorySource;
const nodes: ScheduleTicks[] = [];

beforeEach(async () => {
  world = await World.open();
  clock = fixedClock('2023-03-20T01:30:00+08:00');
  payroll = new MemorySource({ connectionId: 'payroll', reads: [{ name: 'staff', streams: ['persons'] }] });
  payroll.person('E1', residentId(1));
  const bureau = new MemorySource({ connectionId: 'bureau', reads: [{ name: 'insured', streams: ['persons'] }] });
  bureau.person('B1', residentId(1));
  world.sources = [payroll, bureau];
});
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((each) => each.stop()));
  await world.close();
});

function node(schedules: readonly Schedule[], options: Partial<ScheduleTicksOptions> = {}): ScheduleTicks {
  const ticks = new ScheduleTicks({ schedules, tools: world.tools, clock, policyVersionOf: () => 'p1', ...options });
  nodes.push(ticks);
  return ticks;
}

async function tickAll(...ticks: readonly ScheduleTicks[]): Promise<void> {
  await Promise.all(ticks.map((each) => each.look()));
  await Promise.all(ticks.map((each) => each.idle()));
}

const advanceTo = (text: string): void => clock.advance(Date.parse(`2023-03-${text}+08:00`) - clock.now().getTime());

/** `20 02:00 skipped overlap`, oldest first, without the row that a new schedule begins with. */
async function history(id: string): Promise<string[]> {
  const rows = await world.query(
    `SELECT concat_ws(' ', to_char(due_at AT TIME ZONE 'Asia/Shanghai', 'DD HH24:MI'), state, reason) AS line
       FROM buduan.occurrence WHERE schedule_id = $1 AND reason IS DISTINCT FROM 'before-start' ORDER BY due_at`,
    [id],
  );
  return rows.map(({ line }) => String(line));
}

const detailOf = async (id: string): Promise<unknown> =>
  (
    await world.query('SELECT detail FROM buduan.occurrence WHERE schedule_id = $1 ORDER BY due_at DESC LIMIT 1', [id])
  )[0]?.['detail'];

const runs = (): Promise<Row[]> =>
  world.query(
    `SELECT started_by AS by, state, as_of::text AS "asOf", stats->>'about' AS about FROM buduan.run ORDER BY started_at`,
  );

describe('an instant', () => {
  it('that ten nodes find at the same time is one row and one run', async () => {
    const ten = Array.from({ length: 10 }, () => node([schedule('nightly')]));
    await tickAll(...ten);
    advanceTo('20T02:00:03');
    await tickAll(...ten);
    await tickAll(...ten);
    expect(await history('nightly')).toEqual(['20 02:00 ran']);
    expect(await runs()).toEqual([{ by: 'schedule:nightly', state: 'succeeded', asOf: '2023-03-20', about: 'run' }]);
  });

  it('is neither lost nor run twice, whatever is down when and whatever the clock does', async () => {
    const zones = ['Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe', 'Europe/Berlin', 'America/Santiago'];
    const story = fc.record({
      zone: fc.constantFrom(...zones),
      cron: fc.constantFrom('30 1,2 * * *', '15 */3 * * *', '0 2 * * *'),
      policy: fc.constantFrom('skip' as const, 'once' as const, 'all' as const),
      jitterMinutes: fc.constantFrom(0, 20),
      begin: fc.constantFrom('03-07', '03-27', '04-02', '09-05', '10-02', '10-31'),
      // Minutes until the next look, and which of three nodes take part in it.
      looks: fc.array(
        fc.tuple(
          fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 90, max: 3_000 })),
          fc.integer({ min: 1, max: 7 }),
        ),
        { minLength: 3, maxLength: 9 },
      ),
    });
    let stories = 0;
    await fc.assert(
      fc.asyncProperty(story, async ({ zone, cron, policy, jitterMinutes, begin, looks }) => {
        stories += 1;
        const own = schedule(`story-${stories}`, { cron, zone, jitterMinutes, misfire: { policy, maxAgeHours: 30 } });
        clock.advance(Date.parse(`2026-${begin}T00:00Z`) - clock.now().getTime());
        const started: Day[] = [];
        const errands = new Map([[own.id, async (asOf: Day) => void started.push(asOf)]]);
        const three = [1, 2, 4].map((bit) => ({ bit, ticks: node([own], { errands }) }));
        const from = clock.now();
        await tickAll(...three.map(({ ticks }) => ticks));
        for (const [minutes, up] of [...looks, [25, 7], [25, 7]] as const) {
          clock.advance(minutes * 60_000);
          const present = three.filter(({ bit }) => (up & bit) !== 0).map(({ ticks }) => ticks);
          // What waits for its turn, or for its jitter, goes on with the following looks.
          for (let again = 0; again < 12; again += 1) await tickAll(...present);
        }
        const rows = await world.query(
          `SELECT due_at AS due, starts_at AS starts, state, reason, attempts FROM buduan.occurrence WHERE schedule_id = $1 AND reason IS DISTINCT FROM 'before-start' ORDER BY due_at`,
          [own.id],
        );
        const expected: number[] = [];
        for (const due of dueInstants(own, from)) {
          if (due > clock.now()) break;
          expected.push(due.getTime());
        }
        expect(rows.map(({ due }) => (due as Date).getTime())).toEqual(expected);
        const done = rows.filter(({ state }) => state === 'ran' || state === 'caught-up');
        expect(started).toHaveLength(done.length);
        expect(done.every(({ attempts }) => attempts === 1)).toBe(true);
        for (const { state, reason } of rows) if (state === 'skipped') expect(reason).not.toBeNull();
        const open = rows.filter(({ state }) => state === 'due');
        for (const { starts } of open) expect((starts as Date) > clock.now()).toBe(true);
      }),
      { numRuns: 8, seed: 20_261_125 },
    );
  });

  it('does not begin before its jitter is over, and is then on time', async () => {
    const only = node([schedule('nightly', { jitterMinutes: 600 })]);
    await tickAll(only);
    advanceTo('20T02:00:03');
    await tickAll(only);
    expect(await history('nightly')).toEqual(['20 02:00 due']);
    const [row] = await world.query(`SELECT starts_at AS starts FROM buduan.occurrence WHERE state = 'due'`);
    clock.advance((row?.['starts'] as Date).getTime() - clock.now().getTime() - 1);
    await tickAll(only);
    expect(await history('nightly')).toEqual(['20 02:00 due']);
    clock.advance(1);
    await tickAll(only);
    expect(await history('nightly')).toEqual(['20 02:00 ran']);
  });

  it('of a year without a calendar runs on a weekday and says so, and is skipped where the schedule prefers that', async () => {
    clock.advance(Date.parse('2040-10-01T01:30:00+08:00') - clock.now().getTime());
    const [open, careful] = [
      schedule('open', { days: 'workdays' }),
      schedule('careful', { days: 'workdays', onUnknownCalendar: 'skip' }),
    ];
    const only = node([open, careful]);
    await tickAll(only);
    clock.advance(31 * 60_000);
    await tickAll(only);
    expect(await history('open')).toEqual(['01 02:00 ran']);
    expect(await history('careful')).toEqual(['01 02:00 skipped unknown-calendar']);
    expect([await detailOf('open'), await detailOf('careful')]).toEqual([
      { unknownCalendar: 2040 },
      { unknownCalendar: 2040 },
    ]);
  });

  it('missed is made up for each on its own day where the schedule says all, oldest first, one at a time', async () => {
    const all = schedule('nightly', { misfire: { policy: 'all', maxAgeHours: 60 } });
    await tickAll(node([all]));
    advanceTo('23T01:30:00');
    const [first, second] = [node([all]), node([all])];
    for (let again = 0; again < 4; again += 1) await tickAll(first, second);
    expect(await history('nightly')).toEqual([
      '20 02:00 skipped too-old',
      '21 02:00 caught-up missed',
      '22 02:00 caught-up missed',
    ]);
    expect((await runs()).map(({ asOf }) => asOf)).toEqual(['2023-03-21', '2023-03-22']);
  });
});

describe('reads and a reconcile schedule that waits for them', () => {
  const pulls = [
    schedule('pull-payroll', { connection: 'payroll', does: 'read' }),
    schedule('pull-bureau', { connection: 'bureau', does: 'read' }),
  ];
  const reconcile = schedule('reconcile', {
    does: 'reconcile',
    cron: '30 2 * * *',
    after: { schedules: ['pull-payroll', 'pull-bureau'], withinHours: 3 },
  });

  async function facts(): Promise<string[]> {
    return (await world.facts()).map(({ fact }) => String(fact));
  }

  it('run one after the other, judge nobody before, and everybody whom any of them changed then', async () => {
    const two = [node([...pulls, reconcile]), node([...pulls, reconcile])];
    await tickAll(...two);
    advanceTo('20T02:00:03');
    for (let again = 0; again < 3; again += 1) await tickAll(...two);
    expect(await facts()).toEqual([]);
    expect([await history('pull-payroll'), await history('pull-bureau')]).toEqual([['20 02:00 ran'], ['20 02:00 ran']]);
    advanceTo('20T02:30:03');
    await tickAll(...two);
    expect(await facts()).toEqual(['RecordsChanged']);
    expect(await history('reconcile')).toEqual(['20 02:30 ran']);
    expect((await runs()).map(({ by, about }) => [by, about])).toEqual([
      ['schedule:pull-payroll', 'read:payroll'],
      ['schedule:pull-bureau', 'read:bureau'],
      ['schedule:reconcile', 'reconcile'],
    ]);
  });

  it('end with a reason when a read did not succeed in time, and take a success that comes in time', async () => {
    payroll.failAtPage = 0;
    const only = node([...pulls, reconcile]);
    await tickAll(only);
    advanceTo('20T02:30:03');
    for (let again = 0; again < 3; again += 1) await tickAll(only);
    expect(await history('reconcile')).toEqual(['20 02:30 due']);
    expect(await detailOf('reconcile')).toEqual({ waitedFor: ['pull-payroll'] });
    advanceTo('20T05:30:03');
    await tickAll(only);
    expect(await history('reconcile')).toEqual(['20 02:30 skipped dependency']);
    expect(await detailOf('reconcile')).toEqual({ waitedFor: ['pull-payroll'] });
    expect(await facts()).toEqual([]);

    payroll.failAtPage = null;
    advanceTo('21T02:00:03');
    for (let again = 0; again < 3; again += 1) await tickAll(only);
    advanceTo('21T02:30:03');
    await tickAll(only);
    expect((await history('reconcile')).at(-1)).toBe('21 02:30 ran');
    expect(await facts()).toEqual(['RecordsChanged']);
  });

  it('are not taken over by a run of another kind: it begins anew, and the broken one is told as interrupted', async () => {
    const reading = node(pulls.slice(0, 1));
    await tickAll(reading);
    advanceTo('20T02:00:03');
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    payroll.beforePage = () => held;
    await reading.look();
    const stopping = reading.stop();
    release();
    await stopping;
    payroll.beforePage = () => undefined;
    const whole = await world.start();
    await whole.finished;
    expect(whole.isResumed).toBe(false);
    await tickAll(node(pulls.slice(0, 1)));
    expect(await history('pull-payroll')).toEqual(['20 02:00 skipped interrupted']);
    expect((await runs()).map(({ state, about }) => [about, state])).toEqual([
      ['read:payroll', 'expired'],
      ['run', 'succeeded'],
    ]);
  });
});

describe('a pause', () => {
  const nightly = schedule('nightly');
  const key = { tenantId: TENANT, scheduleId: 'nightly' };
  const begin = { by: 'li', reason: 'the bureau moves', until: null };

  it('skips what falls due in it, also when that is found after it has ended, and stands in the audit trail', async () => {
    await tickAll(node([nightly]));
    await pauseSchedule(world.tools, key, { ...begin, at: clock.now() });
    await expect(pauseSchedule(world.tools, key, { ...begin, at: clock.now() })).rejects.toMatchObject({
      code: 'already-paused',
    });
    advanceTo('20T03:00:00');
    await resumeSchedule(world.tools, key, { by: 'wang', reason: 'done', at: clock.now() });
    await expect(resumeSchedule(world.tools, key, { by: 'wang', reason: null, at: clock.now() })).rejects.toMatchObject(
      {
        code: 'not-paused',
      },
    );
    advanceTo('20T04:00:00');
    await tickAll(node([nightly]));
    expect(await history('nightly')).toEqual(['20 02:00 skipped paused']);
    expect(await detailOf('nightly')).toEqual({ pausedBy: 'li', because: 'the bureau moves' });
    advanceTo('21T02:00:03');
    await tickAll(node([nightly]));
    expect((await history('nightly')).at(-1)).toBe('21 02:00 ran');
    const audit = await world.query('SELECT actor, action, object, detail FROM buduan.audit_event ORDER BY event_no');
    expect(audit).toEqual([
      {
        actor: 'li',
        action: 'schedule.pause',
        object: 'schedule:nightly',
        detail: { reason: 'the bureau moves', until: null },
      },
      { actor: 'wang', action: 'schedule.resume', object: 'schedule:nightly', detail: { reason: 'done' } },
    ]);
  });

  it('ends by itself at its time', async () => {
    await tickAll(node([nightly]));
    const until = new Date('2023-03-21T01:00:00+08:00');
    await pauseSchedule(world.tools, key, { ...begin, until, at: clock.now() });
    advanceTo('21T02:00:03');
    await tickAll(node([nightly]));
    expect(await history('nightly')).toEqual(['20 02:00 skipped paused', '21 02:00 ran']);
  });

  it('lets a run that is under way go on', async () => {
    const only = node([nightly]);
    await tickAll(only);
    advanceTo('20T02:00:03');
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    payroll.beforePage = () => held;
    await only.look();
    await pauseSchedule(world.tools, key, { ...begin, at: clock.now() });
    release();
    await only.idle();
    expect(await history('nightly')).toEqual(['20 02:00 ran']);
  });
});

describe('a maintenance window', () => {
  it('of the tenant skips what falls due in it; of a connection leaves that one out of a whole run', async () => {
    const health = new ConnectionHealth(world.tools.database, silentLog(), world.tools.jobs);
    const now = Date.now();
    const window = {
      from: new Date(now - 3_600_000).toISOString(),
      to: new Date(now + 3_600_000).toISOString(),
      zone: 'UTC',
    };
    const only = node([schedule('nightly')], {
      maintenanceOf: () => [{ cron: '0 1 21 * *', hours: 4, zone: 'Asia/Shanghai', reason: 'move' }],
      // The health of connections lives in the database's time.
      holdConnections: (em, tenantId) => {
        const connections = [{ connectionId: 'bureau', windows: [window] }];
        return holdConnections(em, health, { tenantId, connections, now: new Date(now) });
      },
    });
    await tickAll(only);
    advanceTo('20T02:00:03');
    await tickAll(only);
    const reads = await world.query(
      'SELECT connection_id AS connection, state, reason FROM buduan.stream_run ORDER BY connection_id',
    );
    expect(reads).toEqual([
      { connection: 'bureau', state: 'failed', reason: 'maintenance' },
      { connection: 'payroll', state: 'succeeded', reason: null },
    ]);
    advanceTo('21T02:00:03');
    await tickAll(only);
    expect(await history('nightly')).toEqual(['20 02:00 ran', '21 02:00 skipped maintenance']);
    expect(await detailOf('nightly')).toEqual({ because: 'move' });
  });

  it('does not hold a connection that somebody has put back into use since it began', async () => {
    await world.run();
    const health = new ConnectionHealth(world.tools.database, silentLog(), world.tools.jobs);
    const now = Date.now();
    const windows = [
      { from: new Date(now - 60_000).toISOString(), to: new Date(now + 3_600_000).toISOString(), zone: 'UTC' },
    ];
    const hold = (): Promise<void> =>
      world.tools.database.inTenant(TENANT, (em) =>
        holdConnections(em, health, {
          tenantId: TENANT,
          connections: [{ connectionId: 'bureau', windows }],
          now: new Date(now),
        }),
      );
    const state = async (): Promise<unknown> =>
      (await world.query(`SELECT health, health_by AS by FROM buduan.connection WHERE connection_id = 'bureau'`))[0];
    await hold();
    expect(await state()).toEqual({ health: 'maintenance', by: 'hub.yaml' });
    const back = { health: 'up', by: 'li', reason: null, until: null } as const;
    await health.decide({ tenantId: TENANT, connectionId: 'bureau' }, back);
    await hold();
    expect(await state()).toEqual({ health: 'up', by: 'li' });
  });
});
