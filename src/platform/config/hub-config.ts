/** What this hub is: one hub.yaml, read, checked as a whole and with its secrets resolved. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { schemaIssues } from './check-schema.js';
import { ConfigError, systemCode } from './config-error.js';
import { crossIssues } from './hub-config-rules.js';
import {
  type WrittenConnection,
  type WrittenHubConfig,
  type WrittenTenant,
  hubConfigSchema,
} from './hub-config.schema.js';
import { type NotifyConfig, resolveNotify } from './notify-config.js';
import { type Secret, type Variables } from './secrets.js';
import { SecretResolver, interpolateTree } from './secret-resolver.js';
import { type DocumentIssue, type YamlDocument, formatIssues, formatPath, parseYamlDocument } from './yaml-document.js';

export interface ConnectionConfig extends Omit<WrittenConnection, 'secrets'> {
  readonly secrets: Readonly<Record<string, Secret>>;
}

export interface TenantConfig extends Omit<WrittenTenant, 'connections' | 'overlay' | 'notify'> {
  /** Absolute path; null = none. */
  readonly overlay: string | null;
  readonly connections: readonly ConnectionConfig[];
  readonly notify: NotifyConfig;
}

/** Keys as base64 of 32 bytes each. */
export interface KeysConfig {
  readonly current: string;
  readonly identity: Readonly<Record<string, Secret>>;
  readonly blindIndex: { readonly current: string; readonly keys: Readonly<Record<string, Secret>> };
}

export interface ServerConfig extends Omit<WrittenHubConfig['server'], 'token'> {
  /** Null = the API answers callers on this machine only. */
  readonly token: Secret | null;
}

export interface TracingConfig extends Omit<NonNullable<WrittenHubConfig['tracing']>, 'headers'> {
  readonly headers: Readonly<Record<string, Secret>>;
}

/** All paths are absolute. */
export interface HubConfig extends Omit<WrittenHubConfig, 'database' | 'keys' | 'tenants' | 'server' | 'tracing'> {
  readonly file: string;
  /** `url: null` = trial mode in `dataDir`. */
  readonly database: {
    readonly url: Secret | null;
    readonly allowUnsafeFsync: boolean;
    readonly migrate: 'at-start' | 'never';
  };
  /** Null only in trial mode, which makes and keeps its own. */
  readonly keys: KeysConfig | null;
  readonly server: ServerConfig;
  /** Null = no traces, and nothing of them is loaded. */
  readonly tracing: TracingConfig | null;
  readonly tenants: readonly TenantConfig[];
  /** What works but should be mended; to be logged once at start. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks hub.yaml. Paths in it are relative to the file. `variables` answers `${NAME}`; without a `database.url`
 * the variable DATABASE_URL is used where it is set. Throws ConfigError with every problem of the file at once.
 */
export function loadHubConfig(path: string, variables: Variables): HubConfig {
  const file = resolve(path);
  const document = parseYamlDocument(readText(file, path), path);
  const { value, issues: unresolved } = interpolateTree(document.value, variables);
  const result = hubConfigSchema.safeParse(value);
  if (!result.success) {
    const misfits = schemaIssues({ ...document, value }, hubConfigSchema, result.error);
    throw new ConfigError(path, formatIssues(document, [...unresolved, ...withoutRepeats(misfits, unresolved)]));
  }
  return resolveConfig({ file, document, written: result.data, variables, unresolved });
}

interface CheckedText {
  readonly file: string;
  readonly document: YamlDocument;
  readonly written: WrittenHubConfig;
  readonly variables: Variables;
  readonly unresolved: readonly DocumentIssue[];
}

function resolveConfig({ file, document, written, variables, unresolved }: CheckedText): HubConfig {
  const folder = dirname(file);
  const secrets = new SecretResolver(document.value, folder);
  const database = {
    url: secrets.databaseUrl(written.database.url, variables),
    allowUnsafeFsync: written.database.allowUnsafeFsync,
    migrate: written.database.migrate,
  };
  const tracing =
    written.tracing === undefined
      ? null
      : { ...written.tracing, headers: secrets.record(written.tracing.headers, ['tracing', 'headers']) };
  const keys = written.keys === undefined ? null : secrets.keys(written.keys);
  const server = { ...written.server, token: secrets.serverToken(written.server.token) };
  const tenants = written.tenants.map((tenant, index) => resolveTenant({ tenant, index, folder, secrets }));
  const rules = crossIssues({ written, folder, usesOwnDatabase: database.url !== null });
  const issues = [...unresolved, ...withoutRepeats([...rules, ...secrets.issues], unresolved)];
  if (issues.length > 0) throw new ConfigError(document.file, formatIssues(document, issues));
  const { version, log, egress, schedules, workCalendar, policy, workThreads, health } = written;
  const warnings = formatIssues(document, secrets.warnings);
  return {
    file,
    version,
    log,
    egress,
    schedules,
    workCalendar,
    policy,
    workThreads,
    health,
    tracing,
    dataDir: resolve(folder, written.dataDir),
    database,
    keys,
    server,
    tenants,
    warnings,
  };
}

interface TenantPlace {
  readonly tenant: WrittenTenant;
  readonly index: number;
  readonly folder: string;
  readonly secrets: SecretResolver;
}

function resolveTenant({ tenant, index, folder, secrets }: TenantPlace): TenantConfig {
  const connections = tenant.connections.map((connection, place) => ({
    ...connection,
    manifest: resolve(folder, connection.manifest),
    secrets: secrets.record(connection.secrets, ['tenants', index, 'connections', place, 'secrets']),
  }));
  const notify = resolveNotify({
    ...{ written: tenant.notify, path: ['tenants', index, 'notify'], folder, secrets },
    connections: connections.map(({ id }) => id),
  });
  const overlay = tenant.overlay === undefined ? null : resolve(folder, tenant.overlay);
  return { ...tenant, overlay, connections, notify };
}

/** A reference that could not be followed is told once, not again as an empty value. */
function withoutRepeats(issues: readonly DocumentIssue[], told: readonly DocumentIssue[]): DocumentIssue[] {
  const toldPaths = new Set(told.map((issue) => formatPath(issue.path)));
  return issues.filter((issue) => !toldPaths.has(formatPath(issue.path)));
}

function readText(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(path, [
      `${path}  the file cannot be read (${systemCode(error)}); expected a hub.yaml, for example a copy of examples/hub.yaml`,
    ]);
  }
}
