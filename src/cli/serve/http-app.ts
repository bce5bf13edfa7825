/** The hub's rooms behind HTTP: the same module that commands use, with health, the API and the schedule ticks around it. */
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ScheduleModule } from '@nestjs/schedule';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { MOST_RECEIPT_BYTES, RECEIPT_TYPES } from '../../backpay/receipt-kind.js';
import { BackpayModule } from '../../backpay/backpay.module.js';
import { AccessModule } from '../../platform/access/access.module.js';
import { AccessWall } from '../../platform/access/access-wall.js';
import { RecogniseCaller } from '../../platform/access/recognise-caller.js';
import { errorAnswer } from '../../platform/http/error-answer.js';
import { HttpModule } from '../../platform/http/http.module.js';
import type { Log } from '../../platform/log/log.js';
import { LOG } from '../../platform/platform.module.js';
import { CasesController } from './cases.controller.js';
import { ApprovalsController } from './approvals.controller.js';
import { FindingsController } from './findings.controller.js';
import { OpenApiController } from './openapi.controller.js';
import { PersonsController } from './persons.controller.js';
import { CaseMetricsController } from './case-metrics.controller.js';
import { ReceiptsController } from './receipts.controller.js';
import { PolicyController } from './policy.controller.js';
import { PushModule } from '../../push/push.module.js';
import { ReconcileModule } from '../../reconcile/reconcile.module.js';
import { SyncModule } from '../../sync/sync.module.js';
import { WebhookModule } from '../../sync/webhook.module.js';
import { AuditController } from './audit.controller.js';
import { PersonController } from './person.controller.js';
import { EmployeePagesModule } from '../../employee/employee-pages.module.js';
import type { ServerConfig } from '../../platform/config/hub-config.js';
import { isServer, isWorker, type NodeRole } from './role.js';
import { HubMetrics } from './hub-metrics.js';
import { MetricsController } from './metrics.controller.js';
import { StatusController } from './status.controller.js';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** The token of an employee's link: the longest id of a tenant and its signature. */
const LONGEST_PARAMETER = 160;
/** Headers and body of a request must be here by then; no honest caller needs longer. */
const REQUEST_WITHIN_MS = 30_000;

const RECEIPT_PATH = '/api/cases/:caseId/receipt';

const API = [
  StatusController,
  PolicyController,
  CasesController,
  FindingsController,
  ApprovalsController,
  ReceiptsController,
  CaseMetricsController,
  PersonsController,
  PersonController,
  AuditController,
  OpenApiController,
];

@Module({})
class ServeModule {}

/** Made but not listening yet. Throws `route-undeclared`. */
export async function createHttpApp(
  hub: DynamicModule,
  role: NodeRole,
  { trustedProxies }: Pick<ServerConfig, 'trustedProxies'>,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    // Of others nobody believes where a request came from.
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    requestTimeout: REQUEST_WITHIN_MS,
    frameworkErrors: answerFrameworkError,
  });
  takeReceipts(adapter.getInstance());
  const wall = new AccessWall(adapter.getInstance());
  const app = await NestFactory.create<NestFastifyApplication>(serveModule(hub, role, wall), adapter, {
    logger: false,
    abortOnError: false,
  });
  try {
    const callers = app.get(RecogniseCaller);
    const log = app.get<Log>(LOG);
    wall.open({
      recognise: (request) => callers.callerOf(request),
      onFault: (error) => log.warn({ component: 'http', err: error }, 'Who calls could not be found out.'),
    });
    await app.init();
    await adapter.getInstance().ready();
    // A hub with a route that nobody thought about does not start.
    wall.routes();
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Papers come as they are, and at one address alone they may be larger than anything else. */
function takeReceipts(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (route.url === RECEIPT_PATH) route.bodyLimit = MOST_RECEIPT_BYTES;
  });
  server.addContentTypeParser(Object.values(RECEIPT_TYPES), { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}

/** Errors from before any route is known, for example an address that cannot be decoded. */
function answerFrameworkError(error: Error, _request: unknown, reply: Pick<FastifyReply, 'status'>): void {
  const { status, body } = errorAnswer(error);
  void reply.status(status).send(body);
}

function serveModule(hub: DynamicModule, role: NodeRole, wall: AccessWall): DynamicModule {
  return {
    module: ServeModule,
    imports: [
      hub,
      AccessModule,
      HttpModule.of({ isWorker: isWorker(role) }),
      ScheduleModule.forRoot(),
      BackpayModule,
      PushModule,
      ReconcileModule,
      SyncModule,
      ...(isServer(role) ? [WebhookModule, EmployeePagesModule] : []),
    ],
    controllers: isServer(role) ? [MetricsController, ...API] : [MetricsController],
    providers: [HubMetrics, { provide: AccessWall, useValue: wall }],
  };
}
