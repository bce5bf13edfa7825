/** What every room may inject: the platform's services, made before Nest starts and closed after it. */
import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { HubConfig } from './config/hub-config.js';
import { IdentityVault } from './crypto/identity-vault.js';
import { Database } from './database/database.js';
import { Jobs } from './jobs/jobs.js';
import type { Clock } from './clock/clock.js';
import type { Log } from './log/log.js';

export const HUB_CONFIG = Symbol('hub-config');
export const LOG = Symbol('log');
export const CLOCK = Symbol('clock');

export interface PlatformParts {
  readonly config: HubConfig;
  readonly database: Database;
  readonly jobs: Jobs;
  readonly vault: IdentityVault;
  readonly log: Log;
  readonly clock: Clock;
}

@Global()
@Module({})
export class PlatformModule {
  static of(parts: PlatformParts): DynamicModule {
    const providers = [
      { provide: HUB_CONFIG, useValue: parts.config },
      { provide: Database, useValue: parts.database },
      { provide: Jobs, useValue: parts.jobs },
      { provide: IdentityVault, useValue: parts.vault },
      { provide: LOG, useValue: parts.log },
      { provide: CLOCK, useValue: parts.clock },
    ];
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
