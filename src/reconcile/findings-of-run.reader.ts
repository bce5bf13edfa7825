/** Which findings one run opened or closed: counts, and the ids of the first ones. */
import type { EntityManager } from 'typeorm';
import type { FindingSituation } from '../domain/situation.js';

export interface MovedFindings {
  readonly findings: number;
  readonly persons: number;
  readonly bySituation: Readonly<Partial<Record<FindingSituation, number>>>;
  readonly first: readonly {
    readonly findingId: string;
    readonly personId: string;
    readonly situation: FindingSituation;
    readonly insurance: string;
    readonly months: readonly string[];
  }[];
}

export interface MovedFilter {
  readonly tenantId: string;
  readonly runId: string;
  readonly moved: 'opened' | 'closed';
  /** null = everybody. */
  readonly personIds: readonly string[] | null;
  /** How many are named, 1–1000. */
  readonly limit: number;
}

export async function readMovedFindings(em: EntityManager, filter: MovedFilter): Promise<MovedFindings> {
  const column = filter.moved === 'opened' ? 'opened_run_id' : 'closed_run_id';
  const rows = await em.query<MovedFindings[]>(
    `WITH moved AS (
       SELECT finding.finding_id, finding.person_id, finding.situation, finding.insurance, finding.months FROM buduan.finding
        WHERE finding.tenant_id = $1 AND finding.${column} = $2 AND ($3::uuid[] IS NULL OR finding.person_id = ANY ($3::uuid[]))),
     counts AS (SELECT moved.situation, count(*)::int AS count FROM moved GROUP BY 1)
     SELECT (SELECT count(*)::int FROM moved) AS findings,
            (SELECT count(DISTINCT moved.person_id)::int FROM moved) AS persons,
            (SELECT coalesce(json_object_agg(counts.situation, counts.count), '{}') FROM counts) AS "bySituation",
            (SELECT coalesce(json_agg(json_build_object('findingId', first.finding_id, 'personId', first.person_id,
                      'situation', first.situation, 'insurance', first.insurance, 'months', first.months)), '[]')
               FROM (SELECT * FROM moved ORDER BY moved.finding_id LIMIT $4) AS first) AS first`,
    [filter.tenantId, filter.runId, filter.personIds, Math.min(Math.max(filter.limit, 1), 1000)],
  );
  return rows[0] ?? { findings: 0, persons: 0, bySituation: {}, first: [] };
}
