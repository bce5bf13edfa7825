/**
 * Real hub processes whose clocks run a thousand times as fast, across changes of the wall clock and outages, some of them
 * killed meanwhile: is every due instant exactly one row with an end, and was nothing run twice?
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { KEYS, makeDatabase, openDatabase } from '../databases.mjs';
import { STALL_MS, startHub } from '../hub-process.mjs';
import { dueInstantsOf } from './due-oracle.mjs';

const SPEED = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TENANTS = ['north', 'south', 'west'];

const SCHEDULES = [
  { id: 'berlin-nightly', tenant: 'north', cron: '30 2 * * *', zone: 'Europe/Berlin' },
  { id: 'berlin-hourly', tenant: 'north', cron: '15 * * * *', zone: 'Europe/Berlin' },
  { id: 'new-york-nightly', tenant: 'south', cron: '30 1 * * *', zone: 'America/New_York' },
  { id: 'lord-howe-often', tenant: 'south', cron: '*/20 * * * *', zone: 'Australia/Lord_Howe' },
  { id: 'shanghai-nightly', tenant: 'west', cron: '0 2 * * *', zone: 'Asia/Shanghai' },
];

/** What happens, in order; between two spans no node lives. */
const SPANS = {
  // Europe jumps forward at 01:00 UTC; then 72 hours of outage, and what comes after.
  spring: { from: '2024-03-30T23:00:00Z', hours: 3 },
  'after 72 hours': { from: '2024-04-03T02:00:00Z', hours: 1 },
  // Lord Howe turns back by half an hour at 15:00 UTC, New York by one at 06:00 UTC.
  'half an hour back': { from: '2024-04-06T14:00:00Z', hours: 2 },
  autumn: { from: '2024-11-03T04:30:00Z', hours: 3 },
};
export const SHORT_SPANS = ['spring', 'after 72 hours'];
export const ALL_SPANS = Object.keys(SPANS);

export async function playClock({ server, nodes, spans, say }) {
  const rig = await new ClockRig({ server, nodes }).open();
  try {
    for (const name of spans) {
      await rig.live(SPANS[name], spans.at(-1) === name);
      say(`clock: ${name} is over`);
    }
    return await rig.judge();
  } finally {
    await rig.close();
  }
}

class ClockRig {
  constructor({ server, nodes }) {
    Object.assign(this, { server, nodes, kills: 0, nowMs: null, hubs: [] });
  }

  async open() {
    this.database = await makeDatabase(this.server.url);
    this.handle = await openDatabase(this.database.url);
    this.folder = await mkdtemp(join(tmpdir(), 'buduan-clock-'));
    this.config = join(this.folder, 'hub.yaml');
    await writeFile(this.config, JSON.stringify(configOf(), null, 2));
    return this;
  }

