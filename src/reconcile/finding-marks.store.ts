/** What people said of findings: rows that are written once, and the finding's row that is locked before. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';

export interface LockedFinding {
  readonly closedAt: Date | null;
}

export type MarkKind = 'set-aside' | 'taken-back';

/** One person after the other marks a finding, and none while it is judged. null = the tenant has no such finding. */
export async function lockFinding(
  em: EntityManager,
  tenantId: string,
  findingId: string,
): Promise<LockedFinding | null> {
  const [row] = await em.query<LockedFinding[]>(
    `SELECT finding.closed_at AS "closedAt"
       FROM buduan.finding WHERE finding.tenant_id = $1 AND finding.finding_id = $2 FOR NO KEY UPDATE`,
    [tenantId, findingId],
  );
  return row ?? null;
}

/** Asked after the lock: another statement sees what the transaction that held it has committed. */
export async function lastMark(em: EntityManager, tenantId: string, findingId: string): Promise<MarkKind | null> {
  const [row] = await em.query<{ kind: MarkKind }[]>(
    `SELECT mark.kind FROM buduan.finding_mark AS mark
      WHERE mark.tenant_id = $1 AND mark.finding_id = $2 ORDER BY mark.mark_no DESC LIMIT 1`,
    [tenantId, findingId],
  );
  return row?.kind ?? null;
}

export interface NewMark {
  readonly tenantId: string;
  readonly findingId: string;
  readonly kind: MarkKind;
  readonly reason: string;
  readonly until: Day | null;
  readonly actor: string;
}

export async function insertMark(em: EntityManager, mark: NewMark): Promise<void> {
  await em.query(
    `INSERT INTO buduan.finding_mark (tenant_id, finding_id, kind, reason, until, actor) VALUES ($1, $2, $3, $4, $5, $6)`,
    [mark.tenantId, mark.findingId, mark.kind, mark.reason, mark.until, mark.actor],
  );
}
