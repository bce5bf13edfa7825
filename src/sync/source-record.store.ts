/** The rows of source_record that a page touches: compared, written, linked, marked as gone. */
import type { EntityManager } from 'typeorm';
import type { Stream } from '../domain/records.js';
import { jsonBytes, plainArray } from './bulk-parameters.js';
import type { KeyList } from './record-body.js';
import type { Portion } from './portions.js';
import type { Traversal } from './traversal.store.js';

export type LinkRule = 'identity-number' | 'external-id' | 'decided';

/** What is stored for a portion that is not simply the same as before. */
export interface Standing {
  /** Place of the portion in the list asked for, from 0. */
  readonly at: number;
  readonly isStored: boolean;
  readonly personId: string | null;
  readonly linkRule: LinkRule | null;
  readonly isGone: boolean;
  /** Hex; null when nothing is stored. */
  readonly hash: string | null;
  /** Body, only where the stored hash is another one. */
  readonly body: string | null;
  /** Whether the portion's identity number is the linked person's. */
  readonly isSamePerson: boolean;
  /** Whether this traversal has met the owner before. */
  readonly isMet: boolean;
  readonly unseen: KeyList | null;
}

/**
 * Marks the portions' owners as met and returns those whose stored record differs in content, link or liveness, or who
 * were met before. An unchanged page returns nothing. Each probe is a lateral look-up by primary key: without statistics
 * (a first run) the planner would join by hashing the whole table, page after page.
 */
export async function compareWithStored(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'connectionId' | 'streamRunId'>,
  asked: { readonly portions: readonly Portion[]; readonly blindIndexes: readonly (string | null)[] },
): Promise<readonly Standing[]> {
  const { portions, blindIndexes } = asked;
  return em.query(
    `WITH asked AS MATERIALIZED (
       SELECT t.at::int - 1 AS at, t.stream, t.owner_key, decode(t.hash, 'hex') AS hash, decode(t.bidx, 'hex') AS bidx
       FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY AS t(stream, owner_key, hash, bidx, at)
     ), fresh AS (
       INSERT INTO buduan.pull_seen (tenant_id, stream_run_id, stream, owner_key)
       SELECT $1, $3::uuid, a.stream, a.owner_key FROM asked a
       ON CONFLICT DO NOTHING RETURNING stream, owner_key
     )
     SELECT a.at, r.stored IS NOT NULL AS "isStored", r.person_id AS "personId", r.link_rule AS "linkRule",
            r.gone_at IS NOT NULL AS "isGone", encode(r.content_hash, 'hex') AS hash,
            CASE WHEN r.content_hash <> a.hash THEN r.body END AS body,
            a.bidx IS NOT DISTINCT FROM p.id_number_bidx AS "isSamePerson",
            f.owner_key IS NULL AS "isMet",
            CASE WHEN f.owner_key IS NULL THEN (
              SELECT s.unseen FROM buduan.pull_seen s
              WHERE s.tenant_id = $1 AND s.stream_run_id = $3::uuid AND s.stream = a.stream AND s.owner_key = a.owner_key) END AS unseen
     FROM asked a
     LEFT JOIN fresh f ON f.stream = a.stream AND f.owner_key = a.owner_key
     LEFT JOIN LATERAL (
       SELECT true AS stored, r.person_id, r.link_rule, r.gone_at, r.content_hash, r.body FROM buduan.source_record r
       WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.stream = a.stream AND r.owner_key = a.owner_key OFFSET 0) r ON true
     LEFT JOIN LATERAL (
       SELECT p.id_number_bidx FROM buduan.person p WHERE p.tenant_id = $1 AND p.person_id = r.person_id OFFSET 0) p ON a.bidx IS NOT NULL
     WHERE r.stored IS NULL OR r.content_hash <> a.hash OR r.gone_at IS NOT NULL OR r.person_id IS NULL OR f.owner_key IS NULL
        OR (a.bidx IS NOT NULL AND p.id_number_bidx IS DISTINCT FROM a.bidx)
     ORDER BY a.at`,
    [
      of.tenantId,
      of.connectionId,
      of.streamRunId,
      plainArray(portions.map((portion) => portion.stream)),
      portions.map((portion) => portion.ownerKey),
      plainArray(portions.map((portion) => portion.hash)),
      plainArray(blindIndexes),
    ],
  );
}

export interface RecordWrite {
  readonly stream: Stream;
  readonly ownerKey: string;
  readonly personId: string | null;
  readonly linkRule: LinkRule | null;
  /** Text, or the same as UTF-8. */
  readonly body: string | Buffer;
  /** Hex. */
  readonly hash: string;
}

/**
 * Inserts records that are expected to be new; returns the places of those that were not stored because their key was
 * taken: an owner who came on an earlier page, or through a targeted read meanwhile.
 */
