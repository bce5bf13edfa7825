/** What became of the instants of schedules. */
import type { EntityManager } from 'typeorm';
import type { RunState } from '../runs.reader.js';
import type { OccurrenceDetail, OccurrenceState, SkipReason } from './occurrence-fate.js';

export interface Occurrence {
  readonly scheduleId: string;
  readonly dueAt: Date;
  /** With its jitter; null where an older version wrote it. */
  readonly startsAt: Date | null;
  readonly state: OccurrenceState;
  /** Why it was skipped; `missed` where its run makes up for an outage. */
  readonly reason: SkipReason | null;
  readonly detail: OccurrenceDetail;
  readonly runId: string | null;
  /** How its run stands; null = none was started. */
  readonly runState: RunState | null;
}

const OCCURRENCE = `occurrence.schedule_id AS "scheduleId", occurrence.due_at AS "dueAt", occurrence.starts_at AS "startsAt", occurrence.state, occurrence.reason, occurrence.detail,
  occurrence.run_id AS "runId", run.state AS "runState"
  FROM buduan.occurrence LEFT JOIN buduan.run ON run.tenant_id = occurrence.tenant_id AND run.run_id = occurrence.run_id`;

/** The newest occurrence of each schedule of a tenant, by schedule. */
export async function readLatestOccurrences(em: EntityManager, tenantId: string): Promise<readonly Occurrence[]> {
  return em.query<Occurrence[]>(
    `SELECT DISTINCT ON (occurrence.schedule_id) ${OCCURRENCE} WHERE occurrence.tenant_id = $1
      ORDER BY occurrence.schedule_id, occurrence.due_at DESC`,
    [tenantId],
  );
}

export interface OccurrenceFilter {
  readonly tenantId: string;
  readonly scheduleId: string;
  /** null = every state. */
  readonly state: OccurrenceState | null;
  readonly limit: number;
}

/** The occurrences of a schedule, newest first. */
export async function readOccurrences(
  em: EntityManager,
  { tenantId, scheduleId, state, limit }: OccurrenceFilter,
): Promise<readonly Occurrence[]> {
  return em.query<Occurrence[]>(
    `SELECT ${OCCURRENCE} WHERE occurrence.tenant_id = $1 AND occurrence.schedule_id = $2 AND ($3::text IS NULL OR occurrence.state = $3)
      ORDER BY occurrence.due_at DESC LIMIT $4`,
    [tenantId, scheduleId, state, limit],
  );
}
