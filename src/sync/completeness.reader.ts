/** How far each connection and stream may be trusted: whether the newest ended read saw everything, and when. */
import type { EntityManager } from 'typeorm';
import type { Stream } from '../domain/records.js';
import type { Role } from '../domain/situation.js';

export interface StreamCompleteness {
  readonly connectionId: string;
  readonly role: Role;
  readonly stream: Stream;
  readonly complete: boolean;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** Why it is not complete; null when it is. */
  readonly reason: string | null;
}

/** Of each connection and stream the newest ended read, ordered by connection and stream. A stream never read is absent. */
export async function readCompleteness(em: EntityManager, tenantId: string): Promise<readonly StreamCompleteness[]> {
  return em.query(
    `SELECT DISTINCT ON (s.connection_id, t.stream) s.connection_id AS "connectionId", c.role, t.stream, s.complete,
            s.started_at AS "startedAt", s.finished_at AS "finishedAt", s.reason
     FROM buduan.stream_run s
     JOIN buduan.connection c ON c.tenant_id = s.tenant_id AND c.connection_id = s.connection_id
     CROSS JOIN LATERAL unnest(s.streams) AS t(stream)
     WHERE s.tenant_id = $1 AND s.finished_at IS NOT NULL
     ORDER BY s.connection_id, t.stream, s.finished_at DESC`,
    [tenantId],
  );
}
