/** Where a person must be read when an employment is new: the bureaus that know the person. */
import type { EntityManager } from 'typeorm';
import { plainArray } from './bulk-parameters.js';

export interface BureauOwner {
  readonly connectionId: string;
  readonly ownerKey: string;
}

/** Of these persons, those whose employments `runId` brought or changed; null = all of them. Ordered by connection and key. */
export async function bureausOfHired(
  em: EntityManager,
  asked: { readonly tenantId: string; readonly personIds: readonly string[]; readonly runId: string | null },
): Promise<readonly BureauOwner[]> {
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
