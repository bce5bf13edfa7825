/** What became of the last instants of schedules. */
import type { EntityManager } from 'typeorm';
import type { OccurrenceState, SkipReason } from './occurrence-fate.js';

export interface Occurrence {
  readonly scheduleId: string;
  readonly dueAt: Date;
  readonly state: OccurrenceState;
  /** Why it was skipped; `missed` where its run makes up for an outage. */
  readonly reason: SkipReason | 'missed' | null;
  readonly runId: string | null;
}

/** The newest occurrence of each schedule of a tenant, by schedule. */
export async function readLatestOccurrences(em: EntityManager, tenantId: string): Promise<readonly Occurrence[]> {
  return em.query<Occurrence[]>(
    `SELECT DISTINCT ON (occurrence.schedule_id) occurrence.schedule_id AS "scheduleId", occurrence.due_at AS "dueAt",
            occurrence.state, occurrence.reason, occurrence.run_id AS "runId"
       FROM buduan.occurrence WHERE occurrence.tenant_id = $1
      ORDER BY occurrence.schedule_id, occurrence.due_at DESC`,
    [tenantId],
  );
}
