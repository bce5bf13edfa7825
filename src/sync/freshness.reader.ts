/** When each read of each connection last saw everything, for whoever must know that a source has fallen silent. */
import type { EntityManager } from 'typeorm';

export interface ReadSuccess {
  readonly connectionId: string;
  readonly read: string;
  readonly at: Date;
}

/** Of each connection and read the end of its newest complete walk; a read without one is absent. */
export async function readLastSuccesses(em: EntityManager, tenantId: string): Promise<readonly ReadSuccess[]> {
  return em.query(
    `SELECT s.connection_id AS "connectionId", s.read_name AS read, max(s.finished_at) AS at
       FROM buduan.stream_run s WHERE s.tenant_id = $1 AND s.complete
      GROUP BY s.connection_id, s.read_name ORDER BY s.connection_id, s.read_name`,
    [tenantId],
  );
}