  async close() {
    for (const hub of this.hubs) await hub.kill();
    await this.handle.close();
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** All nodes through one span; one is killed in the middle and another takes its place; then all are killed, or end in peace. */
  async live({ from, hours }, isLast) {
    const fromMs = Date.parse(from);
    await this.letTimePass(fromMs);
    this.hubs = await Promise.all(Array.from({ length: this.nodes }, () => this.start(fromMs)));
    const clock = { fromMs, sinceMs: Date.now(), speed: SPEED };
    for (const hub of this.hubs) hub.setClock(clock);
    const spanMs = (hours * HOUR_MS) / SPEED;
    await wait(spanMs / 2);
    await this.hubs.shift().kill();
    this.kills += 1;
    await wait(spanMs / 2);
    this.nowMs = clock.fromMs + (Date.now() - clock.sinceMs) * SPEED;
    if (isLast) await this.comeToRest();
    for (const hub of this.hubs) await hub.kill();
    this.kills += isLast ? 0 : this.hubs.length;
    this.hubs = [];
  }

  async start(fromMs) {
    const env = {
      ...KEYS,
      FAULTS_CLOCK_FROM: String(fromMs),
      FAULTS_DATABASE_URL: this.database.url,
      BUDUAN_LOG_LEVEL: 'error',
    };
    const hub = await startHub(['start', '--role', 'worker', '--port', '0', '--config', this.config], {
      ...{ env, variant: 'fast-clock' },
    });
    await hub.ready();
    return hub;
  }

  /** The database's clock is not fast: what a killed node left is made as old as it would be. */
  async letTimePass(nowMs) {
    if (this.nowMs === null) return;
    await this.each(
      `UPDATE buduan.run SET heartbeat_at = heartbeat_at - $2::interval, started_at = started_at - $2::interval
        WHERE tenant_id = $1 AND state IN ('queued','running')`,
      [`${nowMs - this.nowMs} milliseconds`],
    );
  }

  /** The clock goes on until nothing is left without an end; then what was due by now is known. */
  async comeToRest() {
    await this.letTimePass(this.nowMs + 10 * MINUTE_MS);
    const open = () =>
      this.each(`SELECT due_at FROM buduan.occurrence WHERE tenant_id = $1 AND state IN ('due','enqueued')`);
    const sinceMs = Date.now();
    const stopAtMs = this.nowMs + 30 * MINUTE_MS;
    for (const hub of this.hubs) hub.setClock({ fromMs: this.nowMs, sinceMs, speed: SPEED });
    await wait((stopAtMs - this.nowMs) / SPEED);
    // A fifth of a minute later nothing is due that was not before; from there the clock goes on at its usual pace.
    for (const hub of this.hubs) hub.setClock({ fromMs: stopAtMs, sinceMs: Date.now(), speed: 1 });
    this.nowMs = stopAtMs;
    for (const end = Date.now() + 3 * STALL_MS; (await open()).length > 0; await wait(100))
      if (Date.now() > end) throw new Error(`Occurrences stay without an end: ${JSON.stringify(await open())}`);
    await wait(1000);
  }

  async each(sql, parameters = []) {
    const rows = [];
    for (const tenant of TENANTS)
      rows.push(...(await this.handle.inTenant(tenant, (em) => em.query(sql, [tenant, ...parameters]))));
    return rows;
  }

  async judge() {
    const occurrences = await this.each(
      `SELECT schedule_id AS "scheduleId", due_at AS "dueAt", state, reason, run_id AS "runId" FROM buduan.occurrence WHERE tenant_id = $1 ORDER BY 1, 2`,
    );
    const runs = await this.each(
      `SELECT run_id AS "runId", state, started_by AS "startedBy" FROM buduan.run WHERE tenant_id = $1`,
    );
    const counts = { schedules: SCHEDULES.length, nodes: this.nodes, kills: this.kills, instants: occurrences.length };
    const wrong = { missing: [], extra: [], endless: [], twice: judgeRuns(occurrences, runs) };
    for (const schedule of SCHEDULES) {
      const rows = occurrences.filter(({ scheduleId }) => scheduleId === schedule.id);
      judgeSchedule({ schedule, rows, untilMs: this.nowMs }, wrong);
    }
    const byState = {};
    for (const { state, reason } of occurrences) {
      const name = reason === null ? state : `${state} ${reason}`;
      byState[name] = (byState[name] ?? 0) + 1;
    }
    const harms = Object.entries(wrong).map(([name, found]) => [name, found.length]);
    const harm = harms.reduce((sum, [, count]) => sum + count, 0);
    return {
      ...counts,
      runs: runs.length,
      byState,
      ...Object.fromEntries(harms),
      harm,
      ...(harm > 0 ? { wrong } : {}),
    };
  }
}

/** The first row is the instant before the hub saw the schedule for the first time: what came later has to be there. */
function judgeSchedule({ schedule, rows, untilMs }, wrong) {
  const [first, ...later] = rows;
  const told = (at) => `${schedule.id} ${new Date(at).toISOString()}`;
  const real = new Set(later.map(({ dueAt }) => dueAt.getTime()));
  const expected = first === undefined ? [] : dueInstantsOf(schedule, first.dueAt.getTime(), untilMs);
  if (expected.length === 0) wrong.missing.push(`${schedule.id}: nothing was due`);
  wrong.missing.push(...expected.filter((at) => !real.has(at)).map(told));
  wrong.extra.push(...[...real].filter((at) => !expected.includes(at)).map(told));
  for (const { dueAt, state, runId, reason } of rows) {
    const isEnded = state === 'skipped' ? reason !== null : ['ran', 'caught-up'].includes(state) && runId !== null;
    if (!isEnded) wrong.endless.push(`${told(dueAt)} ${state} ${reason ?? ''}`);
  }
}

/** Two instants with one run, and a run that came to its end without being the run of any instant. */
function judgeRuns(occurrences, runs) {
  const times = new Map();
  for (const { runId } of occurrences) if (runId !== null) times.set(runId, (times.get(runId) ?? 0) + 1);
  const shared = [...times].filter(([, count]) => count > 1).map(([runId]) => `run ${runId} has two instants`);
  const strays = runs.filter(
    ({ runId, state }) => !times.has(runId) && !['expired', 'failed', 'cancelled'].includes(state),
  );
  return [
    ...shared,
    ...strays.map(({ runId, state, startedBy }) => `${startedBy}: run ${runId}, ${state}, has no instant`),
  ];
}

function configOf() {
  return {
    version: 1,
    dataDir: './data',
    workThreads: 0,
    database: { url: '${FAULTS_DATABASE_URL}', allowUnsafeFsync: true },
    keys: {
      ...{ current: 'k1', identity: { k1: '${FAULTS_IDENTITY_KEY}' }, blindIndex: '${FAULTS_BLIND_INDEX_KEY}' },
    },
    tenants: TENANTS.map((id) => ({ id, name: id, brakes: { firstRun: 'send' }, connections: [] })),
    schedules: SCHEDULES,
  };
}
