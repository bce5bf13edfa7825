/** What others may ask of the judgements: how many persons have which status, and when somebody was judged. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import type { PersonStatus } from '../domain/situation.js';

export interface StatusCount {
  readonly status: PersonStatus;
  readonly count: number;
}

/** By status; statuses that nobody has are absent. */
export async function countStatuses(em: EntityManager, tenantId: string): Promise<readonly StatusCount[]> {
  return em.query(
    `SELECT judgement.status, count(*)::int AS count
       FROM buduan.judgement WHERE judgement.tenant_id = $1 GROUP BY judgement.status ORDER BY judgement.status`,
    [tenantId],
  );
}

/** Why persons are inconclusive, by reason and read. */
export async function countInconclusive(
  em: EntityManager,
  tenantId: string,
): Promise<
  readonly {
    readonly reason: string;
    readonly connectionId: string | null;
    readonly stream: string | null;
    readonly count: number;
  }[]
> {
  return em.query(
    `SELECT coalesce(judgement.cells->'why'->>'reason', 'unnamed') AS reason, judgement.cells->'why'->>'connectionId' AS "connectionId",
            judgement.cells->'why'->>'stream' AS stream, count(*)::int AS count
       FROM buduan.judgement
      WHERE judgement.tenant_id = $1 AND judgement.status = 'inconclusive'
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [tenantId],
  );
}

export interface JudgedRun {
  readonly asOf: Day;
  readonly runId: string;
  readonly status: PersonStatus;
  /** When the run began that judged the person. */
  readonly startedAt: Date;
}

/** Persons who were never judged are absent. */
export async function readJudgedRuns(
  em: EntityManager,
  tenantId: string,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, JudgedRun>> {
  const rows: (JudgedRun & { readonly personId: string })[] = await em.query(
    `SELECT judgement.person_id AS "personId", judgement.as_of::text AS "asOf", judgement.run_id AS "runId", judgement.status,
            run.started_at AS "startedAt"
       FROM buduan.judgement
       JOIN buduan.run ON run.tenant_id = judgement.tenant_id AND run.run_id = judgement.run_id
      WHERE judgement.tenant_id = $1 AND judgement.person_id = ANY ($2::uuid[])`,
    [tenantId, personIds],
  );
  return new Map(rows.map((row) => [row.personId, row]));
}

export async function readJudgedRun(em: EntityManager, tenantId: string, personId: string): Promise<JudgedRun | null> {
  return (await readJudgedRuns(em, tenantId, [personId])).get(personId) ?? null;
}
