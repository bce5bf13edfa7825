/** The rows reconcile owns: judgements, findings, corrections, and the batches of a run. Every method is one statement. */
import type { EntityManager } from 'typeorm';
import { v7 as newId } from 'uuid';
import type { JudgedFinding } from './group-findings.js';
import type { OpenFinding, StoredCorrection } from './diff-judgement.js';
import type { Transition } from './transitions.js';
import type { PlannedCorrection } from './plan-corrections.js';

export interface BatchScope {
  readonly tenantId: string;
  readonly runId: string;
  readonly personIds: readonly string[];
}

export interface RunRow {
  readonly startedAt: Date;
  /** Version of the policy and of the settings that the run judges by. */
  readonly policyVersion: string;
  readonly dryRun: boolean;
}

export async function findRun(em: EntityManager, { tenantId, runId }: BatchScope): Promise<RunRow | null> {
  const rows: RunRow[] = await em.query(
    `SELECT run.started_at AS "startedAt", run.policy_version AS "policyVersion", run.dry_run AS "dryRun" FROM buduan.run WHERE run.tenant_id = $1 AND run.run_id = $2`,
    [tenantId, runId],
  );
  return rows[0] ?? null;
}

/**
 * Locks the persons, in order of their ids, until the end of the transaction: of two batches that judge one person the
 * later reads what the earlier wrote, and an older judgement never overwrites a newer one.
 */
export async function lockPersons(
  em: EntityManager,
  { tenantId, personIds }: BatchScope,
): Promise<readonly { personId: string; frozen: boolean }[]> {
  return em.query(
    `SELECT person.person_id AS "personId", person.frozen_reason IS NOT NULL AS frozen
       FROM buduan.person
      WHERE person.tenant_id = $1 AND person.person_id = ANY ($2::uuid[])
      ORDER BY person.person_id
        FOR NO KEY UPDATE`,
    [tenantId, personIds],
  );
}

export interface StoredJudgement {
  readonly personId: string;
  readonly asOf: string;
  readonly windowFrom: string;
  readonly policyVersion: string;
  readonly status: string;
  /** JSON text, exactly as written. */
  readonly cells: string;
}

export async function findJudgements(
  em: EntityManager,
  { tenantId, personIds }: BatchScope,
): Promise<readonly StoredJudgement[]> {
  return em.query(
    `SELECT judgement.person_id AS "personId", judgement.as_of::text AS "asOf", judgement.window_from AS "windowFrom",
            judgement.policy_version AS "policyVersion", judgement.status, judgement.cells::text AS cells
       FROM buduan.judgement
      WHERE judgement.tenant_id = $1 AND judgement.person_id = ANY ($2::uuid[])
      ORDER BY judgement.person_id`,
    [tenantId, personIds],
  );
}

export async function findOpenFindings(
  em: EntityManager,
  { tenantId, personIds }: BatchScope,
): Promise<readonly OpenFinding[]> {
  return em.query(
    `SELECT finding.finding_id AS "findingId", finding.person_id AS "personId", finding.employment_id AS "employmentId",
            finding.insurance, finding.situation, finding.months, finding.detail
       FROM buduan.finding
      WHERE finding.tenant_id = $1 AND finding.person_id = ANY ($2::uuid[]) AND finding.closed_at IS NULL
      ORDER BY finding.finding_id`,
    [tenantId, personIds],
  );
}

export async function findCorrections(
  em: EntityManager,
  { tenantId, personIds }: BatchScope,
): Promise<readonly StoredCorrection[]> {
  return em.query(
    `SELECT correction.person_id AS "personId", correction.connection_id AS "connectionId", correction.kind,
            correction.owner_key AS "ownerKey", correction.object_key AS "objectKey", correction.desired, correction.seen,
            correction.reason, encode(correction.payload_hash, 'hex') AS "payloadHash"
       FROM buduan.correction
      WHERE correction.tenant_id = $1 AND correction.person_id = ANY ($2::uuid[])
      ORDER BY correction.connection_id, correction.kind, correction.owner_key, correction.object_key`,
    [tenantId, personIds],
  );
}

