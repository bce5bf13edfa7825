/** `buduan keys`: what rests on which key, and moving everything under the current ones. */
import type { Command } from 'commander';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import { type KeyFigure, readKeyFigures } from './keys/key-figures.js';
import { rotateKeys } from './keys/rotate-keys.js';
import { EXIT } from './exit-codes.js';
import { limitOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface RotateOptions extends HubOptions {
  readonly by: string;
  readonly batch: number;
}

const DEFAULT_BATCH = 500;

export function registerKeysCommand(program: Command): void {
  const keys = program.command('keys').description('the keys of sealed values and of the blind index');
  hubCommand(keys, 'status', 'what rests on which key, and which the configuration may drop').action(statusCommand);
  hubCommand(
    keys,
    'rotate',
    'move everything under the current keys while nodes go on working; safe to break off and repeat',
  )
    .requiredOption('--by <name>', 'who decides; goes into the audit trail')
    .option('--batch <count>', 'values per transaction, 1–1000', limitOption, DEFAULT_BATCH)
    .action(rotateCommand);
}

async function statusCommand(options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal }) => {
    const figures = await readKeyFigures(hub.database, hub.app.get(IdentityVault));
    terminal.table(
      ['kind', 'key', 'state', 'configured', 'rests on it'],
      figures.map((figure) => [figure.kind, figure.keyId, figure.state, configured(figure), restsOn(figure)]),
    );
    terminal.json({ keys: figures });
  });
}

async function rotateCommand({ by, batch, ...options }: RotateOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal }) => {
    let moved = 0;
    const parts = { database: hub.database, vault: hub.app.get(IdentityVault) };
    const outcome = await rotateKeys(parts, {
      ...{ by, batchSize: batch },
      tell: ({ tenantId, place, count }) => {
        moved += count;
        terminal.note(`${tenantId} ${place}: ${count} (${moved} in all)`);
      },
    });
    terminal.say(`${outcome.moved} values moved under the current keys.`);
    for (const keyId of outcome.retired)
      terminal.say(`  ${keyId}: nothing rests on it any more; the configuration may drop it.`);
    for (const figure of outcome.left)
      terminal.say(`  ${figure.keyId} has to stay: ${restsOn(figure)}. Links end by themselves; run this again later.`);
    terminal.json(outcome);
    if (outcome.left.length > 0) process.exitCode = EXIT.needsPerson;
  });
}

function configured({ isCurrent, isHeld, state }: KeyFigure): string {
  if (isCurrent) return 'current';
  if (!isHeld) return 'no';
  return state === 'retired' ? 'yes; may go' : 'yes';
}

function restsOn({ values }: KeyFigure): string {
  return Object.entries(values)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}
