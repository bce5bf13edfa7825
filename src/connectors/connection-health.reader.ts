/** How connections stand, and which of them a person has taken out of use. */
import type { EntityManager } from 'typeorm';

export type ConnectionHealthState = 'up' | 'degraded' | 'down' | 'half-open' | 'maintenance' | 'quarantined';

export interface ConnectionHealthRow {
  readonly connectionId: string;
  readonly role: string;
  readonly health: ConnectionHealthState;
  readonly since: Date;
  readonly reason: string | null;
  readonly until: Date | null;
  readonly by: string | null;
}

/** A connection that is not to be used: by a person's word, and in maintenance only until its time is over. */
export interface HeldConnection {
  readonly health: 'maintenance' | 'quarantined';
  readonly until: Date | null;
}

/** True for rows of `connection` that are out of use now; the one place that says so. */
export const IS_HELD = `(connection.health = 'quarantined'
  OR (connection.health = 'maintenance' AND (connection.health_until IS NULL OR connection.health_until > now())))`;

export async function readConnectionHealth(
  em: EntityManager,
  tenantId: string,
): Promise<readonly ConnectionHealthRow[]> {
  return em.query(
    `SELECT connection.connection_id AS "connectionId", connection.role,
            CASE WHEN connection.health = 'maintenance' AND NOT ${IS_HELD} THEN 'up' ELSE connection.health END AS health,
            connection.health_since AS since, connection.health_reason AS reason, connection.health_until AS until, connection.health_by AS by
       FROM buduan.connection WHERE connection.tenant_id = $1 ORDER BY connection.connection_id`,
    [tenantId],
  );
}

/** null = it may be used. */
export async function findHeldConnection(
  em: EntityManager,
  key: { readonly tenantId: string; readonly connectionId: string },
): Promise<HeldConnection | null> {
  const rows: HeldConnection[] = await em.query(
    `SELECT connection.health, connection.health_until AS until FROM buduan.connection
      WHERE connection.tenant_id = $1 AND connection.connection_id = $2 AND ${IS_HELD}`,
    [key.tenantId, key.connectionId],
  );
  return rows[0] ?? null;
}
