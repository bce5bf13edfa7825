/** How a hub comes to life from its configuration, and how it goes to rest: the one place where everything is put together. */
import 'reflect-metadata';
import { availableParallelism } from 'node:os';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pLimit from 'p-limit';
import { AppModule } from '../app.module.js';
import { FollowCases } from '../backpay/follow-cases.js';
import { ProposeCases } from '../backpay/propose-cases.js';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import { dayInZone, systemClock } from '../platform/clock/clock.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import { admitKeys } from '../platform/crypto/admit-keys.js';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import { openKeyRing } from '../platform/crypto/keys.js';
import { Database } from '../platform/database/database.js';
import { startTrial } from '../platform/database/trial.js';
import { Jobs, type FactHandlers } from '../platform/jobs/jobs.js';
import type { Log } from '../platform/log/log.js';
import { openTelemetry } from '../platform/tracing/open-telemetry.js';
import { endTracing, useTracing } from '../platform/tracing/tracing.js';
import { PolicyEditions } from '../policy/packs/policy-editions.js';
import type { News } from '../domain/facts.js';
import { SendNotifications } from '../notify/send-notifications.js';
import { TellNews } from '../notify/tell-news.js';
import { PlanOperations } from '../push/plan-operations.js';
import { PushFreeze } from '../push/push-freeze.js';
import { SendOperations } from '../push/send-operations.js';
import { SubmitCase } from '../push/submit-case.js';
import { PolicyImpacts } from '../reconcile/policy-impacts.js';
import { ReconcileBatch } from '../reconcile/reconcile-batch.js';
import { type ConnectionReader, ownThreadReader } from '../sync/connection-readers.js';
import { ReadHinted } from '../sync/read-hinted.js';
import { SyncTools } from '../sync/sync-tools.js';
import { programVersion } from './program-version.js';
import { policyDir } from './policy-dir.js';
import { WorkThreads } from './threads/work-threads.js';

export interface OpenHub {
  readonly config: HubConfig;
  readonly database: Database;
  readonly app: INestApplicationContext;
  readonly log: Log;
  /** Who reads the connections of a run: this thread, and the others once the hub works. */
  readonly readers: readonly ConnectionReader[];
  /** Begins to run jobs of every kind, and starts `threads` (default 0) more threads that judge and read. */
  work(options?: { readonly threads?: number }): Promise<void>;
  /** Begins to run the jobs that may run anywhere at once: judging persons. */
  judge(): Promise<void>;
  /** Takes no more jobs and waits for those under way; safe to call without `work`. */
  rest(): Promise<void>;
  /** Stops working, waits for what is under way, closes everything; safe to call twice. */
  close(): Promise<void>;
}

/** Jobs at a time in one process: what a webhook sets going at several systems must not stand in one line. */
const JOBS_AT_ONCE = 6;
/** Batches of a whole run judged at a time: enough to keep the database busy while one is being judged; more cost memory only. */
const BATCHES_AT_ONCE = 2;
const POOL_SIZE = 16;
/** More readers than connections of a usual tenant gain nothing, and each costs memory. */
const MOST_THREADS = 3;

/** How the wired rooms become an application: for commands without HTTP, for `buduan start` behind it. */
export type CreateApp = (module: DynamicModule) => Promise<INestApplicationContext>;

const createContext: CreateApp = (module) =>
  NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });

export interface OpenOptions {
  readonly createApp?: CreateApp;
  /** The calendar of deadlines; default: the day in China. Another one for a world that lives in another year. */
  readonly today?: () => Day;
}

