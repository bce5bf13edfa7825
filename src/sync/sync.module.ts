/** Wires sync: the tools its verbs work with, from the platform, the open connections and the configuration. SYNC_SETTINGS comes from the application. */
import { Module } from '@nestjs/common';
import { ConnectionRegistry } from '../connectors/registry.js';
import type { Clock } from '../platform/clock/clock.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import { tenantOf } from '../platform/config/tenant-of.js';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import type { Log } from '../platform/log/log.js';
import { CLOCK, HUB_CONFIG, LOG } from '../platform/platform.module.js';
import { ReadHinted } from './read-hinted.js';
import { SYNC_SETTINGS, type SyncSettings } from './sync-settings.js';
import { SyncTools, type TenantSyncSettings } from './sync-tools.js';

/** In the order of `inject`. */
type Injected = [Database, Jobs, IdentityVault, Log, ConnectionRegistry, HubConfig];
type HintInjected = [SyncTools, ConnectionRegistry, SyncSettings, Clock];

@Module({
  providers: [
    {
      provide: SyncTools,
      inject: [Database, Jobs, IdentityVault, LOG, ConnectionRegistry, HUB_CONFIG],
      useFactory: (...[database, jobs, vault, log, registry, config]: Injected) =>
        new SyncTools(
          database,
          jobs,
          vault,
          log,
          (tenantId) => registry.all(tenantId),
          (tenantId) => settingsOf(config, tenantId),
        ),
    },
    {
      provide: ReadHinted,
      inject: [SyncTools, ConnectionRegistry, SYNC_SETTINGS, CLOCK],
      useFactory: (...[tools, registry, settings, clock]: HintInjected) =>
        new ReadHinted({ tools, registry, settings, clock }),
    },
  ],
  exports: [SyncTools, ReadHinted],
})
export class SyncModule {}

function settingsOf(config: HubConfig, tenantId: string): TenantSyncSettings {
  const tenant = tenantOf(config, tenantId);
  return { name: tenant.name, lookBackMonths: tenant.lookBackMonths, countDropPercent: tenant.brakes.countDropPercent };
}
