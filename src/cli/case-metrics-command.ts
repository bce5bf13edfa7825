/** `buduan case metrics`: how long cases take, how often HR acts, and how much of the time is the hub's own. */
import type { Command } from 'commander';
import type { CaseMetrics, Spread } from '../backpay/case-metrics.js';
import { METRIC_DAYS, readCaseMetrics } from '../backpay/case-metrics.reader.js';
import type { Day } from '../domain/month.js';
import { dayOption } from './option-parsers.js';
import type { Terminal } from './terminal.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';
import { todayOf } from './hub-today.js';

interface MetricsOptions extends HubOptions {
  readonly asOf?: Day;
}

export function registerCaseMetricsCommand(cases: Command): void {
  hubCommand(cases, 'metrics', 'days to the books of the bureau, acts of HR, the hub’s own seconds')
    .option('--as-of <day>', 'the last day that counts (default: today)', dayOption)
    .action(metricsCommand);
}

async function metricsCommand({ asOf, ...options }: MetricsOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const today = asOf ?? todayOf(hub);
    const asked = { tenantId: tenant.id, today };
    const metrics = await hub.database.inTenant(tenant.id, (em) => readCaseMetrics(em, asked));
    tellCaseMetrics(terminal, metrics);
    terminal.json({ withinDays: METRIC_DAYS, ...metrics });
  });
}

export function tellCaseMetrics(terminal: Terminal, metrics: CaseMetrics): void {
  const row = (what: string, spread: Spread | null) => [what, spread?.median ?? '–', spread?.most ?? '–'];
  terminal.table(
    [`of ${metrics.verified} verified cases`, 'middle', 'most'],
    [
      row('days from detection to the bureau’s books', metrics.days),
      row('acts of HR', metrics.hrActions),
      row('acts of the employee', metrics.employeeActions),
      row('seconds of the hub itself', metrics.hubSeconds),
    ],
  );
}