export async function writeJudgements(
  em: EntityManager,
  { tenantId, runId }: BatchScope,
  judgements: readonly StoredJudgement[],
): Promise<void> {
  if (judgements.length === 0) return;
  await em.query(
    `INSERT INTO buduan.judgement (tenant_id, person_id, as_of, window_from, policy_version, status, cells, run_id)
     SELECT $1, person_id, as_of, window_from, policy_version, status, cells::json, $2
       FROM unnest($3::uuid[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[])
         AS judged (person_id, as_of, window_from, policy_version, status, cells)
     ON CONFLICT (tenant_id, person_id) DO UPDATE
        SET as_of = excluded.as_of, window_from = excluded.window_from, policy_version = excluded.policy_version,
            status = excluded.status, cells = excluded.cells, judged_at = now(), run_id = excluded.run_id`,
    [
      tenantId,
      runId,
      judgements.map((judged) => judged.personId),
      judgements.map((judged) => judged.asOf),
      judgements.map((judged) => judged.windowFrom),
      judgements.map((judged) => judged.policyVersion),
      judgements.map((judged) => judged.status),
      judgements.map((judged) => judged.cells),
    ],
  );
}

export interface OwnedFinding {
  readonly personId: string;
  readonly finding: JudgedFinding;
}

export async function openFindings(
  em: EntityManager,
  { tenantId, runId }: BatchScope,
  opened: readonly OwnedFinding[],
): Promise<void> {
  if (opened.length === 0) return;
  const rows = opened.map(({ personId, finding }) => ({
    finding_id: newId(),
    person_id: personId,
    employment_id: finding.employmentId,
    insurance: finding.insurance,
    situation: finding.situation,
    months: finding.months,
    detail: finding.detail,
  }));
  await em.query(
    `INSERT INTO buduan.finding (tenant_id, finding_id, person_id, employment_id, insurance, situation, months, detail, opened_run_id)
     SELECT $1, finding_id, person_id, employment_id, insurance, situation, months, detail, $2
       FROM jsonb_to_recordset($3::jsonb)
         AS opened (finding_id uuid, person_id uuid, employment_id text, insurance text, situation text, months text[], detail jsonb)`,
    [tenantId, runId, JSON.stringify(rows)],
  );
}

export async function updateFindings(
  em: EntityManager,
  { tenantId }: BatchScope,
  updated: readonly { readonly findingId: string; readonly finding: JudgedFinding }[],
): Promise<void> {
  if (updated.length === 0) return;
  const rows = updated.map(({ findingId, finding }) => ({
    finding_id: findingId,
    months: finding.months,
    detail: finding.detail,
  }));
  await em.query(
    `UPDATE buduan.finding SET months = updated.months, detail = updated.detail, evidence_at = now()
       FROM jsonb_to_recordset($2::jsonb) AS updated (finding_id uuid, months text[], detail jsonb)
      WHERE finding.tenant_id = $1 AND finding.finding_id = updated.finding_id`,
    [tenantId, JSON.stringify(rows)],
  );
}

export async function closeFindings(
  em: EntityManager,
  { tenantId, runId }: BatchScope,
  findingIds: readonly string[],
): Promise<void> {
  if (findingIds.length === 0) return;
  await em.query(
    `UPDATE buduan.finding SET closed_at = now(), closed_run_id = $2
      WHERE finding.tenant_id = $1 AND finding.finding_id = ANY ($3::uuid[]) AND finding.closed_at IS NULL`,
    [tenantId, runId, findingIds],
  );
}

export interface OwnedCorrection {
  readonly personId: string;
  readonly correction: PlannedCorrection;
}

