/** The rows of notification and beside it: what is told, claimed, settled, given up and forgotten. Each method is one statement. */
import type { EntityManager } from 'typeorm';

export interface EndpointKey {
  readonly tenantId: string;
  readonly endpointId: string;
}

export interface NewNotification {
  readonly notificationId: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly personId: string | null;
  /** JSON text. */
  readonly body: string;
}

/** Stores what was not stored yet. Returns the endpoints that have something new. */
export async function insertNotifications(
  em: EntityManager,
  tenantId: string,
  added: readonly NewNotification[],
): Promise<readonly string[]> {
  if (added.length === 0) return [];
  const rows: { endpointId: string }[] = await em.query(
    `WITH stored AS (
       INSERT INTO buduan.notification (tenant_id, notification_id, endpoint_id, event_id, event_type, person_id, occurred_at, body)
       SELECT $1, added."notificationId", added."endpointId", added."eventId", added."eventType", added."personId", now(), added.body
         FROM jsonb_to_recordset($2::jsonb)
           AS added ("notificationId" uuid, "endpointId" text, "eventId" uuid, "eventType" text, "personId" uuid, body text)
       ON CONFLICT (tenant_id, endpoint_id, event_id) DO NOTHING
       RETURNING endpoint_id)
     SELECT DISTINCT stored.endpoint_id AS "endpointId" FROM stored ORDER BY 1`,
    [tenantId, JSON.stringify(added)],
  );
  return rows.map(({ endpointId }) => endpointId);
}

export interface Told {
  readonly tenantId: string;
  readonly subject: string;
  readonly told: string;
  /** What counts as told where nothing was yet. */
  readonly unsaid: string;
}

/** When `told` is another word than the last one: the moment of this change, as text. Null when it is not. */
export async function noteTold(em: EntityManager, told: Told): Promise<string | null> {
  const rows: { at: string }[] = await em.query(
    `INSERT INTO buduan.notification_subject AS s (tenant_id, subject, told, told_at)
     SELECT $1, $2, $3, clock_timestamp()
      WHERE $3 <> $4 OR EXISTS (SELECT FROM buduan.notification_subject k WHERE k.tenant_id = $1 AND k.subject = $2)
     ON CONFLICT (tenant_id, subject) DO UPDATE SET told = excluded.told, told_at = excluded.told_at
      WHERE s.told <> excluded.told
     RETURNING s.told_at::text AS at`,
    [told.tenantId, told.subject, told.told, told.unsaid],
  );
  return rows[0]?.at ?? null;
}

export interface ClaimedNotification {
  readonly notificationId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly personId: string | null;
  readonly occurredAt: Date;
  readonly body: string;
  /** Counting this one. */
  readonly attempts: number;
  readonly receipt: string | null;
}

export interface ClaimTerms extends EndpointKey {
  readonly limit: number;
  /** How many may leave within any 60 seconds; null = as many as there are. */
  readonly perMinute: number | null;
  /** For so long nobody else takes what is claimed: longer than any attempt can last. */
  readonly leaseSeconds: number;
}

/** Takes due notifications, oldest first, unless the endpoint rests or has had its share of this minute. */
export async function claimDue(em: EntityManager, terms: ClaimTerms): Promise<readonly ClaimedNotification[]> {
  return em.query<ClaimedNotification[]>(
    `WITH allowed AS (
       SELECT CASE WHEN EXISTS (SELECT FROM buduan.notification_endpoint e
                                 WHERE e.tenant_id = $1 AND e.endpoint_id = $2 AND e.paused_until > now()) THEN 0
                   WHEN $4::int IS NULL THEN $3::int
                   ELSE least($3::int, greatest(0, $4::int - (
                          SELECT count(*)::int FROM buduan.notification n
                           WHERE n.tenant_id = $1 AND n.endpoint_id = $2 AND n.attempted_at > now() - interval '60 seconds'))) END AS count),
     due AS (
       SELECT n.notification_id FROM buduan.notification n
        WHERE n.tenant_id = $1 AND n.endpoint_id = $2 AND n.state IN ('pending','retry-wait') AND n.next_at <= now()
        ORDER BY n.next_at, n.notification_id LIMIT (SELECT allowed.count FROM allowed) FOR UPDATE SKIP LOCKED),
     claimed AS (
       UPDATE buduan.notification n
          SET attempts = n.attempts + 1, attempted_at = clock_timestamp(), next_at = now() + make_interval(secs => $5)
         FROM due WHERE n.tenant_id = $1 AND n.notification_id = due.notification_id
       RETURNING n.*)
     SELECT c.notification_id AS "notificationId", c.event_id AS "eventId", c.event_type AS "eventType", c.person_id AS "personId",
            c.occurred_at AS "occurredAt", c.body, c.attempts, c.receipt
       FROM claimed c ORDER BY c.notification_id`,
    [terms.tenantId, terms.endpointId, terms.limit, terms.perMinute, terms.leaseSeconds],
  );
}