/** Starts the trial database where no other is configured, migrates, and wires every room. */
export async function openHub(config: HubConfig, log: Log, options: OpenOptions = {}): Promise<OpenHub> {
  const { createApp = createContext, today = () => dayInZone(systemClock.now()) } = options;
  for (const warning of config.warnings) log.warn({ warning }, 'The configuration works but should be mended.');
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    // One that fails must not leave the others open, least of all the trial database.
    for (let close = closers.pop(); close !== undefined; close = closers.pop())
      await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    await beginTracing(config, log, closers);
    const url = await databaseUrl(config, log, closers);
    const database = await Database.open({
      url,
      poolSize: POOL_SIZE,
      allowUnsafeFsync: config.database.allowUnsafeFsync,
      log,
    });
    closers.push(() => database.close());
    await bringUpToDate(database, config, log);
    const isHeard = (tenantId: string): boolean =>
      config.tenants.some(({ id, notify }) => id === tenantId && notify.length > 0);
    const jobs = new Jobs({ database, url, log, isHeard });
    const vault = await openVault(database, config);
    const module = AppModule.of({
      config,
      database,
      jobs,
      vault,
      log,
      clock: systemClock,
      policyDir: policyDir(),
      today,
    });
    const app = await createApp(module);
    closers.push(() => app.close());
    for (const { id, name } of config.tenants) {
      await app.get(PushFreeze).notice({ tenantId: id, name });
      await app.get(PolicyEditions).refresh(id);
    }
    const rest = async (): Promise<void> => {
      app.get(SendOperations).stop();
      app.get(SendNotifications).stop();
      await jobs.stop();
    };
    const startJobs = async (handlers: FactHandlers): Promise<void> => {
      await jobs.start(handlers, { concurrency: JOBS_AT_ONCE });
      closers.push(rest);
    };
    const readers: ConnectionReader[] = [ownThreadReader(app.get(SyncTools))];
    return {
      ...{ config, database, app, log, readers, rest, close: closeAll },
      work: async ({ threads: count = 0 } = {}) => {
        await startJobs({ ...judging(app), ...sending(app) });
        const threads = new WorkThreads(
          count,
          { configFile: config.file, dataDir: config.dataDir, databaseUrl: url },
          log,
        );
        closers.push(() => threads.rest());
        readers.push(...threads.readers);
      },
      judge: () => startJobs(judging(app)),
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function beginTracing({ tracing }: HubConfig, log: Log, closers: (() => Promise<void>)[]): Promise<void> {
  if (tracing === null) return;
  useTracing(await openTelemetry(tracing, { version: programVersion(), log }));
  closers.push(endTracing);
}

/** Throws `keys-unusable` where the keys do not fit what is stored. */
async function openVault(database: Database, { keys, dataDir }: HubConfig): Promise<IdentityVault> {
  const vault = new IdentityVault(openKeyRing({ keys, dataDir }));
  await admitKeys(database, vault);
  return vault;
}

/** Throws `schema-too-old` (fix-config) where the configuration forbids to change a schema that is not whole. */
async function bringUpToDate(database: Database, config: HubConfig, log: Log): Promise<void> {
  const { missing, unknown } =
    config.database.migrate === 'never'
      ? await database.schemaState()
      : { missing: [], unknown: (await database.migrate()).unknown };
  if (unknown.length > 0)
    log.warn({ unknown: [...unknown] }, 'A newer program has changed the schema. This node goes on; upgrade it soon.');
  if (missing.length === 0) return;
  throw new HubError({
    code: 'schema-too-old',
    next: 'fix-config',
    message: `The database lacks ${missing.length} migrations that this program needs (first ${missing[0] ?? ''}), and database.migrate is never. Start one node with a login that may change the schema and database.migrate: at-start.`,
    detail: { missing: missing.length },
  });
}

/** Threads beside the first: as configured, else one for each further core, at most three. */
export function threadsOf({ workThreads }: HubConfig): number {
  return workThreads ?? Math.min(MOST_THREADS, availableParallelism() - 1);
}

/** Which room listens to which fact. */
function judging(app: INestApplicationContext): FactHandlers {
  const reconcile = app.get(ReconcileBatch);
  const editions = app.get(PolicyEditions);
  const batches = pLimit(BATCHES_AT_ONCE);
  return {
    FindingOpened: async (fact) => {
      await editions.refresh(fact.tenantId);
      await app.get(ProposeCases).onFindingOpened(fact);
    },
    FindingClosed: async (fact) => {
      await editions.refresh(fact.tenantId);
      await app.get(FollowCases).onFindingClosed(fact);
    },
    RecordsChanged: async (fact) => {
      // Another node, or another thread, may have put a newer edition in force since this one looked last.
      await editions.refresh(fact.tenantId);
      if (fact.batchNo === null) await reconcile.onRecordsChanged(fact);
      else await batches(() => reconcile.onRecordsChanged(fact));
    },
  };
}

/** In one thread only: the limits of an outside system are kept there. */
function sending(app: INestApplicationContext): FactHandlers {
  const plan = app.get(PlanOperations);
  const send = app.get(SendOperations);
  const submit = app.get(SubmitCase);
  const impacts = app.get(PolicyImpacts);
  const editions = app.get(PolicyEditions);
  return {
    PolicyPublished: async (fact) => {
      await editions.refresh(fact.tenantId);
      await impacts.onPolicyPublished(fact);
    },
    CorrectionPlanned: async (fact) => void (await plan.onCorrectionPlanned(fact)),
    OperationsDue: (fact) => send.onOperationsDue(fact),
    CaseApproved: (fact) => submit.onCaseApproved(fact),
    CaseVerified: (fact) => submit.onCaseVerified(fact),
    CaseReopened: (fact) => submit.onCaseReopened(fact),
    OperationSettled: (fact) => app.get(FollowCases).onOperationSettled(fact),
    WebhookReceived: (fact) => app.get(ReadHinted).onWebhookReceived(fact),
    ...telling(app),
  };
}

function telling(app: INestApplicationContext): FactHandlers {
  const onNews = (news: News): Promise<void> => app.get(TellNews).onNews(news);
  return {
    ...{ RunCompleted: onNews, RunSuspended: onNews, FindingsMoved: onNews },
    ...{ OperationsStuck: onNews, ConnectionMoved: onNews, CaseMoved: onNews, CaseDue: onNews },
    NotificationsDue: (fact) => app.get(SendNotifications).onNotificationsDue(fact),
  };
}

async function databaseUrl(config: HubConfig, log: Log, closers: (() => Promise<void>)[]): Promise<string> {
  if (config.database.url !== null) return config.database.url.reveal();
  const trial = await startTrial({ dataDir: config.dataDir, log });
  closers.push(() => trial.stop());
  return trial.url;
}
