/** The rows of occurrence: every due instant of every schedule, once, and what became of it. */
import type { EntityManager } from 'typeorm';
import type { OccurrenceState, SkipReason } from './occurrence-fate.js';
import { plainArray } from './bulk-parameters.js';

export interface ScheduleKey {
  readonly tenantId: string;
  readonly scheduleId: string;
}

export interface OccurrenceRow {
  readonly dueAt: Date;
  readonly state: OccurrenceState;
  readonly reason: SkipReason | 'missed' | null;
  readonly runId: string | null;
  readonly updatedAt: Date;
}

const COLUMNS = `occurrence.due_at AS "dueAt", occurrence.state, occurrence.reason, occurrence.run_id AS "runId", occurrence.updated_at AS "updatedAt"`;

/** The newest instant that is accounted for; null for a schedule never seen. */
export async function newestDueAt(em: EntityManager, { tenantId, scheduleId }: ScheduleKey): Promise<Date | null> {
  const rows = await em.query<{ dueAt: Date | null }[]>(
    `SELECT max(occurrence.due_at) AS "dueAt" FROM buduan.occurrence WHERE occurrence.tenant_id = $1 AND occurrence.schedule_id = $2`,
    [tenantId, scheduleId],
  );
  return rows[0]?.dueAt ?? null;
}

export interface SkippedInstant {
  readonly dueAt: Date;
  readonly reason: SkipReason;
}

/** Accounts for instants that nobody will run; those already accounted for stay as they are. */
export async function insertSkipped(
  em: EntityManager,
  key: ScheduleKey,
  skipped: { readonly instants: readonly SkippedInstant[]; readonly at: Date },
): Promise<void> {
  await em.query(
    `INSERT INTO buduan.occurrence (tenant_id, schedule_id, due_at, state, reason, created_at, updated_at)
     SELECT $1, $2, instant.due_at, 'skipped', instant.reason, $5, $5 FROM unnest($3::timestamptz[], $4::text[]) AS instant (due_at, reason)
     ON CONFLICT (tenant_id, schedule_id, due_at) DO NOTHING`,
    [
      key.tenantId,
      key.scheduleId,
      plainArray(skipped.instants.map(({ dueAt }) => dueAt.toISOString())),
      plainArray(skipped.instants.map(({ reason }) => reason)),
      skipped.at,
    ],
  );
}

export interface NewOccurrence {
  readonly dueAt: Date;
  readonly isMissed: boolean;
  readonly at: Date;
}

/** True for the one node that has to start the run of this instant. */
export async function insertDue(
  em: EntityManager,
  key: ScheduleKey,
  { dueAt, isMissed, at }: NewOccurrence,
): Promise<boolean> {
  const rows = await em.query<unknown[]>(
    `INSERT INTO buduan.occurrence (tenant_id, schedule_id, due_at, state, reason, created_at, updated_at)
     VALUES ($1, $2, $3, 'due', $4, $5, $5) ON CONFLICT (tenant_id, schedule_id, due_at) DO NOTHING RETURNING due_at`,
    [key.tenantId, key.scheduleId, dueAt, isMissed ? 'missed' : null, at],
  );
  return rows.length === 1;
}

/** Notes the run of an occurrence; false when it is settled by now. */
export async function markEnqueued(
  em: EntityManager,
  key: ScheduleKey,
  started: { readonly dueAt: Date; readonly runId: string; readonly at: Date },
): Promise<boolean> {
  const updated: [unknown[], number] = await em.query(
    `UPDATE buduan.occurrence SET state = 'enqueued', run_id = $4, updated_at = $5
     WHERE tenant_id = $1 AND schedule_id = $2 AND due_at = $3 AND state IN ('due','enqueued')`,
    [key.tenantId, key.scheduleId, started.dueAt, started.runId, started.at],
  );
  return updated[1] === 1;
}

/** Takes an occurrence whose node went away; true for one of several nodes that try. */
export async function claimAgain(
  em: EntityManager,
  key: ScheduleKey,
  row: OccurrenceRow & { readonly at: Date },
): Promise<boolean> {
  const updated: [unknown[], number] = await em.query(
    `UPDATE buduan.occurrence SET updated_at = $5
     WHERE tenant_id = $1 AND schedule_id = $2 AND due_at = $3 AND updated_at = $4 AND state IN ('due','enqueued')`,
    [key.tenantId, key.scheduleId, row.dueAt, row.updatedAt, row.at],
  );
  return updated[1] === 1;
}

/** Ends an occurrence; one that has ended stays as it is. */
export async function settleOccurrence(
  em: EntityManager,
  key: ScheduleKey,
  end: {
    readonly dueAt: Date;
    readonly state: 'ran' | 'caught-up' | 'skipped';
    readonly reason: SkipReason | 'missed' | null;
    /** Its run, where that was not noted before. */
    readonly runId?: string;
    readonly at: Date;
  },
): Promise<void> {
  await em.query(
    `UPDATE buduan.occurrence SET state = $4, reason = $5, updated_at = $6, run_id = coalesce(occurrence.run_id, $7)
     WHERE tenant_id = $1 AND schedule_id = $2 AND due_at = $3 AND state IN ('due','enqueued')`,
    [key.tenantId, key.scheduleId, end.dueAt, end.state, end.reason, end.at, end.runId ?? null],
  );
}

/** The newest occurrence that is or was to be run, for knowing whether an unsettled one is the last word. */
export async function newestWanted(
  em: EntityManager,
  { tenantId, scheduleId }: ScheduleKey,
): Promise<OccurrenceRow | null> {
  const rows = await em.query<OccurrenceRow[]>(
    `SELECT ${COLUMNS} FROM buduan.occurrence
      WHERE occurrence.tenant_id = $1 AND occurrence.schedule_id = $2 AND occurrence.state <> 'skipped'
      ORDER BY occurrence.due_at DESC LIMIT 1`,
    [tenantId, scheduleId],
  );
  return rows[0] ?? null;
}

/** Occurrences without an end, oldest first, at most 100. */
export async function unsettledOccurrences(
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
