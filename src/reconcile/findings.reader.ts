/** What others may ask of the findings: lists with filters, and counts by situation. Ids and amounts only, no names. */
import type { EntityManager } from 'typeorm';
import type { Month } from '../domain/month.js';
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
  readonly closedAt: Date | null;
}

export interface FindingFilter {
  readonly tenantId: string;
  /** Default: open ones. */
  readonly state?: 'open' | 'closed';
  readonly situations?: readonly FindingSituation[];
  readonly insurance?: string;
  readonly month?: Month;
  readonly personId?: string;
  /** Exclusive; the last id of the page before. */
  readonly after?: string;
  /** 1–1000. */
  readonly limit: number;
}

/** In order of their ids, which is the order of opening. */
export async function listFindings(em: EntityManager, filter: FindingFilter): Promise<readonly FindingView[]> {
  return em.query(
    `SELECT finding.finding_id AS "findingId", finding.person_id AS "personId", person.id_masked AS "idMasked",
            finding.employment_id AS "employmentId", finding.insurance, finding.situation, finding.months, finding.detail,
            finding.opened_at AS "openedAt", finding.closed_at AS "closedAt"
       FROM buduan.finding
       JOIN buduan.person ON person.tenant_id = finding.tenant_id AND person.person_id = finding.person_id
      WHERE finding.tenant_id = $1 AND (finding.closed_at IS NULL) = $2
        AND ($3::text[] IS NULL OR finding.situation = ANY ($3::text[]))
        AND ($4::text IS NULL OR finding.insurance IN ($4::text, '*'))
        AND ($5::text IS NULL OR $5::text = ANY (finding.months))
        AND ($6::uuid IS NULL OR finding.person_id = $6::uuid)
        AND ($7::uuid IS NULL OR finding.finding_id > $7::uuid)
      ORDER BY finding.finding_id
      LIMIT $8`,
    [
      filter.tenantId,
      filter.state !== 'closed',
      filter.situations ?? null,
      filter.insurance ?? null,
      filter.month ?? null,
      filter.personId ?? null,
      filter.after ?? null,
      Math.min(Math.max(filter.limit, 1), 1000),
    ],
  );
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
