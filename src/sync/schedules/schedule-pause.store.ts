/** The rows of schedule_pause: since when, until when, by whom and why a schedule starts nothing. */
import type { EntityManager } from 'typeorm';
import type { Pause } from './occurrence-fate.js';
import type { ScheduleKey } from './occurrence.store.js';

export async function insertPause(
  em: EntityManager,
  { tenantId, scheduleId }: ScheduleKey,
  pause: Pause,
): Promise<void> {
  await em.query(
    `INSERT INTO buduan.schedule_pause (tenant_id, schedule_id, paused_from, paused_until, paused_by, reason) VALUES ($1, $2, $3, $4, $5, $6)`,
    [tenantId, scheduleId, pause.from, pause.until, pause.by, pause.reason],
  );
}

/** Ends the pauses that hold at `at`; returns how many did. */
export async function endPauses(
  em: EntityManager,
  { tenantId, scheduleId }: ScheduleKey,
  end: { readonly at: Date; readonly by: string; readonly reason: string | null },
): Promise<number> {
  const [, count]: [unknown[], number] = await em.query(
    `UPDATE buduan.schedule_pause SET paused_until = $3, resumed_by = $4, resume_reason = $5
      WHERE tenant_id = $1 AND schedule_id = $2 AND paused_from <= $3 AND (paused_until IS NULL OR paused_until > $3)`,
    [tenantId, scheduleId, end.at, end.by, end.reason],
  );
  return count;
}
