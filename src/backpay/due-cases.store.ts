/** Which cases a day makes due: overdue ones, those to be reminded of, those about which nobody said anything for too long. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import { OPEN_STATES } from './case-states.js';

export type DueWhat = 'expire' | 'remind' | 'escalate' | 'silent' | 'send' | 'close';

export interface DueCase {
  readonly caseId: string;
  readonly what: DueWhat;
}

export interface DueRequest {
  readonly tenantId: string;
  readonly today: Day;
  readonly remindDays: number;
  readonly silentDays: number;
  readonly limit: number;
}

/** One row per case, the gravest first. Reminders and escalations are due once per round. */
export async function findDueCases(em: EntityManager, request: DueRequest): Promise<readonly DueCase[]> {
  return em.query(
    `SELECT due."caseId", due.what FROM (
       SELECT c.case_id AS "caseId", c.last_day,
              CASE WHEN c.state = ANY ($3::text[]) AND (c.last_day < $2::date OR (c.state = 'awaiting-employee' AND c.respond_by < $2::date)) THEN 'expire'
                   WHEN c.state = 'verified' AND told.last_day < $2::date THEN 'close'
                   WHEN c.state IN ('submitting','submitted','accepted','partially-accepted','paid') AND c.submitted_on + $5::integer < $2::date
                        AND NOT told.escalated THEN 'silent'
                   WHEN c.state IN ('proposed','returned','awaiting-approval','approved') AND c.last_day - $4::integer <= $2::date AND NOT told.escalated THEN 'escalate'
                   WHEN c.state = 'awaiting-employee' AND c.respond_by - $4::integer <= $2::date AND NOT told.reminded THEN 'remind'
                   WHEN c.state = 'approved' AND c.content->>'connectionId' IS NOT NULL THEN 'send' END AS what
         FROM buduan.back_payment_case c
         CROSS JOIN LATERAL (
           SELECT coalesce(bool_or(e.kind = 'reminder' AND e.round = c.round), false) AS reminded,
                  coalesce(bool_or(e.kind = 'escalated' AND e.round = c.round AND e.to_state = c.state), false) AS escalated,
                  max(e.on_day) FILTER (WHERE e.kind = 'moved') AS last_day
             FROM buduan.case_event e WHERE e.tenant_id = c.tenant_id AND e.case_id = c.case_id) AS told
        WHERE c.tenant_id = $1 AND c.state <> ALL ('{declined,expired,refused,rejected,withdrawn,closed}'::text[])) AS due
      WHERE due.what IS NOT NULL ORDER BY due.last_day NULLS LAST, due."caseId" LIMIT $6`,
    [request.tenantId, request.today, OPEN_STATES, request.remindDays, request.silentDays, request.limit],
  );
}
