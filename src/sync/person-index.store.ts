/** The rows of person by the key of their blind index. */
import type { EntityManager } from 'typeorm';
import type { IdType } from '../domain/identity-number.js';
import { plainArray } from './bulk-parameters.js';

export interface IndexedPerson {
  readonly personId: string;
  readonly idType: IdType;
  readonly sealed: Buffer;
}

/** Persons under any other key than this one, locked, by id. Rows that somebody else holds are passed over. */
export async function takeOtherwiseIndexed(
  em: EntityManager,
  order: {
    readonly tenantId: string;
    readonly keyId: string;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly IndexedPerson[]> {
  return em.query(
    `SELECT p.person_id AS "personId", p.id_type AS "idType", p.id_number_enc AS sealed FROM buduan.person p
     WHERE p.tenant_id = $1 AND p.id_number_bidx_key <> $2 AND ($3::uuid IS NULL OR p.person_id > $3::uuid)
     ORDER BY p.person_id LIMIT $4 FOR UPDATE OF p SKIP LOCKED`,
    [order.tenantId, order.keyId, order.after, order.limit],
  );
}

/** Of rows that this transaction holds; `index` in hex. */
export async function replaceIndexes(
  em: EntityManager,
  of: { readonly tenantId: string; readonly keyId: string },
  persons: readonly { readonly personId: string; readonly index: string }[],
): Promise<void> {
  await em.query(
    `UPDATE buduan.person p SET id_number_bidx = decode(t.bidx, 'hex'), id_number_bidx_key = $2
     FROM unnest($3::uuid[], $4::text[]) AS t(person_id, bidx) WHERE p.tenant_id = $1 AND p.person_id = t.person_id`,
    [
      ...[of.tenantId, of.keyId],
      plainArray(persons.map(({ personId }) => personId)),
      plainArray(persons.map(({ index }) => index)),
    ],
  );
}
