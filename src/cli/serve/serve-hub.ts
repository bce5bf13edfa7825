/** A hub that runs until it is told to stop: HTTP, jobs and schedules, as its role says. */
import { SchedulerRegistry } from '@nestjs/schedule';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConnectionHealth } from '../../connectors/connection-health.js';
import { HubError } from '../../domain/hub-error.js';
import type { Day } from '../../domain/month.js';
import { systemClock } from '../../platform/clock/clock.js';
import { systemCode } from '../../platform/config/config-error.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { tenantOf } from '../../platform/config/tenant-of.js';
import { Readiness } from '../../platform/http/readiness.js';
import type { Log } from '../../platform/log/log.js';
import { ConnectionWatch } from '../../sync/connection-watch.js';
import { ForgetWebhooks } from '../../sync/forget-webhooks.js';
import { ScheduleTicks } from '../../sync/schedules/schedule-ticks.js';
import { holdConnections } from '../../sync/schedules/hold-connections.js';
import { SyncTools } from '../../sync/sync-tools.js';
import { PolicyEditions } from '../../policy/packs/policy-editions.js';
import { openHub, type CreateApp, type OpenHub } from '../open-hub.js';
import { policyUpdates } from './policy-updates.js';
import { policyVersionOf } from '../run-once.js';
import { freshnessRules } from '../freshness-rules.js';
import { scheduleSurroundings, windowsOf } from '../schedule-surroundings.js';
import { HistoryTicks } from './history-ticks.js';
import { readShortcomings } from './shortcomings.js';
import { CaseTicks } from './case-ticks.js';
import { createHttpApp } from './http-app.js';
import { isWorker, type NodeRole } from './role.js';

export interface ServeOptions {
  readonly config: HubConfig;
  readonly log: Log;
  readonly role: NodeRole;
  /** Threads that read and judge beside the first, where it works at all. */
  readonly threads: number;
  /** See OpenOptions.today. */
  readonly today?: () => Day;
}

export interface ServingHub {
  readonly hub: OpenHub;
  /** Where it listens, for example `http://127.0.0.1:4080`. */
  readonly url: string;
  /** Not ready from the first moment; ends what is under way, leaves nothing behind. Safe to call twice. */
  stop(): Promise<void>;
}

/** Throws `port-taken` and `cannot-listen` (fix-config), and whatever keeps a hub from opening. */
export async function serveHub({ config, log, role, threads, today }: ServeOptions): Promise<ServingHub> {
  let http: NestFastifyApplication | null = null;
  const createApp: CreateApp = async (module) => (http = await createHttpApp(module, role, config.server));
  const hub = await openHub(config, log, { createApp, ...(today === undefined ? {} : { today }) });
  try {
    hub.app.get(Readiness).watch(() => readShortcomings(hub));
    const url = await listen(http, config);
    const working = isWorker(role) ? await beginWork(hub, threads) : null;
    log.info({ component: 'server', url, role, schedules: config.schedules.length }, 'The hub serves.');
    let stopping: Promise<void> | null = null;
    return { hub, url, stop: () => (stopping ??= stopServing(hub, working)) };
  } catch (error) {
    await hub.close();
    throw error;
  }
}

async function beginWork(hub: OpenHub, threads: number): Promise<Working> {
  await hub.work({ threads });
  const { schedule: updates, errand } = policyUpdates(hub);
  const health = hub.app.get(ConnectionHealth);
  const ticks = new ScheduleTicks({
    ...scheduleSurroundings(hub.config),
    schedules: [...hub.config.schedules, ...updates],
    holdConnections: (em, tenantId) => {
      const connections = windowsOf(tenantOf(hub.config, tenantId));
      return holdConnections(em, health, { tenantId, connections, now: systemClock.now() });
    },
    errands: new Map(updates.map(({ id }) => [id, errand])),
    tools: hub.app.get(SyncTools),
    clock: systemClock,
    readers: hub.readers,
    policyVersionOf: async (tenantId) => {
      await hub.app.get(PolicyEditions).refresh(tenantId);
      return policyVersionOf(hub, tenantOf(hub.config, tenantId));
    },
  });
  const watch = new ConnectionWatch({
    tenants: hub.config.tenants.map((tenant) => ({
      tenantId: tenant.id,
      ...{ freshness: freshnessRules(hub, tenant), windows: windowsOf(tenant) },
    })),
    ...{ tools: hub.app.get(SyncTools), health, clock: systemClock },
  });
  const forget = new ForgetWebhooks({
    tenants: hub.config.tenants.map(({ id, webhooks }) => ({ tenantId: id, ...webhooks })),
    tools: hub.app.get(SyncTools),
  });
  const registry = hub.app.get(SchedulerRegistry);
  const working = [ticks, watch, forget, new CaseTicks(hub), new HistoryTicks(hub)];
  for (const each of working) each.begin(registry);
  return { stop: async () => void (await Promise.all(working.map((each) => each.stop(registry)))) };
}

/** What a worker does beside its jobs. */
interface Working {
  stop(): Promise<void>;
}

/** Runs break off while jobs end: both take time, and there is little. The database is closed after both. */
async function stopServing(hub: OpenHub, working: Working | null): Promise<void> {
  hub.app.get(Readiness).stop();
  await Promise.all([working?.stop(), hub.rest()]);
  await hub.close();
  hub.log.info({ component: 'server' }, 'The hub has stopped.');
}

async function listen(http: NestFastifyApplication | null, { server }: HubConfig): Promise<string> {
  if (http === null)
    throw new HubError({ code: 'not-serving', next: 'bug', message: 'The hub was opened without HTTP.' });
  try {
    await http.listen({ host: server.host, port: server.port });
    return await http.getUrl();
  } catch (error) {
    throw cannotListen(error, server);
  }
}

function cannotListen(error: unknown, { host, port }: HubConfig['server']): HubError {
  const code = systemCode(error);
  if (code === 'EADDRINUSE') {
    return new HubError({
      code: 'port-taken',
      next: 'fix-config',
      message: `Port ${port} of ${host} is taken by another process. Choose another with --port or server.port.`,
      detail: { port },
    });
  }
  return new HubError({
    code: 'cannot-listen',
    next: 'fix-config',
    message: `The hub cannot listen on ${host} port ${port} (${code}). Choose another with --host and --port.`,
    detail: { port },
  });
}
