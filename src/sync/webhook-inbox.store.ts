/** The rows of the webhook inbox: deliveries, what became of each person they name, versions applied, calls refused. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import { STREAMS } from '../domain/records.js';
import { plainArray } from './bulk-parameters.js';
import type { ReadingState } from './webhooks.reader.js';

export interface DeliveryKey {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly deliveryId: string;
}

export interface NewDelivery extends DeliveryKey {
  readonly eventType: string | null;
  readonly bodySealed: Buffer;
  readonly bodyHash: Buffer;
  /** At least one; the empty text stands for nobody. */
  readonly ownerKeys: readonly string[];
  readonly state: ReadingState;
  readonly reason: string | null;
}

/** `repeated`: it is there already, its count was raised. `other-body`: the id is taken by another event. */
export type Inserted = 'new' | 'repeated' | 'other-body';

/** One statement; of two that bring the same delivery at once the second waits and finds it repeated. */
export async function insertDelivery(em: EntityManager, delivery: NewDelivery): Promise<Inserted> {
  const rows: { isNew: boolean; isSame: boolean }[] = await em.query(
    `WITH d AS (
       INSERT INTO buduan.webhook_delivery AS w (tenant_id, connection_id, delivery_id, event_type, body_enc, body_hash)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (tenant_id, connection_id, delivery_id) DO UPDATE SET repeats = w.repeats + (w.body_hash = $6)::int
       RETURNING w.xmax = 0 AS is_new, w.body_hash = $6 AS is_same
     ), r AS (
       INSERT INTO buduan.webhook_reading (tenant_id, connection_id, delivery_id, owner_no, owner_key, state, reason)
       SELECT $1, $2, $3, o.no - 1, o.key, $8, $9 FROM d, unnest($7::text[]) WITH ORDINALITY AS o(key, no) WHERE d.is_new
     )
     SELECT d.is_new AS "isNew", d.is_same AS "isSame" FROM d`,
    [
      delivery.tenantId,
      delivery.connectionId,
      delivery.deliveryId,
      delivery.eventType,
      delivery.bodySealed,
      delivery.bodyHash,
      delivery.ownerKeys,
      delivery.state,
      delivery.reason,
    ],
  );
  const [row] = rows;
  if (row?.isNew === true) return 'new';
  return row?.isSame === true ? 'repeated' : 'other-body';
}

export interface DueReading {
  readonly deliveryId: string;
  readonly ownerNo: number;
  readonly ownerKey: string;
  readonly fence: number;
  readonly looks: number;
  readonly faults: number;
  /** Null where it was not asked for. */
  readonly bodySealed: Buffer | null;
}

export interface DueRequest {
  readonly tenantId: string;
  readonly connectionId: string;
  /** True = those that failed before; false = all others. */
  readonly failed: boolean;
  /** The oldest so many. */
  readonly limit: number;
  /** So many at most in all, with further ones of the same persons: reading a person once answers every call about it. */
  readonly together: number;
  readonly withBodies: boolean;
}

/** Readings whose time has come, oldest first. */
export async function findDueReadings(em: EntityManager, request: DueRequest): Promise<readonly DueReading[]> {
  return em.query(
    `WITH due AS (
       SELECT r.delivery_id, r.owner_no, r.owner_key, r.fence, r.looks, r.faults, coalesce(r.next_at, r.moved_at) AS due_at
         FROM buduan.webhook_reading r
        WHERE r.tenant_id = $1 AND r.connection_id = $2 AND (r.state = 'received' OR r.next_at IS NOT NULL)
          AND coalesce(r.next_at, r.moved_at) <= now() AND (r.state = 'failed') = $3),
     oldest AS (SELECT due.owner_key FROM due ORDER BY due.due_at, due.delivery_id, due.owner_no LIMIT $4)
     SELECT due.delivery_id AS "deliveryId", due.owner_no AS "ownerNo", due.owner_key AS "ownerKey", due.fence, due.looks, due.faults,
            (SELECT d.body_enc FROM buduan.webhook_delivery d WHERE $6::boolean AND d.tenant_id = $1 AND d.connection_id = $2
               AND d.delivery_id = due.delivery_id) AS "bodySealed"
       FROM due WHERE due.owner_key IN (SELECT oldest.owner_key FROM oldest)
      ORDER BY due.due_at, due.delivery_id, due.owner_no LIMIT $5`,
    [
      ...[request.tenantId, request.connectionId, request.failed],
      ...[request.limit, request.together, request.withBodies],
    ],
  );
}

/** The day of the newest full run that was no rehearsal; null before the first. */
export async function dayOfFullRun(em: EntityManager, tenantId: string): Promise<Day | null> {
  const rows: { asOf: Day }[] = await em.query(
    `SELECT run.as_of::text AS "asOf" FROM buduan.run WHERE run.tenant_id = $1 AND run.mode = 'full' AND NOT run.dry_run
       AND run.state IN ('succeeded','partial','suspended') ORDER BY run.started_at DESC LIMIT 1`,
    [tenantId],
  );
  return rows[0]?.asOf ?? null;
}

