/** Payments under kills, pauses, cuts and restarts: is each approved operation paid, and paid once? */
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KEYS, makeDatabase, onServer } from './databases.mjs';
import { STALL_MS, startHub } from './hub-process.mjs';
import { judgePayments } from './judge.mjs';
import { LedgerHands } from './ledger.mjs';
import { MAX_PROCESSING_MS, ROUGH, SMOOTH, startOffice } from './paying-office.mjs';
import { PauseGate } from './pause-gate.mjs';
import { endOf, startProxy, through } from './tcp-proxy.mjs';

const CONFIG = fileURLToPath(new URL('./money.hub.yaml', import.meta.url));
/** Longer than every lease: the quiet period of the office, two looks for absent workers, and what a question takes. */
const PAUSE_MS = MAX_PROCESSING_MS + 1000;
/** A point that is not come to in this time is given up, and the process struck where it stands. */
const POINT_WITHIN_MS = 4000;
const START_TRIES = 5;
/** What is left to send while strikes are still to come, so that every strike finds work. */
const AHEAD = 12;

/** One node with a proxy of its own to the database; a killed one is followed by a fresh one. */
class Slot {
  constructor(rig) {
    this.rig = rig;
  }

  async open() {
    this.proxy = await startProxy(endOf(this.rig.databaseUrl));
    await this.fresh();
  }

  async fresh() {
    const env = {
      ...KEYS,
      FAULTS_OFFICE_URL: `http://127.0.0.1:${this.rig.officeProxy.port}`,
      BUDUAN_LOG_LEVEL: 'error',
    };
    const args = ['start', '--role', 'worker', '--port', '0', '--config', CONFIG];
    for (let tries = 1; ; tries += 1) {
      this.hub = await startHub(args, { env: { ...env, ...this.database() }, variant: this.rig.variant });
      try {
        return await this.hub.ready();
      } catch (error) {
        // Its start can be struck too: by a cut that was meant for whoever comes next, by a restart of the database.
        if (tries === START_TRIES) throw error;
      }
    }
  }

  database() {
    return { FAULTS_DATABASE_URL: through(this.rig.databaseUrl, this.proxy.port) };
  }

  async close() {
    this.hub.signal('SIGCONT');
    await this.hub.kill();
    await this.proxy.stop();
  }
}

export class PaymentRig {
  constructor({ seed, nodes, variant = null, server = null, serverUrl }) {
    Object.assign(this, { seed, variant, server, serverUrl, nodes });
    this.counts = { kills: 0, pauses: 0, cuts: 0, restarts: 0, atPoint: {}, elsewhere: 0 };
    this.expected = [];
    this.gate = new PauseGate();
  }

  async open() {
    this.database = await makeDatabase(this.serverUrl);
    this.databaseUrl = this.database.url;
    this.office = await startOffice(this.seed);
    this.officeProxy = await startProxy(endOf(this.office.url));
    this.hands = await LedgerHands.open(this.databaseUrl);
    this.slots = Array.from({ length: this.nodes }, () => new Slot(this));
    await Promise.all(this.slots.map((slot) => slot.open()));
    return this;
  }

  async add(count) {
    const ids = await this.hands.insert(this.seed, { from: this.expected.length + 1, count });
    this.expected.push(...ids);
    return ids;
  }

  /** Strikes as planned, with `operations` payments spread over the strikes; then lets everything come to rest. */
  async run({ operations, strikes, restarts = 0, onProgress = () => undefined }) {
    this.office.rates = ROUGH;
    const total = strikes.length;
    const queue = [...strikes];
    const restartAfter = new Set(
      Array.from({ length: restarts }, (_, at) => Math.floor((total * (at + 1)) / (restarts + 1))),
    );
    let done = 0;
    let doneAt = Date.now();
    let feeding = true;
    const feed = async () => {
      while (feeding) {
        const due = Math.min(operations, Math.ceil((operations * (done + AHEAD)) / (total + AHEAD)));
        await this.duringFaults(async () => {
          if (this.expected.length < due) await this.add(due - this.expected.length);
          await this.hands.pushOn();
        });
        await wait(250);
      }
    };
    const watch = async () => {
      for (; feeding; await wait(1000))
        if (Date.now() - doneAt > STALL_MS) throw new Error(`Strikes come to no end: ${done} of ${total} did.`);
    };
    const work = async (slot) => {
      for (let strike = queue.shift(); strike !== undefined; strike = queue.shift()) {
        while (this.restarting) await wait(20);
        await this.strike(slot, strike);
        done += 1;
        doneAt = Date.now();
        onProgress({ done, total, payments: this.office.payments.length });
        if (restartAfter.delete(done)) await this.restart();
      }
    };
    const fed = feed();
    try {
      await Promise.race([Promise.all(this.slots.map(work)), fed, watch()]);
    } finally {
      feeding = false;
    }
    await fed;
    if (this.expected.length < operations) await this.add(operations - this.expected.length);
    await this.settle();
    return this.judge();
  }

