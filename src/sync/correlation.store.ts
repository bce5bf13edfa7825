/** Which persons stand twice in one list: correlation cases opened and closed by data, and the freeze that follows them. */
import type { EntityManager } from 'typeorm';
import { plainArray } from './bulk-parameters.js';
import type { Traversal } from './traversal.store.js';

export const DUPLICATE_NUMBER = 'duplicate-number';

type Scope = Pick<Traversal, 'tenantId' | 'connectionId'>;

/** Persons to look at; null = everybody. */
export type PersonScope = readonly string[] | null;

/** Two texts, so that a plan that is kept for named persons goes by their index. */
function among(row: string, persons: PersonScope): string {
  return persons === null ? '$3::uuid[] IS NULL' : `${row}.person_id = ANY($3::uuid[])`;
}

const twice = (persons: PersonScope): string => `
  SELECT r.person_id, array_agg(r.owner_key ORDER BY r.owner_key) AS owner_keys
  FROM buduan.source_record r
  WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.stream = 'persons' AND r.gone_at IS NULL AND r.person_id IS NOT NULL
    AND ${among('r', persons)}
  GROUP BY r.person_id HAVING count(*) > 1`;

/** Opens or updates a case for everybody listed more than once by this connection; returns the persons whose case is new or changed. */
export async function openDuplicates(em: EntityManager, of: Scope, persons: PersonScope): Promise<readonly string[]> {
  const rows: { personId: string }[] = await em.query(
    `INSERT INTO buduan.correlation_case AS c (tenant_id, case_id, person_id, connection_id, stream, owner_keys, reason)
     SELECT $1, gen_random_uuid(), t.person_id, $2, 'persons', t.owner_keys, '${DUPLICATE_NUMBER}' FROM (${twice(persons)}) t
     ON CONFLICT (tenant_id, person_id, connection_id) WHERE closed_at IS NULL
     DO UPDATE SET owner_keys = excluded.owner_keys WHERE c.owner_keys <> excluded.owner_keys
     RETURNING c.person_id AS "personId"`,
    [of.tenantId, of.connectionId, persons === null ? null : plainArray(persons)],
  );
  return rows.map((row) => row.personId);
}

/** Closes the cases of this connection whose person is listed once again; returns the persons. */
export async function closeDuplicates(em: EntityManager, of: Scope, persons: PersonScope): Promise<readonly string[]> {
  const [rows]: [{ personId: string }[], number] = await em.query(
    `UPDATE buduan.correlation_case c SET closed_at = now()
     WHERE c.tenant_id = $1 AND c.connection_id = $2 AND c.closed_at IS NULL AND c.reason = '${DUPLICATE_NUMBER}'
       AND ${among('c', persons)}
       AND (SELECT count(*) FROM (
              SELECT r.connection_id, r.stream, r.gone_at FROM buduan.source_record r
              WHERE r.tenant_id = $1 AND r.person_id = c.person_id OFFSET 0) r
            WHERE r.connection_id = $2 AND r.stream = 'persons' AND r.gone_at IS NULL) < 2
     RETURNING c.person_id AS "personId"`,
    [of.tenantId, of.connectionId, persons === null ? null : plainArray(persons)],
  );
  return rows.map((row) => row.personId);
}

/** Freezes those of these persons who have an open case and releases those who have none any more, in order of their ids. */
export async function refreshFreeze(em: EntityManager, tenantId: string, personIds: readonly string[]): Promise<void> {
  if (personIds.length === 0) return;
  await em.query(
    `WITH concerned AS (
       SELECT p.person_id, EXISTS (
         SELECT FROM buduan.correlation_case c WHERE c.tenant_id = $1 AND c.person_id = p.person_id AND c.closed_at IS NULL) AS is_open
       FROM buduan.person p
       WHERE p.tenant_id = $1 AND p.person_id = ANY($2::uuid[])
         AND (p.frozen_reason IS NULL OR p.frozen_reason = '${DUPLICATE_NUMBER}')
       ORDER BY p.person_id FOR NO KEY UPDATE)
     UPDATE buduan.person p SET frozen_reason = CASE WHEN c.is_open THEN '${DUPLICATE_NUMBER}' END
     FROM concerned c WHERE p.tenant_id = $1 AND p.person_id = c.person_id`,
    [tenantId, plainArray(personIds)],
  );
}