export interface Settled {
  readonly tenantId: string;
  readonly notificationId: string;
  /** As claimed: what another sender took over meanwhile is only settled by a delivery. */
  readonly attempts: number;
  readonly state: 'delivered' | 'retry-wait' | 'dead';
  readonly code: string | null;
  /** With `retry-wait`. */
  readonly waitSeconds: number | null;
  readonly receipt: string | null;
  /** An attempt that the system did not look at is none. */
  readonly countsAttempt: boolean;
}

/** A wait beyond the time of giving up is death at once. Returns the state it has now; null when it was not ours to settle. */
export async function settleNotification(em: EntityManager, settled: Settled): Promise<string | null> {
  const [rows]: [{ state: string }[], number] = await em.query(
    `UPDATE buduan.notification n
        SET state = fate.state, last_code = coalesce($5, CASE WHEN fate.state = 'delivered' THEN NULL ELSE n.last_code END),
            attempts = n.attempts - CASE WHEN $8::boolean THEN 0 ELSE 1 END, receipt = coalesce($7, n.receipt),
            next_at = CASE WHEN fate.state = 'retry-wait' THEN clock_timestamp() + make_interval(secs => $6) END,
            ended_at = CASE WHEN fate.state <> 'retry-wait' THEN clock_timestamp() END
       FROM (SELECT k.notification_id,
                    CASE WHEN $4 = 'retry-wait' AND clock_timestamp() + make_interval(secs => $6) > k.give_up_at THEN 'dead' ELSE $4 END AS state
               FROM buduan.notification k WHERE k.tenant_id = $1 AND k.notification_id = $2) AS fate
      WHERE n.tenant_id = $1 AND n.notification_id = fate.notification_id AND n.state IN ('pending','retry-wait')
        AND (n.attempts = $3 OR $4 = 'delivered')
     RETURNING n.state`,
    [
      ...[settled.tenantId, settled.notificationId, settled.attempts, settled.state, settled.code],
      ...[settled.waitSeconds ?? 0, settled.receipt, settled.countsAttempt],
    ],
  );
  return rows[0]?.state ?? null;
}

/** The endpoint took something: whatever waits because of its failures may go at once. Returns whether it had failed before. */
export async function noteSuccess(em: EntityManager, { tenantId, endpointId }: EndpointKey): Promise<boolean> {
  const [, count]: [unknown[], number] = await em.query(
    `UPDATE buduan.notification_endpoint e SET failures = 0, paused_until = NULL, last_code = NULL, moved_at = now()
      WHERE e.tenant_id = $1 AND e.endpoint_id = $2 AND (e.failures > 0 OR e.paused_until IS NOT NULL)`,
    [tenantId, endpointId],
  );
  return count === 1;
}

export async function wake(em: EntityManager, { tenantId, endpointId }: EndpointKey): Promise<void> {
  await em.query(
    `UPDATE buduan.notification n SET next_at = now()
      WHERE n.tenant_id = $1 AND n.endpoint_id = $2 AND n.state = 'retry-wait' AND n.receipt IS NULL AND n.next_at > now()`,
    [tenantId, endpointId],
  );
}

export interface EndpointRest extends EndpointKey {
  readonly code: string;
  /** null = by how often it failed in a row: `waitsSeconds`, the last one from then on. */
  readonly waitSeconds: number | null;
  readonly waitsSeconds: readonly number[];
}

/** The endpoint is left alone for a while. A rest that it asked for itself is no failure. */
export async function noteRest(em: EntityManager, rest: EndpointRest): Promise<void> {
  await em.query(
    `INSERT INTO buduan.notification_endpoint AS e (tenant_id, endpoint_id, failures, paused_until, last_code)
     VALUES ($1, $2, CASE WHEN $4::float8 IS NULL THEN 1 ELSE 0 END,
             clock_timestamp() + make_interval(secs => coalesce($4::float8, ($5::float8[])[1])), $3)
     ON CONFLICT (tenant_id, endpoint_id) DO UPDATE
        SET failures = e.failures + excluded.failures, last_code = excluded.last_code, moved_at = now(),
            paused_until = clock_timestamp() + make_interval(secs => coalesce($4::float8, ($5::float8[])[least(e.failures + 1, cardinality($5::float8[]))]))`,
    [rest.tenantId, rest.endpointId, rest.code, rest.waitSeconds, rest.waitsSeconds],
  );
}

