/** The hub's rooms behind HTTP: the same module that commands use, with health, the API and the schedule ticks around it. */
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ScheduleModule } from '@nestjs/schedule';
import type { FastifyReply } from 'fastify';
import { BackpayModule } from '../../backpay/backpay.module.js';
import { errorAnswer } from '../../platform/http/error-answer.js';
import { HttpModule } from '../../platform/http/http.module.js';
import { CasesController } from './cases.controller.js';
import { OpenApiController } from './openapi.controller.js';
import { PersonsController } from './persons.controller.js';
import { PolicyController } from './policy.controller.js';
import { SyncModule } from '../../sync/sync.module.js';
import { WebhookModule } from '../../sync/webhook.module.js';
import { isServer, isWorker, type NodeRole } from './role.js';
import { HubMetrics } from './hub-metrics.js';
import { MetricsController } from './metrics.controller.js';
import { StatusController } from './status.controller.js';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** Headers and body of a request must be here by then; no honest caller needs longer. */
const REQUEST_WITHIN_MS = 30_000;

@Module({})
class ServeModule {}

/** Made but not listening yet. */
export async function createHttpApp(hub: DynamicModule, role: NodeRole): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    frameworkErrors: answerFrameworkError,
  });
  return NestFactory.create<NestFastifyApplication>(serveModule(hub, role), adapter, {
    logger: false,
    abortOnError: false,
  });
}

/** Errors from before any route is known, for example an address that cannot be decoded. */
function answerFrameworkError(error: Error, _request: unknown, reply: Pick<FastifyReply, 'status'>): void {
  const { status, body } = errorAnswer(error);
  void reply.status(status).send(body);
}

function serveModule(hub: DynamicModule, role: NodeRole): DynamicModule {
  return {
    module: ServeModule,
    imports: [
      hub,
      HttpModule.of({ isWorker: isWorker(role) }),
      ScheduleModule.forRoot(),
      BackpayModule,
      SyncModule,
      ...(isServer(role) ? [WebhookModule] : []),
    ],
    controllers: isServer(role)
      ? [MetricsController, StatusController, PolicyController, CasesController, PersonsController, OpenApiController]
      : [MetricsController],
    providers: [HubMetrics],
  };
}
