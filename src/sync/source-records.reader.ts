/** What all sources say about given persons: their stored records, decoded, with what waits in quarantine. */
import type { EntityManager } from 'typeorm';
import { compareText } from '../domain/compare-text.js';
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
 * The records of one person, by index. Lateral and fenced, because without statistics (a first run) the planner would read
 * every record of a connection for each batch (measured: 17,400 of 18,300 rows thrown away, four times per batch).
 */
const BY_PERSON = `
  SELECT r.* FROM buduan.source_record r WHERE r.tenant_id = $1 AND r.person_id = asked.person_id OFFSET 0`;

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
    `SELECT r.person_id AS "personId", r.connection_id AS "connectionId", c.role, r.stream, r.owner_key AS "ownerKey", r.body,
            r.gone_at AS "goneAt", false AS "isPartial"
     FROM unnest($2::uuid[]) AS asked(person_id)
     CROSS JOIN LATERAL (${BY_PERSON}) r
     JOIN buduan.connection c ON c.tenant_id = $1 AND c.connection_id = r.connection_id`,
    [tenantId, plainArray(personIds)],
  );
  const byPerson = new Map<string, PersonRecord[]>();
  for (const row of withWaiting(rows, await readWaiting(em, tenantId, rows))) {
    const records = byPerson.get(row.personId);
    if (records === undefined) byPerson.set(row.personId, [toRecord(row)]);
    else records.push(toRecord(row));
  }
  // Sorted here: the database would carry every body through its sort.
  for (const records of byPerson.values()) records.sort(byPlace);
  return byPerson;
}

/** Owners of these records with rows in quarantine, per stream; looked up by key, one owner of a connection after the other. */
async function readWaiting(em: EntityManager, tenantId: string, rows: readonly StoredRow[]): Promise<StoredRow[]> {
  const owners = new Map(rows.map((row) => [`${row.connectionId} ${row.ownerKey}`, row]));
  const asked = [...owners.values()];
  return em.query(
    `SELECT DISTINCT asked.person_id AS "personId", asked.connection_id AS "connectionId", asked.role, q.stream, asked.owner_key AS "ownerKey",
            NULL AS body, NULL::timestamptz AS "goneAt", true AS "isPartial"
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS asked(person_id, connection_id, role, owner_key)
     CROSS JOIN LATERAL (
       SELECT q.stream FROM buduan.quarantined_row q
       WHERE q.tenant_id = $1 AND q.connection_id = asked.connection_id AND q.owner_key = asked.owner_key
         AND q.resolved_at IS NULL AND q.reason <> 'unlinked' OFFSET 0) q`,
    [
      tenantId,
      plainArray(asked.map((row) => row.personId)),
      plainArray(asked.map((row) => row.connectionId)),
      plainArray(asked.map((row) => row.role)),
      asked.map((row) => row.ownerKey),
    ],
  );
}

function withWaiting(rows: readonly StoredRow[], waiting: readonly StoredRow[]): readonly StoredRow[] {
  if (waiting.length === 0) return rows;
  const left = new Map(waiting.map((row) => [placeOf(row), row]));
  const marked = rows.map((row) => (left.delete(placeOf(row)) ? { ...row, isPartial: true } : row));
  return [...marked, ...left.values()];
}

function placeOf({ personId, connectionId, stream, ownerKey }: StoredRow): string {
  return `${personId} ${connectionId} ${stream} ${ownerKey}`;
}

function byPlace(a: PersonRecord, b: PersonRecord): number {
  return (
    compareText(a.connectionId, b.connectionId) ||
    compareText(a.stream, b.stream) ||
    compareText(a.ownerKey, b.ownerKey)
  );
}

function toRecord({ personId: _, body, ...row }: StoredRow): PersonRecord {
  // The stream decides the type of the items; TypeScript cannot follow it through the row.
  return { ...row, items: body === null ? [] : decodeItems(row.stream, body) } as PersonRecord;
}
