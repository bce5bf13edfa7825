/** `buduan freeze` and `buduan thaw`: nothing of a tenant leaves, and it may again. */
import type { Command } from 'commander';
import { PushFreeze } from '../push/push-freeze.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface FreezeOptions extends HubOptions {
  readonly by: string;
  readonly reason?: string;
  readonly restored?: boolean;
}

export function registerFreezeCommands(program: Command): void {
  hubCommand(program, 'freeze', 'send nothing to any system until thawed; reading and judging go on')
    .requiredOption('--by <name>', 'who decides; goes into the audit trail')
    .option('--reason <text>', 'why, for whoever looks later')
    .option('--restored', 'the database was put back to an earlier state: thawing needs a full run first')
    .action(freezeCommand);
  hubCommand(program, 'thaw', 'let operations leave again')
    .requiredOption('--by <name>', 'who decides; goes into the audit trail')
    .action(thawCommand);
}

async function freezeCommand(options: FreezeOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const cause = options.restored === true ? 'restored' : 'person';
    const who = { tenantId: tenant.id, name: tenant.name, by: options.by };
    await hub.app.get(PushFreeze).freeze({ ...who, cause, reason: options.reason ?? null });
    terminal.say(`${tenant.id}: nothing leaves from now on; what was sent before is not called back.`);
    terminal.json({ tenant: tenant.id, frozen: true, cause });
  });
}

async function thawCommand(options: FreezeOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const connectionIds = tenant.connections.map(({ id }) => id);
    const shown = await hub.app.get(PushFreeze).thaw({ tenantId: tenant.id, by: options.by, connectionIds });
    terminal.say(`${tenant.id}: operations may leave; the next run, or a running hub, sends them.`);
    if (shown > 0)
      terminal.say(`  ${shown} that move money wait for a person: buduan operations list --state needs-human`);
    terminal.json({ tenant: tenant.id, frozen: false, shownToPerson: shown });
  });
}
