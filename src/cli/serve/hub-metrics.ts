/** What is measured of a node and of the tenants it serves: asked of the database when somebody looks, kept nowhere. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../backpay/backpay-settings.js';
import { readCaseMetrics } from '../../backpay/case-metrics.reader.js';
import { readConnectionHealth } from '../../connectors/connection-health.reader.js';
import { ConnectionRegistry } from '../../connectors/registry.js';
import { systemClock } from '../../platform/clock/clock.js';
import type { HubConfig } from '../../platform/config/hub-config.js';
import { Database } from '../../platform/database/database.js';
import { countNotifications } from '../../notify/notifications.reader.js';
import { HUB_CONFIG } from '../../platform/platform.module.js';
import { readOutbox } from '../../push/outbox.reader.js';
import { listPlans } from '../../push/plans.reader.js';
import { countRowsOfDay, countRunsOfDay } from '../../sync/day-of-runs.reader.js';
import { readLastSuccesses } from '../../sync/freshness.reader.js';
import { countDeadLetters, readClockSkewSeconds } from './shortcomings.js';

/** Labels are tenants, connections and endpoints of hub.yaml and words of closed lists: never a person, never anything that grows. */
type Label = 'tenant' | 'connection' | 'endpoint' | 'state' | 'window' | 'stage';

const GAUGES = {
  runs: ['buduan_runs_24h', 'Runs begun in the last 24 hours, by state.', ['tenant', 'state']],
  records: [
    'buduan_records_24h',
    'Rows that reads met in the last 24 hours: read, changed or rejected.',
    ['tenant', 'connection', 'state'],
  ],
  operations: ['buduan_operations', 'Operations that are not over, by state.', ['tenant', 'connection', 'state']],
  lag: ['buduan_outbox_lag_seconds', 'Age of the oldest operation that may leave now.', ['tenant', 'connection']],
  health: ['buduan_connection_health', '1 for the health that the connection has.', ['tenant', 'connection', 'state']],
  readAge: [
    'buduan_read_age_seconds',
    'Time since the read of the connection that was complete longest ago.',
    ['tenant', 'connection'],
  ],
  notifications: [
    'buduan_notifications',
    'Notifications by state; delivered ones are kept for 30 days.',
    ['tenant', 'endpoint', 'state'],
  ],
  budgetRemaining: [
    'buduan_rate_budget_remaining',
    'Requests that may leave at once, over all nodes; connections with one system and credential share one budget.',
    ['tenant', 'connection', 'window'],
  ],
  budgetMost: [
    'buduan_rate_budget_most',
    'Requests that may leave at once after a rest.',
    ['tenant', 'connection', 'window'],
  ],
  budgetBooked: [
    'buduan_rate_budget_booked_seconds',
    'Until when departures are booked, or the system asked for a pause, from now.',
    ['tenant', 'connection', 'window'],
  ],
  deadLetters: [
    'buduan_dead_letters',
    'What did not get through and waits for a person, by stage.',
    ['tenant', 'stage'],
  ],
  clockSkew: ['buduan_clock_skew_seconds', 'By how much the clock of this node is ahead of that of the database.', []],
  cases: ['buduan_cases', 'Back-payment cases, by state.', ['tenant', 'state']],
  caseDays: [
    'buduan_case_days_median',
    'Days from detection to the books of the bureau, middle of a year.',
    ['tenant'],
  ],
  caseActs: [
    'buduan_case_hr_actions_most',
    'Most acts of HR for one case that was verified within a year.',
    ['tenant'],
  ],
  caseHub: [
    'buduan_case_hub_seconds_most',
    'Most seconds in which one such case waited for the hub alone.',
    ['tenant'],
  ],
  plans: ['buduan_plans_suspended', 'Plans that a brake holds (counted up to 1000).', ['tenant']],
} as const satisfies Record<string, readonly [string, string, readonly Label[]]>;

type Gauges = Readonly<Record<keyof typeof GAUGES, Gauge<Label>>>;

