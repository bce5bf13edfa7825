/** Where a person must be read when an employment is new: the bureaus that know the person, and those that have never named him. */
import type { EntityManager } from 'typeorm';
import type { IdType } from '../domain/identity-number.js';
import { plainArray } from './bulk-parameters.js';

export interface BureauOwner {
  readonly connectionId: string;
  readonly ownerKey: string;
}

export interface HiredQuestion {
  readonly tenantId: string;
  readonly personIds: readonly string[];
  /** The read that brought or changed their employments; null = whatever brought them. */
  readonly runId: string | null;
}

/** Of these persons, those whose employments are new. Ordered by connection and key. */
export async function bureausOfHired(em: EntityManager, asked: HiredQuestion): Promise<readonly BureauOwner[]> {
  return em.query(
    `SELECT DISTINCT known.connection_id AS "connectionId", known.owner_key AS "ownerKey"
       FROM buduan.source_record hired
       JOIN buduan.source_record known ON known.tenant_id = hired.tenant_id AND known.person_id = hired.person_id
        AND known.stream = 'persons' AND known.gone_at IS NULL
       JOIN buduan.connection bureau ON bureau.tenant_id = known.tenant_id AND bureau.connection_id = known.connection_id AND bureau.role = 'bureau'
      WHERE hired.tenant_id = $1 AND hired.person_id = ANY ($2::uuid[]) AND hired.stream = 'employments'
        AND ($3::uuid IS NULL OR hired.changed_run_id = $3::uuid)
      ORDER BY 1, 2 LIMIT 500`,
    [asked.tenantId, plainArray(asked.personIds), asked.runId],
  );
}

/** Somebody newly hired whom this connection has never named. */
export interface Stranger {
  readonly connectionId: string;
  readonly personId: string;
  readonly idType: IdType;
  /** The identity number, sealed. */
  readonly sealed: Buffer;
}

/** By connection and person. Who is frozen is left out: it is not certain whose number that is. */
export async function hiredStrangers(
  em: EntityManager,
  { tenantId, personIds, runId, connectionIds }: HiredQuestion & { readonly connectionIds: readonly string[] },
): Promise<readonly Stranger[]> {
  if (connectionIds.length === 0) return [];
  return em.query(
    `SELECT bureau.id AS "connectionId", p.person_id AS "personId", p.id_type AS "idType", p.id_number_enc AS sealed
       FROM buduan.person p CROSS JOIN unnest($4::text[]) AS bureau(id)
      WHERE p.tenant_id = $1 AND p.person_id = ANY ($2::uuid[]) AND p.frozen_reason IS NULL
        AND EXISTS (SELECT FROM buduan.source_record hired WHERE hired.tenant_id = p.tenant_id AND hired.person_id = p.person_id
          AND hired.stream = 'employments' AND hired.gone_at IS NULL AND ($3::uuid IS NULL OR hired.changed_run_id = $3::uuid))
        AND NOT EXISTS (SELECT FROM buduan.source_record known WHERE known.tenant_id = p.tenant_id AND known.person_id = p.person_id
          AND known.connection_id = bureau.id AND known.stream = 'persons' AND known.gone_at IS NULL)
      ORDER BY 1, 2 LIMIT 500`,
    [tenantId, plainArray(personIds), runId, plainArray(connectionIds)],
  );
}
