/** Plans of single persons that are old enough to go. */
import type { EntityManager } from 'typeorm';

export interface KeptPlans {
  readonly tenantId: string;
  /** Days after which a plan goes whose every operation is over; more than the half year that the brakes look back. */
  readonly keepDays: number;
}

/** Removes up to `limit` plans that no whole run made, that nobody has to decide about, and of which nothing is under way; returns how many. */
export async function deleteSmallPlans(
  em: EntityManager,
  { tenantId, keepDays }: KeptPlans,
  limit: number,
): Promise<number> {
  const removed: [unknown[], number] = await em.query(
    `DELETE FROM buduan.plan p USING (
       SELECT plan.plan_id FROM buduan.plan
        WHERE plan.tenant_id = $1 AND NOT plan.is_full AND plan.state <> 'suspended'
          AND plan.created_at < now() - make_interval(days => $2::int)
          AND NOT EXISTS (
            SELECT FROM buduan.operation
             WHERE operation.tenant_id = $1 AND operation.plan_id = plan.plan_id
               AND operation.state NOT IN ('verified','superseded','cancelled'))
        ORDER BY plan.created_at, plan.plan_id LIMIT $3 FOR UPDATE SKIP LOCKED) old
      WHERE p.tenant_id = $1 AND p.plan_id = old.plan_id`,
    [tenantId, keepDays, limit],
  );
  return removed[1];
}
