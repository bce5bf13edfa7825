/** All rooms of the hub, wired to one configuration. */
import { type DynamicModule, Module } from '@nestjs/common';
import { BackpayModule } from './backpay/backpay.module.js';
import { BACKPAY_SETTINGS, type BackpaySettings } from './backpay/backpay-settings.js';
import { ConnectionRegistry } from './connectors/registry.js';
import { ConnectorsModule } from './connectors/connectors.module.js';
import { employeeAddress } from './cli/employee-address.js';
import type { Day } from './domain/month.js';
import { EmployeeLinks } from './employee/employee-links.js';
import { EmployeeModule } from './employee/employee.module.js';
import { AccessModule } from './platform/access/access.module.js';
import { tenantOf } from './platform/config/tenant-of.js';
import { PlatformModule, type PlatformParts } from './platform/platform.module.js';
import { PolicyBooks } from './policy/policy-books.js';
import { PolicyModule } from './policy/policy.module.js';
import { NotifyModule } from './notify/notify.module.js';
import { NOTIFY_SETTINGS, type NotifySettings } from './notify/notify-settings.js';
import { PushModule } from './push/push.module.js';
import { PUSH_SETTINGS, type PushSettings } from './push/push-settings.js';
import { TellStuck } from './push/tell-stuck.js';
import { readMovedFindings } from './reconcile/findings-of-run.reader.js';
import { judgedBy } from './reconcile/judged-by.js';
import { ReconcileModule } from './reconcile/reconcile.module.js';
import { RECONCILE_SETTINGS, type ReconcileSettings } from './reconcile/reconcile-settings.js';
import { SyncModule } from './sync/sync.module.js';
import { SYNC_SETTINGS, type SyncSettings } from './sync/sync-settings.js';

export interface HubParts extends PlatformParts {
  readonly policyDir: string;
  /** The calendar by which deadlines of back-payments are counted. */
  readonly today: () => Day;
}

@Module({})
export class AppModule {
  /** Throws ConfigError when a policy file or an overlay has mistakes. */
  static of(parts: HubParts): DynamicModule {
    const { config } = parts;
    const overlays = new Map(config.tenants.map(({ id, overlay }) => [id, overlay === null ? [] : [overlay]] as const));
    const policy = PolicyModule.register({ policyDir: parts.policyDir, overlays });
    const settings = [
      {
        provide: RECONCILE_SETTINGS,
        inject: [ConnectionRegistry, PolicyBooks],
        useFactory: (registry: ConnectionRegistry, books: PolicyBooks) => reconcileSettings(parts, registry, books),
      },
      { provide: PUSH_SETTINGS, useValue: pushSettings(parts) },
      {
        provide: NOTIFY_SETTINGS,
        inject: [TellStuck, EmployeeLinks],
        useFactory: (stuck: TellStuck, links: EmployeeLinks): NotifySettings => notifySettings(parts, stuck, links),
      },
      {
        provide: BACKPAY_SETTINGS,
        inject: [ConnectionRegistry],
        useFactory: (registry: ConnectionRegistry) => backpaySettings(parts, registry),
      },
      {
        provide: SYNC_SETTINGS,
        inject: [PolicyBooks],
        useFactory: (books: PolicyBooks): SyncSettings => ({
          policyVersionOf: (tenantId) => judgedBy(tenantOf(config, tenantId), books.forTenant(tenantId).version),
        }),
      },
    ];
    return {
      module: AppModule,
      global: true,
      imports: [
        PlatformModule.of(parts),
        AccessModule,
        { module: ConnectorsModule, global: true },
        { ...policy, global: true },
        SyncModule,
        ReconcileModule,
        BackpayModule,
        EmployeeModule,
        PushModule,
        NotifyModule,
      ],
      providers: settings,
      exports: [RECONCILE_SETTINGS, BACKPAY_SETTINGS, PUSH_SETTINGS, SYNC_SETTINGS, NOTIFY_SETTINGS],
    };
  }
}

function reconcileSettings(
  { config, log }: HubParts,
  registry: ConnectionRegistry,
  books: PolicyBooks,
): ReconcileSettings {
  return {
    log,
    tenantRules: (tenantId) => {
      const tenant = tenantOf(config, tenantId);
      const connections = registry.all(tenantId).map(({ connectionId, declaration }) => ({
        connectionId,
        role: declaration.role,
        streams: declaration.reads.flatMap((read) => read.streams),
        writes: declaration.writes.map((write) => write.kind),
        freshHours: tenant.connections.find(({ id }) => id === connectionId)?.freshHours ?? 0,
      }));
      const { insurances, lookBackMonths, authority } = tenant;
      return { insurances, lookBackMonths, authority, connections, policy: books.forTenant(tenantId) };
    },
  };
}

/** A bureau with the write is the online channel, an agency with it the agency channel. */
function backpaySettings({ config, log, today }: HubParts, registry: ConnectionRegistry): BackpaySettings {
  return {
    log,
    today,
    tenantRules: (tenantId) => ({
      ...tenantOf(config, tenantId).backPayment,
      handIn: registry
        .all(tenantId)
        .filter(({ declaration: { writes } }) => writes.some((write) => write.handedIn === true))
        .map(({ connectionId }) => connectionId),
      connections: registry
        .all(tenantId)
        .filter(({ declaration: { writes } }) => writes.some(({ kind }) => kind === 'back-payment'))
        .map(({ connectionId, declaration: { role } }) => ({
          connectionId,
          channel: role === 'agency' ? 'agency' : 'online',
        })),
    }),
  };
}

function pushSettings({ config, log, clock }: HubParts): PushSettings {
  return {
    log,
    clock,
    tenantRules: (tenantId) => {
      const { approvals, brakes } = tenantOf(config, tenantId);
      const automaticKinds = Object.entries(approvals).flatMap(([kind, approval]) =>
        approval === 'automatic' ? [kind] : [],
      );
      return { automaticKinds, brakes };
    },
  };
}

function notifySettings({ config, log, clock }: HubParts, stuck: TellStuck, links: EmployeeLinks): NotifySettings {
  return {
    ...{ log, clock, egress: config.egress },
    endpointsOf: (tenantId) => config.tenants.find(({ id }) => id === tenantId)?.notify ?? [],
    findingsOf: readMovedFindings,
    claimStuck: (em, tenantId, connectionId) => stuck.claim(em, tenantId, connectionId),
    addressOf: employeeAddress,
    pageLinkOf: (asked) => links.forMessage(asked),
  };
}
