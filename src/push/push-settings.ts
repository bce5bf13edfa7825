/** What push needs to know of the configuration, per tenant. */
import type { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/log/log.js';
import type { BrakeRules } from './brakes.js';

export const PUSH_SETTINGS = Symbol('push-settings');

export interface TenantPushRules {
  /** Money-moving kinds that the tenant lets leave without a person's approval. */
  readonly automaticKinds: readonly string[];
  /** What suspends a plan. */
  readonly brakes: BrakeRules;
}

export interface PushSettings {
  readonly log: Log;
  readonly clock: Clock;
  /** How long one job sends for one connection, in milliseconds; default 5,000. */
  readonly sliceMs?: number;
  tenantRules(tenantId: string): TenantPushRules;
}
