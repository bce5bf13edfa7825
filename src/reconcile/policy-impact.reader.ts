/** What an edition of the policy changes for a tenant, as it was computed when it was put in force. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import type { TouchedMonth } from './policy-impact-totals.js';

export interface ImpactView {
  readonly version: string;
  readonly beforeVersion: string;
  readonly asOf: Day;
  readonly persons: number;
  readonly months: number;
  readonly employeeFen: number;
  readonly employerFen: number;
  readonly unknown: number;
  readonly computedAt: Date;
  readonly appliedBy: string | null;
  readonly runId: string | null;
}

export interface ImpactPersonView {
  readonly personId: string;
  readonly months: readonly TouchedMonth[];
  readonly employeeFen: number;
  readonly employerFen: number;
}

export async function readImpact(em: EntityManager, tenantId: string, version: string): Promise<ImpactView | null> {
  const rows: ImpactView[] = await em.query(
    `SELECT version, before_version AS "beforeVersion", as_of::text AS "asOf", person_count AS persons, month_count AS months,
            employee_fen::float8 AS "employeeFen", employer_fen::float8 AS "employerFen", unknown_count AS unknown,
            computed_at AS "computedAt", applied_by AS "appliedBy", run_id AS "runId"
       FROM buduan.policy_impact WHERE tenant_id = $1 AND version = $2`,
    [tenantId, version],
  );
  return rows[0] ?? null;
}

/** Whom it touches most first; `limit` 1–1000. */
export async function readImpactPersons(
  em: EntityManager,
  tenantId: string,
  { version, limit }: { readonly version: string; readonly limit: number },
): Promise<readonly ImpactPersonView[]> {
  return em.query(
    `SELECT person_id AS "personId", months, employee_fen::float8 AS "employeeFen", employer_fen::float8 AS "employerFen"
       FROM buduan.policy_impact_person WHERE tenant_id = $1 AND version = $2
      ORDER BY abs(employee_fen) + abs(employer_fen) DESC, person_id LIMIT $3`,
    [tenantId, version, limit],
  );
}
