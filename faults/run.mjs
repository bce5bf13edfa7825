/**
 * npm run faults                          the short set: payments, nights, every broken variant, models, a fast clock
 * npm run faults -- --full [--parts 1-5]  10,000 payments, 1,000 kills, 1,000 pauses in twenty parts; goes on where it was broken off
 * npm run faults -- --only payments,nights,variants,model,clock [--broken NAME,…]
 * npm run faults -- --model 100000        as many random commands on models and on two real nodes; in parts that are kept
 * npm run faults -- --year                ten nodes, their clocks a thousand times as fast, across changes of the wall clock and outages
 * npm run faults -- --case-races N         20 workers race for the months of one person, N times
 *                   [--operations N] [--kills K] [--pauses P] [--cuts C] [--restarts R] [--nights N] [--nodes N] [--model COMMANDS]
 *                   [--seed S] [--json]
 *
 * Real hub processes over a real PostgreSQL are killed, paused and cut off at named points and at random; what the outside
 * systems recorded is judged: nothing lost, nothing twice, no false gap. The same seed plays the same plan. Exit code 1 when
 * something was, when a broken variant was not caught, and when nothing was struck at all.
 */
import { parseArgs } from 'node:util';
import { playCaseRaces } from './case-races.mjs';
import { ALL_SPANS, SHORT_SPANS, playClock } from './clock/nights-of-a-year.mjs';
import { startServer } from './databases.mjs';
import { FULL_PARTS, playFull } from './full.mjs';
import { playModelParts } from './model/play-model.mjs';
import { VARIANTS, playNights, playPayments, playVariants } from './parts.mjs';

const SHORT = { operations: 60, kills: 5, pauses: 5, cuts: 3, restarts: 1, nights: 3, nodes: 2 };
const MODEL_COMMANDS = 250;
const CLOCK_NODES = { short: 3, whole: 10 };
const LANES = ['payments', 'nights', 'variants', 'model', 'clock'];

const text = { type: 'string' };
const { values: given } = parseArgs({
  options: {
    ...Object.fromEntries(
      [...Object.keys(SHORT), 'seed', 'model', 'only', 'broken', 'parts', 'case-races'].map((name) => [name, text]),
    ),
    full: { type: 'boolean', default: false },
    year: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(given.seed ?? 20230320);
const say = (line) => process.stderr.write(`${line}\n`);

function wantedSizes() {
  const sizes = { ...SHORT };
  for (const name of Object.keys(sizes)) if (given[name] !== undefined) sizes[name] = Number(given[name]);
  return sizes;
}

function wantedLanes() {
  if (given.only !== undefined) return given.only.split(',');
  if (given.broken !== undefined) return ['variants'];
  if (given.year) return ['clock'];
  return given.model === undefined ? LANES : ['model'];
}

/** Those of payments and those of nights beside each other. */
async function playAllVariants(server) {
  const wanted = given.broken === undefined || given.broken === 'all' ? VARIANTS : given.broken.split(',');
  const half = Math.ceil(wanted.length / 2);
  const play = (names) => playVariants({ server, seed, names, say });
  const halves = await Promise.all([play(wanted.slice(0, half)), play(wanted.slice(half))]);
  return Object.assign({}, ...halves);
}

const PLAYS = {
  payments: (servers) => playPayments({ server: servers.own, seed, sizes: wantedSizes(), say }),
  nights: (servers) => playNights({ server: servers.steady, seed, sizes: wantedSizes(), say }),
  variants: (servers) => playAllVariants(servers.steady),
  clock: (servers) =>
    playClock({
      ...{ server: servers.steady, say, spans: given.year ? ALL_SPANS : SHORT_SPANS },
      nodes: Number(given.nodes ?? (given.year ? CLOCK_NODES.whole : CLOCK_NODES.short)),
    }),
  model: (servers) =>
    playModelParts({ server: servers.steady, seed, commands: Number(given.model ?? MODEL_COMMANDS), say }),
};

/** `own` is restarted by payments; everything else works on `steady`: a test's own server where one is given. */
async function withServers(lanes, work) {
  const borrowed = process.env.BUDUAN_TEST_DATABASE_URL;
  const open = [];
  const start = async () => {
    const server = await startServer();
    open.push(server);
    return server;
  };
  try {
    const own = lanes.includes('payments') ? await start() : null;
    const needsSteady = lanes.some((lane) => lane !== 'payments');
    const steady = borrowed !== undefined ? { url: borrowed } : needsSteady ? await start() : null;
    return await work({ own, steady });
  } finally {
    for (const server of open) await server.stop();
  }
}

async function playLanes() {
  const lanes = wantedLanes();
  const unknown = lanes.filter((lane) => PLAYS[lane] === undefined);
  if (unknown.length > 0)
    throw new Error(`There is no part ${unknown.join(', ')}; there are ${Object.keys(PLAYS).join(', ')}.`);
  return withServers(lanes, async (servers) => {
    const results = await Promise.all(lanes.map(async (lane) => [lane, await PLAYS[lane](servers)]));
    return Object.fromEntries(results);
  });
}

/** What went wrong, in words; empty when all is well. */
function complaints(result) {
  const told = [];
  for (const [part, { harm = 0 }] of Object.entries(result))
    if (harm > 0) told.push(`${part}: ${harm} things went wrong`);
  for (const [name, { caught }] of Object.entries(result.variants ?? {}))
    if (!caught) told.push(`the broken variant ${name} was not caught, or the program as it is did not stand`);
  const { payments } = result;
  if (payments !== undefined && payments.kills + payments.pauses + payments.cuts === 0) told.push('nothing was struck');
  return told;
}

function table(title, counts) {
  say(`\n${title}`);
  for (const [name, value] of Object.entries(counts))
    say(`  ${name.padEnd(12)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
}

async function playFullParts() {
  const [from, until = from] = (given.parts ?? `1-${FULL_PARTS}`).split('-').map(Number);
  const full = await playFull({ seed, from, until, say });
  say(`\n${full.parts} of ${FULL_PARTS} parts of the full set were played with program ${full.program}.`);
  return { full };
}

const startedMs = performance.now();
if (given['case-races'] !== undefined) {
  const { races, ...wrong } = await playCaseRaces(seed, Number(given['case-races']));
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  table('case races', { races, ...wrong, seconds });
  if (given.json) process.stdout.write(`${JSON.stringify({ seed, races, ...wrong, seconds })}\n`);
  process.exit(Object.values(wrong).every((count) => count === 0) ? 0 : 1);
}
const result = given.full ? await playFullParts() : await playLanes();
const seconds = Math.round((performance.now() - startedMs) / 1000);
for (const [part, counts] of Object.entries(result)) table(part, counts);
const wrong = complaints(result);
say(
  `\nseed ${seed}, ${seconds} s: ${wrong.length === 0 ? 'nothing lost, nothing twice, no false gap' : wrong.join('; ')}`,
);
if (given.json) process.stdout.write(`${JSON.stringify({ seed, seconds, complaints: wrong, ...result })}\n`);
process.exit(wrong.length === 0 ? 0 : 1);
