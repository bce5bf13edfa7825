/** What one seed plays: payments, nights, and the deliberately broken variants; each part gives counts and how much went wrong. */
import { NightRig, planNights } from './nights.mjs';
import { PaymentRig } from './payments.mjs';
import { SCENARIOS, playScenario } from './scenarios.mjs';
import { planHash, planStrikes } from './strike-plan.mjs';

const TELL_EVERY_MS = 10_000;

/** Payments under strikes on a server that may be restarted. */
export async function playPayments({ server, seed, sizes, say }) {
  const strikes = planStrikes(seed, sizes);
  say(`payments: plan ${planHash(strikes)} of seed ${seed}, ${strikes.length} strikes, ${sizes.nodes} nodes`);
  const rig = new PaymentRig({ seed, nodes: sizes.nodes, server, serverUrl: server.url });
  let toldAt = Date.now();
  const onProgress = ({ done, total, payments }) => {
    if (Date.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = Date.now();
    say(`  ${done}/${total} strikes, ${payments} payments`);
  };
  try {
    await rig.open();
    const judged = await rig.run({ ...sizes, strikes, onProgress });
    return { plan: planHash(strikes), ...judged, harm: judged.duplicates + judged.losses + judged.strangers };
  } finally {
    await rig.close();
  }
}

/** A fifth of the nights is paused, a fifth loses its database, the others are killed; then two nights in peace. */
export async function playNights({ server, seed, sizes: { nights }, say }) {
  const fifth = Math.ceil(nights / 5);
  const plan =
    nights === 0 ? [] : planNights(seed, { kills: Math.max(nights - 2 * fifth, 0), pauses: fifth, cuts: fifth });
  say(`nights: plan ${planHash(plan)} of seed ${seed}, ${plan.length} broken nights`);
  const rig = new NightRig({ seed, serverUrl: server.url, employees: 120 });
  try {
    await rig.open();
    await rig.fault({ system: 'bureau', fault: 'lostReply', path: '/v1/declarations', calls: 3 });
    for (const strike of plan) await rig.strike(strike);
    await rig.fault({ clear: true });
    await rig.night();
    await rig.night();
    const { samples, ...judged } = await rig.judge();
    const harm = judged.duplicates + judged.losses + judged.wrong + judged.falseGaps;
    return { plan: planHash(plan), ...rig.counts, ...judged, harm, ...(harm > 0 ? { samples } : {}) };
  } finally {
    await rig.close();
  }
}

/** Each broken variant in its scripted minute, and the program as it is in the same; caught = harm there and none here. */
export async function playVariants({ server, seed, names, say }) {
  const results = {};
  for (const name of names) {
    const broken = await playScenario(name, { variant: name, serverUrl: server.url, seed });
    const right = await playScenario(name, { variant: null, serverUrl: server.url, seed });
    results[name] = { broken, right, caught: broken.harm > 0 && right.harm === 0 };
    say(`  ${name}: broken ${JSON.stringify(broken.what)}, as it is ${JSON.stringify(right.what)}`);
  }
  return results;
}

export const VARIANTS = Object.keys(SCENARIOS);
