/** What a run came to: numbers for people and for --json, and the exit code they mean. */
import { countCorrections, type CorrectionCount } from '../reconcile/corrections.reader.js';
import { countFindings } from '../reconcile/findings.reader.js';
import { countStatuses } from '../reconcile/judgements.reader.js';
import { countOperations, countSentSince, type OperationCount } from '../push/operations.reader.js';
import { listPlans, type PlanSummary } from '../push/plans.reader.js';
import type { RunOutcome } from '../sync/finish-run.js';
import { countQuarantine } from '../sync/quarantine.reader.js';
import { readRun, type RunState } from '../sync/runs.reader.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { OpenHub } from './open-hub.js';

export interface RunSummary {
  readonly runId: string;
  readonly state: RunState;
  readonly dryRun: boolean;
  /** Persons judged in this run; the rest had not changed. */
  readonly judged: number;
  readonly persons: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Open findings by situation. */
  readonly findings: Readonly<Record<string, number>>;
  /** Operations sent in this run, by connection and kind. */
  readonly corrections: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly sent: number;
  /** What a dry run would plan, by connection and kind. */
  readonly plan: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly held: number;
  /** Plans of this run that a brake holds. */
  readonly suspendedPlans: readonly PlanSummary[];
  readonly needsPerson: number;
  readonly quarantined: number;
  readonly connections: RunOutcome['connections'];
  readonly seconds: number;
  readonly peakRssMb: number;
  readonly cpuSeconds: number;
  readonly exitCode: ExitCode;
}

export interface SummaryRequest {
  readonly tenantId: string;
  readonly outcome: RunOutcome;
  /** By the database's clock. */
  readonly startedAt: Date;
  readonly dryRun: boolean;
}

export async function summariseRun(hub: OpenHub, request: SummaryRequest): Promise<RunSummary> {
  const { tenantId, outcome, startedAt } = request;
  return hub.database.inTenant(tenantId, async (em) => {
    const [clock] = await em.query<{ seconds: number }[]>(
      'SELECT extract(epoch FROM clock_timestamp() - $1::timestamptz)::float8 AS seconds',
      [startedAt],
    );
    const run = await readRun(em, { tenantId, runId: outcome.runId });
    const statuses = Object.fromEntries((await countStatuses(em, tenantId)).map((each) => [each.status, each.count]));
    const sent = await countSentSince(em, tenantId, startedAt);
    const operations = await countOperations(em, tenantId, null);
    const state = run?.state ?? outcome.state;
    const needsPerson = total(operations.filter((each) => ['needs-human', 'dead', 'rejected'].includes(each.state)));
    const usage = process.resourceUsage();
    return {
      runId: outcome.runId,
      state,
      dryRun: request.dryRun,
      judged: outcome.chosen.persons,
      persons: Object.values(statuses).reduce((sum, count) => sum + count, 0),
      statuses,
      findings: Object.fromEntries((await countFindings(em, tenantId)).map((each) => [each.situation, each.findings])),
      corrections: byConnection(sent),
      sent: total(sent),
      plan: request.dryRun ? byConnection(await countCorrections(em, tenantId)) : {},
      suspendedPlans: await listPlans(em, { tenantId, state: 'suspended', runId: outcome.runId, limit: 10 }),
      held: total(operations.filter((each) => each.state === 'held')),
      needsPerson,
      quarantined: (await countQuarantine(em, tenantId)).reduce((sum, each) => sum + each.rows, 0),
      connections: outcome.connections,
      seconds: Number((clock?.seconds ?? 0).toFixed(2)),
      peakRssMb: Math.round(usage.maxRSS / 1024),
      cpuSeconds: Number(((usage.userCPUTime + usage.systemCPUTime) / 1e6).toFixed(2)),
      exitCode: exitCodeFor(state, needsPerson),
    };
  });
}

/** A brake outweighs an incomplete read, which outweighs single operations. */
function exitCodeFor(state: RunState, needsPerson: number): ExitCode {
  if (state === 'suspended') return EXIT.suspended;
  if (state !== 'succeeded') return EXIT.incomplete;
  return needsPerson > 0 ? EXIT.needsPerson : EXIT.done;
}

function total(counts: readonly { readonly count: number }[]): number {
  return counts.reduce((sum, each) => sum + each.count, 0);
}

function byConnection(counts: readonly (OperationCount | CorrectionCount)[]): Record<string, Record<string, number>> {
  const grouped: Record<string, Record<string, number>> = {};
  for (const { connectionId, kind, count } of counts) {
    const kinds = (grouped[connectionId] ??= {});
    kinds[kind] = (kinds[kind] ?? 0) + count;
  }
  return grouped;
}
