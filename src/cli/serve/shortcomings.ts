/** What goes badly with the hub although its nodes work: counted over all tenants, told to probes and in metrics. */
import { readConnectionHealth } from '../../connectors/connection-health.reader.js';
import { systemClock } from '../../platform/clock/clock.js';
import type { TenantConfig } from '../../platform/config/hub-config.js';
import type { Database } from '../../platform/database/database.js';
import type { Degradation } from '../../platform/http/readiness.js';
import { listDeadJobs } from '../../platform/jobs/dead-jobs.reader.js';
import { readOutbox } from '../../push/outbox.reader.js';
import { listPlans } from '../../push/plans.reader.js';
import { readLastSuccesses } from '../../sync/freshness.reader.js';
import { countQuarantine } from '../../sync/quarantine.reader.js';
import { silentReads } from '../../sync/silent-reads.js';
import { freshnessRules } from '../freshness-rules.js';
import type { OpenHub } from '../open-hub.js';

type Hub = Pick<OpenHub, 'app' | 'config' | 'database'>;
type DeadLetterStage = 'read' | 'judge' | 'send';

/** Operations that wait for a person. */
const STUCK = ['dead', 'rejected', 'needs-human'];
/** More of them make nothing worse. */
const COUNTED_TO = 1000;

/** In a fixed order, without those that are well. */
export async function readShortcomings(hub: Hub): Promise<readonly Degradation[]> {
  const { deadLetters, clockSkewSeconds } = hub.config.health;
  const sums = { 'connections-down': 0, 'reads-stale': 0, 'plans-held': 0, 'dead-letters': 0 };
  for (const tenant of hub.config.tenants) {
    const { down, stale, held } = await readTenant(hub, tenant);
    sums['connections-down'] += down;
    sums['reads-stale'] += stale;
    sums['plans-held'] += held;
    for (const { count } of await countDeadLetters(hub.database, tenant.id)) sums['dead-letters'] += count;
  }
  if (sums['dead-letters'] <= deadLetters) sums['dead-letters'] = 0;
  const skew = Math.round(Math.abs(await readClockSkewSeconds(hub.database)));
  const counts = { ...sums, 'clock-skew': skew > clockSkewSeconds ? skew : 0 };
  const reasons = ['connections-down', 'reads-stale', 'plans-held', 'dead-letters', 'clock-skew'] as const;
  return reasons.flatMap((reason) => (counts[reason] > 0 ? [{ reason, count: counts[reason] }] : []));
}

/** By stage, as `buduan dead-letters` lists them. */
export async function countDeadLetters(
  database: Database,
  tenantId: string,
): Promise<readonly { readonly stage: DeadLetterStage; readonly count: number }[]> {
  const jobs = await database.acrossTenants((em) => listDeadJobs(em, tenantId, COUNTED_TO));
  return database.inTenant(tenantId, async (em) => {
    const rows = (await countQuarantine(em, tenantId)).reduce((sum, row) => sum + row.rows, 0);
    const outbox = (await readOutbox(em, tenantId)).filter(({ state }) => STUCK.includes(state));
    return [
      { stage: 'read', count: rows },
      { stage: 'judge', count: jobs.length },
      { stage: 'send', count: outbox.reduce((sum, each) => sum + each.count, 0) },
    ];
  });
}

/** By how much this node's clock is ahead of the database's; negative = behind. Right to half the time that asking takes. */
export async function readClockSkewSeconds(database: Database): Promise<number> {
  const before = systemClock.now().getTime();
  const rows = await database.acrossTenants((em) =>
    em.query<{ atMs: number }[]>(`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "atMs"`),
  );
  const after = systemClock.now().getTime();
  return ((before + after) / 2 - (rows[0]?.atMs ?? after)) / 1000;
}

async function readTenant(
  hub: Hub,
  tenant: TenantConfig,
): Promise<{ readonly down: number; readonly stale: number; readonly held: number }> {
  const { id: tenantId } = tenant;
  const rules = freshnessRules(hub, tenant);
  return hub.database.inTenant(tenantId, async (em) => {
    const health = await readConnectionHealth(em, tenantId);
    const successes = await readLastSuccesses(em, tenantId);
    const plans = await listPlans(em, { tenantId, state: 'suspended', limit: COUNTED_TO });
    return {
      down: health.filter((each) => each.health === 'down' || each.health === 'half-open').length,
      stale: silentReads(rules, successes, systemClock.now()).length,
      held: plans.length,
    };
  });
}
