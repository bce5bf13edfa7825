/** Everything that people said of one finding. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';

export interface FindingMark {
  readonly kind: 'set-aside' | 'taken-back';
  readonly by: string;
  readonly at: Date;
  readonly reason: string;
  /** The last day on which it counts; null of what was taken back. */
  readonly until: Day | null;
}

/** Oldest first; the last 100. */
export async function readMarks(
  em: EntityManager,
  tenantId: string,
  findingId: string,
): Promise<readonly FindingMark[]> {
  const newest = await em.query<FindingMark[]>(
    `SELECT mark.kind, mark.actor AS by, mark.at, mark.reason, mark.until::text AS until
       FROM buduan.finding_mark AS mark
      WHERE mark.tenant_id = $1 AND mark.finding_id = $2 ORDER BY mark.mark_no DESC LIMIT 100`,
    [tenantId, findingId],
  );
  return newest.reverse();
}
