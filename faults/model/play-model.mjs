/** Random commands on models and on real nodes over one PostgreSQL, until as many as wanted were carried out. */
import fc from 'fast-check';
import { makeDatabase } from '../databases.mjs';
import { LEDGER_COMMANDS, counted, playLedger, writeKinds } from './ledger-commands.mjs';
import { openNodes } from './nodes.mjs';
import { OCCURRENCE_COMMANDS, beginnings, playOccurrences } from './occurrence-commands.mjs';

const COMMANDS_OF_A_RUN = 60;
const TELL_EVERY_MS = 10_000;

/** Gives counts; throws with the shortest list of commands on which model and nodes disagree, and the seed that finds it again. */
export async function playModel({ server, seed, commands: wanted, say }) {
  const database = await makeDatabase(server.url);
  const shared = await openNodes(database);
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
