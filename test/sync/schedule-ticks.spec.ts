/** Whether every due instant of a schedule is accounted for, and run by exactly one node. */
import { HubError } from '../../src/domain/hub-error.js';
import { scheduleOf } from '../../src/platform/config/schedule.schema.js';
import { forgetHistory } from '../../src/sync/forget-history.js';
import { ScheduleTicks } from '../../src/sync/schedules/schedule-ticks.js';
import type { Schedule } from '../../src/sync/schedules/schedule.js';
import { type FixedClock, fixedClock } from '../../src/platform/clock/clock.js';
import { MemorySource, residentId } from './memory-source.js';
import { TENANT, World, type Row } from './world.js';

const NIGHTLY = scheduleOf({ id: 'nightly', tenant: TENANT, cron: '0 2 * * *' });
const HOUR_MS = 3_600_000;

describe('schedules', () => {
  let world: World;
  let clock: FixedClock;
  let source: MemorySource;
  const nodes: ScheduleTicks[] = [];
  beforeEach(async () => {
    world = await World.open();
    clock = fixedClock('2023-03-20T01:30:00+08:00');
    source = new MemorySource({ connectionId: 'payroll', reads: [{ name: 'staff', streams: ['persons'] }] });
    source.person('E1', residentId(1));
    world.sources = [source];
  });
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((each) => each.stop()));
    await world.close();
  });

  function node(schedule: Schedule = NIGHTLY): ScheduleTicks {
    const ticks = new ScheduleTicks({ schedules: [schedule], tools: world.tools, clock, policyVersionOf: () => 'p1' });
    nodes.push(ticks);
    return ticks;
  }

  async function tickAll(...ticks: readonly ScheduleTicks[]): Promise<void> {
    await Promise.all(ticks.map((each) => each.look()));
    await Promise.all(ticks.map((each) => each.idle()));
  }

  const occurrences = (): Promise<Row[]> =>
    world.query(
      `SELECT to_char(due_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI') AS due, state, reason, run_id IS NOT NULL AS "hasRun" FROM buduan.occurrence ORDER BY due_at`,
    );
  const runs = (): Promise<Row[]> =>
    world.query('SELECT trigger, state, as_of::text AS "asOf" FROM buduan.run ORDER BY started_at');
  const advanceTo = (iso: string): void => clock.advance(Date.parse(iso) - clock.now().getTime());
  const seen = { due: '03-19 02:00', state: 'skipped', reason: 'before-start', hasRun: false };

  it('start nothing when they are seen for the first time, whatever was due before', async () => {
    await tickAll(node(), node());
    expect(await occurrences()).toEqual([seen]);
    expect(await runs()).toEqual([]);
  });

  it('keep a year of instants and the newest of each schedule, and the runs of webhooks that something stands on', async () => {
    const at = (days: number): string => `now() - interval '${days} days'`;
    await world.run();
    await world.query(
      `INSERT INTO buduan.occurrence (tenant_id, schedule_id, due_at, state, reason, created_at, updated_at)
       SELECT $1, s.id, s.due, s.state, s.reason, now(), now() FROM (VALUES
         ('busy', ${at(500)}, 'ran', NULL), ('busy', ${at(450)}, 'due', NULL), ('busy', ${at(410)}, 'ran', NULL), ('busy', ${at(10)}, 'skipped', 'paused'),
         ('quiet', ${at(600)}, 'skipped', 'missed'), ('quiet', ${at(599)}, 'ran', NULL)) AS s(id, due, state, reason)`,
      [TENANT],
    );
    await world.query(
      `INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version, started_at, finished_at)
       SELECT $1, gen_random_uuid(), t.mode, t.trigger, t.state, '2023-03-20', false, t.name, ${at(500)}, t.ended FROM (VALUES
         ('free', 'targeted', 'webhook', 'succeeded', ${at(500)}), ('judged', 'targeted', 'webhook', 'succeeded', ${at(500)}),
         ('young', 'targeted', 'webhook', 'succeeded', ${at(399)}), ('whole', 'full', 'cron', 'succeeded', ${at(500)}),
         ('asked', 'targeted', 'manual', 'succeeded', ${at(500)})) AS t(name, mode, trigger, state, ended)`,
      [TENANT],
    );
    await world.query(
      `INSERT INTO buduan.judgement (tenant_id, person_id, as_of, window_from, policy_version, status, cells, run_id)
       SELECT p.tenant_id, p.person_id, '2023-03-20', '2022-09', 'p1', 'insured', '[]', r.run_id
       FROM buduan.person p, buduan.run r WHERE r.policy_version = 'judged'`,
    );
    const forget = (): ReturnType<typeof forgetHistory> =>
      forgetHistory(world.tools.database, { tenantId: TENANT, keepDays: 400 }, new AbortController().signal);
    expect(await forget()).toEqual({ runs: 1, occurrences: 2 });
    const left = await world.query(
      'SELECT schedule_id AS id, state FROM buduan.occurrence ORDER BY schedule_id, due_at',
    );
    expect(left.map(({ id, state }) => `${String(id)} ${String(state)}`)).toEqual([
      ...['busy due', 'busy ran', 'busy skipped'],
      'quiet ran',
    ]);
    const runsLeft = await world.query('SELECT policy_version AS name FROM buduan.run ORDER BY 1');
    expect(runsLeft.map(({ name }) => name)).toEqual(['asked', 'judged', 'p1', 'whole', 'young']);
    expect(await forget()).toEqual({ runs: 0, occurrences: 0 });
  });

  it('do an errand instead of a run, on one node, and again in some minutes when it could not be done', async () => {
    const done: string[] = [];
    const failures = [new HubError({ code: 'away', next: 'retry', message: 'The source is away.' })];
    const withErrand = (name: string): ScheduleTicks => {
      const errand = (asOf: string): Promise<void> => {
        done.push(`${name} ${asOf}`);
        const failure = failures.pop();
        return failure === undefined ? Promise.resolve() : Promise.reject(failure);
      };
      const errands = new Map([[NIGHTLY.id, errand]]);
      const options = { schedules: [NIGHTLY], tools: world.tools, clock, policyVersionOf: () => 'p1', errands };
      const ticks = new ScheduleTicks(options);
      nodes.push(ticks);
      return ticks;
    };
    const [first, second] = [withErrand('first'), withErrand('second')];
    await tickAll(first);
    advanceTo('2023-03-20T02:00:03+08:00');
    await tickAll(first, second);
    expect(done).toHaveLength(1);
    expect(await occurrences()).toEqual([seen, { due: '03-20 02:00', state: 'due', reason: null, hasRun: false }]);
    advanceTo('2023-03-20T02:04:00+08:00');
    await tickAll(second, first);
    expect(done).toEqual([expect.stringMatching(/ 2023-03-20$/), expect.stringMatching(/ 2023-03-20$/)]);
    expect(await occurrences()).toEqual([seen, { due: '03-20 02:00', state: 'ran', reason: null, hasRun: false }]);
    expect(await runs()).toEqual([]);
  });

  it('of two nodes start one run, as on the day it is in their zone', async () => {
    const [first, second] = [node(), node()];
    await tickAll(first, second);
    advanceTo('2023-03-20T02:00:03+08:00');
    await tickAll(first, second);
    expect(await occurrences()).toEqual([seen, { due: '03-20 02:00', state: 'ran', reason: null, hasRun: true }]);
    expect(await runs()).toEqual([{ trigger: 'cron', state: 'succeeded', asOf: '2023-03-20' }]);
  });

  it('do not run an instant again on later ticks, nor before the next', async () => {
    const only = node();
    await tickAll(only);
    for (const time of ['20T02:00:03', '20T02:00:08', '20T20:00:00', '21T01:59:59']) {
      advanceTo(`2023-03-${time}+08:00`);
      await tickAll(only);
    }
    expect(await runs()).toHaveLength(1);
  });

  it('catch up once after an outage of three days and account for the rest', async () => {
    await tickAll(node());
    advanceTo('2023-03-23T01:30:00+08:00');
    await tickAll(node(), node());
    expect(await occurrences()).toEqual([
      seen,
      { due: '03-20 02:00', state: 'skipped', reason: 'too-old', hasRun: false },
      { due: '03-21 02:00', state: 'skipped', reason: 'too-old', hasRun: false },
      { due: '03-22 02:00', state: 'caught-up', reason: 'missed', hasRun: true },
    ]);
    expect(await runs()).toEqual([{ trigger: 'catch-up', state: 'succeeded', asOf: '2023-03-23' }]);
  });

  it('of every hour catch up the newest one only', async () => {
    const hourly = { ...NIGHTLY, cron: '15 * * * *' };
    await tickAll(node(hourly));
    clock.advance(72 * HOUR_MS);
    await tickAll(node(hourly));
    const counts = await world.query(
      'SELECT state, reason, count(*)::int AS count FROM buduan.occurrence GROUP BY 1, 2 ORDER BY 1, 2',
    );
    expect(counts).toEqual([
      { state: 'caught-up', reason: 'missed', count: 1 },
      { state: 'skipped', reason: 'before-start', count: 1 },
      { state: 'skipped', reason: 'superseded', count: 23 },
      { state: 'skipped', reason: 'too-old', count: 48 },
    ]);
    expect(await runs()).toHaveLength(1);
  });

  it('catch up nothing that is older than a day', async () => {
    const monthly = { ...NIGHTLY, cron: '0 2 20 * *' };
    await tickAll(node(monthly));
    advanceTo('2023-03-21T02:00:01+08:00');
    await tickAll(node(monthly));
    expect((await occurrences()).at(-1)).toEqual({
      due: '03-20 02:00',
      state: 'skipped',
      reason: 'too-old',
      hasRun: false,
    });
    expect(await runs()).toEqual([]);
  });

  it('skip an instant while another full run is under way', async () => {
    const only = node();
    await tickAll(only);
    const release = holdPages();
    const manual = await world.start();
    advanceTo('2023-03-20T02:00:03+08:00');
    await tickAll(only);
    release();
    await manual.finished;
    expect((await occurrences()).at(-1)).toEqual({
      due: '03-20 02:00',
      state: 'skipped',
      reason: 'overlap',
      hasRun: false,
    });
    expect(await runs()).toHaveLength(1);
  });

  it('go on, at another node, with the run of a node that was stopped', async () => {
    const [first, second] = [node(), node()];
    await first.look();
    advanceTo('2023-03-20T02:00:03+08:00');
    const release = holdPages();
    await first.look();
    const stopping = first.stop();
    release();
    await stopping;
    const stopped = await runs();
    await tickAll(second);
    expect((await occurrences()).at(-1)).toMatchObject({ state: 'ran', hasRun: true });
    expect({ before: stopped.length, after: await runs() }).toEqual({
      before: 1,
      after: [{ trigger: 'cron', state: 'succeeded', asOf: '2023-03-20' }],
    });
  });

  it('take up what a killed node left, minutes later, once', async () => {
    await tickAll(node());
    advanceTo('2023-03-20T02:00:03+08:00');
    const { runId } = await abandonedRun();
    await world.query(
      `INSERT INTO buduan.occurrence (tenant_id, schedule_id, due_at, state, run_id, created_at, updated_at) VALUES ($1, 'nightly', '2023-03-20T02:00:00+08:00', 'enqueued', $2, $3, $3)`,
      [TENANT, runId, clock.now()],
    );
    const [first, second] = [node(), node()];
    await tickAll(first, second);
    expect((await occurrences()).at(-1)).toMatchObject({ state: 'enqueued' });
    clock.advance(4 * 60_000);
    await tickAll(first, second);
    expect((await occurrences()).at(-1)).toMatchObject({ state: 'ran', hasRun: true });
    expect(await runs()).toEqual([{ trigger: 'cron', state: 'succeeded', asOf: '2023-03-20' }]);
  });

  /** Lets no page through until the returned function is called. */
  function holdPages(): () => void {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    source.beforePage = () => held;
    return release;
  }

  /** A run whose process was killed some minutes ago. */
  async function abandonedRun(): Promise<{ runId: string }> {
    const release = holdPages();
    const handle = await world.start({ trigger: 'cron' });
    const stopping = handle.stop();
    release();
    await stopping;
    await world.forgetHeartbeat();
    return { runId: handle.runId };
  }
});
