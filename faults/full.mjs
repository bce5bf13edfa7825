/** The full set: twenty parts, each with a seed of its own, kept as they end, so that hours may be broken off and gone on with. */
import { startServer } from './databases.mjs';
import { keptParts } from './kept-parts.mjs';
import { playNights, playPayments } from './parts.mjs';

export const FULL_PARTS = 20;
/** Of each part: 10,000 payments, 1,000 kills and 1,000 pauses together. */
const PART = { operations: 500, kills: 50, pauses: 50, cuts: 10, restarts: 1, nights: 3, nodes: 4 };
const COUNTED = {
  payments: ['operations', 'payments', 'kills', 'pauses', 'cuts', 'restarts', 'duplicates', 'losses', 'strangers'],
  nights: ['nights', 'kills', 'pauses', 'cuts', 'expected', 'writes', 'duplicates', 'losses', 'wrong', 'falseGaps'],
};

/** Plays the parts `from` to `until` (both included, 1 to 20) that were not played yet; gives the sums over all that were. */
export async function playFull({ seed, from, until, say }) {
  const { program, file, done, keep } = keptParts('full', seed);
  for (let no = from; no <= until; no += 1) {
    if (done[no] !== undefined) continue;
    say(`part ${no} of ${FULL_PARTS}`);
    keep(no, await playPart(seed + no - 1, say));
    const { payments, nights, seconds } = done[no];
    say(`  part ${no}: ${payments.harm + nights.harm} things went wrong, ${seconds} s; kept in ${file}`);
  }
  return { program, ...sumsOf(Object.values(done)) };
}

/** Payments and nights beside each other, as both wait more than they work; the nights' server is not restarted. */
async function playPart(seed, say) {
  const startedMs = performance.now();
  const servers = [await startServer(), await startServer()];
  const [own, steady] = servers;
  try {
    const both = [
      playPayments({ server: own, seed, sizes: PART, say }),
      playNights({ server: steady, seed, sizes: PART, say }),
    ];
    // A part that fails is told when both have let go of their servers.
    await Promise.allSettled(both);
    const [payments, nights] = await Promise.all(both);
    return { seed, payments, nights, seconds: Math.round((performance.now() - startedMs) / 1000) };
  } finally {
    for (const server of servers) await server.stop();
  }
}

function sumsOf(parts) {
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const sums = { parts: parts.length, seconds: sum(parts.map(({ seconds }) => seconds)) };
  for (const [kind, names] of Object.entries(COUNTED))
    sums[kind] = Object.fromEntries(names.map((name) => [name, sum(parts.map((part) => part[kind][name]))]));
  sums.harm = sum(parts.map(({ payments, nights }) => payments.harm + nights.harm));
  return sums;
}
