/** What the brakes look at: the figures of corrections that have no operation yet, of the last day, and of the days before. */
import type { EntityManager } from 'typeorm';
import type { PlanFigures } from './brakes.js';
import type { PlanScope } from './plan-operations.store.js';

/** insured is better than back-paying, and that better than all others; what a system does not show cannot get worse. */
const rank = (status: string): string => `CASE ${status} WHEN 'insured' THEN 2 WHEN 'back-paying' THEN 1 ELSE 0 END`;

const isWorse = (row: string, seen: string): string =>
  `(${row}.kind = 'status' AND ${row}.${seen}->>'status' IS NOT NULL AND ${rank(`${row}.desired->>'status'`)} < ${rank(`${row}.${seen}->>'status'`)})`;

const isRebased = (row: string): string => `(${row}.kind IN ('bases','declaration'))`;

const fen = (value: string): string => `CASE WHEN jsonb_typeof(${value}) = 'number' THEN (${value})::numeric END`;

/** An amount that is paid, else by how much a declared base changes. */
const MONEY_FEN = `coalesce(${fen(`row.desired->'amountFen'`)}, abs(${fen(`row.desired->'baseFen'`)} - coalesce(${fen(`row.seen->'baseFen'`)}, 0)))`;

/**
 * Whether a row belongs to a person in scope ($2). Two texts instead of one with an OR: a plan that is kept for named persons
 * must go by their index, whatever $2 may be.
 */
export function ofScope(row: string, { personIds }: PlanScope): string {
  return personIds === null ? '$2::uuid[] IS NULL' : `${row}.person_id = ANY ($2::uuid[])`;
}

/** One row of figures over a source of rows with person_id, kind, desired, seen and moves_money. */
export function figuresOf(source: string): string {
  return `
  SELECT count(*)::int AS operations,
         count(DISTINCT row.person_id) FILTER (WHERE ${isWorse('row', 'seen')})::int AS worse,
         count(DISTINCT row.person_id) FILTER (WHERE ${isRebased('row')})::int AS rebased,
         (SELECT coalesce(jsonb_object_agg(money.kind, money.fen), '{}')
            FROM (SELECT row.kind, sum(${MONEY_FEN})::float8 AS fen FROM ${source} AS row WHERE row.moves_money GROUP BY row.kind) AS money
           WHERE money.fen IS NOT NULL) AS "moneyFen"
    FROM ${source} AS row`;
}

export interface FreshFigures extends PlanFigures {
  readonly operations: number;
}

/** Of the corrections that insertOperations would make operations of. */
export async function freshFigures(em: EntityManager, scope: PlanScope): Promise<FreshFigures> {
  const rows: FreshFigures[] = await em.query(
    `WITH fresh AS MATERIALIZED (
       SELECT correction.person_id, correction.kind, correction.desired, correction.seen, correction.moves_money
         FROM buduan.correction
        WHERE correction.tenant_id = $1 AND ${ofScope('correction', scope)}
          AND NOT EXISTS (
            SELECT FROM buduan.operation
             WHERE operation.tenant_id = correction.tenant_id AND operation.person_id = correction.person_id
               AND operation.connection_id = correction.connection_id AND operation.kind = correction.kind
               AND operation.owner_key = correction.owner_key AND operation.object_key = correction.object_key
               AND (operation.state IN ('planned','held','queued','sending','acknowledged','retry-wait','unknown','needs-human')
                 OR (operation.state IN ('rejected','dead') AND operation.payload_hash = correction.payload_hash))))
     ${figuresOf('fresh')}`,
    [scope.tenantId, scope.personIds],
  );
  return rows[0] ?? { operations: 0, worse: 0, rebased: 0, moneyFen: {} };
}

/**
 * Sums over the plans of the last 24 hours. What a person approved was looked at, and what a person rejected never left: both
 * do not count; what is still held does. A person who is in two plans counts twice: no figure is below the exact one, and it
 * costs a look at the plans alone.
 */
export async function windowFigures(em: EntityManager, tenantId: string): Promise<PlanFigures> {
  const rows: PlanFigures[] = await em.query(
    `WITH recent AS (
       SELECT plan.worse_count, plan.rebased_count, plan.money FROM buduan.plan
        WHERE plan.tenant_id = $1 AND plan.created_at > now() - interval '24 hours' AND plan.state IN ('clear','suspended'))
     SELECT coalesce(sum(recent.worse_count), 0)::int AS worse, coalesce(sum(recent.rebased_count), 0)::int AS rebased,
            (SELECT coalesce(jsonb_object_agg(money.kind, money.fen), '{}')
               FROM (SELECT each.key AS kind, sum(each.value::numeric)::float8 AS fen
                       FROM recent, jsonb_each_text(recent.money) AS each GROUP BY each.key) AS money) AS "moneyFen"
       FROM recent`,
    [tenantId],
  );
  return rows[0] ?? { worse: 0, rebased: 0, moneyFen: {} };
}

