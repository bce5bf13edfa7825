/** The rows of occurrence: every due instant of every schedule, once, and what became of it. */
import type { EntityManager } from 'typeorm';
import { jsonSequence, plainArray } from '../bulk-parameters.js';
import type { AccountedInstant, OccurrenceDetail, OccurrenceState, SkipReason } from './occurrence-fate.js';

export interface ScheduleKey {
  readonly tenantId: string;
  readonly scheduleId: string;
}

export interface OccurrenceRow {
  readonly dueAt: Date;
  /** Null in rows of older versions. */
  readonly startsAt: Date | null;
  readonly state: OccurrenceState;
  readonly reason: SkipReason | null;
  readonly detail: OccurrenceDetail;
  readonly runId: string | null;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const COLUMNS = `occurrence.due_at AS "dueAt", occurrence.starts_at AS "startsAt", occurrence.state, occurrence.reason, occurrence.detail,
  occurrence.run_id AS "runId", occurrence.attempts, occurrence.created_at AS "createdAt", occurrence.updated_at AS "updatedAt"`;

/** The newest instant that is accounted for; null for a schedule never seen. */
export async function newestDueAt(em: EntityManager, { tenantId, scheduleId }: ScheduleKey): Promise<Date | null> {
  const rows = await em.query<{ dueAt: Date | null }[]>(
    `SELECT max(occurrence.due_at) AS "dueAt" FROM buduan.occurrence WHERE occurrence.tenant_id = $1 AND occurrence.schedule_id = $2`,
    [tenantId, scheduleId],
  );
  return rows[0]?.dueAt ?? null;
}

/** Accounts for instants; those already accounted for stay as they are. */
export async function insertAccounted(
  em: EntityManager,
  key: ScheduleKey,
  { instants, at }: { readonly instants: readonly AccountedInstant[]; readonly at: Date },
): Promise<void> {
  await em.query(
    `INSERT INTO buduan.occurrence (tenant_id, schedule_id, due_at, starts_at, state, reason, detail, created_at, updated_at)
     SELECT $1, $2, instant.due_at, instant.starts_at, instant.state, instant.reason, instant.detail::jsonb, $8, $8
       FROM unnest($3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], string_to_array($7, E'\\x1e'))
         AS instant (due_at, starts_at, state, reason, detail)
     ON CONFLICT (tenant_id, schedule_id, due_at) DO NOTHING`,
    [
      ...[key.tenantId, key.scheduleId],
      plainArray(instants.map(({ dueAt }) => dueAt.toISOString())),
      plainArray(instants.map(({ startsAt }) => startsAt.toISOString())),
      plainArray(instants.map(({ state }) => state)),
      plainArray(instants.map(({ reason }) => reason)),
      jsonSequence(instants.map(({ detail }) => JSON.stringify(detail))),
      at,
    ],
  );
}

/** Which occurrence, as it was when it was looked at: whoever starts one makes it another. */
export interface SeenOccurrence {
  readonly dueAt: Date;
  readonly attempts: number;
}

/** Takes an occurrence to start it, with its run where it has one; true for one of all nodes that try at once. */
export async function claimOccurrence(
  em: EntityManager,
  key: ScheduleKey,
  claim: SeenOccurrence & { readonly runId: string | null; readonly waitedFor: readonly string[]; readonly at: Date },
): Promise<boolean> {
  const [, count]: [unknown[], number] = await em.query(
    `UPDATE buduan.occurrence
        SET attempts = attempts + 1, run_id = $5, state = CASE WHEN $5::uuid IS NULL THEN state ELSE 'enqueued' END,
            detail = detail || $6::jsonb, updated_at = $7
      WHERE tenant_id = $1 AND schedule_id = $2 AND due_at = $3 AND attempts = $4 AND state IN ('due','enqueued')`,
    [...place(key, claim), claim.runId, JSON.stringify(waitedDetail(claim.waitedFor)), claim.at],
  );
  return count === 1;
}

/** Writes down what an occurrence waits for, where that is new. */
export async function noteWaiting(
  em: EntityManager,
  key: ScheduleKey,
  waiting: SeenOccurrence & { readonly waitedFor: readonly string[] },
): Promise<void> {
  await em.query(
    `UPDATE buduan.occurrence SET detail = detail || $5::jsonb
      WHERE tenant_id = $1 AND schedule_id = $2 AND due_at = $3 AND attempts = $4 AND state = 'due' AND detail || $5::jsonb <> detail`,
    [...place(key, waiting), JSON.stringify(waitedDetail(waiting.waitedFor))],
  );
}

/** Lets the next look take up at once what was broken off. */
export async function releaseOccurrence(em: EntityManager, key: ScheduleKey, seen: SeenOccurrence): Promise<void> {
  await em.query(
    `UPDATE buduan.occurrence SET updated_at = 'epoch'
      WHERE tenant_id = $1 AND schedule_id = $2 AND due_at = $3 AND attempts = $4 AND state IN ('due','enqueued')`,
    place(key, seen),
  );
}

export interface OccurrenceEnd extends SeenOccurrence {
  readonly state: 'ran' | 'caught-up' | 'skipped';
  readonly reason: SkipReason | null;
  readonly detail: OccurrenceDetail;
  readonly at: Date;
}

/** Ends an occurrence; one that has ended, or was started by another meanwhile, stays as it is. */
export async function settleOccurrence(em: EntityManager, key: ScheduleKey, end: OccurrenceEnd): Promise<void> {
  await em.query(
    `UPDATE buduan.occurrence SET state = $5, reason = $6, detail = detail || $7::jsonb, updated_at = $8
      WHERE tenant_id = $1 AND schedule_id = $2 AND due_at = $3 AND attempts = $4 AND state IN ('due','enqueued')`,
    [...place(key, end), end.state, end.reason, JSON.stringify(end.detail), end.at],
  );
}

/** The newest instant that was, is or is to be run; null = none. */
export async function newestWantedAt(em: EntityManager, { tenantId, scheduleId }: ScheduleKey): Promise<Date | null> {
  const rows = await em.query<{ dueAt: Date | null }[]>(
    `SELECT max(occurrence.due_at) AS "dueAt" FROM buduan.occurrence
      WHERE occurrence.tenant_id = $1 AND occurrence.schedule_id = $2 AND occurrence.state <> 'skipped'`,
    [tenantId, scheduleId],
  );
  return rows[0]?.dueAt ?? null;
}

/** Occurrences without an end, oldest first, at most 100. */
export async function openOccurrences(
  em: EntityManager,
  { tenantId, scheduleId }: ScheduleKey,
): Promise<readonly OccurrenceRow[]> {
  return em.query<OccurrenceRow[]>(
    `SELECT ${COLUMNS} FROM buduan.occurrence
      WHERE occurrence.tenant_id = $1 AND occurrence.schedule_id = $2 AND occurrence.state IN ('due','enqueued')
      ORDER BY occurrence.due_at LIMIT 100`,
    [tenantId, scheduleId],
  );
}

/** Of the given schedules those with an instant from `from` to before `to` that succeeded: done, and every read of its run complete. */
export async function succeededSchedules(
  em: EntityManager,
  tenantId: string,
  within: { readonly scheduleIds: readonly string[]; readonly from: Date; readonly to: Date },
): Promise<readonly string[]> {
  const rows = await em.query<{ scheduleId: string }[]>(
    `SELECT DISTINCT occurrence.schedule_id AS "scheduleId"
       FROM buduan.occurrence
       LEFT JOIN buduan.run ON run.tenant_id = occurrence.tenant_id AND run.run_id = occurrence.run_id
      WHERE occurrence.tenant_id = $1 AND occurrence.schedule_id = ANY($2::text[]) AND occurrence.due_at >= $3 AND occurrence.due_at < $4
        AND occurrence.state IN ('ran','caught-up')
        AND (occurrence.run_id IS NULL OR run.state IN ('succeeded','partial','suspended') AND NOT EXISTS (
          SELECT FROM buduan.stream_run
           WHERE stream_run.tenant_id = run.tenant_id AND stream_run.run_id = run.run_id AND stream_run.state <> 'succeeded'))
      ORDER BY 1`,
    [tenantId, plainArray(within.scheduleIds), within.from, within.to],
  );
  return rows.map(({ scheduleId }) => scheduleId);
}

function place({ tenantId, scheduleId }: ScheduleKey, { dueAt, attempts }: SeenOccurrence): unknown[] {
  return [tenantId, scheduleId, dueAt, attempts];
}

function waitedDetail(waitedFor: readonly string[]): OccurrenceDetail {
  return waitedFor.length === 0 ? {} : { waitedFor };
}
