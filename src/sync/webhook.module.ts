/** Wires the receiving end of webhooks into the HTTP server of a node that answers callers. */
import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ConnectionRegistry } from '../connectors/registry.js';
import type { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/log/log.js';
import { CLOCK, LOG } from '../platform/platform.module.js';
import { AcceptWebhook } from './accept-webhook.js';
import { SyncModule } from './sync.module.js';
import { SyncTools } from './sync-tools.js';
import { webhookRoutes } from './webhook.controller.js';
import { WebhookRefusals } from './webhook-refusals.js';

@Module({
  imports: [SyncModule],
  providers: [
    {
      provide: WebhookRefusals,
      inject: [Database, CLOCK, LOG],
      useFactory: (database: Database, clock: Clock, log: Log) => new WebhookRefusals(database, clock, log),
    },
    {
      provide: AcceptWebhook,
      inject: [SyncTools, ConnectionRegistry, WebhookRefusals],
      useFactory: (tools: SyncTools, registry: ConnectionRegistry, refusals: WebhookRefusals) =>
        new AcceptWebhook(tools, registry, refusals),
    },
  ],
})
export class WebhookModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(AcceptWebhook) private readonly accept: AcceptWebhook,
    @Inject(WebhookRefusals) private readonly refusals: WebhookRefusals,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    const { accept, clock, log } = this;
    const server: FastifyInstance = this.host.httpAdapter.getInstance();
    void server.register(webhookRoutes({ accept, clock, log }));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.refusals.flush();
  }
}
