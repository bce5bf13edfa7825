/**
 * npm run faults -- [--seed S] [--operations N] [--kills K] [--pauses P] [--cuts C] [--restarts R] [--nights N] [--nodes N]
 *                   [--short] [--broken all|NAME] [--case-races N] [--json]
 * Real hub processes over a real PostgreSQL are killed, paused and cut off at named points and at random; what the outside
 * systems recorded is judged: nothing lost, nothing twice, no false gap. The same seed plays the same plan. Exit code 1 when
 * something was. `--broken` plays the scripted minutes of faults/scenarios.mjs on deliberately broken variants, each of which
 * has to be caught, and on the program as it is, which has to stand. `--case-races` only lets 20 workers race for the months
 * of one person, N times.
 */
import { parseArgs } from 'node:util';
import { playCaseRaces } from './case-races.mjs';
import { startServer } from './databases.mjs';
import { NightRig, planNights } from './nights.mjs';
import { PaymentRig, planHash, planStrikes } from './payments.mjs';
import { SCENARIOS, playScenario } from './scenarios.mjs';

const FULL = { operations: 10_000, kills: 1000, pauses: 1000, cuts: 200, restarts: 10, nights: 60, nodes: 4 };
const SHORT = { operations: 60, kills: 5, pauses: 5, cuts: 3, restarts: 1, nights: 3, nodes: 2 };

const number = { type: 'string' };
const { values: given } = parseArgs({
  options: {
    ...Object.fromEntries(['seed', ...Object.keys(FULL)].map((name) => [name, number])),
    short: { type: 'boolean', default: false },
    broken: { type: 'string' },
    'case-races': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(given.seed ?? 20230320);
const say = (line) => process.stderr.write(`${line}\n`);

function wanted() {
  const sizes = { ...(given.short ? SHORT : FULL) };
  for (const name of Object.keys(sizes)) if (given[name] !== undefined) sizes[name] = Number(given[name]);
  return sizes;
}

async function playPayments(server, sizes) {
  const strikes = planStrikes(seed, sizes);
  say(`payments: plan ${planHash(strikes)} of seed ${seed}, ${strikes.length} strikes, ${sizes.nodes} nodes`);
  const rig = new PaymentRig({ seed, nodes: sizes.nodes, server, serverUrl: server.url });
  let toldAt = 0;
  const onProgress = ({ done, total, payments }) => {
    if (Date.now() - toldAt < 10_000) return;
    toldAt = Date.now();
    say(`  ${done}/${total} strikes, ${payments} payments`);
  };
  try {
    await rig.open();
    return { plan: planHash(strikes), ...(await rig.run({ ...sizes, strikes, onProgress })) };
  } finally {
    await rig.close();
  }
}

/** A fifth of the nights is paused, a fifth loses its database, the others are killed; then one night in peace. */
async function playNights(server, { nights }) {
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
    return { plan: planHash(plan), ...rig.counts, ...judged, ...(judged.losses + judged.wrong > 0 ? { samples } : {}) };
  } finally {
    await rig.close();
  }
}

async function playBroken(server, chosen) {
  const names = chosen === 'all' ? Object.keys(SCENARIOS) : chosen.split(',');
  const results = {};
  for (const name of names) {
    const broken = await playScenario(name, { variant: name, serverUrl: server.url, seed });
    const right = await playScenario(name, { variant: null, serverUrl: server.url, seed });
    results[name] = { broken, right, caught: broken.harm > 0 && right.harm === 0 };
    say(`  ${name}: broken ${JSON.stringify(broken.what)}, as it is ${JSON.stringify(right.what)}`);
  }
  return results;
}

function table(title, counts) {
  const rows = Object.entries(counts).map(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : value,
  ]);
  say(`\n${title}`);
  for (const [name, value] of rows) say(`  ${name.padEnd(12)} ${value}`);
}

const startedMs = performance.now();
if (given['case-races'] !== undefined) {
  const { races, ...wrong } = await playCaseRaces(seed, Number(given['case-races']));
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  table('case races', { races, ...wrong, seconds });
  if (given.json) process.stdout.write(`${JSON.stringify({ seed, races, ...wrong, seconds })}\n`);
  process.exit(Object.values(wrong).every((count) => count === 0) ? 0 : 1);
}
// A server of its own, so that it can be restarted; tests that only play scripted minutes bring theirs.
const borrowed = given.broken === undefined ? undefined : process.env.BUDUAN_TEST_DATABASE_URL;
const server = borrowed === undefined ? await startServer() : { url: borrowed, stop: () => Promise.resolve() };
let harm;
try {
  const result = { seed };
  if (given.broken !== undefined) {
    result.variants = await playBroken(server, given.broken);
    harm = Object.values(result.variants).filter(({ caught }) => !caught).length;
  } else {
    const sizes = wanted();
    result.payments = await playPayments(server, sizes);
    result.nights = await playNights(server, sizes);
    const { payments, nights } = result;
    harm = payments.duplicates + payments.losses + payments.strangers;
    harm += nights.duplicates + nights.losses + nights.wrong + nights.falseGaps;
    table('payments', payments);
    table('nights', nights);
  }
  result.seconds = Math.round((performance.now() - startedMs) / 1000);
  say(
    `\nseed ${seed}, ${result.seconds} s: ${harm === 0 ? 'nothing lost, nothing twice, no false gap' : `${harm} things went wrong`}`,
  );
  if (given.json) process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await server.stop();
}
process.exit(harm === 0 ? 0 : 1);
