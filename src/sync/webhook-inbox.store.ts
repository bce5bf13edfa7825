/** The rows of the webhook inbox: deliveries, what became of each person they name, versions applied, calls refused. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import { plainArray } from './bulk-parameters.js';
import type { ReadingState } from './webhooks.reader.js';

export interface DeliveryKey {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly deliveryId: string;
}

export interface ReadingKey extends DeliveryKey {
  readonly ownerNo: number;
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

export interface ReadingRow {
  readonly ownerKey: string;
  readonly state: ReadingState;
  readonly looks: number;
  readonly faults: number;
  readonly bodySealed: Buffer;
  /** The day of the newest full run that was no rehearsal; null before the first. */
  readonly asOf: Day | null;
}

/** The reading a job is about; null when its step has been taken already. */
export async function findReading(em: EntityManager, key: ReadingKey, fence: number): Promise<ReadingRow | null> {
  const rows: ReadingRow[] = await em.query(
    `SELECT r.owner_key AS "ownerKey", r.state, r.looks, r.faults, d.body_enc AS "bodySealed",
            (SELECT run.as_of::text FROM buduan.run WHERE run.tenant_id = $1 AND run.mode = 'full' AND NOT run.dry_run
               AND run.state IN ('succeeded','partial','suspended') ORDER BY run.started_at DESC LIMIT 1) AS "asOf"
     FROM buduan.webhook_reading r JOIN buduan.webhook_delivery d USING (tenant_id, connection_id, delivery_id)
     WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.delivery_id = $3 AND r.owner_no = $4 AND r.fence = $5`,
    [key.tenantId, key.connectionId, key.deliveryId, key.ownerNo, fence],
  );
  return rows[0] ?? null;
}

export interface ReadingMove {
  readonly state: ReadingState;
  readonly reason: string | null;
  readonly looks: number;
  readonly faults: number;
  readonly nextAt: Date | null;
  readonly runId: string | null;
}

/** Takes the step `fence`; false when somebody else has taken it. */
export async function moveReading(
  em: EntityManager,
  key: ReadingKey,
  { fence, ...move }: ReadingMove & { readonly fence: number },
): Promise<boolean> {
  const moved: [unknown[], number] = await em.query(
    `UPDATE buduan.webhook_reading SET state = $6, reason = $7, looks = $8, faults = $9, next_at = $10,
            run_id = coalesce($11::uuid, run_id), fence = fence + 1, moved_at = now()
     WHERE tenant_id = $1 AND connection_id = $2 AND delivery_id = $3 AND owner_no = $4 AND fence = $5`,
    [
      key.tenantId,
      key.connectionId,
      key.deliveryId,
      key.ownerNo,
      fence,
      move.state,
      move.reason,
      move.looks,
      move.faults,
      move.nextAt,
      move.runId,
    ],
  );
  return moved[1] === 1;
}

export interface ReplayedReading {
  readonly connectionId: string;
  readonly deliveryId: string;
  readonly ownerNo: number;
  readonly ownerKey: string;
  readonly fence: number;
}

/** Begins readings anew: of the named deliveries whatever their state, or (null) of all that failed, died or wait. */
export async function reopenReadings(
  em: EntityManager,
  tenantId: string,
  deliveryIds: readonly string[] | null,
): Promise<readonly ReplayedReading[]> {
  const [rows]: [ReplayedReading[], number] = await em.query(
    `UPDATE buduan.webhook_reading r SET state = 'received', reason = 'replayed', looks = 0, faults = 0, next_at = NULL,
            fence = r.fence + 1, moved_at = now()
     WHERE r.tenant_id = $1 AND r.owner_key <> ''
       AND CASE WHEN $2::text[] IS NULL THEN r.state IN ('failed','dead','waiting') ELSE r.delivery_id = ANY($2::text[]) END
     RETURNING r.connection_id AS "connectionId", r.delivery_id AS "deliveryId", r.owner_no AS "ownerNo",
               r.owner_key AS "ownerKey", r.fence`,
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
