/** The rows of policy_impact and policy_impact_person. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import type { ImpactTotals, TouchedPerson } from './policy-impact-totals.js';

export interface ImpactKey {
  readonly tenantId: string;
  readonly version: string;
}

export interface ImpactRow extends ImpactTotals {
  readonly beforeVersion: string;
  readonly asOf: Day;
}

/** Writes the head anew; false when it was applied before: then it stays as it was. */
export async function replaceImpact(em: EntityManager, key: ImpactKey, row: ImpactRow): Promise<boolean> {
  const written: unknown[] = await em.query(
    `INSERT INTO buduan.policy_impact AS impact
       (tenant_id, version, before_version, as_of, person_count, month_count, employee_fen, employer_fen, unknown_count)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (tenant_id, version) DO UPDATE
        SET before_version = excluded.before_version, as_of = excluded.as_of, person_count = excluded.person_count,
            month_count = excluded.month_count, employee_fen = excluded.employee_fen, employer_fen = excluded.employer_fen,
            unknown_count = excluded.unknown_count, computed_at = now()
      WHERE impact.applied_by IS NULL
     RETURNING impact.version`,
    [
      key.tenantId,
      key.version,
      row.beforeVersion,
      row.asOf,
      row.persons,
      row.months,
      row.employeeFen,
      row.employerFen,
      row.unknown,
    ],
  );
  if (written.length === 0) return false;
  await em.query('DELETE FROM buduan.policy_impact_person WHERE tenant_id = $1 AND version = $2', [
    key.tenantId,
    key.version,
  ]);
  return true;
}

export async function updateTotals(em: EntityManager, key: ImpactKey, totals: ImpactTotals): Promise<void> {
  await em.query(
    `UPDATE buduan.policy_impact SET person_count = $3, month_count = $4, employee_fen = $5, employer_fen = $6, unknown_count = $7
      WHERE tenant_id = $1 AND version = $2`,
    [key.tenantId, key.version, totals.persons, totals.months, totals.employeeFen, totals.employerFen, totals.unknown],
  );
}

export async function insertTouched(
  em: EntityManager,
  key: ImpactKey,
  touched: readonly TouchedPerson[],
): Promise<void> {
  if (touched.length === 0) return;
  const rows = touched.map((person) => ({
    person_id: person.personId,
    months: person.months,
    employee_fen: person.employeeFen,
    employer_fen: person.employerFen,
  }));
  await em.query(
    `INSERT INTO buduan.policy_impact_person (tenant_id, version, person_id, months, employee_fen, employer_fen)
     SELECT $1, $2, person_id, months, employee_fen, employer_fen
       FROM jsonb_to_recordset($3::jsonb) AS touched (person_id uuid, months jsonb, employee_fen bigint, employer_fen bigint)`,
    [key.tenantId, key.version, JSON.stringify(rows)],
  );
}

export interface ImpactToApply {
  readonly personIds: readonly string[];
  /** The run that was started for it; null = none yet. */
  readonly runId: string | null;
}

/** Locked until the end of the transaction; null where nothing was computed. */
export async function lockImpact(em: EntityManager, { tenantId, version }: ImpactKey): Promise<ImpactToApply | null> {
  const [head]: { runId: string | null }[] = await em.query(
    `SELECT run_id AS "runId" FROM buduan.policy_impact WHERE tenant_id = $1 AND version = $2 FOR UPDATE`,
    [tenantId, version],
  );
  if (head === undefined) return null;
  const rows: { personId: string }[] = await em.query(
    `SELECT person_id AS "personId" FROM buduan.policy_impact_person WHERE tenant_id = $1 AND version = $2 ORDER BY person_id`,
    [tenantId, version],
  );
  return { runId: head.runId, personIds: rows.map(({ personId }) => personId) };
}

export async function markApplied(
  em: EntityManager,
  key: ImpactKey,
  applied: { readonly by: string; readonly runId: string },
): Promise<void> {
  await em.query(
    `UPDATE buduan.policy_impact SET applied_by = $3, applied_at = now(), run_id = $4 WHERE tenant_id = $1 AND version = $2`,
    [key.tenantId, key.version, applied.by, applied.runId],
  );
}
