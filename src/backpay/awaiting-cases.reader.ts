/** Which cases wait for a second person, and who may not be that person. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import {
  type AwaitingFilter,
  awaitingColumns,
  awaitingPage,
  awaitingParameters,
} from '../platform/database/awaiting-page.js';

export interface AwaitingCase {
  readonly id: string;
  readonly state: 'confirmed' | 'awaiting-approval';
  readonly since: Date;
  /** The last day to apply; null = no limit known. */
  readonly deadline: Day | null;
  /** Hex. */
  readonly hash: string;
  readonly proposedBy: string;
  readonly requestedBy: string | null;
  readonly confirmedBy: string | null;
  readonly personId: string;
  readonly idMasked: string;
  readonly months: readonly string[];
  readonly insurances: readonly string[];
  /** Fen. */
  readonly employeeFen: number | null;
  readonly employerFen: number | null;
  /** Figures that nobody confirmed: who approves says that they were looked at. */
  readonly doubtful: readonly string[];
}

const CASE = { since: 'c.moved_at', id: 'c.case_id' };

export async function awaitingCases(em: EntityManager, filter: AwaitingFilter): Promise<readonly AwaitingCase[]> {
  return em.query<AwaitingCase[]>(
    `SELECT ${awaitingColumns(CASE)}, c.state, c.last_day::text AS deadline,
            encode(c.content_hash, 'hex') AS hash, c.proposed_by AS "proposedBy", c.requested_by AS "requestedBy",
            c.confirmed_by AS "confirmedBy", c.person_id AS "personId", p.id_masked AS "idMasked", line.months, line.insurances,
            line.employee AS "employeeFen", line.employer AS "employerFen", coalesce(c.advice->'doubtful', '[]') AS doubtful
       FROM buduan.back_payment_case c
       JOIN buduan.person p ON p.tenant_id = c.tenant_id AND p.person_id = c.person_id
       CROSS JOIN LATERAL (
         SELECT coalesce(array_agg(DISTINCT l.month ORDER BY l.month), '{}') AS months,
                coalesce(array_agg(DISTINCT l.insurance ORDER BY l.insurance), '{}') AS insurances,
                sum(l.employee_fen)::float8 AS employee, sum(l.employer_fen)::float8 AS employer
           FROM buduan.case_line l WHERE l.tenant_id = c.tenant_id AND l.case_id = c.case_id) AS line
      WHERE c.tenant_id = $1 AND c.state IN ('confirmed','awaiting-approval') ${awaitingPage(CASE)}`,
    awaitingParameters(filter),
  );
}
