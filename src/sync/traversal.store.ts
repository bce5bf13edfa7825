/** The rows of a traversal: stream_run, checkpoint and pull_seen. */
import type { EntityManager } from 'typeorm';
import { monthsBetween } from '../domain/month.js';
import type { Stream } from '../domain/records.js';
import type { Json } from '../connectors/port.js';
import { jsonSequence } from './bulk-parameters.js';
import type { KeyList } from './record-body.js';
import type { ClosedWindow } from './windows.js';

export interface ReadKey {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly read: string;
}

/** A traversal that is under way: who it belongs to and which rows are its own. */
export interface Traversal extends ReadKey {
  readonly streamRunId: string;
  readonly runId: string;
  readonly streams: readonly Stream[];
  readonly includesLeavers: boolean;
  readonly window: ClosedWindow;
  /** Nothing was stored of its streams when it began: pages are inserted without comparing, and absence means nothing. */
  readonly isFirst: boolean;
}

export interface FoundTraversal {
  readonly streamRunId: string;
  readonly runId: string;
  readonly streams: readonly string[];
  readonly isYoung: boolean;
  readonly isFirst: boolean;
  /** Whether the run it belongs to is active and was heard of in the last minute. */
  readonly isAlive: boolean;
  readonly place: Place | null;
  readonly pageCount: number;
  readonly rowCount: number;
  readonly drift: Readonly<Record<string, number>>;
}

/** Where a traversal stands; the window belongs to it, because pages of two windows must not be mixed. */
export interface Place {
  readonly from: string;
  readonly until: string;
  readonly cursor: Json | null;
}

export interface PageStep {
  readonly version: number;
  readonly place: Place;
  readonly rowCount: number;
  readonly rejectedCount: number;
  readonly drift: Readonly<Record<string, number>>;
}

const KEY = 'tenant_id = $1 AND connection_id = $2 AND read_name = $3';

/** Finds the running traversal of a read and locks it until the end of the transaction. */
export async function findRunning(em: EntityManager, key: ReadKey): Promise<FoundTraversal | null> {
  const rows: FoundTraversal[] = await em.query(
    `SELECT s.stream_run_id AS "streamRunId", s.run_id AS "runId", s.streams, s.page_count AS "pageCount",
            s.row_count::float8 AS "rowCount", s.drift, s.is_first AS "isFirst", c.cursor AS place,
            s.started_at > now() - interval '24 hours' AS "isYoung",
            r.state IN ('queued','running') AND r.heartbeat_at > now() - interval '60 seconds' AS "isAlive"
     FROM buduan.stream_run s
     JOIN buduan.run r ON r.tenant_id = s.tenant_id AND r.run_id = s.run_id
     LEFT JOIN buduan.checkpoint c ON c.tenant_id = s.tenant_id AND c.stream_run_id = s.stream_run_id
       AND c.connection_id = s.connection_id AND c.read_name = s.read_name
     WHERE s.tenant_id = $1 AND s.connection_id = $2 AND s.read_name = $3 AND s.state = 'running'
     FOR UPDATE OF s`,
    [key.tenantId, key.connectionId, key.read],
  );
  return rows[0] ?? null;
}

export async function insertTraversal(em: EntityManager, of: Traversal): Promise<void> {
  await em.query(
    `INSERT INTO buduan.stream_run (tenant_id, stream_run_id, run_id, connection_id, read_name, streams, month_count, is_first, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'running')`,
    [
      of.tenantId,
      of.streamRunId,
      of.runId,
      of.connectionId,
      of.read,
      of.streams,
      monthsBetween(of.window.from, of.window.until),
      of.isFirst,
    ],
  );
}

/** Whether nothing at all is stored of these streams of a connection. */
export async function isNothingStored(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'connectionId' | 'streams'>,
): Promise<boolean> {
  const rows: { empty: boolean }[] = await em.query(
    `SELECT NOT EXISTS (
       SELECT FROM buduan.source_record r WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.stream = ANY($3::text[])) AS empty`,
    [of.tenantId, of.connectionId, of.streams],
  );
  return rows[0]?.empty ?? false;
}

