/** When schedules are or were paused. */
import type { EntityManager } from 'typeorm';
import type { Pause } from './occurrence-fate.js';

/** Pauses of a schedule that held at some time after `after`, oldest first, at most 1,000. */
export async function readPauses(
  em: EntityManager,
  asked: { readonly tenantId: string; readonly scheduleId: string; readonly after: Date },
): Promise<readonly Pause[]> {
  return em.query<Pause[]>(
    `SELECT schedule_pause.paused_from AS "from", schedule_pause.paused_until AS until, schedule_pause.paused_by AS by, schedule_pause.reason
       FROM buduan.schedule_pause
      WHERE schedule_pause.tenant_id = $1 AND schedule_pause.schedule_id = $2
        AND (schedule_pause.paused_until IS NULL OR schedule_pause.paused_until > $3)
      ORDER BY schedule_pause.paused_from LIMIT 1000`,
    [asked.tenantId, asked.scheduleId, asked.after],
  );
}
