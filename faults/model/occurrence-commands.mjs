/** Commands of the occurrences' model test: time passes, nodes look, runs are held up and let go. */
import { strict as assert } from 'node:assert';
import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { IdentityVault } from '../../dist/platform/crypto/identity-vault.js';
import { scheduleOf } from '../../dist/platform/config/schedule.schema.js';
import { silentLog } from '../../dist/platform/log/log.js';
import { ScheduleTicks } from '../../dist/sync/schedules/schedule-ticks.js';
import { SyncTools } from '../../dist/sync/sync-tools.js';
import { counted } from './ledger-commands.mjs';
import { OccurrenceModel } from './occurrence-model.mjs';

const MINUTE_MS = 60_000;
/** More instants than any schedule here makes up for. */
const MOST_LOOKS = 30;
/** Some hours before the clocks of Berlin jump forward, of New York turn back, and of Lord Howe turn back by half an hour. */
const BEGINNINGS = [
  { zone: 'Europe/Berlin', from: '2024-03-30T20:00:00Z' },
  { zone: 'America/New_York', from: '2024-11-03T02:00:00Z' },
  { zone: 'Australia/Lord_Howe', from: '2024-04-06T11:00:00Z' },
];
/** Few hours where each instant is made up for: a look at a schedule takes a hundred of them, and the model knows no such end. */
const MISFIRES = [
  { policy: 'once', maxAgeHours: 24 },
  { policy: 'once', maxAgeHours: 3 },
  { policy: 'skip', maxAgeHours: 24 },
  { policy: 'all', maxAgeHours: 2 },
  { policy: 'all', maxAgeHours: 2 },
];
export const beginnings = fc.record({
  beginning: fc.constantFrom(...BEGINNINGS),
  cron: fc.constantFrom('30 2 * * *', '15 * * * *', '*/20 * * * *', '30 1 * * *'),
  misfire: fc.constantFrom(...MISFIRES),
});

/** A tenant with one schedule and one source without persons, which can hold its runs up. */
class OccurrenceWorld {
  constructor(shared, { cron, misfire, beginning }) {
    this.shared = shared;
    this.tenantId = `o-${randomUUID()}`;
    this.nowMs = Date.parse(beginning.from);
    this.schedule = scheduleOf({ id: 'schedule', tenant: this.tenantId, cron, misfire, zone: beginning.zone });
    this.held = null;
    const vault = new IdentityVault({
      current: 'k',
      identity: new Map([['k', randomBytes(32)]]),
      blindIndex: { current: 'b1', keys: new Map([['b1', randomBytes(32)]]) },
    });
    const settings = { name: this.tenantId, lookBackMonths: 1, countDropPercent: 100 };
    this.nodes = shared.databases.map((database, at) => {
      const tools = new SyncTools(
        database,
        shared.jobs[at],
        vault,
        silentLog(),
        () => [this.source()],
        () => settings,
      );
      const clock = { now: () => new Date(this.nowMs) };
      return new ScheduleTicks({ schedules: [this.schedule], tools, clock, policyVersionOf: () => 'p' });
    });
  }

  source() {
    const read = {
      name: 'staff',
      streams: ['persons'],
      after: [],
      includesLeavers: true,
      targeted: true,
      ownersFrom: null,
    };
    const world = this;
    return {
      tenantId: this.tenantId,
      connectionId: 'payroll',
      declaration: { id: 'model', version: '1', role: 'payroll', reads: [read], writes: [] },
      async *read() {
        await world.held?.released;
        yield {
          records: [],
          rejected: [],
          rowCount: 0,
          next: null,
          end: { complete: true, declaredTotal: null },
          drift: {},
        };
      },
    };
  }

  hold() {
    let release;
    const released = new Promise((resolve) => (release = resolve));
    this.held = { released, release };
  }

  async release() {
    this.held?.release();
    this.held = null;
    await this.idle();
  }

  /** Where nothing holds runs up, as many looks as it takes until each that is to be made up for had its turn. */
  async tick(nodes) {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      await Promise.all(nodes.map((at) => this.nodes[at].look()));
      if (this.held !== null) return;
      await this.idle();
      if ((await this.picture()).every(([, end]) => !/^(?:due|enqueued)/.test(end))) return;
    }
  }

  async idle() {
    for (const node of this.nodes) await node.idle();
  }

  sql(text) {
    return this.shared.eye.sql(text, [this.tenantId]);
  }

  async picture() {
    const rows = await this.sql(
      `SELECT due_at AS "dueAt", state, reason FROM buduan.occurrence WHERE tenant_id = $1 AND reason IS DISTINCT FROM 'before-start' ORDER BY due_at`,
    );
    return rows.map(({ dueAt, state, reason }) => [dueAt.getTime(), reason === null ? state : `${state} ${reason}`]);
  }

  /** No instant shares its run with another, and every run has an instant. */
  async runs() {
    const [row] = await this.sql(
      `SELECT (SELECT count(*)::int FROM buduan.run WHERE tenant_id = $1) AS runs,
              (SELECT count(DISTINCT run_id)::int FROM buduan.occurrence WHERE tenant_id = $1) AS "withInstant",
              (SELECT count(run_id)::int FROM buduan.occurrence WHERE tenant_id = $1) AS named`,
    );
    return row;
  }

  async close() {
    await this.release();
    for (const node of this.nodes) await node.stop();
  }
}

class Command {
  constructor(name, args, { can = () => true, run }) {
    Object.assign(this, { name, args, can, carryOut: run });
  }

  check(model) {
    return this.can(model);
  }

  async run(model, world) {
    await this.carryOut(model, world);
    assert.deepEqual(await world.picture(), model.picture());
    assert.deepEqual(await world.runs(), { runs: model.runs, withInstant: model.runs, named: model.runs });
    counted.commands += 1;
    counted.byName[this.name] = (counted.byName[this.name] ?? 0) + 1;
  }

  toString() {
    return `${this.name}(${JSON.stringify(this.args).slice(1, -1)})`;
  }
}

/** Never so long that nodes look again only because their quiet minute is over: a minute is what they may miss. */
const advance = fc.constantFrom(1, 7, 20, 60, 61, 185, 600, 26 * 60, 73 * 60).map(
  (minutes) =>
    new Command('advance', [minutes], {
      run: async (model, world) => {
        model.advance(minutes * MINUTE_MS);
        world.nowMs = model.nowMs;
      },
    }),
);

const tick = fc.constantFrom([0], [1], [0, 1]).map(
  (nodes) =>
    new Command('tick', nodes, {
      run: async (model, world) => {
        model.tick({ isHeld: world.held !== null });
        await world.tick(nodes);
      },
    }),
);

const hold = fc.constant(null).map(
  () =>
    new Command('hold', [], {
      run: async (_model, world) => {
        if (world.held === null) world.hold();
      },
    }),
);

const release = fc.constant(null).map(
  () =>
    new Command('release', [], {
      run: async (model, world) => {
        model.release();
        await world.release();
      },
    }),
);

export const OCCURRENCE_COMMANDS = [advance, advance, tick, tick, tick, hold, release];

export async function playOccurrences(shared, chosen, commands) {
  const world = new OccurrenceWorld(shared, chosen);
  await shared.eye.turnTo(world.tenantId);
  try {
    await world.tick([0, 1]);
    const model = new OccurrenceModel(world.schedule, world.nowMs);
    await fc.asyncModelRun(() => ({ model, real: world }), commands);
  } finally {
    await world.close();
  }
}
