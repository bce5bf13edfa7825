/** How somebody lets a schedule start nothing for a while, and start again: stored, and in the audit trail. */
import { HubError } from '../../domain/hub-error.js';
import { appendAuditEvent } from '../../platform/audit/append-audit-event.js';
import { lockTenant } from '../../platform/database/lock-tenant.js';
import type { SyncTools } from '../sync-tools.js';
import { pauseAt } from './occurrence-fate.js';
import type { ScheduleKey } from './occurrence.store.js';
import { endPauses, insertPause } from './schedule-pause.store.js';
import { readPauses } from './schedule-pauses.reader.js';

type Tools = Pick<SyncTools, 'database' | 'settingsOf'>;

export interface PauseRequest {
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
  /** null = until somebody resumes it. */
  readonly until: Date | null;
}

/** Instants due from now on are skipped; a run under way goes on. Throws `already-paused` and `no-time` (fix-config). */
export async function pauseSchedule(tools: Tools, key: ScheduleKey, request: PauseRequest): Promise<void> {
  const { by, reason, at, until } = request;
  const { tenantId, scheduleId } = key;
  if (until !== null && until <= at)
    throw new HubError({
      code: 'no-time',
      next: 'fix-config',
      message: `The pause of ${scheduleId} would end at ${until.toISOString()}, which is over; name a later time.`,
    });
  await tools.database.inTenant(tenantId, async (em) => {
    await lockTenant(em, { tenantId, name: tools.settingsOf(tenantId).name });
    const now = pauseAt(await readPauses(em, { ...key, after: at }), at);
    if (now !== null) throw alreadyPaused(scheduleId, now.by);
    await insertPause(em, key, { from: at, until, by, reason });
    const detail = { reason, until: until?.toISOString() ?? null };
    await appendAuditEvent(em, {
      tenantId,
      actor: by,
      action: 'schedule.pause',
      object: `schedule:${scheduleId}`,
      detail,
    });
  });
}

export interface ResumeRequest {
  readonly by: string;
  readonly reason: string | null;
  readonly at: Date;
}

/** What was due in between stays skipped. Throws `not-paused` (fix-config). */
export async function resumeSchedule(tools: Tools, key: ScheduleKey, request: ResumeRequest): Promise<void> {
  const { tenantId, scheduleId } = key;
  await tools.database.inTenant(tenantId, async (em) => {
    if ((await endPauses(em, key, request)) === 0)
      throw new HubError({
        code: 'not-paused',
        next: 'fix-config',
        message: `Schedule ${scheduleId} is not paused; "buduan schedule list" shows which are.`,
      });
    await appendAuditEvent(em, {
      ...{ tenantId, actor: request.by, action: 'schedule.resume', object: `schedule:${scheduleId}` },
      detail: { reason: request.reason },
    });
  });
}

function alreadyPaused(scheduleId: string, by: string): HubError {
  return new HubError({
    code: 'already-paused',
    next: 'fix-config',
    message: `Schedule ${scheduleId} is already paused, by ${by}. Resume it first to pause it anew.`,
  });
}
