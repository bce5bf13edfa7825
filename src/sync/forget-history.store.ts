/** Runs of webhooks and instants of schedules that are old enough to go. */
import type { EntityManager } from 'typeorm';

export interface HistoryRule {
  readonly tenantId: string;
  /** Days after which what has ended goes. */
  readonly keepDays: number;
}

/**
 * Removes up to `limit` targeted runs that a webhook started, with their transitions; returns how many. A run stays while
 * anything stands on it: a judgement, a correction, an open finding or case, an operation that is not over, a plan, a call.
 */
export async function forgetWebhookRuns(em: EntityManager, rule: HistoryRule, limit: number): Promise<number> {
  const rows: { count: number }[] = await em.query(
    `WITH old AS MATERIALIZED (
       SELECT r.run_id FROM buduan.run r
       WHERE r.tenant_id = $1 AND r.mode = 'targeted' AND r.trigger = 'webhook' AND r.state NOT IN ('queued','running')
         AND r.finished_at < now() - make_interval(days => $2::int)
         AND NOT EXISTS (SELECT FROM buduan.judgement j WHERE j.tenant_id = $1 AND j.run_id = r.run_id)
         AND NOT EXISTS (SELECT FROM buduan.correction c WHERE c.tenant_id = $1 AND c.run_id = r.run_id)
         AND NOT EXISTS (SELECT FROM buduan.finding f WHERE f.tenant_id = $1 AND f.opened_run_id = r.run_id AND f.closed_at IS NULL)
         AND NOT EXISTS (SELECT FROM buduan.back_payment_case b WHERE b.tenant_id = $1 AND b.run_id = r.run_id)
         AND NOT EXISTS (
           SELECT FROM buduan.operation o WHERE o.tenant_id = $1 AND o.run_id = r.run_id
             AND o.state NOT IN ('verified','superseded','cancelled'))
         AND NOT EXISTS (SELECT FROM buduan.plan p WHERE p.tenant_id = $1 AND p.run_id = r.run_id)
         AND NOT EXISTS (SELECT FROM buduan.webhook_reading w WHERE w.tenant_id = $1 AND w.run_id = r.run_id)
         AND NOT EXISTS (SELECT FROM buduan.policy_impact i WHERE i.tenant_id = $1 AND i.run_id = r.run_id)
       ORDER BY r.finished_at, r.run_id LIMIT $3 FOR UPDATE SKIP LOCKED
     ), transitions AS (
       DELETE FROM buduan.transition t USING old WHERE t.tenant_id = $1 AND t.run_id = old.run_id
     ), runs AS (
       DELETE FROM buduan.run r USING old WHERE r.tenant_id = $1 AND r.run_id = old.run_id RETURNING 1)
     SELECT count(*)::int AS count FROM runs`,
    [rule.tenantId, rule.keepDays, limit],
  );
  return rows[0]?.count ?? 0;
}

/**
 * Removes up to `limit` instants that have their end, oldest first; returns how many. Of each schedule the newest stays, and
 * the newest that was not skipped: from them the next look counts what is due.
 */
export async function forgetOccurrences(em: EntityManager, rule: HistoryRule, limit: number): Promise<number> {
  const removed: [unknown[], number] = await em.query(
    `DELETE FROM buduan.occurrence o USING (
       SELECT e.schedule_id, e.due_at FROM buduan.occurrence e
       WHERE e.tenant_id = $1 AND e.state IN ('ran','caught-up','skipped') AND e.due_at < now() - make_interval(days => $2::int)
         AND EXISTS (
           SELECT FROM buduan.occurrence n WHERE n.tenant_id = $1 AND n.schedule_id = e.schedule_id AND n.due_at > e.due_at)
         AND (e.state = 'skipped' OR EXISTS (
           SELECT FROM buduan.occurrence n
           WHERE n.tenant_id = $1 AND n.schedule_id = e.schedule_id AND n.due_at > e.due_at AND n.state <> 'skipped'))
       ORDER BY e.due_at, e.schedule_id LIMIT $3 FOR UPDATE SKIP LOCKED) old
     WHERE o.tenant_id = $1 AND o.schedule_id = old.schedule_id AND o.due_at = old.due_at`,
    [rule.tenantId, rule.keepDays, limit],
  );
  return removed[1];
}
