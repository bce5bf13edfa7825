/** What the last 24 hours brought: runs by state, rows by connection. */
import type { EntityManager } from 'typeorm';

export async function countRunsOfDay(
  em: EntityManager,
  tenantId: string,
): Promise<readonly { readonly state: string; readonly count: number }[]> {
  return em.query(
    `SELECT r.state, count(*)::int AS count FROM buduan.run r
      WHERE r.tenant_id = $1 AND r.started_at > now() - interval '24 hours' GROUP BY 1 ORDER BY 1`,
    [tenantId],
  );
}

export interface RowsOfDay {
  readonly connectionId: string;
  readonly rows: number;
  readonly changed: number;
  readonly rejected: number;
}

export async function countRowsOfDay(em: EntityManager, tenantId: string): Promise<readonly RowsOfDay[]> {
  return em.query(
    `SELECT s.connection_id AS "connectionId", sum(s.row_count)::float8 AS rows, sum(s.changed_count)::float8 AS changed,
            sum(s.rejected_count)::float8 AS rejected
       FROM buduan.stream_run s WHERE s.tenant_id = $1 AND s.started_at > now() - interval '24 hours' GROUP BY 1 ORDER BY 1`,
    [tenantId],
  );
}
