/** What reconcile needs to know of the configuration, per tenant. */
import type { Insurance } from '../domain/insurance.js';
import type { Day } from '../domain/month.js';
import type { Role } from '../domain/situation.js';
import type { Log } from '../platform/log/log.js';
import type { PolicyBook } from '../policy/book.js';

export const RECONCILE_SETTINGS = Symbol('reconcile-settings');

/** Kinds of correction that reconcile plans; names as in the ledger. */
export type CorrectionKind = 'status' | 'bases' | 'order-state' | 'declaration';

export interface ConnectionRules {
  readonly connectionId: string;
  readonly role: Role;
  /** Streams the connector declares to read. */
  readonly streams: readonly string[];
  /** Kinds the connector can write; anything else is never planned for it. */
  readonly writes: readonly string[];
  /** A read that finished longer ago than this (hours, seen from the run's start) is stale. */
  readonly freshHours: number;
}

/** Which role is believed for a field, first to last. */
export interface Authority {
  readonly paid: readonly Role[];
  readonly wages: readonly Role[];
  readonly employment: readonly Role[];
}

export interface TenantRules {
  readonly insurances: readonly Insurance[];
  /** Closed months judged before the as-of month; ≥ 1. */
  readonly lookBackMonths: number;
  readonly authority: Authority;
  readonly connections: readonly ConnectionRules[];
  readonly policy: PolicyBook;
  /** Recalculations after late notices were approved and carried out for everything known on this day. Absent = none was. */
  readonly recalculatedUpTo?: Day;
}

export interface ReconcileSettings {
  readonly log: Log;
  tenantRules(tenantId: string): TenantRules;
}
