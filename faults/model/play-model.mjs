/** Random commands on models and on real nodes over one PostgreSQL, until as many as wanted were carried out. */
import fc from 'fast-check';
import { makeDatabase } from '../databases.mjs';
import { LEDGER_COMMANDS, counted, playLedger, writeKinds } from './ledger-commands.mjs';
import { keptParts } from '../kept-parts.mjs';
import { openNodes } from './nodes.mjs';
import { OCCURRENCE_COMMANDS, beginnings, playOccurrences } from './occurrence-commands.mjs';

const COMMANDS_OF_A_RUN = 60;
const TELL_EVERY_MS = 10_000;
/** More commands than this are played in parts of so many, each with a database and seeds of its own, and kept. */
const PART = 2_000;
const SEEDS_OF_A_PART = 1_000_000;

/** As many commands as wanted, or more; of a large number those parts that were not played yet. Throws as `playModel`. */
export async function playModelParts({ server, seed, commands, say }) {
  if (commands <= PART) return playModel({ server, seed, commands, say });
  const { file, done, keep } = keptParts('model', seed);
  const parts = Math.ceil(commands / PART);
  for (let no = 1; no <= parts; no += 1) {
    if (done[no] !== undefined) continue;
    const startedMs = performance.now();
    const played = await playModel({ server, seed: seed + no * SEEDS_OF_A_PART, commands: PART, say });
    keep(no, { ...played, seconds: Math.round((performance.now() - startedMs) / 1000) });
    say(`model: part ${no} of ${parts}, ${done[no].seconds} s; kept in ${file}`);
  }
  const sums = {};
  for (const part of Object.values(done))
    for (const [name, count] of Object.entries(part)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

/** Gives counts; throws with the shortest list of commands on which model and nodes disagree, and the seed that finds it again. */
export async function playModel({ server, seed, commands: wanted, say }) {
  const database = await makeDatabase(server.url);
  const shared = await openNodes(database);
  Object.assign(counted, { commands: 0, byName: {} });
  let runs = 0;
  let toldAt = Date.now();
  try {
    const numRuns = Math.ceil(Math.min(wanted, 1000) / COMMANDS_OF_A_RUN / 2);
    const properties = propertiesOf(shared, () => (runs += 1));
    for (let round = 0; counted.commands < wanted; round += 1) {
      const property = properties[round % properties.length];
      await fc.assert(property, { seed: seed + round, numRuns, endOnFailure: false });
      if (Date.now() - toldAt < TELL_EVERY_MS) continue;
      say(`  ${counted.commands}/${wanted} commands`);
      toldAt = Date.now();
    }
    return { commands: counted.commands, runs, ...counted.byName };
  } finally {
    await shared.close();
    await database.drop();
  }
}

/** The ledger's, and that of due instants. */
function propertiesOf(shared, onRun) {
  const listOf = (commands) => fc.commands(commands, { maxCommands: COMMANDS_OF_A_RUN, size: 'max' });
  return [
    fc.asyncProperty(writeKinds, listOf(LEDGER_COMMANDS), async (write, commands) => {
      onRun();
      await playLedger(shared, write, commands);
    }),
    fc.asyncProperty(beginnings, listOf(OCCURRENCE_COMMANDS), async (chosen, commands) => {
      onRun();
      await playOccurrences(shared, chosen, commands);
    }),
  ];
}