/**
 * The same with every person counted once, and without those of the plan that is being made: how many more persons than its own
 * the plans of the last 24 hours concern. Looks at their operations; for when the sums alone would hold a plan.
 */
export async function exactWindowPersons(
  em: EntityManager,
  scope: PlanScope,
): Promise<Pick<PlanFigures, 'worse' | 'rebased'>> {
  const rows: Pick<PlanFigures, 'worse' | 'rebased'>[] = await em.query(
    `WITH own AS MATERIALIZED (
       SELECT correction.person_id, ${isWorse('correction', 'seen')} AS worse, ${isRebased('correction')} AS rebased
         FROM buduan.correction WHERE correction.tenant_id = $1 AND ${ofScope('correction', scope)}),
     recent AS MATERIALIZED (
       SELECT operation.person_id, ${isWorse('operation', 'expected_before')} AS worse, ${isRebased('operation')} AS rebased
         FROM buduan.plan JOIN buduan.operation ON operation.tenant_id = $1 AND operation.plan_id = plan.plan_id
        WHERE plan.tenant_id = $1 AND plan.created_at > now() - interval '24 hours' AND plan.state IN ('clear','suspended'))
     SELECT (SELECT count(DISTINCT recent.person_id)::int FROM recent
              WHERE recent.worse AND NOT EXISTS (SELECT FROM own WHERE own.worse AND own.person_id = recent.person_id)) AS worse,
            (SELECT count(DISTINCT recent.person_id)::int FROM recent
              WHERE recent.rebased AND NOT EXISTS (SELECT FROM own WHERE own.rebased AND own.person_id = recent.person_id)) AS rebased`,
    [scope.tenantId, scope.personIds],
  );
  return rows[0] ?? { worse: 0, rebased: 0 };
}

/** Per kind, the money of each of the 182 days before the last one on which money of that kind was let go. */
export async function moneyDays(
  em: EntityManager,
  tenantId: string,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const rows: { kind: string; days: number[] }[] = await em.query(
    `WITH day AS (
       SELECT each.key AS kind, floor(extract(epoch FROM now() - plan.created_at) / 86400) AS back, sum(each.value::numeric)::float8 AS fen
         FROM buduan.plan, jsonb_each_text(plan.money) AS each
        WHERE plan.tenant_id = $1 AND plan.money <> '{}' AND plan.state IN ('clear','approved')
          AND plan.created_at <= now() - interval '24 hours' AND plan.created_at > now() - interval '183 days'
        GROUP BY 1, 2)
     SELECT day.kind, array_agg(day.fen ORDER BY day.back) AS days FROM day WHERE day.fen > 0 GROUP BY day.kind ORDER BY day.kind`,
    [tenantId],
  );
  return Object.fromEntries(rows.map(({ kind, days }) => [kind, days]));
}

/** Persons of the tenant: as the newest plan of a whole run within two days counted them, else counted now. */
export async function countPersons(em: EntityManager, scope: PlanScope): Promise<number> {
  const known: { persons: number }[] =
    scope.personIds === null
      ? []
      : await em.query(
          `SELECT plan.person_count AS persons FROM buduan.plan
            WHERE plan.tenant_id = $1 AND plan.is_full AND plan.person_count > 0 AND plan.created_at > now() - interval '48 hours'
            ORDER BY plan.created_at DESC, plan.plan_id LIMIT 1`,
          [scope.tenantId],
        );
  if (known[0] !== undefined) return known[0].persons;
  const rows: { persons: number }[] = await em.query(
    'SELECT count(*)::int AS persons FROM buduan.judgement WHERE judgement.tenant_id = $1',
    [scope.tenantId],
  );
  return rows[0]?.persons ?? 0;
}

/** Connections that something is stored of and that no plan was ever let go with. */
export async function newConnections(em: EntityManager, tenantId: string): Promise<readonly string[]> {
  const rows: { connectionId: string }[] = await em.query(
    `SELECT connection.connection_id AS "connectionId" FROM buduan.connection
      WHERE connection.tenant_id = $1 AND connection.known_since IS NULL
        AND EXISTS (SELECT FROM buduan.source_record
                     WHERE source_record.tenant_id = connection.tenant_id AND source_record.connection_id = connection.connection_id)
      ORDER BY connection.connection_id`,
    [tenantId],
  );
  return rows.map(({ connectionId }) => connectionId);
}
