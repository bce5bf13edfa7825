/** `buduan runs`: the history of runs, and of one run what each read brought and how the picture changed. */
import type { Command } from 'commander';
import { HubError } from '../domain/hub-error.js';
import { readTransitions } from '../reconcile/transitions.reader.js';
import { readLatestRuns, readRun, readRunReads } from '../sync/runs.reader.js';
import { limitOption, uuidArgument } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface RunsOptions extends HubOptions {
  readonly limit: number;
}

export function registerRunsCommand(program: Command): void {
  hubCommand(program, 'runs', 'the newest runs; with a run, what each read brought and how the picture changed')
    .argument('[run]', 'only this run', uuidArgument)
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 20)
    .action((runId: string | undefined, options: RunsOptions) =>
      runId === undefined ? listCommand(options) : showCommand(runId, options),
    );
}

async function listCommand(options: RunsOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const runs = await hub.database.inTenant(tenant.id, (em) => readLatestRuns(em, tenant.id, options.limit));
    terminal.table(
      ['run', 'as of', 'mode', 'trigger', 'state', 'started', 'reading ended'],
      runs.map((run) => [
        ...[run.runId, run.asOf, run.mode, run.trigger, run.isStale ? 'stale' : run.state],
        ...[run.startedAt.toISOString(), run.finishedAt?.toISOString() ?? ''],
      ]),
    );
    terminal.json({ runs });
  });
}

async function showCommand(runId: string, options: RunsOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const key = { tenantId: tenant.id, runId };
    const found = await hub.database.inTenant(tenant.id, async (em) => ({
      run: await readRun(em, key),
      reads: await readRunReads(em, key),
      transitions: await readTransitions(em, tenant.id, runId),
    }));
    if (found.run === null)
      throw new HubError({
        code: 'unknown-run',
        next: 'fix-config',
        message: `There is no run ${runId}; "buduan runs" lists them.`,
      });
    const { run, reads, transitions } = found;
    terminal.say(
      `run ${runId} · ${run.mode} · as of ${run.asOf} · ${run.state} · judged ${run.batches.done} of ${run.batches.total} batches`,
    );
    terminal.table(
      ['read', 'state', 'pages', 'rows', 'changed', 'rejected', 'reason'],
      reads.map((each) => [
        ...[`${each.connectionId}/${each.read}`, each.state, each.pages, each.rows, each.changed, each.rejected],
        each.reason ?? '',
      ]),
    );
    terminal.table(
      ['of', 'before', 'after', 'count'],
      transitions.map((each) => [each.of, each.from, each.to, each.count]),
    );
    terminal.json(found);
  });
}
