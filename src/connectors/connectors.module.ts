/** Wires connectors: the registry of open connections, closed with the application. */
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../platform/clock/clock.js';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import type { HubConfig } from '../platform/config/hub-config.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import type { Log } from '../platform/log/log.js';
import { CLOCK, HUB_CONFIG, LOG } from '../platform/platform.module.js';
import { ConnectionHealth } from './connection-health.js';
import { ConnectionRegistry } from './registry.js';

/** In the order of `inject`. */
type Injected = [HubConfig, Log, Clock, ConnectionHealth, Database, IdentityVault];

@Module({
  providers: [
    {
      provide: ConnectionRegistry,
      inject: [HUB_CONFIG, LOG, CLOCK, ConnectionHealth, Database, IdentityVault],
      useFactory: (...[config, log, clock, health, database, vault]: Injected) =>
        new ConnectionRegistry({
          config,
          log,
          clock,
          onHealth: (key, state) => void health.note(key, state),
          sharing: { database, nameOf: (secretText) => vault.nameOf('rate-budget', secretText) },
        }),
    },
    {
      provide: ConnectionHealth,
      inject: [Database, LOG, Jobs],
      useFactory: (database: Database, log: Log, jobs: Jobs) => new ConnectionHealth(database, log, jobs),
    },
  ],
  exports: [ConnectionRegistry, ConnectionHealth],
})
export class ConnectorsModule implements OnApplicationShutdown {
  constructor(
    @Inject(ConnectionRegistry) private readonly registry: ConnectionRegistry,
    @Inject(ConnectionHealth) private readonly health: ConnectionHealth,
  ) {}

  /** Last of all hooks: whoever still sends while stopping has ended before. */
  async onApplicationShutdown(): Promise<void> {
    await this.registry.close();
    await this.health.written();
  }
}