export async function insertRecords(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'connectionId' | 'runId'>,
  records: readonly RecordWrite[],
): Promise<readonly number[]> {
  if (records.length === 0) return [];
  const stored: { key: string }[] = await em.query(
    `${INSERT_RECORDS} ON CONFLICT DO NOTHING RETURNING stream || ' ' || owner_key AS key`,
    [...recordParameters(of, records)],
  );
  if (stored.length === records.length) return [];
  const keys = new Set(stored.map((row) => row.key));
  return records.flatMap(({ stream, ownerKey }, at) => (keys.has(`${stream} ${ownerKey}`) ? [] : [at]));
}

/** Inserts or replaces records; every one of them counts as changed by the run. */
export async function writeRecords(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'connectionId' | 'runId'>,
  records: readonly RecordWrite[],
): Promise<void> {
  if (records.length === 0) return;
  await em.query(
    `${INSERT_RECORDS} ON CONFLICT (tenant_id, connection_id, stream, owner_key) DO UPDATE
     SET person_id = excluded.person_id, link_rule = excluded.link_rule, body = excluded.body, content_hash = excluded.content_hash,
         changed_run_id = excluded.changed_run_id, observed_at = excluded.observed_at, gone_at = NULL`,
    [...recordParameters(of, records)],
  );
}

const INSERT_RECORDS = `
  INSERT INTO buduan.source_record (tenant_id, connection_id, stream, owner_key, person_id, link_rule, body, content_hash, changed_run_id, observed_at)
  SELECT $1, $2, t.stream, t.owner_key, t.person_id, t.link_rule, t.body, decode(t.hash, 'hex'), $3::uuid, now()
  FROM unnest($4::text[], $5::text[], $6::uuid[], $7::text[], string_to_array(convert_from($8::bytea, 'UTF8'), E'\x1e'), $9::text[])
    AS t(stream, owner_key, person_id, link_rule, body, hash)`;

function recordParameters(
  of: Pick<Traversal, 'tenantId' | 'connectionId' | 'runId'>,
  records: readonly RecordWrite[],
): readonly unknown[] {
  return [
    of.tenantId,
    of.connectionId,
    of.runId,
    plainArray(records.map((record) => record.stream)),
    records.map((record) => record.ownerKey),
    plainArray(records.map((record) => record.personId)),
    plainArray(records.map((record) => record.linkRule)),
    jsonBytes(records.map((record) => record.body)),
    plainArray(records.map((record) => record.hash)),
  ];
}

/** Whom a connection's own list of persons links these owner keys to. */
export async function findLinks(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'connectionId'>,
  ownerKeys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ownerKeys.length === 0) return new Map();
  const rows: { ownerKey: string; personId: string }[] = await em.query(
    `SELECT a.owner_key AS "ownerKey", r.person_id AS "personId" FROM unnest($3::text[]) AS a(owner_key)
     JOIN LATERAL (
       SELECT r.person_id FROM buduan.source_record r
       WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.stream = 'persons' AND r.owner_key = a.owner_key OFFSET 0) r
       ON r.person_id IS NOT NULL`,
    [of.tenantId, of.connectionId, ownerKeys],
  );
  return new Map(rows.map((row) => [row.ownerKey, row.personId]));
}

/** Gives the other records of these owners to the person that the list of persons now names. Returns how many moved. */
export async function followLinks(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'connectionId' | 'runId'>,
  links: ReadonlyMap<string, string>,
): Promise<number> {
  if (links.size === 0) return 0;
  const moved: [unknown[], number] = await em.query(
    `UPDATE buduan.source_record r SET person_id = t.person_id, link_rule = 'external-id', changed_run_id = $3
     FROM unnest($4::text[], $5::uuid[]) AS t(owner_key, person_id)
     CROSS JOIN unnest('{employments,wages,attendance,contributions,orders,submissions}'::text[]) AS f(stream)
     WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.stream = f.stream AND r.owner_key = t.owner_key
       AND r.person_id IS DISTINCT FROM t.person_id AND r.link_rule IS DISTINCT FROM 'decided'`,
    [of.tenantId, of.connectionId, of.runId, [...links.keys()], plainArray([...links.values()])],
  );
  return moved[1];
}

/** Lets these persons be judged again by this run although no content of theirs changed. */
export async function touchPersons(
  em: EntityManager,
  of: Pick<Traversal, 'tenantId' | 'runId'>,
  personIds: readonly string[],
): Promise<void> {
  if (personIds.length === 0) return;
  await em.query(
    'UPDATE buduan.source_record SET changed_run_id = $2 WHERE tenant_id = $1 AND person_id = ANY($3::uuid[]) AND changed_run_id <> $2',
    [of.tenantId, of.runId, plainArray(personIds)],
  );
}
