/**
 * Scripted minutes in which one broken idea does its harm: played on the program as it is they end well, played on the
 * broken variant the checker has to see it. A rig that sees nothing there would see nothing anywhere.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { STALL_MS } from './hub-process.mjs';
import { CONNECTIONS } from './ledger.mjs';
import { NightRig } from './nights.mjs';
import { MAX_PROCESSING_MS } from './paying-office.mjs';
import { PaymentRig } from './payments.mjs';

/** Variant → the minutes that catch it; each gives {harm, what}: how many payments or corrections went wrong, and how. */
export const SCENARIOS = {
  'naive-retry': payments(1, lostReply),
  'no-lock': payments(2, pausedBeforeSending),
  'no-fence': payments(2, lateOutcome),
  'checkpoint-before-commit': nights(killedInsidePage),
  'absence-from-incomplete': nights(halfOfABrokenRead),
  'no-brake': nights(plausibleLoss),
};

/** `variant` null: the program as it is. */
export async function playScenario(name, { variant, serverUrl, seed = 1 }) {
  return SCENARIOS[name]({ variant, serverUrl, seed });
}

function payments(nodes, play) {
  return async ({ variant, serverUrl, seed }) => {
    const rig = new PaymentRig({ seed, nodes, variant, serverUrl });
    try {
      await rig.open();
      await play(rig);
      await rig.settle();
      const { duplicates, losses } = await rig.judge();
      return { harm: duplicates + losses, what: { duplicates, losses } };
    } finally {
      await rig.close();
    }
  };
}

function nights(play) {
  return async ({ variant, serverUrl, seed }) => {
    const rig = new NightRig({ seed, variant, serverUrl, employees: 60 });
    try {
      await rig.open();
      return await play(rig);
    } finally {
      await rig.close();
    }
  };
}

/** The office pays and its reply is lost. */
async function lostReply(rig) {
  rig.office.next.push('lost');
  await rig.add(1);
  await rig.hands.pushOn();
  await untilTrue(() => rig.office.counts.lost === 1, 'the first request');
}

/** A sender stops between its last look at the lock and the first byte; another node is free to take its job. */
async function pausedBeforeSending(rig) {
  const [first, second] = rig.slots;
  await stopOneAt(rig, { slots: rig.slots, point: 'sending' });
  const paused = first.isPaused ? first : second;
  await rig.hands.forceUnlock();
  // The other node works on the same connection before and after the quiet period: whoever wants to take over does so now.
  await canariesArePaid(rig);
  await wait(MAX_PROCESSING_MS);
  await canariesArePaid(rig);
  // Waking is also the harmless signal by which it tells that its bytes have left.
  paused.hub.arm('sent', 'SIGCONT');
  paused.hub.signal('SIGCONT');
  await untilTrue(() => paused.hub.lastPoint() === 'sent', 'the sender that woke up');
  paused.isPaused = false;
}

/**
 * A sender is refused (nothing was paid), stops before it writes that down, and loses its database. Another takes over,
 * asks, sends again, and stops with the payment made. The first wakes up and writes down its outcome: "try again".
 */
async function lateOutcome(rig) {
  rig.office.next.push('refused');
  const connectionId = await stopOneAt(rig, { slots: rig.slots, point: 'sent' });
  const [late, other] = rig.slots[0].isPaused ? rig.slots : [...rig.slots].reverse();
  late.proxy.reset();
  other.hub.arm('sent', 'SIGSTOP');
  await untilTrue(async () => {
    await rig.hands.forceUnlock();
    await rig.hands.pushOn();
    return other.hub.lastPoint() === 'sent';
  }, 'the second sender');
  // It alone is awake, and tells by a harmless signal that its outcome is written.
  late.hub.arm('settling', 'SIGCONT');
  late.hub.signal('SIGCONT');
  await untilTrue(() => late.hub.lastPoint() === 'settling', 'the outcome that came late');
  // Whatever it believes to be due of that office leaves before the second of these, which comes later.
  for (let no = 1; no <= 2; no += 1) await canaryIsPaid(rig, connectionId);
  other.hub.signal('SIGCONT');
  for (const slot of rig.slots) slot.isPaused = false;
}

/** Returns the connection of the payment that is on its way. */
async function stopOneAt(rig, { slots, point }) {
  for (const slot of slots) slot.hub.arm(point, 'SIGSTOP');
  const [id] = await rig.add(1);
  await rig.hands.pushOn();
  await untilTrue(() => slots.some((slot) => slot.hub.lastPoint() === point), `a sender at ${point}`);
  for (const slot of slots) {
    slot.isPaused = slot.hub.lastPoint() === point;
    if (!slot.isPaused) slot.hub.disarm();
  }
  const { connectionId } = await rig.hands.stateOf(id);
  return connectionId;
}

/** One more payment for every connection; resolves when all were made. */
async function canariesArePaid(rig) {
  await arePaid(rig, await rig.add(CONNECTIONS.length));
}

/** One more payment for every connection; resolves when the one for `connectionId` was made. */
async function canaryIsPaid(rig, connectionId) {
  const ids = await rig.add(CONNECTIONS.length);
  const states = await Promise.all(ids.map((id) => rig.hands.stateOf(id)));
  await arePaid(
    rig,
    ids.filter((_, at) => states[at].connectionId === connectionId),
  );
}

async function arePaid(rig, ids) {
  await untilTrue(async () => {
    // A paused node has two jobs in hand; the second may be of any connection.
    await rig.hands.forceUnlock();
    await rig.hands.pushOn();
    return ids.every((id) => rig.office.payments.some(({ ref }) => ref === id));
  }, 'the payments of the other node');
}

/** Killed between the checkpoint and the records of a page, in a first night; then the night goes on. */
async function killedInsidePage(rig) {
  await rig.night({ killAt: { point: 'place-moved', after: 3 } });
  await rig.night();
  const { losses, wrong, falseGaps } = await rig.judge();
  return { harm: losses + wrong, what: { losses, wrong, falseGaps } };
}

/** After a good night the bureau leaves pages out, with a total that gives it away. */
async function halfOfABrokenRead(rig) {
  await rig.night();
  await rig.fault({ system: 'bureau', fault: 'missingPage', path: '/v1/contributions' });
  await rig.night();
  const { wrong, falseGaps } = await rig.judge();
  return { harm: wrong, what: { wrong, falseGaps } };
}

/** After a good night the bureau shows half of its people and says that this is all: complete, plausible and wrong. */
async function plausibleLoss(rig) {
  await rig.night();
  await rig.fault({ system: 'bureau', fault: 'halfList', path: '/v1/contributions' });
  await rig.night({ config: 'night-trusting.hub.yaml' });
  const { wrong, falseGaps } = await rig.judge();
  return { harm: wrong, what: { wrong, falseGaps } };
}

async function untilTrue(isSo, what) {
  for (const end = Date.now() + STALL_MS; !(await isSo()); await wait(100))
    if (Date.now() > end) throw new Error(`The scenario waited in vain for ${what}.`);
}
