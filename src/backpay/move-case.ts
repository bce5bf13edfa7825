/** The only place where a case changes its state: by the table, with a history row, an audit event and its news in the same transaction. */
import type { Day } from '../domain/month.js';
import { assertMove } from '../domain/state-machine.js';
import type { Json } from '../platform/audit/audit-hash.js';
import { CASE_MACHINE, type CaseState } from './case-states.js';
import type { CaseWriter } from './case-transaction.js';
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

export interface CaseMove {
  readonly to: CaseState;
  readonly change?: CaseChange;
  readonly act: CaseAct;
}

/** The case as it is afterwards. Throws `illegal-move` for a move that the table does not have. */
export async function moveCase({ em, moves }: CaseWriter, row: CaseRow, move: CaseMove): Promise<CaseRow> {
  const { to, change = {}, act } = move;
  assertMove(CASE_MACHINE, row.state, to);
  const moved: CaseRow = { ...row, ...change, state: to };
  await updateCase(em, { tenantId: act.tenantId, caseId: row.caseId, from: row.state, state: to }, change);
  const { actor, reason = null, detail = {}, today: onDay } = act;
  moves.push({
    event: { caseId: row.caseId, round: moved.round, actor, reason, detail, onDay },
    ...{ personId: row.personId, from: row.state, to },
    detail: { hash: moved.contentHash, ...detail },
  });
  return moved;
}
