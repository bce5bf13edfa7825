/** What push needs to know of the configuration, per tenant. */
import type { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/log/log.js';

export const PUSH_SETTINGS = Symbol('push-settings');

export interface TenantPushRules {
  /** Money-moving kinds that the tenant lets leave without a person's approval. */
  readonly automaticKinds: readonly string[];
  /** A plan that shows more persons than max(persons, percent % of all) in a worse status is suspended. */
  readonly worseStatus: { readonly persons: number; readonly percent: number };
}

export interface PushSettings {
  readonly log: Log;
  readonly clock: Clock;
  tenantRules(tenantId: string): TenantPushRules;
}
