/** The health of connections as stored: what guards and probes found out, and what people decided. Each method is one statement. */
import type { EntityManager } from 'typeorm';
import { IS_HELD } from './connection-health.reader.js';

/** Who holds a connection during the windows of hub.yaml. */
const BY_CONFIGURATION = 'hub.yaml';

export interface ConnectionKey {
  readonly tenantId: string;
  readonly connectionId: string;
}

/** What a guard says counts only where no person has spoken. True when it was news. */
export async function noteHealth(
  em: EntityManager,
  key: ConnectionKey,
  noted: { readonly health: 'up' | 'down' | 'half-open'; readonly reason: string | null },
): Promise<boolean> {
  const [, count]: [unknown[], number] = await em.query(
    `UPDATE buduan.connection SET health = $3, health_since = clock_timestamp(), health_reason = $4, health_until = NULL, health_by = NULL
      WHERE connection.tenant_id = $1 AND connection.connection_id = $2 AND connection.health <> $3 AND NOT ${IS_HELD}`,
    [key.tenantId, key.connectionId, noted.health, noted.reason],
  );
  return count === 1;
}

/** Takes one connection to probe: down, or left half-open by a node that died, for `restSeconds`. Of several nodes one gets it. */
export async function claimProbe(em: EntityManager, tenantId: string, restSeconds: number): Promise<string | null> {
  const [rows]: [{ connectionId: string }[], number] = await em.query(
    `UPDATE buduan.connection SET health = 'half-open', health_since = clock_timestamp()
      WHERE connection.tenant_id = $1 AND connection.connection_id = (
        SELECT due.connection_id FROM buduan.connection AS due
         WHERE due.tenant_id = $1 AND due.health IN ('down','half-open') AND due.health_since < clock_timestamp() - make_interval(secs => $2)
         ORDER BY due.health_since, due.connection_id LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING connection.connection_id AS "connectionId"`,
    [tenantId, restSeconds],
  );
  return rows[0]?.connectionId ?? null;
}

export interface HeldByPerson {
  readonly health: 'maintenance' | 'quarantined' | 'up';
  readonly reason: string | null;
  readonly until: Date | null;
  readonly by: string;
}

export interface HeldForWindow {
  readonly since: Date;
  readonly until: Date;
  readonly reason: string | null;
}

/** Where no person holds it, and none has decided about it since the window began. */
export async function setForWindow(em: EntityManager, key: ConnectionKey, window: HeldForWindow): Promise<void> {
  await em.query(
    `UPDATE buduan.connection SET health = 'maintenance', health_since = clock_timestamp(), health_reason = $4, health_until = $3, health_by = $6
      WHERE connection.tenant_id = $1 AND connection.connection_id = $2 AND NOT ${IS_HELD}
        AND (connection.health_by IS NULL OR connection.health_by = $6 OR connection.health_since < $5)`,
    [key.tenantId, key.connectionId, window.until, window.reason, window.since, BY_CONFIGURATION],
  );
}

/** False when the tenant has no such connection. */
export async function setByPerson(em: EntityManager, key: ConnectionKey, held: HeldByPerson): Promise<boolean> {
  const [, count]: [unknown[], number] = await em.query(
    `UPDATE buduan.connection SET health = $3, health_since = clock_timestamp(), health_reason = $4, health_until = $5, health_by = $6
      WHERE connection.tenant_id = $1 AND connection.connection_id = $2`,
    [key.tenantId, key.connectionId, held.health, held.reason, held.until, held.by],
  );
  return count === 1;
}
