/** What others may ask of the findings: lists with filters, and counts by situation. Ids and amounts only, no names. */
import type { EntityManager } from 'typeorm';
import type { Day, Month } from '../domain/month.js';
import type { FindingSituation } from '../domain/situation.js';
import type { FindingDetail } from './group-findings.js';

export interface FindingView {
  readonly findingId: string;
  readonly personId: string;
  readonly idMasked: string;
  readonly employmentId: string;
  /** `*` = the employment as a whole. */
  readonly insurance: string;
  readonly situation: FindingSituation;
  readonly months: readonly Month[];
  readonly detail: FindingDetail;
  readonly openedAt: Date;
  readonly openedRunId: string;
  /** Since when the evidence is what it is. */
  readonly evidenceAt: Date;
  readonly closedAt: Date | null;
  /** The run whose data showed it no more. */
  readonly closedRunId: string | null;
  /** What a person said last, while it counts; null = nothing does. */
  readonly setAside: SetAside | null;
}

/** It counts until a day, and only for the evidence that was looked at: a finding that reaches further shows itself again. */
export interface SetAside {
  readonly by: string;
  readonly at: Date;
  readonly reason: string;
  /** The last day on which it counts. */
  readonly until: Day;
}

export interface FindingFilter {
  readonly tenantId: string;
  /** Default: open ones. */
  readonly state?: 'open' | 'closed' | 'all';
  readonly situations?: readonly FindingSituation[];
  readonly insurance?: string;
  /** Findings with a month of this range, both ends included. */
  readonly fromMonth?: Month;
  readonly lastMonth?: Month;
  readonly personId?: string;
  /** Findings that rest on a record of this connection. */
  readonly connectionId?: string;
  /** Findings that this run opened or closed. */
  readonly runId?: string;
  /** Whether they are set aside as of `today`; absent = both. */
  readonly isSetAside?: boolean;
  readonly today: Day;
  /** Exclusive; the last id of the page before. */
  readonly after?: string;
  /** 1–1001: a page of 1000, and one more that tells whether there is another. */
  readonly limit: number;
}

/** `$2` is the day. */
const SELECT = `
  SELECT finding.finding_id AS "findingId", finding.person_id AS "personId", person.id_masked AS "idMasked",
         finding.employment_id AS "employmentId", finding.insurance, finding.situation, finding.months, finding.detail,
         finding.opened_at AS "openedAt", finding.opened_run_id AS "openedRunId",
         coalesce(finding.evidence_at, finding.opened_at) AS "evidenceAt",
         finding.closed_at AS "closedAt", finding.closed_run_id AS "closedRunId", aside.said AS "setAside"
    FROM buduan.finding
    JOIN buduan.person ON person.tenant_id = finding.tenant_id AND person.person_id = finding.person_id
    LEFT JOIN LATERAL (
      SELECT mark.kind, mark.until, mark.at,
             json_build_object('by', mark.actor, 'at', mark.at, 'reason', mark.reason, 'until', mark.until) AS said
        FROM buduan.finding_mark AS mark
       WHERE mark.tenant_id = finding.tenant_id AND mark.finding_id = finding.finding_id
       ORDER BY mark.mark_no DESC LIMIT 1) AS aside
      ON aside.kind = 'set-aside' AND aside.until >= $2::date AND aside.at >= coalesce(finding.evidence_at, finding.opened_at)
   WHERE finding.tenant_id = $1`;

/** In order of their ids, which is the order of opening. */
export async function listFindings(em: EntityManager, filter: FindingFilter): Promise<readonly FindingView[]> {
  const rows = await em.query<FindingView[]>(
    `${SELECT}
        AND ($3 = 'all' OR (finding.closed_at IS NULL) = ($3 = 'open'))
        AND ($4::text[] IS NULL OR finding.situation = ANY ($4::text[]))
        AND ($5::text IS NULL OR finding.insurance IN ($5::text, '*'))
        AND ($6::text IS NULL OR finding.months[array_upper(finding.months, 1)] >= $6::text)
        AND ($7::text IS NULL OR finding.months[1] <= $7::text)
        AND ($6::text IS NULL OR $7::text IS NULL
             OR EXISTS (SELECT FROM unnest(finding.months) AS each WHERE each BETWEEN $6::text AND $7::text))
        AND ($8::uuid IS NULL OR finding.person_id = $8::uuid)
        AND ($9::text IS NULL OR EXISTS (SELECT FROM jsonb_array_elements_text(finding.detail->'evidence') AS source
                                          WHERE starts_with(source, $9::text || '/')))
        AND ($10::uuid IS NULL OR $10::uuid IN (finding.opened_run_id, finding.closed_run_id))
        AND ($11::boolean IS NULL OR (aside.kind IS NOT NULL) = $11::boolean)
        AND ($12::uuid IS NULL OR finding.finding_id > $12::uuid)
      ORDER BY finding.finding_id
      LIMIT $13`,
    [
      ...[filter.tenantId, filter.today, filter.state ?? 'open', filter.situations ?? null, filter.insurance ?? null],
      ...[filter.fromMonth ?? null, filter.lastMonth ?? null, filter.personId ?? null, filter.connectionId ?? null],
      ...[filter.runId ?? null, filter.isSetAside ?? null, filter.after ?? null],
      Math.min(Math.max(filter.limit, 1), 1001),
    ],
  );
  return rows.map(withDates);
}

export interface FindingKey {
  readonly tenantId: string;
  readonly findingId: string;
  readonly today: Day;
}

/** null = the tenant has no such finding. */
export async function readFinding(
  em: EntityManager,
  { tenantId, findingId, today }: FindingKey,
): Promise<FindingView | null> {
  const [row] = await em.query<FindingView[]>(`${SELECT} AND finding.finding_id = $3`, [tenantId, today, findingId]);
  return row === undefined ? null : withDates(row);
}

function withDates(row: FindingView): FindingView {
  return row.setAside === null ? row : { ...row, setAside: { ...row.setAside, at: new Date(row.setAside.at) } };
}

export interface FindingCount {
  readonly situation: FindingSituation;
  readonly findings: number;
  readonly persons: number;
}

/** Open findings by situation; situations without any are absent. */
export async function countFindings(em: EntityManager, tenantId: string): Promise<readonly FindingCount[]> {
  return em.query(
    `SELECT finding.situation, count(*)::int AS findings, count(DISTINCT finding.person_id)::int AS persons
       FROM buduan.finding
      WHERE finding.tenant_id = $1 AND finding.closed_at IS NULL
      GROUP BY finding.situation ORDER BY finding.situation`,
    [tenantId],
  );
}
