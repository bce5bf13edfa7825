/** The rows of person that identity numbers lead to, and the cases that freeze them. */
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { HubError } from '../domain/hub-error.js';
import { type IdType, type IdentityNumber, maskIdentityNumber } from '../domain/identity-number.js';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import { plainArray } from './bulk-parameters.js';

/** Identity numbers by their blind index in hex. */
export type IdentitiesByIndex = ReadonlyMap<string, IdentityNumber>;

/** The persons of these identity numbers, created where they were unknown: blind index → person id. */
export async function findOrCreatePersons(
  em: EntityManager,
  vault: IdentityVault,
  asked: { readonly tenantId: string; readonly identities: IdentitiesByIndex },
): Promise<ReadonlyMap<string, string>> {
  const { tenantId, identities } = asked;
  const found = await findPersons(em, tenantId, [...identities.keys()]);
  const missing = [...identities.keys()].filter((index) => !found.has(index)).sort();
  if (missing.length === 0) return found;
  const created = await insertPersons(em, vault, {
    tenantId,
    identities: new Map(missing.map((index) => [index, known(identities, index)])),
  });
  const lost = missing.filter((index) => !created.has(index));
  return new Map([...found, ...created, ...(await findPersons(em, tenantId, lost))]);
}

/** The sealed number of one person; null = there is no such person. */
export async function selectSealedIdentity(
  em: EntityManager,
  person: { readonly tenantId: string; readonly personId: string },
): Promise<{ readonly idType: IdType; readonly sealed: Buffer } | null> {
  const rows = await em.query<{ idType: IdType; sealed: Buffer }[]>(
    `SELECT p.id_type AS "idType", p.id_number_enc AS sealed FROM buduan.person p WHERE p.tenant_id = $1 AND p.person_id = $2`,
    [person.tenantId, person.personId],
  );
  return rows[0] ?? null;
}

async function findPersons(
  em: EntityManager,
  tenantId: string,
  indexes: readonly string[],
): Promise<Map<string, string>> {
  if (indexes.length === 0) return new Map();
  const rows: { bidx: string; personId: string }[] = await em.query(
    `SELECT a.bidx, p.person_id AS "personId" FROM unnest($2::text[]) AS a(bidx)
     JOIN LATERAL (
       SELECT p.person_id FROM buduan.person p WHERE p.tenant_id = $1 AND p.id_number_bidx = decode(a.bidx, 'hex') OFFSET 0) p ON true`,
    [tenantId, plainArray(indexes)],
  );
  return new Map(rows.map((row) => [row.bidx, row.personId]));
}

/** In ascending order of the blind index: two pages that bring the same people wait for each other and never in a circle. */
async function insertPersons(
  em: EntityManager,
  vault: IdentityVault,
  asked: { readonly tenantId: string; readonly identities: IdentitiesByIndex },
): Promise<Map<string, string>> {
  const { tenantId } = asked;
  const indexes = [...asked.identities.keys()];
  const identities = [...asked.identities.values()];
  const personIds = indexes.map(() => uuidv7());
  const sealed = identities.map((identity, at) =>
    vault.seal(tenantId, 'person', 'id_number_enc', personIds[at] ?? '', identity.number).toString('hex'),
  );
  const rows: { bidx: string; personId: string }[] = await em.query(
    `INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked)
     SELECT $1, t.person_id, t.id_type, decode(t.enc, 'hex'), decode(t.bidx, 'hex'), t.masked
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) AS t(person_id, id_type, enc, bidx, masked)
     ON CONFLICT (tenant_id, id_number_bidx) DO NOTHING
     RETURNING encode(id_number_bidx, 'hex') AS bidx, person_id AS "personId"`,
    [
      tenantId,
      plainArray(personIds),
      plainArray(identities.map((identity) => identity.type)),
      plainArray(sealed),
      plainArray(indexes),
      identities.map((identity) => maskIdentityNumber(identity.number)),
    ],
  );
  return new Map(rows.map((row) => [row.bidx, row.personId]));
}

function known(identities: IdentitiesByIndex, index: string): IdentityNumber {
  const identity = identities.get(index);
  if (identity === undefined)
    throw new HubError({
      code: 'invariant-broken',
      next: 'bug',
      message: 'A blind index lost its identity number between two statements.',
    });
  return identity;
}