/** What waited a day for an endpoint that does not work is dead; what waits only for its turn is not. Returns how many. */
export async function giveUpLate(em: EntityManager, { tenantId, endpointId }: EndpointKey): Promise<number> {
  const [, count]: [unknown[], number] = await em.query(
    `UPDATE buduan.notification n
        SET state = 'dead', next_at = NULL, ended_at = clock_timestamp(), last_code = coalesce(n.last_code, e.last_code, 'gave-up')
       FROM buduan.notification_endpoint e
      WHERE n.tenant_id = $1 AND n.endpoint_id = $2 AND n.state IN ('pending','retry-wait') AND n.give_up_at <= now() AND n.next_at <= now()
        AND e.tenant_id = $1 AND e.endpoint_id = $2 AND e.failures > 0`,
    [tenantId, endpointId],
  );
  return count;
}

/** Everything that waits for an endpoint that is not configured any more. */
export async function bury(em: EntityManager, { tenantId, endpointId }: EndpointKey, code: string): Promise<number> {
  const [, count]: [unknown[], number] = await em.query(
    `UPDATE buduan.notification n SET state = 'dead', next_at = NULL, ended_at = clock_timestamp(), last_code = $3
      WHERE n.tenant_id = $1 AND n.endpoint_id = $2 AND n.state IN ('pending','retry-wait')`,
    [tenantId, endpointId, code],
  );
  return count;
}

/** Seconds until something may leave to this endpoint; null when nothing waits. */
export async function secondsToNext(
  em: EntityManager,
  { tenantId, endpointId, perMinute }: Pick<ClaimTerms, 'tenantId' | 'endpointId' | 'perMinute'>,
): Promise<number | null> {
  const rows: { seconds: number }[] = await em.query(
    `SELECT greatest(0, extract(epoch FROM greatest(
              min(n.next_at),
              (SELECT e.paused_until FROM buduan.notification_endpoint e WHERE e.tenant_id = $1 AND e.endpoint_id = $2),
              (SELECT a.attempted_at + interval '60 seconds' FROM buduan.notification a
                WHERE a.tenant_id = $1 AND a.endpoint_id = $2 AND $3::int IS NOT NULL AND a.attempted_at > now() - interval '60 seconds'
                ORDER BY a.attempted_at DESC OFFSET $3::int - 1 LIMIT 1)) - clock_timestamp()))::float8 AS seconds
       FROM buduan.notification n
      WHERE n.tenant_id = $1 AND n.endpoint_id = $2 AND n.state IN ('pending','retry-wait')
     HAVING count(*) > 0`,
    [tenantId, endpointId, perMinute],
  );
  return rows[0]?.seconds ?? null;
}

/** Removes what ended long ago, in portions: delivered after 30 days, dead after 180. */
export async function forgetEnded(em: EntityManager, tenantId: string): Promise<void> {
  await em.query(
    `DELETE FROM buduan.notification n USING (
       SELECT k.notification_id FROM buduan.notification k
        WHERE k.tenant_id = $1 AND k.state IN ('delivered','dead')
          AND k.ended_at < now() - CASE k.state WHEN 'delivered' THEN interval '30 days' ELSE interval '180 days' END
        LIMIT 500) AS old
      WHERE n.tenant_id = $1 AND n.notification_id = old.notification_id`,
    [tenantId],
  );
}

/** Lets ended notifications leave again under the ids they have, with a day and all attempts. Returns the endpoints they wait for. */
export async function revive(
  em: EntityManager,
  tenantId: string,
  notificationIds: readonly string[],
): Promise<readonly string[]> {
  const rows: { endpointId: string }[] = await em.query(
    `WITH revived AS (
       UPDATE buduan.notification n
          SET state = 'pending', attempts = 0, next_at = now(), ended_at = NULL, receipt = NULL, give_up_at = now() + interval '24 hours'
        WHERE n.tenant_id = $1 AND n.notification_id = ANY ($2::uuid[]) AND n.state IN ('delivered','dead')
       RETURNING n.endpoint_id)
     SELECT revived.endpoint_id AS "endpointId" FROM revived`,
    [tenantId, notificationIds],
  );
  return rows.map(({ endpointId }) => endpointId);
}
