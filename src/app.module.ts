/** All rooms of the hub, wired to one configuration. */
import { type DynamicModule, Module } from '@nestjs/common';
import { ConnectionRegistry } from './connectors/registry.js';
import { ConnectorsModule } from './connectors/connectors.module.js';
import { HubError } from './domain/hub-error.js';
import type { HubConfig, TenantConfig } from './platform/config/hub-config.js';
import { PlatformModule, type PlatformParts } from './platform/platform.module.js';
import { PolicyBooks } from './policy/policy-books.js';
import { PolicyModule } from './policy/policy.module.js';
import { PushModule } from './push/push.module.js';
import type { PushSettings } from './push/push-settings.js';
import { ReconcileModule } from './reconcile/reconcile.module.js';
import type { ReconcileSettings } from './reconcile/reconcile-settings.js';
import { SyncModule } from './sync/sync.module.js';

export interface HubParts extends PlatformParts {
  readonly policyDir: string;
}
