/** When given records were read: since when each stands as it does, and the last complete reads of its stream before a moment. */
import type { EntityManager } from 'typeorm';
import type { Stream } from '../domain/records.js';
import type { Role } from '../domain/situation.js';

export interface RecordPlace {
  readonly connectionId: string;
  readonly stream: Stream;
  readonly ownerKey: string;
}

export interface RecordRead extends RecordPlace {
  readonly role: Role;
  /** End of the last read of the stream that succeeded before the moment; null = none is remembered. */
  readonly readAt: Date | null;
  readonly readRunId: string | null;
  /** Since when the record says what it says today; null = it is not stored any more. */
  readonly unchangedSince: Date | null;
  /** When a complete read first missed it; null = the source still has it. */
  readonly goneAt: Date | null;
}

/** In order of connection, stream and owner key; places of connections that are unknown are left out. At most 200 are asked. */
export async function readRecordReads(
  em: EntityManager,
  asked: { readonly tenantId: string; readonly places: readonly RecordPlace[]; readonly before: Date },
): Promise<readonly RecordRead[]> {
  const places = asked.places.slice(0, 200);
  return em.query<RecordRead[]>(
    `SELECT place."connectionId", c.role, place.stream, place."ownerKey", read.finished_at AS "readAt", read.run_id AS "readRunId",
            r.observed_at AS "unchangedSince", r.gone_at AS "goneAt"
       FROM jsonb_to_recordset($2::jsonb) AS place ("connectionId" text, stream text, "ownerKey" text)
       JOIN buduan.connection c ON c.tenant_id = $1 AND c.connection_id = place."connectionId"
       LEFT JOIN buduan.source_record r ON r.tenant_id = $1 AND r.connection_id = place."connectionId" AND r.stream = place.stream
             AND r.owner_key = place."ownerKey"
       LEFT JOIN LATERAL (
         SELECT s.finished_at, s.run_id FROM buduan.stream_run s
          WHERE s.tenant_id = $1 AND s.connection_id = place."connectionId" AND place.stream = ANY (s.streams)
            AND s.state = 'succeeded' AND s.finished_at <= $3
          ORDER BY s.finished_at DESC LIMIT 1) AS read ON true
      ORDER BY place."connectionId", place.stream, place."ownerKey"`,
    [asked.tenantId, JSON.stringify(places), asked.before],
  );
}
