/** The whole hub, as the commands open it, against a running sandbox and a database of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openHub, type OpenHub } from '../../src/cli/open-hub.js';
import { serveHub } from '../../src/cli/serve/serve-hub.js';
import { runOnce, type RunOnceRequest } from '../../src/cli/run-once.js';
import type { RunSummary } from '../../src/cli/run-summary.js';
import { sandboxVariables } from '../../src/cli/demo/sandbox-variables.js';
import { day, type Day } from '../../src/domain/month.js';
import { loadHubConfig, type HubConfig, type TenantConfig } from '../../src/platform/config/hub-config.js';
import { Secret } from '../../src/platform/config/secrets.js';
import { createLog } from '../../src/platform/log/log.js';
import type { FaultOrder } from '../../src/sandbox/servers/faults.js';
import type { Report } from '../../src/sandbox/report.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';

export const AS_OF = day('2023-03-20');
const KEY = Buffer.alloc(32, 7).toString('base64');
const CONFIG = fileURLToPath(new URL('../../examples/demo/hub.yaml', import.meta.url));

export interface StoryWorld {
  readonly sandbox: Sandbox;
  readonly hub: OpenHub;
  readonly tenant: TenantConfig;
  /** Where it listens; empty unless it serves. */
  readonly url: string;
  /** Every line the hub logged so far. */
  readonly logged: () => string;
  run(options?: Partial<Pick<RunOnceRequest, 'dryRun'>> & { readonly asOf?: Day }): Promise<RunSummary>;
  report(): Promise<Report>;
  fault(system: keyof Sandbox['urls'], order: FaultOrder): Promise<void>;
  clearFaults(): Promise<void>;
  change(what: Readonly<Record<string, unknown>>): Promise<void>;
  sql(text: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface StoryOptions {
  /** Behind HTTP, as `buduan start`. */
  readonly serves?: boolean;
  readonly employees?: number;
  /** The calendar of deadlines. */
  readonly today?: () => Day;
  readonly tenant?: (tenant: TenantConfig) => TenantConfig;
  /** Other addresses or credentials than the sandbox's own. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly tracing?: HubConfig['tracing'];
  /** By the address of the sandbox's control port. */
  readonly policy?: (control: string) => HubConfig['policy'];
  /** Served by the sandbox; may come later. */
  readonly policyPack?: string;
}

export async function openStoryWorld(options: StoryOptions = {}): Promise<StoryWorld> {
  const test = await openTestDatabase();
  const sandbox = await startSandbox({
    employees: options.employees ?? 400,
    seed: 11,
    profile: 'demo',
    policyPack: options.policyPack ?? null,
  });
  const dataDir = await mkdtemp(join(tmpdir(), 'buduan-story-'));
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    pretty: false,
    destination: { write: (line: string) => void lines.push(line) },
  });
  const config = configOf(test, {
    dataDir,
    variables: { ...sandboxVariables(sandbox.urls), ...options.variables },
    tenant: options.tenant ?? ((tenant) => tenant),
    tracing: options.tracing ?? null,
    ...(options.policy === undefined ? {} : { policy: options.policy(sandbox.control) }),
  });
  const calendar = options.today === undefined ? {} : { today: options.today };
  const serving =
    options.serves === true ? await serveHub({ config, log, role: 'all', threads: 0, ...calendar }) : null;
  const hub = serving?.hub ?? (await openHub(config, log, calendar));
  if (serving === null) await hub.work();
  const [tenant] = config.tenants;
  if (tenant === undefined) throw new Error('the demo configuration has no tenant');
  return {
    sandbox,
    hub,
    tenant,
    url: serving?.url ?? '',
    logged: () => lines.join(''),
    run: ({ dryRun = false, asOf = AS_OF } = {}) => runOnce(hub, { tenant, asOf, dryRun }),
    report: () => ask<Report>(`${sandbox.control}/_sandbox/report`),
    fault: (system, order) => tell(`${sandbox.control}/_sandbox/faults`, { system, ...order }),
    clearFaults: async () => {
      for (const system of Object.keys(sandbox.urls))
        await tell(`${sandbox.control}/_sandbox/faults`, { system, clear: true });
    },
    change: (what) => tell(`${sandbox.control}/_sandbox/change`, what),
    sql: (text) => hub.database.inTenant(tenant.id, (em) => em.query(text)),
    close: async () => {
      await (serving === null ? hub.close() : serving.stop());
      await sandbox.stop();
      await test.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

interface ConfigParts {
  readonly dataDir: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly tenant: (tenant: TenantConfig) => TenantConfig;
  readonly tracing: HubConfig['tracing'];
  readonly policy?: HubConfig['policy'];
}

function configOf(test: TestDatabase, { dataDir, variables, tenant, policy, tracing }: ConfigParts): HubConfig {
  const config = loadHubConfig(CONFIG, variables);
  return {
    ...config,
    dataDir,
    workThreads: 0,
    server: { ...config.server, port: 0 },
    database: { url: new Secret(test.url), allowUnsafeFsync: true, migrate: 'at-start' },
    keys: {
      current: 'k1',
      identity: { k1: new Secret(KEY) },
      blindIndex: { current: 'b1', keys: { b1: new Secret(KEY) } },
    },
    tenants: config.tenants.map(tenant),
    policy: policy ?? config.policy,
    tracing,
  };
}

async function ask<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

async function tell(url: string, body: unknown): Promise<void> {
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(`the sandbox refused: ${reply.status} ${await reply.text()}`);
}
