/** What all sources say about given persons: their stored records, decoded, with what waits in quarantine. */
import type { EntityManager } from 'typeorm';
import type { Stream, StreamItems } from '../domain/records.js';
import type { Role } from '../domain/situation.js';
import { plainArray } from './bulk-parameters.js';
import { decodeItems } from './record-body.js';

/** What one connection says about one person in one stream. */
export type PersonRecord = {
  readonly [S in Stream]: {
    readonly connectionId: string;
    readonly role: Role;
    readonly stream: S;
    readonly ownerKey: string;
    readonly items: readonly StreamItems[S][];
    /** When a complete read first missed this owner; null while the source still has it. */
    readonly goneAt: Date | null;
    /** Rows of this owner and stream could not be understood and wait in quarantine: what is missing here may be among them. */
    readonly isPartial: boolean;
  };
}[Stream];

interface StoredRow {
  readonly personId: string;
  readonly connectionId: string;
  readonly role: Role;
  readonly stream: Stream;
  readonly ownerKey: string;
  readonly body: string | null;
  readonly goneAt: Date | null;
  readonly isPartial: boolean;
}

/**
 * Records of these persons (≤ 500), per person ordered by connection, stream and owner key. An owner whose rows of a stream
 * are all in quarantine appears with no items and `isPartial`. Persons without records are absent from the map.
 */
export async function readPersonRecords(
  em: EntityManager,
  tenantId: string,
  personIds: readonly string[],
): Promise<Map<string, readonly PersonRecord[]>> {
  const rows: StoredRow[] = await em.query(
    `WITH own AS (
       SELECT r.person_id, r.connection_id, r.stream, r.owner_key, r.body::text AS body, r.gone_at
       FROM buduan.source_record r WHERE r.tenant_id = $1 AND r.person_id = ANY($2::uuid[])
     ), waiting AS (
       SELECT DISTINCT o.person_id, q.connection_id, q.stream, q.owner_key
       FROM (SELECT DISTINCT person_id, connection_id, owner_key FROM own) o
       JOIN buduan.quarantined_row q ON q.tenant_id = $1 AND q.connection_id = o.connection_id AND q.owner_key = o.owner_key
       WHERE q.resolved_at IS NULL AND q.reason <> 'unlinked'
     )
     SELECT COALESCE(o.person_id, w.person_id) AS "personId", connection_id AS "connectionId", c.role, stream, owner_key AS "ownerKey",
            o.body, o.gone_at AS "goneAt", w.person_id IS NOT NULL AS "isPartial"
     FROM own o FULL JOIN waiting w USING (person_id, connection_id, stream, owner_key)
     JOIN buduan.connection c USING (connection_id)
     WHERE c.tenant_id = $1
     ORDER BY "personId", connection_id, stream, owner_key`,
    [tenantId, plainArray(personIds)],
  );
  const byPerson = new Map<string, PersonRecord[]>();
  for (const row of rows) {
    const records = byPerson.get(row.personId);
    if (records === undefined) byPerson.set(row.personId, [toRecord(row)]);
    else records.push(toRecord(row));
  }
  return byPerson;
}

function toRecord({ personId: _, body, ...row }: StoredRow): PersonRecord {
  // The stream decides the type of the items; TypeScript cannot follow it through the row.
  return { ...row, items: body === null ? [] : decodeItems(row.stream, body) } as PersonRecord;
}