/** Claims the checkpoint for a traversal: whoever held it before cannot commit any more. Returns the version to move on from. */
export async function claimCheckpoint(em: EntityManager, of: Traversal, place: Place): Promise<number> {
  const rows: { version: number }[] = await em.query(
    `INSERT INTO buduan.checkpoint AS c (tenant_id, connection_id, read_name, version, stream_run_id, cursor)
     VALUES ($1, $2, $3, 1, $4, $5)
     ON CONFLICT (tenant_id, connection_id, read_name)
     DO UPDATE SET version = c.version + 1, stream_run_id = excluded.stream_run_id, cursor = excluded.cursor
     RETURNING c.version::float8 AS version`,
    [of.tenantId, of.connectionId, of.read, of.streamRunId, JSON.stringify(place)],
  );
  return rows[0]?.version ?? 1;
}

/** Makes a found traversal part of this run. What it met counts as met by this run. */
export async function adoptTraversal(em: EntityManager, of: Traversal, formerRunId: string): Promise<void> {
  await em.query('UPDATE buduan.stream_run SET run_id = $3 WHERE tenant_id = $1 AND stream_run_id = $2', [
    of.tenantId,
    of.streamRunId,
    of.runId,
  ]);
  await em.query(
    `UPDATE buduan.quarantined_row SET last_run_id = $4 WHERE ${KEY} AND last_run_id = $5 AND resolved_at IS NULL`,
    [of.tenantId, of.connectionId, of.read, of.runId, formerRunId],
  );
}

/** Moves the checkpoint and counts the page. False when the checkpoint is no longer where this traversal left it. */
export async function movePlace(em: EntityManager, of: Traversal, step: PageStep): Promise<boolean> {
  const moved: [unknown[], number] = await em.query(
    `WITH moved AS (
       UPDATE buduan.checkpoint SET version = version + 1, cursor = $6
       WHERE ${KEY} AND stream_run_id = $4 AND version = $5 RETURNING version)
     UPDATE buduan.stream_run s
     SET page_count = s.page_count + 1, row_count = s.row_count + $7, rejected_count = s.rejected_count + $8, drift = $9
     FROM moved WHERE s.tenant_id = $1 AND s.stream_run_id = $4 AND s.state = 'running'`,
    [
      of.tenantId,
      of.connectionId,
      of.read,
      of.streamRunId,
      step.version,
      JSON.stringify(step.place),
      step.rowCount,
      step.rejectedCount,
      JSON.stringify(step.drift),
    ],
  );
  return moved[1] === 1;
}

/** Locks the checkpoint of a read against page commits, where it exists; returns the traversal that is under way. */
export async function lockCheckpoint(em: EntityManager, key: ReadKey): Promise<string | null> {
  const rows: { streamRunId: string | null }[] = await em.query(
    `SELECT CASE WHEN cursor IS NOT NULL THEN stream_run_id END AS "streamRunId" FROM buduan.checkpoint WHERE ${KEY} FOR UPDATE`,
    [key.tenantId, key.connectionId, key.read],
  );
  return rows[0]?.streamRunId ?? null;
}

/** Releases the checkpoint if it is still at `version`; false when somebody else has it. */
export async function clearCheckpoint(em: EntityManager, of: Traversal, version: number): Promise<boolean> {
  const cleared: [unknown[], number] = await em.query(
    `UPDATE buduan.checkpoint SET version = version + 1, cursor = NULL WHERE ${KEY} AND stream_run_id = $4 AND version = $5`,
    [of.tenantId, of.connectionId, of.read, of.streamRunId, version],
  );
  return cleared[1] === 1;
}

export interface TraversalVerdict {
  readonly state: 'succeeded' | 'incomplete' | 'failed';
  readonly reason: string | null;
}

export async function endStreamRun(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'streamRunId'>,
  verdict: TraversalVerdict,
): Promise<void> {
  await em.query(
    `UPDATE buduan.stream_run SET state = $3, complete = ($3 = 'succeeded'), reason = $4, finished_at = clock_timestamp()
     WHERE tenant_id = $1 AND stream_run_id = $2`,
    [of.tenantId, of.streamRunId, verdict.state, verdict.reason],
  );
  await forgetSeen(em, of);
}

