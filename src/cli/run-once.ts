/** One full reconciliation from first page to last answer: reads, judges, sends, waits until nothing moves by itself, sums up. */
import { setTimeout as wait } from 'node:timers/promises';
import { ConnectionHealth } from '../connectors/connection-health.js';
import { NEWS } from '../domain/facts.js';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import type { TenantConfig } from '../platform/config/hub-config.js';
import { countJobsOfRun } from '../platform/jobs/dead-jobs.reader.js';
import { countWaitingJobs } from '../platform/jobs/waiting-jobs.reader.js';
import { PolicyEditions } from '../policy/packs/policy-editions.js';
import { countMoving } from '../push/operations.reader.js';
import type { RunOutcome } from '../sync/finish-run.js';
import { readRun } from '../sync/runs.reader.js';
import { startFullRun, type RunPart } from '../sync/run-full.js';
import { SYNC_SETTINGS, type SyncSettings } from '../sync/sync-settings.js';
import { SyncTools } from '../sync/sync-tools.js';
import type { ReadProgress } from '../sync/read-progress.js';
import type { OpenHub } from './open-hub.js';
import { summariseRun, type RunSummary } from './run-summary.js';

export interface RunOnceRequest {
  readonly tenant: TenantConfig;
  readonly asOf: Day;
  readonly dryRun: boolean;
  /** Who starts it; may not approve its plan. */
  readonly startedBy?: string;
  /** See FullRunRequest.only. */
  readonly only?: RunPart;
  readonly onProgress?: (progress: ReadProgress) => void;
  /** Called once per phase, for people who watch. */
  readonly onPhase?: (phase: 'read' | 'judge' | 'send') => void;
}

/** Waits that end within this time are waited for; longer ones are left to the next run or to a running hub. */
const PATIENCE_SECONDS = 30;
const LOOK_EVERY_MS = 50;
/** News is put off by at most ten seconds, to be told together. */
const NEWS_WITHIN_SECONDS = 10;
const TOLD_WITHIN_MS = 20_000;
/** Nothing judged and nothing sent for this long means that something is broken, not slow. */
const STALL_MS = 120_000;

/** Needs a hub that works (`hub.work()`). Throws `run-stalled` when nothing moves although something should. */
export async function runOnce(hub: OpenHub, request: RunOnceRequest): Promise<RunSummary> {
  const startedAt = await databaseNow(hub);
  await hub.app.get(PolicyEditions).refresh(request.tenant.id);
  const policyVersion = policyVersionOf(hub, request.tenant);
  request.onPhase?.('read');
  const handle = await startFullRun(hub.app.get(SyncTools), {
    tenantId: request.tenant.id,
    asOf: request.asOf,
    trigger: 'manual',
    ...(request.startedBy === undefined ? {} : { startedBy: request.startedBy }),
    dryRun: request.dryRun,
    policyVersion,
    readers: hub.readers,
    ...(request.only === undefined ? {} : { only: request.only }),
    ...(request.onProgress ? { onProgress: request.onProgress } : {}),
  });
  const outcome = await handle.finished;
  await noteAnswered(hub, request.tenant.id, outcome);
  request.onPhase?.('judge');
  await waitUntil(hub, request.tenant, { runId: handle.runId, isOver: request.dryRun ? isJudged : isPlanned });
  request.onPhase?.('send');
  if (!request.dryRun) await waitUntil(hub, request.tenant, { runId: handle.runId, isOver: isQuiet });
  if (request.tenant.notify.length > 0) await waitUntilTold(hub, request.tenant.id);
  return summariseRun(hub, { tenantId: request.tenant.id, outcome, startedAt, dryRun: request.dryRun });
}

/** A system that answered is not down any more, whatever an earlier process found. */
async function noteAnswered(hub: OpenHub, tenantId: string, outcome: RunOutcome): Promise<void> {
  const health = hub.app.get(ConnectionHealth);
  for (const { connectionId, state } of outcome.connections)
    if (state === 'succeeded') await health.note({ tenantId, connectionId }, 'up');
}

