/** Which connections a hub has, and the one open Connection of each: opened when first asked for, closed with the hub. */
import { HubError } from '../domain/hub-error.js';
import type { Clock } from '../platform/clock/clock.js';
import type { ConnectionConfig, HubConfig } from '../platform/config/hub-config.js';
import { revealAll } from '../platform/config/secrets.js';
import type { Log } from '../platform/log/log.js';
import { openFileConnection } from './file/open-file-connection.js';
import { createEgress, type Egress } from './http/egress.js';
import type { GuardHealth } from './guard.js';
import type { BudgetSharing } from './rate-budget.js';
import { configWithDefaults, openHttpConnection } from './http/open-http-connection.js';
import { openWebhook } from './http/webhook/open-webhook.js';
import { isFileManifest, loadAnyManifest, type AnyManifest } from './load-any-manifest.js';
import type { Connection } from './port.js';
import type { WebhookReceiver } from './webhook-port.js';

export interface RegistryOptions {
  readonly config: Pick<HubConfig, 'tenants' | 'egress'>;
  readonly log: Log;
  readonly clock: Clock;
  /** Where budgets of requests are shared with other threads and nodes; without it each process keeps its own. */
  readonly sharing?: BudgetSharing;
  /** Told when what the hub thinks of a connection changes. */
  readonly onHealth?: (
    connection: { readonly tenantId: string; readonly connectionId: string },
    health: GuardHealth,
  ) => void;
}

export class ConnectionRegistry {
  private readonly opened = new Map<string, Connection>();
  private readonly manifests = new Map<string, AnyManifest>();
  private readonly receivers = new Map<string, WebhookReceiver | null>();
  private readonly egress: Egress;

  constructor(private readonly options: RegistryOptions) {
    this.egress = createEgress(options.config.egress, options.log);
  }

  /**
   * The one Connection of a tenant and id; nothing is sent. Throws HubError `unknown-connection`, `connection-config` where
   * its values do not fit, and ConfigError where its manifest has mistakes.
   */
  open(tenantId: string, connectionId: string): Connection {
    const key = `${tenantId}/${connectionId}`;
    const known = this.opened.get(key);
    if (known !== undefined) return known;
    const connection = this.connect(tenantId, this.configOf(tenantId, connectionId));
    this.opened.set(key, connection);
    return connection;
  }

  /** The receiving end of a connection; null where there is no such connection or it receives nothing. Throws as `open` does. */
  receiver(tenantId: string, connectionId: string): WebhookReceiver | null {
    const key = `${tenantId}/${connectionId}`;
    const known = this.receivers.get(key);
    if (known !== undefined) return known;
    const tenant = this.options.config.tenants.find(({ id }) => id === tenantId);
    const connection = tenant?.connections.find(({ id }) => id === connectionId);
    // Not remembered: names out of a URL have no end.
    if (connection === undefined) return null;
    this.open(tenantId, connectionId);
    const manifest = this.manifestAt(connection.manifest);
    if (isFileManifest(manifest)) return null;
    const config = configWithDefaults(manifest, connection.config);
    const receiver = openWebhook(manifest, { config, secrets: revealAll(connection.secrets) });
    this.receivers.set(key, receiver);
    return receiver;
  }

  /** Every connection of a tenant in the order of the configuration; none for an unknown tenant. Throws as `open` does. */
  all(tenantId: string): readonly Connection[] {
    const tenant = this.options.config.tenants.find(({ id }) => id === tenantId);
    return (tenant?.connections ?? []).map(({ id }) => this.open(tenantId, id));
  }

  /** Closes what was opened; safe to call twice. */
  async close(): Promise<void> {
    const connections = [...this.opened.values()];
    this.opened.clear();
    for (const connection of connections) await connection.close();
    this.egress.close();
  }

  private configOf(tenantId: string, connectionId: string): ConnectionConfig {
    const tenant = this.options.config.tenants.find(({ id }) => id === tenantId);
    const found = tenant?.connections.find(({ id }) => id === connectionId);
    if (found !== undefined) return found;
    const known = (tenant?.connections ?? []).map(({ id }) => id).join(', ') || 'none';
    throw new HubError({
      code: 'unknown-connection',
      next: 'fix-config',
      message: `Tenant ${tenantId} has no connection ${connectionId}; configured: ${known}. Add it under "connections", or name one that is there.`,
      detail: { tenantId, connectionId },
    });
  }

  private connect(tenantId: string, connection: ConnectionConfig): Connection {
    const { log, clock, sharing, onHealth } = this.options;
    const manifest = this.manifestAt(connection.manifest);
    const { id: connectionId, config } = connection;
    const common = {
      tenantId,
      connectionId,
      config,
      secrets: revealAll(connection.secrets),
      log,
      clock,
      onHealth: onHealth && ((health: GuardHealth) => onHealth({ tenantId, connectionId }, health)),
    };
    if (isFileManifest(manifest)) return openFileConnection({ ...common, manifest, manifestPath: connection.manifest });
    return openHttpConnection({
      ...common,
      manifest,
      egress: this.egress,
      ...(sharing === undefined ? {} : { sharing }),
    });
  }

  private manifestAt(path: string): AnyManifest {
    const known = this.manifests.get(path);
    if (known !== undefined) return known;
    const manifest = loadAnyManifest(path);
    this.manifests.set(path, manifest);
    return manifest;
  }
}
