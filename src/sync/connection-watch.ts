/** What is looked after while nothing runs: systems that were down are asked whether they answer again, silent reads are told. */
import type { SchedulerRegistry } from '@nestjs/schedule';
import type { ConnectionHealth } from '../connectors/connection-health.js';
import type { Clock } from '../platform/clock/clock.js';
import { RepeatedLook } from '../platform/clock/repeated-look.js';
import { readLastSuccesses } from './freshness.reader.js';
import { type FreshnessRule, type SilentRead, silentReads } from './silent-reads.js';
import { type ConnectionWindows, holdConnections } from './schedules/hold-connections.js';
import type { SyncTools } from './sync-tools.js';

export interface WatchedTenant {
  readonly tenantId: string;
  readonly freshness: readonly FreshnessRule[];
  readonly windows: readonly ConnectionWindows[];
}

export interface ConnectionWatchOptions {
  readonly tenants: readonly WatchedTenant[];
  readonly tools: SyncTools;
  readonly health: ConnectionHealth;
  readonly clock: Clock;
}

const WATCH_MS = 15_000;
const WATCH_NAME = 'connections';
const PROBE_WITHIN_MS = 10_000;
/** Probes of one tenant in one look; the rest waits for the next. */
const PROBES_AT_ONCE = 5;

export class ConnectionWatch extends RepeatedLook {
  /** Reads that this node has told of: an alarm is raised once, and taken back once. */
  private readonly alarmed = new Map<string, SilentRead>();

  constructor(private readonly options: ConnectionWatchOptions) {
    super({ name: WATCH_NAME, everyMs: WATCH_MS });
  }

  override begin(registry: SchedulerRegistry): void {
    super.begin(registry);
    void this.look();
  }

  protected async lookAtAll(): Promise<void> {
    for (const tenant of this.options.tenants) {
      try {
        await this.hold(tenant);
        await this.probe(tenant.tenantId);
        await this.tellSilence(tenant);
      } catch (error) {
        const told = { component: 'connections', tenantId: tenant.tenantId, err: error };
        this.options.tools.log.warn(told, 'Connections could not be looked at; the next look tries again.');
      }
    }
  }

  private async hold({ tenantId, windows }: WatchedTenant): Promise<void> {
    const { health, tools, clock } = this.options;
    const connections = windows.filter((each) => each.windows.length > 0);
    if (connections.length === 0) return;
    const request = { tenantId, connections, now: clock.now() };
    await tools.database.inTenant(tenantId, (em) => holdConnections(em, health, request));
  }

  /** One cheap call each, on whichever node claims it; its outcome is the connection's health. */
  private async probe(tenantId: string): Promise<void> {
    const { health, tools } = this.options;
    for (let probes = 0; probes < PROBES_AT_ONCE && !this.stopping.signal.aborted; probes += 1) {
      const connectionId = await health.claimProbe(tenantId);
      if (connectionId === null) return;
      const connection = tools.connectionsOf(tenantId).find((each) => each.connectionId === connectionId);
      if (connection === undefined) continue;
      const within = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(PROBE_WITHIN_MS)]);
      const report = await connection.check(within);
      await health.note({ tenantId, connectionId }, report.ok ? 'up' : 'down', report.ok ? null : report.code);
      tools.log.info({ tenantId, connectionId, ok: report.ok }, 'A connection that was down was probed.');
    }
  }

  private async tellSilence({ tenantId, freshness }: WatchedTenant): Promise<void> {
    const { tools, clock } = this.options;
    const successes = await tools.database.inTenant(tenantId, (em) => readLastSuccesses(em, tenantId));
    const silent = new Map(
      silentReads(freshness, successes, clock.now()).map((each) => [
        `${tenantId}/${each.connectionId}/${each.read}`,
        each,
      ]),
    );
    for (const [key, each] of silent) {
      if (this.alarmed.has(key)) continue;
      this.alarmed.set(key, each);
      tools.log.error(
        { tenantId, ...each },
        'A read has not been complete for longer than it may; look at its connection.',
      );
    }
    for (const [key, { connectionId, read }] of this.alarmed) {
      if (silent.has(key) || !key.startsWith(`${tenantId}/`)) continue;
      this.alarmed.delete(key);
      tools.log.info({ tenantId, connectionId, read }, 'A read is complete again.');
    }
  }
}
