/** What outside systems called about, and what became of it; never what an event says, nor whose key it names. */
import type { EntityManager } from 'typeorm';

/** What became of one person that a delivery names; a CHECK in the database lists the same. */
export const READING_STATES = [
  'received',
  'read',
  'unchanged',
  'applied',
  'waiting',
  'ignored',
  'failed',
  'dead',
] as const;
export type ReadingState = (typeof READING_STATES)[number];

export interface WebhookReading {
  readonly connectionId: string;
  readonly deliveryId: string;
  readonly eventType: string | null;
  /** Which of the persons that the delivery names, from 0. */
  readonly ownerNo: number;
  readonly state: ReadingState;
  readonly reason: string | null;
  readonly receivedAt: Date;
  /** How often the delivery came again. */
  readonly repeats: number;
  /** When the person is read again; null = not by itself. */
  readonly nextAt: Date | null;
  readonly runId: string | null;
}

export interface WebhookFilter {
  readonly tenantId: string;
  readonly connectionId: string | null;
  readonly state: ReadingState | null;
  readonly limit: number;
}

/** Newest first. */
export async function listReadings(em: EntityManager, filter: WebhookFilter): Promise<readonly WebhookReading[]> {
  return em.query(
    `SELECT r.connection_id AS "connectionId", r.delivery_id AS "deliveryId", d.event_type AS "eventType", r.owner_no AS "ownerNo",
            r.state, r.reason, d.received_at AS "receivedAt", d.repeats, r.next_at AS "nextAt", r.run_id AS "runId"
     FROM buduan.webhook_reading r JOIN buduan.webhook_delivery d USING (tenant_id, connection_id, delivery_id)
     WHERE r.tenant_id = $1 AND ($2::text IS NULL OR r.connection_id = $2) AND ($3::text IS NULL OR r.state = $3)
     ORDER BY d.received_at DESC, r.connection_id, r.delivery_id, r.owner_no LIMIT $4`,
    [filter.tenantId, filter.connectionId, filter.state, filter.limit],
  );
}

export interface WebhookCount {
  readonly connectionId: string;
  readonly state: ReadingState;
  readonly persons: number;
}

export async function countReadings(em: EntityManager, tenantId: string): Promise<readonly WebhookCount[]> {
  return em.query(
    `SELECT r.connection_id AS "connectionId", r.state, count(*)::int AS persons FROM buduan.webhook_reading r
     WHERE r.tenant_id = $1 GROUP BY 1, 2 ORDER BY 1, 2`,
    [tenantId],
  );
}

export interface RefusedCalls {
  readonly connectionId: string;
  readonly reason: string;
  readonly calls: number;
  readonly lastAt: Date;
}

/** Calls refused, over all days. */
export async function countRefusals(em: EntityManager, tenantId: string): Promise<readonly RefusedCalls[]> {
  return em.query(
    `SELECT w.connection_id AS "connectionId", w.reason, sum(w.calls)::float8 AS calls, max(w.last_at) AS "lastAt"
     FROM buduan.webhook_refusal w WHERE w.tenant_id = $1 GROUP BY 1, 2 ORDER BY 1, 2`,
    [tenantId],
  );
}