  /** The rig's own work meets restarts too; it is done again. The same ids are not put in twice. */
  async duringFaults(work) {
    while (this.restarting) await wait(20);
    try {
      await work();
    } catch (error) {
      if (!this.restarting && !/terminating connection|closed|reset|not queryable|recovery/i.test(String(error)))
        throw error;
    }
  }

  async strike(slot, strike) {
    if (slot.hub.hasEnded()) await slot.fresh();
    switch (strike.type) {
      case 'kill':
        return this.kill(slot, strike);
      case 'pause':
      case 'pause-and-cut':
        return this.gate.pause(() => this.pause(slot, strike));
      case 'cut':
        return this.cut(slot, strike);
    }
  }

  async come(slot, { point, after }, signal) {
    if (point !== null) {
      slot.hub.arm(point, signal, after);
      if (await slot.hub.struck(POINT_WITHIN_MS)) {
        const reached = slot.hub.lastPoint() ?? point;
        this.counts.atPoint[reached] = (this.counts.atPoint[reached] ?? 0) + 1;
        return true;
      }
      slot.hub.disarm();
    }
    return false;
  }

  async kill(slot, strike) {
    if (!(await this.come(slot, strike, 'SIGKILL'))) this.counts.elsewhere += 1;
    await slot.hub.kill();
    this.counts.kills += 1;
    await slot.fresh();
  }

  async pause(slot, strike) {
    const atPoint = await this.come(slot, strike, 'SIGSTOP');
    if (!atPoint) {
      // It may have ended by itself since, of an earlier cut: nobody was paused then.
      if (!slot.hub.signal('SIGSTOP')) return;
      this.counts.elsewhere += 1;
    }
    // A sender that lost its database and then wakes up just before its bytes leave is the window that remains: not cut there.
    if (atPoint && strike.type === 'pause-and-cut') this.counts.cuts += slot.proxy.reset() > 0 ? 1 : 0;
    if (strike.unlock) await this.duringFaults(() => this.hands.forceUnlock());
    await wait(PAUSE_MS);
    slot.hub.signal('SIGCONT');
    this.counts.pauses += 1;
  }

  async cut(slot, { bytes }) {
    this.counts.cuts += 1;
    if (bytes === 0) return void slot.proxy.reset();
    const before = slot.proxy.counts.cuts;
    slot.proxy.cutAfter(bytes);
    const end = Date.now() + POINT_WITHIN_MS;
    while (slot.proxy.counts.cuts === before && Date.now() < end) await wait(20);
  }

  async restart() {
    if (this.server === null) return;
    await this.gate.restart(() => this.restartNow());
  }

  async restartNow() {
    this.restarting = true;
    try {
      const url = await this.server.restart();
      this.counts.restarts += 1;
      this.databaseUrl = onServer(url, this.database.name);
      this.serverUrl = url;
      for (const { proxy } of this.slots) proxy.target = endOf(url);
      await this.hands.close().catch(() => undefined);
      this.hands = await LedgerHands.open(this.databaseUrl);
    } finally {
      this.restarting = false;
    }
  }

  /** No more faults; waits until nothing moves by itself. Throws when nothing moves although something should. */
  async settle() {
    this.office.rates = SMOOTH;
    for (const slot of this.slots) {
      slot.hub.disarm();
      if (slot.hub.hasEnded()) await slot.fresh();
    }
    let last = '';
    for (let movedAt = Date.now(); ; await wait(200)) {
      await this.hands.pushOn();
      // What a sender that was overtaken has still on its way must have arrived before it is counted.
      if ((await this.hands.moving()) === 0) return wait(MAX_PROCESSING_MS);
      const standing = `${JSON.stringify(await this.hands.states())} ${this.office.payments.length} ${this.office.counts.questions}`;
      if (standing !== last) movedAt = Date.now();
      last = standing;
      if (Date.now() - movedAt > STALL_MS) throw new Error(`Payments do not come to rest: ${standing}`);
    }
  }

  async judge() {
    const { duplicates, losses, strangers, payments } = judgePayments(this.office.payments, this.expected);
    return {
      operations: this.expected.length,
      payments,
      ...this.counts,
      duplicates: duplicates.length,
      losses: losses.length,
      strangers: strangers.length,
      states: await this.hands.states(),
      office: this.office.counts,
    };
  }

  async close() {
    await Promise.all(this.slots.map((slot) => slot.close().catch(() => undefined)));
    await this.hands.close().catch(() => undefined);
    await this.officeProxy.stop();
    await this.office.stop();
    await this.database.drop(this.serverUrl).catch(() => undefined);
  }
}
