/** The figures of a tenant's cases, from their histories. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import { type CaseMetrics, type CaseStep, figuresOfCases, metricsOf } from './case-metrics.js';
import { countCases } from './cases.reader.js';

/** Verified within so many days; older ones say nothing about how it goes now. */
export const METRIC_DAYS = 365;
/** The newest; more cases a year and tenant are measured by these. */
const MOST_CASES = 5000;

export async function readCaseMetrics(
  em: EntityManager,
  { tenantId, today }: { readonly tenantId: string; readonly today: Day },
): Promise<CaseMetrics> {
  const steps: CaseStep[] = await em.query(
    `WITH ended AS (
       SELECT e.case_id, max(e.event_no) AS newest FROM buduan.case_event e
        WHERE e.tenant_id = $1 AND e.kind = 'moved' AND e.to_state = 'verified' AND e.on_day > $2::date - $3::integer
        GROUP BY e.case_id ORDER BY newest DESC LIMIT $4)
     SELECT e.case_id AS "caseId", e.kind, e.to_state AS "to", e.actor, e.on_day::text AS "onDay",
            (extract(epoch FROM e.at) * 1000)::float8 AS "atMs"
       FROM buduan.case_event e JOIN ended ON ended.case_id = e.case_id
      WHERE e.tenant_id = $1 ORDER BY e.case_id, e.event_no`,
    [tenantId, today, METRIC_DAYS, MOST_CASES],
  );
  return metricsOf(figuresOfCases(steps), await countCases(em, tenantId));
}
