/** What others may ask of the planned corrections: the plan, counted by system and kind, and its rows. */
import type { EntityManager } from 'typeorm';
import type { CorrectionKind } from './reconcile-settings.js';
import type { CorrectionValues } from './plan-corrections.js';

export interface CorrectionCount {
  readonly connectionId: string;
  readonly kind: CorrectionKind;
  readonly movesMoney: boolean;
  readonly count: number;
}

export async function countCorrections(em: EntityManager, tenantId: string): Promise<readonly CorrectionCount[]> {
  return em.query(
    `SELECT correction.connection_id AS "connectionId", correction.kind, correction.moves_money AS "movesMoney", count(*)::int AS count
       FROM buduan.correction WHERE correction.tenant_id = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [tenantId],
  );
}

export interface CorrectionView {
  readonly connectionId: string;
  readonly kind: CorrectionKind;
  readonly ownerKey: string;
  readonly objectKey: string;
  readonly personId: string;
  readonly seen: CorrectionValues;
  readonly desired: CorrectionValues;
  readonly movesMoney: boolean;
  readonly reason: Readonly<Record<string, string | boolean>>;
  readonly plannedAt: Date;
}

/** The key of the last row of the page before. */
export type CorrectionKey = Pick<CorrectionView, 'connectionId' | 'kind' | 'ownerKey' | 'objectKey'>;

export interface CorrectionFilter {
  readonly tenantId: string;
  readonly connectionId?: string;
  readonly personId?: string;
  readonly after?: CorrectionKey;
  /** 1–1000. */
  readonly limit: number;
}

/** In order of connection, kind, owner and object. */
export async function listCorrections(em: EntityManager, filter: CorrectionFilter): Promise<readonly CorrectionView[]> {
  const { after } = filter;
  return em.query(
    `SELECT correction.connection_id AS "connectionId", correction.kind, correction.owner_key AS "ownerKey", correction.object_key AS "objectKey",
            correction.person_id AS "personId", correction.seen, correction.desired, correction.moves_money AS "movesMoney",
            correction.reason, correction.planned_at AS "plannedAt"
       FROM buduan.correction
      WHERE correction.tenant_id = $1
        AND ($2::text IS NULL OR correction.connection_id = $2::text)
        AND ($3::uuid IS NULL OR correction.person_id = $3::uuid)
        AND ($4::text IS NULL OR (correction.connection_id, correction.kind, correction.owner_key, correction.object_key) > ($4::text, $5::text, $6::text, $7::text))
      ORDER BY correction.connection_id, correction.kind, correction.owner_key, correction.object_key
      LIMIT $8`,
    [
      filter.tenantId,
      filter.connectionId ?? null,
      filter.personId ?? null,
      after?.connectionId ?? null,
      after?.kind ?? null,
      after?.ownerKey ?? null,
      after?.objectKey ?? null,
      Math.min(Math.max(filter.limit, 1), 1000),
    ],
  );
}
