/** `buduan quarantine`: rows that could not be understood, and why. */
import type { Command } from 'commander';
import { countQuarantine, readQuarantine } from '../sync/quarantine.reader.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

const SHOWN = 200;

export function registerQuarantineCommand(program: Command): void {
  hubCommand(
    program,
    'quarantine',
    'rows that wait, with connection, stream, field and reason; never their content',
  ).action(quarantineCommand);
}

async function quarantineCommand(options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { counts, rows } = await hub.database.inTenant(tenant.id, async (em) => ({
      counts: await countQuarantine(em, tenant.id),
      rows: await readQuarantine(em, tenant.id, { after: null, limit: SHOWN }),
    }));
    terminal.table(
      ['connection', 'stream', 'reason', 'rows'],
      counts.map((each) => [each.connectionId, each.stream, each.reason, each.rows]),
    );
    terminal.table(
      ['row', 'connection', 'read', 'owner', 'field', 'reason'],
      rows.map((each) => [
        each.quarantineId,
        each.connectionId,
        each.read,
        each.ownerKey ?? '',
        each.field,
        each.reason,
      ]),
    );
    terminal.json({ counts, rows });
  });
}