export interface ReadingMove {
  readonly deliveryId: string;
  readonly ownerNo: number;
  /** The step that is taken; nothing happens when somebody else has taken it. */
  readonly fence: number;
  readonly state: ReadingState;
  readonly reason: string | null;
  readonly looks: number;
  readonly faults: number;
  readonly nextAt: Date | null;
}

export async function moveReadings(
  em: EntityManager,
  of: { readonly tenantId: string; readonly connectionId: string; readonly runId: string | null },
  moves: readonly ReadingMove[],
): Promise<void> {
  await em.query(
    `UPDATE buduan.webhook_reading r SET state = t.state, reason = t.reason, looks = t.looks, faults = t.faults, next_at = t.next_at,
            run_id = coalesce($3::uuid, r.run_id), fence = r.fence + 1, moved_at = now()
     FROM unnest($4::text[], $5::int[], $6::int[], $7::text[], $8::text[], $9::int[], $10::int[], $11::timestamptz[])
       AS t(delivery_id, owner_no, fence, state, reason, looks, faults, next_at)
     WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.delivery_id = t.delivery_id AND r.owner_no = t.owner_no AND r.fence = t.fence`,
    [
      ...[of.tenantId, of.connectionId, of.runId, moves.map((move) => move.deliveryId)],
      ...[moves.map((move) => move.ownerNo), moves.map((move) => move.fence), moves.map((move) => move.state)],
      ...[moves.map((move) => move.reason), moves.map((move) => move.looks), moves.map((move) => move.faults)],
      moves.map((move) => move.nextAt),
    ],
  );
}

/** Which of these owners have a linked record that the run changed. */
export async function ownersChangedBy(
  em: EntityManager,
  of: { readonly tenantId: string; readonly connectionId: string; readonly runId: string },
  ownerKeys: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows: { ownerKey: string }[] = await em.query(
    `SELECT DISTINCT r.owner_key AS "ownerKey" FROM unnest($4::text[]) AS asked(stream)
     JOIN buduan.source_record r ON r.tenant_id = $1 AND r.connection_id = $2 AND r.stream = asked.stream AND r.owner_key = ANY($5::text[])
     WHERE r.changed_run_id = $3 AND r.person_id IS NOT NULL`,
    [of.tenantId, of.connectionId, of.runId, STREAMS, ownerKeys],
  );
  return new Set(rows.map((row) => row.ownerKey));
}

/** Begins readings anew: of the named deliveries whatever their state, or (null) of all that failed, died or wait. Returns one row for each. */
export async function reopenReadings(
  em: EntityManager,
  tenantId: string,
  deliveryIds: readonly string[] | null,
): Promise<readonly Pick<DeliveryKey, 'connectionId' | 'deliveryId'>[]> {
  const [rows]: [Pick<DeliveryKey, 'connectionId' | 'deliveryId'>[], number] = await em.query(
    `UPDATE buduan.webhook_reading r SET state = 'received', reason = 'replayed', looks = 0, faults = 0, next_at = NULL,
            fence = r.fence + 1, moved_at = now()
     WHERE r.tenant_id = $1 AND r.owner_key <> ''
       AND CASE WHEN $2::text[] IS NULL THEN r.state IN ('failed','dead','waiting') ELSE r.delivery_id = ANY($2::text[]) END
     RETURNING r.connection_id AS "connectionId", r.delivery_id AS "deliveryId"`,
    [tenantId, deliveryIds],
  );
  return rows;
}

/** False when this or a newer version of what the event says of this person was applied before. */
export async function claimVersion(
  em: EntityManager,
  key: { readonly tenantId: string; readonly connectionId: string; readonly ownerKey: string },
  version: number,
): Promise<boolean> {
  const rows: unknown[] = await em.query(
    `INSERT INTO buduan.webhook_version AS v (tenant_id, connection_id, owner_key, version) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, connection_id, owner_key) DO UPDATE SET version = excluded.version
     WHERE v.version < excluded.version RETURNING 1 AS claimed`,
    [key.tenantId, key.connectionId, key.ownerKey, version],
  );
  return rows.length === 1;
}

export interface RefusalCount {
  readonly connectionId: string;
  readonly reason: string;
  readonly day: Day;
  readonly calls: number;
}

export async function addRefusals(em: EntityManager, tenantId: string, counts: readonly RefusalCount[]): Promise<void> {
  await em.query(
    `INSERT INTO buduan.webhook_refusal AS w (tenant_id, connection_id, day, reason, calls)
     SELECT $1, t.connection_id, t.day, t.reason, t.calls
     FROM unnest($2::text[], $3::date[], $4::text[], $5::bigint[]) AS t(connection_id, day, reason, calls)
     ON CONFLICT (tenant_id, connection_id, day, reason) DO UPDATE SET calls = w.calls + excluded.calls, last_at = now()`,
    [
      tenantId,
      plainArray(counts.map((count) => count.connectionId)),
      plainArray(counts.map((count) => count.day)),
      plainArray(counts.map((count) => count.reason)),
      plainArray(counts.map((count) => String(count.calls))),
    ],
  );
}
