/** How a hub comes to life from its configuration, and how it goes to rest: the one place where everything is put together. */
import 'reflect-metadata';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { systemClock } from '../platform/clock/clock.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import { openKeyRing } from '../platform/crypto/keys.js';
import { Database } from '../platform/database/database.js';
import { startTrial } from '../platform/database/trial.js';
import { Jobs, type FactHandlers } from '../platform/jobs/jobs.js';
import type { Log } from '../platform/log/log.js';
import { PlanOperations } from '../push/plan-operations.js';
import { SendOperations } from '../push/send-operations.js';
import { ReconcileBatch } from '../reconcile/reconcile-batch.js';
import { policyDir } from './policy-dir.js';

export interface OpenHub {
  readonly config: HubConfig;
  readonly database: Database;
  readonly app: INestApplicationContext;
  readonly log: Log;
  /** Begins to run jobs in this process. */
  work(): Promise<void>;
  /** Takes no more jobs and waits for those under way; safe to call without `work`. */
  rest(): Promise<void>;
  /** Stops working, waits for what is under way, closes everything; safe to call twice. */
  close(): Promise<void>;
}

/** Jobs at a time in one process: enough to keep the database busy while one batch is being judged. */
const JOBS_AT_ONCE = 2;
const POOL_SIZE = 16;

/** How the wired rooms become an application: for commands without HTTP, for `buduan start` behind it. */
export type CreateApp = (module: DynamicModule) => Promise<INestApplicationContext>;

const createContext: CreateApp = (module) =>
  NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });

/** Starts the trial database where no other is configured, migrates, and wires every room. */
export async function openHub(config: HubConfig, log: Log, createApp: CreateApp = createContext): Promise<OpenHub> {
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
    const url = await databaseUrl(config, log, closers);
    const database = await Database.open({
      url,
      poolSize: POOL_SIZE,
      allowUnsafeFsync: config.database.allowUnsafeFsync,
      log,
    });
    closers.push(() => database.close());
    await database.migrate();
    const jobs = new Jobs({ database, url, log });
    const vault = new IdentityVault(openKeyRing({ keys: config.keys, dataDir: config.dataDir }));
    const module = AppModule.of({ config, database, jobs, vault, log, clock: systemClock, policyDir: policyDir() });
    const app = await createApp(module);
    closers.push(() => app.close());
    const rest = async (): Promise<void> => {
      app.get(SendOperations).stop();
      await jobs.stop();
    };
    return {
      config,
      database,
      app,
      log,
      work: async () => {
        await jobs.start(handlersOf(app), { concurrency: JOBS_AT_ONCE });
        closers.push(rest);
      },
      rest,
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Which room listens to which fact. */
function handlersOf(app: INestApplicationContext): FactHandlers {
  const reconcile = app.get(ReconcileBatch);
  const plan = app.get(PlanOperations);
  const send = app.get(SendOperations);
  return {
    RecordsChanged: async (fact) => void (await reconcile.onRecordsChanged(fact)),
    CorrectionPlanned: async (fact) => void (await plan.onCorrectionPlanned(fact)),
    OperationsDue: (fact) => send.onOperationsDue(fact),
  };
}

async function databaseUrl(config: HubConfig, log: Log, closers: (() => Promise<void>)[]): Promise<string> {
  if (config.database.url !== null) return config.database.url.reveal();
  const trial = await startTrial({ dataDir: config.dataDir, log });
  closers.push(() => trial.stop());
  return trial.url;
}