/** An object belongs to the person who was judged last: an owner key may move to another person. */
export async function writeCorrections(
  em: EntityManager,
  { tenantId, runId }: BatchScope,
  written: readonly OwnedCorrection[],
): Promise<void> {
  if (written.length === 0) return;
  const rows = written.map(({ personId, correction }) => ({
    connection_id: correction.connectionId,
    kind: correction.kind,
    owner_key: correction.ownerKey,
    object_key: correction.objectKey,
    person_id: personId,
    desired: correction.desired,
    seen: correction.seen,
    payload_hash: correction.payloadHash.toString('hex'),
    moves_money: correction.movesMoney,
    reason: correction.reason,
  }));
  await em.query(
    `INSERT INTO buduan.correction (tenant_id, connection_id, kind, owner_key, object_key, person_id, desired, seen, payload_hash, moves_money, reason, run_id)
     SELECT $1, connection_id, kind, owner_key, object_key, person_id, desired, seen, decode(payload_hash, 'hex'), moves_money, reason, $2
       FROM jsonb_to_recordset($3::jsonb)
         AS written (connection_id text, kind text, owner_key text, object_key text, person_id uuid, desired jsonb, seen jsonb,
                     payload_hash text, moves_money boolean, reason jsonb)
     ON CONFLICT (tenant_id, connection_id, kind, owner_key, object_key) DO UPDATE
        SET person_id = excluded.person_id, desired = excluded.desired, seen = excluded.seen, payload_hash = excluded.payload_hash,
            moves_money = excluded.moves_money, reason = excluded.reason, run_id = excluded.run_id, planned_at = now()`,
    [tenantId, runId, JSON.stringify(rows)],
  );
}

export async function deleteCorrections(
  em: EntityManager,
  { tenantId }: BatchScope,
  deleted: readonly StoredCorrection[],
): Promise<void> {
  if (deleted.length === 0) return;
  await em.query(
    `DELETE FROM buduan.correction
      USING unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[]) AS gone (connection_id, kind, owner_key, object_key, person_id)
      WHERE correction.tenant_id = $1 AND correction.connection_id = gone.connection_id AND correction.kind = gone.kind
        AND correction.owner_key = gone.owner_key AND correction.object_key = gone.object_key AND correction.person_id = gone.person_id`,
    [
      tenantId,
      deleted.map((each) => each.connectionId),
      deleted.map((each) => each.kind),
      deleted.map((each) => each.ownerKey),
      deleted.map((each) => each.objectKey),
      deleted.map((each) => each.personId),
    ],
  );
}

/** Adds to the run's counts, in the order given. */
export async function addTransitions(
  em: EntityManager,
  { tenantId, runId }: BatchScope,
  transitions: readonly Transition[],
): Promise<void> {
  if (transitions.length === 0) return;
  await em.query(
    `INSERT INTO buduan.transition (tenant_id, run_id, of_what, from_value, to_value, count)
     SELECT $1, $2, of_what, from_value, to_value, count
       FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[]) AS added (of_what, from_value, to_value, count)
     ON CONFLICT (tenant_id, run_id, of_what, from_value, to_value) DO UPDATE SET count = transition.count + excluded.count`,
    [
      ...[tenantId, runId, transitions.map((each) => each.of), transitions.map((each) => each.from)],
      ...[transitions.map((each) => each.to), transitions.map((each) => each.count)],
    ],
  );
}

/**
 * Marks a batch of a full run as done; true when it was the last one that was open. The lock on the run's row makes two
 * last batches finish one after the other, so that exactly one of them is the last. A batch that is done already is not.
 */
export async function finishBatch(
  em: EntityManager,
  { tenantId, runId }: BatchScope,
  batchNo: number,
): Promise<boolean> {
  await em.query('SELECT FROM buduan.run WHERE run.tenant_id = $1 AND run.run_id = $2 FOR NO KEY UPDATE', [
    tenantId,
    runId,
  ]);
  const [done]: [unknown[], number] = await em.query(
    `UPDATE buduan.run_batch SET done_at = now()
      WHERE run_batch.tenant_id = $1 AND run_batch.run_id = $2 AND run_batch.batch_no = $3 AND run_batch.done_at IS NULL
     RETURNING run_batch.batch_no`,
    [tenantId, runId, batchNo],
  );
  if (done.length === 0) return false;
  const [left]: { open: boolean }[] = await em.query(
    `SELECT EXISTS (SELECT FROM buduan.run_batch
                     WHERE run_batch.tenant_id = $1 AND run_batch.run_id = $2 AND run_batch.done_at IS NULL) AS open`,
    [tenantId, runId],
  );
  return left?.open === false;
}
