/** How the policy reaches the other rooms: PolicyBooks, loaded at start, and the editions that may replace them. */
import { type DynamicModule, Module } from '@nestjs/common';
import type { HubConfig } from '../platform/config/hub-config.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import type { Log } from '../platform/log/log.js';
import { HUB_CONFIG, LOG } from '../platform/platform.module.js';
import { PolicyEditions } from './packs/policy-editions.js';
import { PolicyBooks, type PolicyBooksOptions } from './policy-books.js';

/** In the order of `inject`. */
type Injected = [Database, Jobs, PolicyBooks, HubConfig, Log];

@Module({})
export class PolicyModule {
  /** Reads every policy file; throws ConfigError before anything starts. */
  static register(options: PolicyBooksOptions): DynamicModule {
    return {
      module: PolicyModule,
      providers: [
        { provide: PolicyBooks, useFactory: () => PolicyBooks.load(options) },
        {
          provide: PolicyEditions,
          inject: [Database, Jobs, PolicyBooks, HUB_CONFIG, LOG],
          useFactory: (...[database, jobs, books, config, log]: Injected) =>
            new PolicyEditions({ database, jobs, books, config, log }),
        },
      ],
      exports: [PolicyBooks, PolicyEditions],
    };
  }
}
