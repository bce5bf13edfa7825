/** `buduan quarantine` and `buduan replay`: rows that could not be understood, and reading them again after they were corrected. */
import type { Command } from 'commander';
import { dayInZone, systemClock } from '../platform/clock/clock.js';
import { countQuarantine, readQuarantine } from '../sync/quarantine.reader.js';
import { replayQuarantine } from '../sync/replay-quarantine.js';
import { readLatestRuns } from '../sync/runs.reader.js';
import { SyncTools } from '../sync/sync-tools.js';
import { policyVersionOf } from './run-once.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

const SHOWN = 200;
const REPLAY_WITHIN_MS = 600_000;

export function registerQuarantineCommand(program: Command): void {
  hubCommand(
    program,
    'quarantine',
    'rows that wait, with connection, stream, field and reason; never their content',
  ).action(quarantineCommand);
  hubCommand(program, 'replay [rows...]', 'read quarantined rows again: the named ones, or all of them').action(
    replayCommand,
  );
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

/** Judges by the day of the newest run, so that a replay changes nothing but the replayed rows. */
async function replayCommand(rows: readonly string[], options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const [latest] = await hub.database.inTenant(tenant.id, (em) => readLatestRuns(em, tenant.id, 1));
    const common = {
      tenantId: tenant.id,
      asOf: latest?.asOf ?? dayInZone(systemClock.now()),
      policyVersion: policyVersionOf(hub, tenant),
      signal: AbortSignal.timeout(REPLAY_WITHIN_MS),
    };
    const sum = { tried: 0, resolved: 0, stillRejected: 0, waitForFullRun: 0 };
    for (const quarantineId of rows.length === 0 ? [null] : rows) {
      const outcome = await replayQuarantine(hub.app.get(SyncTools), { ...common, quarantineId });
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += outcome[key];
    }
    terminal.say(
      `${sum.tried} rows tried: ${sum.resolved} understood now, ${sum.stillRejected} still as they were, ${sum.waitForFullRun} wait for the next full run.`,
    );
    terminal.say('Persons whose records changed are judged by a running hub, or by the next run.');
    terminal.json(sum);
  });
}
