/** The rows of quarantined_row: written with a page, touched when seen again, resolved by what later reads show. */
import type { EntityManager } from 'typeorm';
import type { Stream } from '../domain/records.js';
import { plainArray } from './bulk-parameters.js';
import type { Traversal } from './traversal.store.js';

/** Reason of the note that an owner's records wait for a person to belong to. The records themselves are stored. */
export const UNLINKED = 'unlinked';

export interface QuarantineWrite {
  readonly quarantineId: string;
  readonly stream: Stream;
  readonly ownerKey: string | null;
  readonly reason: string;
  readonly field: string;
  readonly rawSealed: Buffer;
  /** Hex SHA-256 of the raw row. */
  readonly rawHash: string;
}

type Scope = Pick<Traversal, 'tenantId' | 'connectionId' | 'read' | 'runId'>;

/** Stores rows that are new and marks those already waiting as seen by this run. The rows must differ in (stream, hash, reason). */
export async function writeQuarantine(em: EntityManager, of: Scope, rows: readonly QuarantineWrite[]): Promise<void> {
  if (rows.length === 0) return;
  await em.query(
    `INSERT INTO buduan.quarantined_row
       (tenant_id, quarantine_id, connection_id, read_name, stream, owner_key, reason, field, raw_enc, raw_hash, first_run_id, last_run_id)
     SELECT $1, t.quarantine_id, $2, $3, t.stream, t.owner_key, t.reason, t.field, decode(t.raw_enc, 'hex'), decode(t.raw_hash, 'hex'), $4::uuid, $4::uuid
     FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
       AS t(quarantine_id, stream, owner_key, reason, field, raw_enc, raw_hash)
     ON CONFLICT (tenant_id, connection_id, read_name, stream, raw_hash, reason) WHERE resolved_at IS NULL
     DO UPDATE SET last_run_id = excluded.last_run_id`,
    [
      of.tenantId,
      of.connectionId,
      of.read,
      of.runId,
      plainArray(rows.map((row) => row.quarantineId)),
      plainArray(rows.map((row) => row.stream)),
      rows.map((row) => row.ownerKey),
      rows.map((row) => row.reason),
      rows.map((row) => row.field),
      plainArray(rows.map((row) => row.rawSealed.toString('hex'))),
      plainArray(rows.map((row) => row.rawHash)),
    ],
  );
}

/** Resolves the `unlinked` notes of these owners; returns the owners that had one. */
export async function resolveUnlinked(
  em: EntityManager,
  of: Pick<Scope, 'tenantId' | 'connectionId' | 'runId'>,
  owners: { readonly ownerKeys: readonly string[]; readonly streams: readonly Stream[] },
): Promise<readonly string[]> {
  if (owners.ownerKeys.length === 0) return [];
  const [rows]: [{ ownerKey: string }[], number] = await em.query(
    `UPDATE buduan.quarantined_row SET resolved_at = now(), resolution = 'replayed', last_run_id = $3
     WHERE tenant_id = $1 AND connection_id = $2 AND owner_key = ANY($4::text[]) AND stream = ANY($5::text[])
       AND reason = '${UNLINKED}' AND resolved_at IS NULL
     RETURNING owner_key AS "ownerKey"`,
    [of.tenantId, of.connectionId, of.runId, owners.ownerKeys, owners.streams],
  );
  return [...new Set(rows.map((row) => row.ownerKey))];
}

/** After a complete read: rows not sent again are resolved, as `replayed` where their owner came with understood rows only, else as `gone`. */
export async function resolveUnsent(em: EntityManager, of: Scope & Pick<Traversal, 'streamRunId'>): Promise<void> {
  await em.query(
    `UPDATE buduan.quarantined_row q SET resolved_at = now(), last_run_id = $4, resolution = CASE WHEN EXISTS (
         SELECT FROM buduan.pull_seen s WHERE s.tenant_id = $1 AND s.stream_run_id = $5 AND s.stream = q.stream
           AND s.owner_key = q.owner_key AND NOT s.rejected) THEN 'replayed' ELSE 'gone' END
     WHERE q.tenant_id = $1 AND q.connection_id = $2 AND q.read_name = $3 AND q.last_run_id <> $4 AND q.resolved_at IS NULL`,
    [of.tenantId, of.connectionId, of.read, of.runId, of.streamRunId],
  );
}

/** After a targeted read of these owners: rows not sent again are resolved. */
export async function resolveUnsentOf(em: EntityManager, of: Scope, ownerKeys: readonly string[]): Promise<void> {
  await em.query(
    `UPDATE buduan.quarantined_row SET resolved_at = now(), last_run_id = $4, resolution = 'replayed'
     WHERE tenant_id = $1 AND connection_id = $2 AND read_name = $3 AND last_run_id <> $4 AND resolved_at IS NULL
       AND owner_key = ANY($5::text[])`,
    [of.tenantId, of.connectionId, of.read, of.runId, ownerKeys],
  );
}
