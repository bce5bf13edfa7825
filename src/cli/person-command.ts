/** `buduan person`: what is known of one person beyond the masked number, always with a reason. */
import type { Command } from 'commander';
import { revealIdentity } from '../sync/reveal-identity.js';
import { SyncTools } from '../sync/sync-tools.js';
import { findPerson } from './find-person.js';
import { loginName } from './login-name.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface RevealOptions extends HubOptions {
  readonly person: string;
  readonly reason: string;
  readonly by: string;
}

export function registerPersonCommand(program: Command): void {
  const person = program.command('person').description('one person');
  hubCommand(person, 'reveal', 'the whole identity number; the view goes into the audit trail')
    .requiredOption('--person <person>', 'a person id, connection:key, or an identity number')
    .requiredOption('--reason <text>', 'why it must be seen; no personal data')
    .option('--by <name>', 'who looks; goes into the audit trail', loginName())
    .action(revealCommand);
}

async function revealCommand(options: RevealOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { personId } = await findPerson(hub, tenant.id, options.person);
    const request = { tenantId: tenant.id, personId, actor: options.by, reason: options.reason };
    const revealed = await revealIdentity(hub.app.get(SyncTools), request);
    terminal.say(revealed.idNumber);
    terminal.json(revealed);
  });
}
