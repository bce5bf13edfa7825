/** The one place where a case changes its state: the table is asked, the history row, the audit event and the news of it are written with it. */
import type { EntityManager } from 'typeorm';
import type { Day } from '../domain/month.js';
import { assertMove } from '../domain/state-machine.js';
import { appendAuditEvent } from '../platform/audit/append-audit-event.js';
import type { Json } from '../platform/audit/audit-hash.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import { appendCaseEvent } from './case-log.store.js';
import { CASE_MACHINE, type CaseState } from './case-states.js';
import { type CaseChange, type CaseRow, updateCase } from './case.store.js';

/** Who does it, on which day, and why. */
export interface CaseAct {
  readonly tenantId: string;
  /** A person's name, `employee:<person id>`, or `hub`. */
  readonly actor: string;
  readonly today: Day;
  readonly reason?: string | null;
  readonly detail?: Readonly<Record<string, Json>>;
}

/** Whose transaction it is, and where the news of it is posted. */
export interface CaseWriter {
  readonly em: EntityManager;
  readonly jobs: Jobs;
}

export interface CaseMove {
  readonly to: CaseState;
  readonly change?: CaseChange;
  readonly act: CaseAct;
}

/** The case as it is afterwards. Throws `illegal-move` for a move that the table does not have. */
export async function moveCase({ em, jobs }: CaseWriter, row: CaseRow, move: CaseMove): Promise<CaseRow> {
  const { to, change = {}, act } = move;
  assertMove(CASE_MACHINE, row.state, to);
  const moved: CaseRow = { ...row, ...change, state: to };
  await updateCase(em, { tenantId: act.tenantId, caseId: row.caseId, state: to }, change);
  const moveNo = await appendCaseEvent(em, {
    tenantId: act.tenantId,
    caseId: row.caseId,
    round: moved.round,
    kind: 'moved',
    fromState: row.state,
    toState: to,
    actor: act.actor,
    reason: act.reason ?? null,
    detail: act.detail ?? {},
    onDay: act.today,
  });
  await appendAuditEvent(em, {
    tenantId: act.tenantId,
    actor: act.actor,
    action: `case.${to}`,
    object: `case/${row.caseId}`,
    detail: {
      before: row.state,
      round: moved.round,
      hash: moved.contentHash,
      reason: act.reason ?? null,
      ...act.detail,
    },
  });
  const { caseId, personId, state: from } = row;
  await jobs.post(em, { fact: 'CaseMoved', tenantId: act.tenantId, caseId, personId, from, to, moveNo });
  return moved;
}
