/**
 * node --import faults/loader/register.mjs …/dist/cli/main.js …
 * What a hub process does when it comes to one of the rig's points: it is killed or paused there when it was told to be.
 * Nothing of this is known to the program itself; faults/loader/instrument.mjs puts the points in.
 */
import { writeSync } from 'node:fs';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

/** The pipe on which a process tells that it has come to a point; opened by faults/hub-process.mjs. */
const TOLD = 4;
/** A process that wakes up learns of what it lost meanwhile (connections) before it goes on, as it would at any later await. */
const AFTER_WAKING_MS = 30;

/** Point → how often it is still passed, and the signal that strikes then. */
const armed = new Map();

globalThis.buduanFaults = {
  async reach(point) {
    const order = armed.get(point) ?? armed.get('*');
    if (order === undefined) return;
    if (order.after > 0) return void (order.after -= 1);
    armed.clear();
    writeSync(TOLD, `${JSON.stringify({ point, signal: order.signal })}\n`);
    process.kill(process.pid, order.signal);
    await wait(AFTER_WAKING_MS);
    // On a busy machine the time is over before the event loop has looked at a single socket.
    await turn();
    await turn();
  },
};

if (isMainThread && process.send !== undefined) {
  process.on('message', (order) => {
    // For faults/loader/fast-clock.mjs.
    if (order.clock !== undefined) globalThis.buduanClock = order.clock;
    else if (order.disarm) armed.clear();
    else armed.set(order.point, { signal: order.signal, after: order.after ?? 0 });
    process.send({ heard: order.no });
  });
  // Listening for orders must not keep a hub alive that has ended by itself.
  process.channel.unref();
}
