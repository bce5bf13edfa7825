/** Who somebody is: a person found by identity number or by a connection's own key, with masked number and freeze. */
import type { EntityManager } from 'typeorm';
import type { IdType, IdentityNumber } from '../domain/identity-number.js';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import { plainArray } from './bulk-parameters.js';

export interface PersonView {
  readonly personId: string;
  readonly idType: IdType;
  /** First and last four characters only. */
  readonly idMasked: string;
  /** Why nothing may be sent about this person; null = nothing stands against it. */
  readonly frozenReason: string | null;
}

const PERSON = `SELECT p.person_id AS "personId", p.id_type AS "idType", p.id_masked AS "idMasked", p.frozen_reason AS "frozenReason" FROM buduan.person p`;

/** Also where a rotation of keys has not come to the person yet. */
export async function findPersonByIdentity(
  em: EntityManager,
  vault: IdentityVault,
  asked: { readonly tenantId: string; readonly identity: IdentityNumber },
): Promise<PersonView | null> {
  const { tenantId, identity } = asked;
  const indexes = vault.indexKeyIds.map((keyId) => vault.blindIndex(tenantId, identity, keyId).toString('hex'));
  const rows: PersonView[] = await em.query(
    `${PERSON} JOIN unnest($2::text[]) AS a(bidx) ON p.id_number_bidx = decode(a.bidx, 'hex') WHERE p.tenant_id = $1`,
    [tenantId, plainArray(indexes)],
  );
  return rows[0] ?? null;
}

/** The person whom a connection's list of persons knows under `ownerKey`. */
export async function findPersonByOwner(
  em: EntityManager,
  asked: { readonly tenantId: string; readonly connectionId: string; readonly ownerKey: string },
): Promise<PersonView | null> {
  const rows: PersonView[] = await em.query(
    `${PERSON} JOIN buduan.source_record r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
     WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.stream = 'persons' AND r.owner_key = $3`,
    [asked.tenantId, asked.connectionId, asked.ownerKey],
  );
  return rows[0] ?? null;
}

/** Persons by id; unknown ids are absent from the map. */
export async function readPersons(
  em: EntityManager,
  tenantId: string,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, PersonView>> {
  const rows: PersonView[] = await em.query(`${PERSON} WHERE p.tenant_id = $1 AND p.person_id = ANY($2::uuid[])`, [
    tenantId,
    plainArray(personIds),
  ]);
  return new Map(rows.map((row) => [row.personId, row]));
}

/** Owner keys under which connections know a person, from their own lists of persons, live ones only. */
export async function readOwners(
  em: EntityManager,
  tenantId: string,
  personId: string,
): Promise<readonly { readonly connectionId: string; readonly ownerKey: string }[]> {
  return em.query(
    `SELECT r.connection_id AS "connectionId", r.owner_key AS "ownerKey" FROM buduan.source_record r
     WHERE r.tenant_id = $1 AND r.person_id = $2 AND r.stream = 'persons' AND r.gone_at IS NULL ORDER BY r.connection_id, r.owner_key`,
    [tenantId, personId],
  );
}

/** How many persons stand under which key; keys without a person are absent. */
export async function countByIndexKey(em: EntityManager, tenantId: string): Promise<ReadonlyMap<string, number>> {
  const rows: { keyId: string; count: number }[] = await em.query(
    `SELECT p.id_number_bidx_key AS "keyId", count(*)::int AS count FROM buduan.person p
     WHERE p.tenant_id = $1 GROUP BY 1 ORDER BY 1 LIMIT 1000`,
    [tenantId],
  );
  return new Map(rows.map(({ keyId, count }) => [keyId, count]));
}