/** A read that was never begun, for example because the one before it failed. */
export async function insertUnstarted(
  em: EntityManager,
  of: Omit<Traversal, 'window' | 'includesLeavers' | 'isFirst'>,
  reason: string,
): Promise<void> {
  await em.query(
    `INSERT INTO buduan.stream_run (tenant_id, stream_run_id, run_id, connection_id, read_name, streams, month_count, is_first, state, reason, finished_at)
     VALUES ($1, $2, $3, $4, $5, $6, 1, false, 'failed', $7, clock_timestamp())`,
    [of.tenantId, of.streamRunId, of.runId, of.connectionId, of.read, of.streams, reason],
  );
}

export async function addChanged(em: EntityManager, of: Traversal, changed: number): Promise<void> {
  if (changed === 0) return;
  await em.query(
    'UPDATE buduan.stream_run SET changed_count = changed_count + $3 WHERE tenant_id = $1 AND stream_run_id = $2',
    [of.tenantId, of.streamRunId, changed],
  );
}

export interface UnseenKeys {
  readonly stream: Stream;
  readonly ownerKey: string;
  /** NO_KEYS = everything stored has been named. */
  readonly keys: KeyList;
}

/** Remembers which stored items of owners this traversal has still to name. */
export async function rememberUnseen(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'streamRunId'>,
  owners: readonly UnseenKeys[],
): Promise<void> {
  if (owners.length === 0) return;
  // An upsert always goes by the key; an update joined to a list was planned over the whole table where its statistics came
  // from a moment when it had just been emptied.
  await em.query(
    `INSERT INTO buduan.pull_seen (tenant_id, stream_run_id, stream, owner_key, unseen)
     SELECT $1, $2::uuid, t.stream, t.owner_key, NULLIF(t.unseen, ',')
     FROM unnest($3::text[], $4::text[], string_to_array($5, E'\\x1e')) AS t(stream, owner_key, unseen)
     ON CONFLICT (tenant_id, stream_run_id, stream, owner_key) DO UPDATE SET unseen = excluded.unseen`,
    [
      of.tenantId,
      of.streamRunId,
      owners.map((owner) => owner.stream),
      owners.map((owner) => owner.ownerKey),
      jsonSequence(owners.map((owner) => owner.keys)),
    ],
  );
}

/** Remembers owners with rows that could not be understood. */
export async function rememberRejected(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'streamRunId'>,
  owners: readonly { readonly stream: Stream; readonly ownerKey: string }[],
): Promise<void> {
  if (owners.length === 0) return;
  await em.query(
    `INSERT INTO buduan.pull_seen (tenant_id, stream_run_id, stream, owner_key, rejected)
     SELECT DISTINCT $1, $2::uuid, t.stream, t.owner_key, true FROM unnest($3::text[], $4::text[]) AS t(stream, owner_key)
     ON CONFLICT (tenant_id, stream_run_id, stream, owner_key) DO UPDATE SET rejected = true`,
    [of.tenantId, of.streamRunId, owners.map((owner) => owner.stream), owners.map((owner) => owner.ownerKey)],
  );
}

export async function forgetSeen(em: EntityManager, of: Pick<Traversal, 'tenantId' | 'streamRunId'>): Promise<void> {
  await em.query('DELETE FROM buduan.pull_seen WHERE tenant_id = $1 AND stream_run_id = $2', [
    of.tenantId,
    of.streamRunId,
  ]);
}

/** Tells a running traversal that these owners have just been read in full: it has nothing to take away from them. */
export async function settleUnseen(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'streamRunId'>,
  ownerKeys: readonly string[],
): Promise<void> {
  await em.query(
    'UPDATE buduan.pull_seen SET unseen = NULL WHERE tenant_id = $1 AND stream_run_id = $2 AND owner_key = ANY($3::text[]) AND unseen IS NOT NULL',
    [of.tenantId, of.streamRunId, ownerKeys],
  );
}