/** Waits until nothing of the tenant moves by itself any more. */
function waitUntilQuiet(hub: OpenHub, tenant: TenantConfig): Promise<void> {
  return waitUntil(hub, tenant, { runId: 'of the tenant', isOver: isQuiet });
}

/** Until what these runs brought is judged, and what follows from it is sent. */
export async function waitUntilDone(
  hub: OpenHub,
  tenant: TenantConfig,
  runs: readonly { readonly runId: string }[],
): Promise<void> {
  for (const { runId } of runs)
    while ((await hub.database.acrossTenants((em) => countJobsOfRun(em, runId))) > 0) await wait(LOOK_EVERY_MS);
  await waitUntilQuiet(hub, tenant);
}

/** What a run has to tell leaves with it, as far as it leaves soon: endpoints that fail are left to the next run or a running hub. */
async function waitUntilTold(hub: OpenHub, tenantId: string): Promise<void> {
  const waiting = { tenantId, facts: [...NEWS, 'NotificationsDue'], withinSeconds: NEWS_WITHIN_SECONDS } as const;
  for (const end = Date.now() + TOLD_WITHIN_MS; Date.now() < end; await wait(LOOK_EVERY_MS))
    if ((await hub.database.acrossTenants((em) => countWaitingJobs(em, waiting))) === 0) return;
}

/** The policy and the settings that a judgement rests on: when either changes, everybody is judged again. */
export function policyVersionOf(hub: OpenHub, tenant: TenantConfig): string {
  return hub.app.get<SyncSettings>(SYNC_SETTINGS).policyVersionOf(tenant.id);
}

/** What is left to do; 0 = this wait is over. */
type Remaining = (hub: OpenHub, tenantId: string, runId: string) => Promise<number>;

const isJudged: Remaining = async (hub, tenantId, runId) => {
  const run = await hub.database.inTenant(tenantId, (em) => readRun(em, { tenantId, runId }));
  return run === null ? 0 : run.batches.total - run.batches.done;
};

const isPlanned: Remaining = async (hub, tenantId, runId) => {
  const toJudge = await isJudged(hub, tenantId, runId);
  return hub.database.inTenant(tenantId, async (em) => {
    const rows = await em.query<{ planned: boolean }[]>(
      `SELECT run.stats ? 'plan' AS planned FROM buduan.run WHERE run.tenant_id = $1 AND run.run_id = $2`,
      [tenantId, runId],
    );
    return toJudge + (rows[0]?.planned === true ? 0 : 1);
  });
};

const isQuiet: Remaining = (hub, tenantId) =>
  hub.database.inTenant(tenantId, (em) => countMoving(em, tenantId, PATIENCE_SECONDS));

async function waitUntil(
  hub: OpenHub,
  tenant: TenantConfig,
  goal: { readonly runId: string; readonly isOver: Remaining },
): Promise<void> {
  let last = -1;
  for (let movedAt = Date.now(); ; await wait(LOOK_EVERY_MS)) {
    const remaining = await goal.isOver(hub, tenant.id, goal.runId);
    if (remaining === 0) return;
    if (remaining !== last) movedAt = Date.now();
    last = remaining;
    if (Date.now() - movedAt > STALL_MS) throw stalled(goal.runId, remaining);
  }
}

function stalled(runId: string, remaining: number): HubError {
  return new HubError({
    code: 'run-stalled',
    next: 'bug',
    message: `Run ${runId} has not moved for ${STALL_MS / 1000} s with ${remaining} steps left; the log says which job failed. What was read is kept; run again after the cause is mended.`,
    detail: { runId, remaining },
  });
}

async function databaseNow(hub: OpenHub): Promise<Date> {
  const [row] = await hub.database.acrossTenants((em) => em.query<{ now: Date }[]>('SELECT clock_timestamp() AS now'));
  return row?.now ?? new Date(0);
}
