/** The rows of the webhook inbox that are old enough to go. */
import type { EntityManager } from 'typeorm';

/** How long a tenant keeps what it was told. Far longer than any delivery may be old, so that a repeated one is never new. */
export interface KeepRule {
  readonly tenantId: string;
  /** Days after which a delivery goes whose readings have all ended, ≥ 1. */
  readonly keepDays: number;
  /** Days for one with a dead reading, which a person may still replay, and for counts of refused calls. */
  readonly keepDeadDays: number;
}

/**
 * Removes up to `limit` deliveries with their readings, oldest first; returns how many. What is still under way stays, however
 * old, and so does what was called again or replayed and moved since.
 */
export async function forgetDeliveries(em: EntityManager, rule: KeepRule, limit: number): Promise<number> {
  const removed: [unknown[], number] = await em.query(
    `DELETE FROM buduan.webhook_delivery w USING (
       SELECT d.connection_id, d.delivery_id FROM buduan.webhook_delivery d
       WHERE d.tenant_id = $1 AND d.received_at < now() - make_interval(days => $2::int)
         AND NOT EXISTS (
           SELECT FROM buduan.webhook_reading r
           WHERE r.tenant_id = $1 AND r.connection_id = d.connection_id AND r.delivery_id = d.delivery_id
             AND (r.state = 'received' OR r.next_at IS NOT NULL OR r.moved_at >= now() - make_interval(days => $2::int)
               OR (r.state = 'dead' AND r.moved_at >= now() - make_interval(days => $3::int))))
       ORDER BY d.received_at, d.connection_id, d.delivery_id LIMIT $4 FOR UPDATE SKIP LOCKED) old
     WHERE w.tenant_id = $1 AND w.connection_id = old.connection_id AND w.delivery_id = old.delivery_id`,
    [rule.tenantId, rule.keepDays, rule.keepDeadDays, limit],
  );
  return removed[1];
}

/** A handful of rows a day and connection. */
export async function forgetRefusals(em: EntityManager, rule: KeepRule): Promise<void> {
  await em.query(
    'DELETE FROM buduan.webhook_refusal WHERE tenant_id = $1 AND day < (now() - make_interval(days => $2::int))::date',
    [rule.tenantId, rule.keepDeadDays],
  );
}
