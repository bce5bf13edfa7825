/** The rows of person that identity numbers lead to, and the cases that freeze them. */
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { HubError } from '../domain/hub-error.js';
import { type IdType, type IdentityNumber, maskIdentityNumber } from '../domain/identity-number.js';
import type { IdentityVault } from '../platform/crypto/identity-vault.js';
import { plainArray } from './bulk-parameters.js';

/** Identity numbers by their blind index in hex, under the current key of the ring. */
export type IdentitiesByIndex = ReadonlyMap<string, IdentityNumber>;

/** The persons of these identity numbers, created where they were unknown: blind index → person id. */
export async function findOrCreatePersons(
  em: EntityManager,
  vault: IdentityVault,
  asked: { readonly tenantId: string; readonly identities: IdentitiesByIndex },
): Promise<ReadonlyMap<string, string>> {
  const { tenantId, identities } = asked;
  const found = await findPersons(em, vault, { tenantId, identities });
  if (found.size === identities.size) return found;
  // Nobody moves to another key until this transaction ends, and whoever was made under a former one is found now.
  const keyId = (await holdMainKey(em)) ?? vault.currentIndexKeyId;
  const again =
    vault.indexKeyIds.length === 1
      ? new Map<string, string>()
      : await findPersons(em, vault, { tenantId, identities: without(identities, found) });
  const missing = without(without(identities, found), again);
  if (missing.size === 0) return new Map([...found, ...again]);
  const created = await insertPersons(em, vault, { tenantId, keyId, identities: missing });
  const lost = await findPersons(em, vault, { tenantId, identities: without(missing, created) });
  return new Map([...found, ...again, ...created, ...lost]);
}

/** The key under which persons are made; null where no hub has named one yet. */
async function holdMainKey(em: EntityManager): Promise<string | null> {
  const rows: { keyId: string | null }[] = await em.query('SELECT buduan.main_index_key() AS "keyId"');
  return rows[0]?.keyId ?? null;
}

function without(identities: IdentitiesByIndex, found: ReadonlyMap<string, string>): IdentitiesByIndex {
  return new Map([...identities].filter(([index]) => !found.has(index)));
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

/** Under every key of the ring: in the middle of a rotation some persons stand under the next key and some under the former. */
async function findPersons(
  em: EntityManager,
  vault: IdentityVault,
  { tenantId, identities }: { readonly tenantId: string; readonly identities: IdentitiesByIndex },
): Promise<Map<string, string>> {
  const askedBy = new Map<string, string>();
  for (const [index, identity] of identities) {
    askedBy.set(index, index);
    if (vault.indexKeyIds.length > 1)
      for (const keyId of vault.indexKeyIds)
        askedBy.set(vault.blindIndex(tenantId, identity, keyId).toString('hex'), index);
  }
  const indexes = [...askedBy.keys()];
  if (indexes.length === 0) return new Map();
  const rows: { bidx: string; personId: string }[] = await em.query(
    `SELECT a.bidx, p.person_id AS "personId" FROM unnest($2::text[]) AS a(bidx)
     JOIN LATERAL (
       SELECT p.person_id FROM buduan.person p WHERE p.tenant_id = $1 AND p.id_number_bidx = decode(a.bidx, 'hex') OFFSET 0) p ON true`,
    [tenantId, plainArray(indexes)],
  );
  return new Map(rows.map((row) => [askedBy.get(row.bidx) ?? row.bidx, row.personId]));
}

/** In ascending order of the blind index: two pages that bring the same people wait for each other and never in a circle. */
async function insertPersons(
  em: EntityManager,
  vault: IdentityVault,
  asked: { readonly tenantId: string; readonly keyId: string; readonly identities: IdentitiesByIndex },
): Promise<Map<string, string>> {
  const { tenantId, keyId } = asked;
  const askedBy = new Map(
    [...asked.identities].map(([index, identity]) => [indexUnder(vault, { tenantId, keyId, index, identity }), index]),
  );
  const indexes = [...askedBy.keys()].sort();
  const identities = indexes.map((index) => known(asked.identities, askedBy.get(index) ?? index));
  const personIds = indexes.map(() => uuidv7());
  const sealed = identities.map((identity, at) =>
    vault.seal(tenantId, 'person', 'id_number_enc', personIds[at] ?? '', identity.number).toString('hex'),
  );
  const rows: { bidx: string; personId: string }[] = await em.query(
    `INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked, id_number_bidx_key)
     SELECT $1, t.person_id, t.id_type, decode(t.enc, 'hex'), decode(t.bidx, 'hex'), t.masked, $7
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
      keyId,
    ],
  );
  return new Map(rows.map((row) => [askedBy.get(row.bidx) ?? row.bidx, row.personId]));
}

interface Indexed {
  readonly tenantId: string;
  readonly keyId: string;
  /** Hex, under the current key of the ring. */
  readonly index: string;
  readonly identity: IdentityNumber;
}

function indexUnder(vault: IdentityVault, { tenantId, keyId, index, identity }: Indexed): string {
  return keyId === vault.currentIndexKeyId ? index : vault.blindIndex(tenantId, identity, keyId).toString('hex');
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
