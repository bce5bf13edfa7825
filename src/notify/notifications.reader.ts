/** How notifications stand: counts, a filtered list, one with what it says. Never an address. */
import type { EntityManager } from 'typeorm';

export const NOTIFICATION_STATES = ['pending', 'retry-wait', 'delivered', 'dead'] as const;
export type NotificationState = (typeof NOTIFICATION_STATES)[number];

export interface NotificationCount {
  readonly endpointId: string;
  readonly state: NotificationState;
  readonly count: number;
}

/** By endpoint and state. */
export async function countNotifications(em: EntityManager, tenantId: string): Promise<readonly NotificationCount[]> {
  return em.query(
    `SELECT n.endpoint_id AS "endpointId", n.state, count(*)::int AS count
       FROM buduan.notification n WHERE n.tenant_id = $1 GROUP BY 1, 2 ORDER BY 1, 2`,
    [tenantId],
  );
}

export interface NotificationView {
  readonly notificationId: string;
  readonly eventId: string;
  readonly endpointId: string;
  readonly eventType: string;
  readonly personId: string | null;
  readonly state: NotificationState;
  readonly attempts: number;
  readonly lastCode: string | null;
  readonly occurredAt: Date;
  readonly attemptedAt: Date | null;
  readonly nextAt: Date | null;
  readonly endedAt: Date | null;
}

export interface NotificationFilter {
  readonly tenantId: string;
  readonly state?: NotificationState | undefined;
  readonly endpoint?: string | undefined;
  /** A type, or a group with `.*`. */
  readonly event?: string | undefined;
  readonly since?: Date | undefined;
  /** null = whatever fits. */
  readonly notificationIds: readonly string[] | null;
  readonly limit: number;
}

const VIEW = `n.notification_id AS "notificationId", n.event_id AS "eventId", n.endpoint_id AS "endpointId", n.event_type AS "eventType",
  n.person_id AS "personId", n.state, n.attempts, n.last_code AS "lastCode", n.occurred_at AS "occurredAt", n.attempted_at AS "attemptedAt",
  n.next_at AS "nextAt", n.ended_at AS "endedAt"`;

/** Newest first. */
export async function listNotifications(
  em: EntityManager,
  filter: NotificationFilter,
): Promise<readonly NotificationView[]> {
  const { event = null } = filter;
  return em.query(
    `SELECT ${VIEW} FROM buduan.notification n
      WHERE n.tenant_id = $1 AND ($2::text IS NULL OR n.state = $2) AND ($3::text IS NULL OR n.endpoint_id = $3)
        AND ($4::text IS NULL OR n.event_type = $4 OR ($5::text IS NOT NULL AND starts_with(n.event_type, $5)))
        AND ($6::timestamptz IS NULL OR n.occurred_at >= $6) AND ($7::uuid[] IS NULL OR n.notification_id = ANY ($7))
      ORDER BY n.notification_id DESC LIMIT $8`,
    [
      ...[filter.tenantId, filter.state ?? null, filter.endpoint ?? null, event],
      event?.endsWith('.*') === true ? event.slice(0, -1) : null,
      ...[filter.since ?? null, filter.notificationIds, filter.limit],
    ],
  );
}

export async function readNotification(
  em: EntityManager,
  tenantId: string,
  notificationId: string,
): Promise<(NotificationView & { readonly body: string }) | null> {
  const rows: (NotificationView & { readonly body: string })[] = await em.query(
    `SELECT ${VIEW}, n.body FROM buduan.notification n WHERE n.tenant_id = $1 AND n.notification_id = $2`,
    [tenantId, notificationId],
  );
  return rows[0] ?? null;
}

export interface EndpointState {
  readonly endpointId: string;
  readonly failures: number;
  readonly pausedUntil: Date | null;
  readonly lastCode: string | null;
}

/** Endpoints that fail or rest now. */
export async function readTroubledEndpoints(em: EntityManager, tenantId: string): Promise<readonly EndpointState[]> {
  return em.query(
    `SELECT e.endpoint_id AS "endpointId", e.failures, e.paused_until AS "pausedUntil", e.last_code AS "lastCode"
       FROM buduan.notification_endpoint e
      WHERE e.tenant_id = $1 AND (e.failures > 0 OR e.paused_until > now()) ORDER BY 1`,
    [tenantId],
  );
}

/** How many could leave now, or are leaving. */
export async function countDueNotifications(em: EntityManager, tenantId: string): Promise<number> {
  const rows: { count: number }[] = await em.query(
    `SELECT count(*)::int AS count FROM buduan.notification n
      WHERE n.tenant_id = $1 AND n.state IN ('pending','retry-wait') AND (n.attempts = 0 OR n.next_at <= now())`,
    [tenantId],
  );
  return rows[0]?.count ?? 0;
}