@Injectable()
export class HubMetrics implements OnApplicationShutdown {
  private readonly registry = new Registry();
  private readonly gauges: Gauges;
  private reading: Promise<string> | null = null;

  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(Database) private readonly database: Database,
    @Inject(ConnectionRegistry) private readonly connections: ConnectionRegistry,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
  ) {
    collectDefaultMetrics({ register: this.registry });
    const gauge = (key: keyof typeof GAUGES): Gauge<Label> => {
      const [name, help, labelNames] = GAUGES[key];
      return new Gauge<Label>({ name, help, labelNames: [...labelNames], registers: [this.registry] });
    };
    this.gauges = {
      ...{ runs: gauge('runs'), records: gauge('records'), operations: gauge('operations'), lag: gauge('lag') },
      ...{ health: gauge('health'), readAge: gauge('readAge'), plans: gauge('plans') },
      ...{ notifications: gauge('notifications'), deadLetters: gauge('deadLetters'), clockSkew: gauge('clockSkew') },
      ...{ budgetRemaining: gauge('budgetRemaining'), budgetMost: gauge('budgetMost') },
      budgetBooked: gauge('budgetBooked'),
      ...{ cases: gauge('cases'), caseDays: gauge('caseDays') },
      ...{ caseActs: gauge('caseActs'), caseHub: gauge('caseHub') },
    };
  }

  /** Callers at the same time share one look. */
  text(): Promise<string> {
    this.reading ??= this.look().finally(() => (this.reading = null));
    return this.reading;
  }

  onApplicationShutdown(): void {
    this.registry.clear();
  }

  private async look(): Promise<string> {
    for (const gauge of Object.values(this.gauges)) gauge.reset();
    this.gauges.clockSkew.set(await readClockSkewSeconds(this.database));
    for (const { id } of this.config.tenants) {
      await this.database.inTenant(id, (em) => this.lookAt(em, id));
      await this.lookAtBudgets(id);
      for (const { stage, count } of await countDeadLetters(this.database, id))
        this.gauges.deadLetters.set({ tenant: id, stage }, count);
    }
    return this.registry.metrics();
  }

  private async lookAtBudgets(tenant: string): Promise<void> {
    const { budgetRemaining, budgetMost, budgetBooked } = this.gauges;
    for (const each of this.connections.all(tenant)) {
      for (const { window, remaining, most, bookedMs } of (await each.budgets?.()) ?? []) {
        const labels = { tenant, connection: each.connectionId, window };
        budgetRemaining.set(labels, remaining);
        budgetMost.set(labels, most);
        budgetBooked.set(labels, bookedMs / 1000);
      }
    }
  }

  private async lookAt(em: EntityManager, tenant: string): Promise<void> {
    const { runs, records, operations, lag, health, readAge, plans } = this.gauges;
    for (const { state, count } of await countRunsOfDay(em, tenant)) runs.set({ tenant, state }, count);
    for (const { connectionId: connection, rows, changed, rejected } of await countRowsOfDay(em, tenant)) {
      records.set({ tenant, connection, state: 'read' }, rows);
      records.set({ tenant, connection, state: 'changed' }, changed);
      records.set({ tenant, connection, state: 'rejected' }, rejected);
    }
    const lags = new Map<string, number>();
    for (const { connectionId: connection, state, count, lagSeconds } of await readOutbox(em, tenant)) {
      operations.set({ tenant, connection, state }, count);
      lags.set(connection, Math.max(lags.get(connection) ?? 0, lagSeconds));
    }
    for (const { connectionId: connection, health: state } of await readConnectionHealth(em, tenant)) {
      health.set({ tenant, connection, state }, 1);
      lag.set({ tenant, connection }, lags.get(connection) ?? 0);
    }
    for (const [connection, at] of oldestSuccess(await readLastSuccesses(em, tenant)))
      readAge.set({ tenant, connection }, (systemClock.now().getTime() - at.getTime()) / 1000);
    for (const { endpointId: endpoint, state, count } of await countNotifications(em, tenant))
      this.gauges.notifications.set({ tenant, endpoint, state }, count);
    await this.lookAtCases(em, tenant);
    plans.set({ tenant }, (await listPlans(em, { tenantId: tenant, state: 'suspended', limit: 1000 })).length);
  }

  /** What was never measured has no figure: a zero would say that it was. */
  private async lookAtCases(em: EntityManager, tenant: string): Promise<void> {
    const { cases, caseDays, caseActs, caseHub } = this.gauges;
    const today = this.settings.today();
    const { days, hrActions, hubSeconds, ...metrics } = await readCaseMetrics(em, { tenantId: tenant, today });
    for (const [state, count] of Object.entries(metrics.cases)) cases.set({ tenant, state }, count);
    if (days !== null) caseDays.set({ tenant }, days.median);
    if (hrActions !== null) caseActs.set({ tenant }, hrActions.most);
    if (hubSeconds !== null) caseHub.set({ tenant }, hubSeconds.most);
  }
}

function oldestSuccess(
  successes: readonly { readonly connectionId: string; readonly at: Date }[],
): ReadonlyMap<string, Date> {
  const oldest = new Map<string, Date>();
  for (const { connectionId, at } of successes) {
    const known = oldest.get(connectionId);
    if (known === undefined || at < known) oldest.set(connectionId, at);
  }
  return oldest;
}
