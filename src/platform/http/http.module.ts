/** What every node has over HTTP, whatever its role: questions about its health, and one shape of error. */
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Database } from '../database/database.js';
import { Jobs } from '../jobs/jobs.js';
import { ErrorFilter } from './error-filter.js';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';

@Module({})
export class HttpModule {
  /** `isWorker`: this node is ready only while it runs jobs. */
  static of({ isWorker }: { readonly isWorker: boolean }): DynamicModule {
    const readiness = {
      provide: Readiness,
      inject: [Database, Jobs],
      useFactory: (database: Database, jobs: Jobs) => new Readiness({ database, jobs, isWorker }),
    };
    return {
      module: HttpModule,
      controllers: [HealthController],
      providers: [{ provide: APP_FILTER, useClass: ErrorFilter }, readiness],
      exports: [Readiness],
    };
  }
}
