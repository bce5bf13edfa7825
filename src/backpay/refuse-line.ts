/** How a month that bureau or agency refused is written down: it lets go of its line, and the history says why. */
import type { EntityManager } from 'typeorm';
import { appendCaseEvent } from './case-log.store.js';
import { type CaseRow, type CellKey, moveLine } from './case.store.js';
import type { CaseAct } from './move-case.js';

/** `act.actor` is who told it. */
export async function refuseLine(
  em: EntityManager,
  { row, act }: { readonly row: CaseRow; readonly act: Pick<CaseAct, 'tenantId' | 'actor' | 'today'> },
  { insurance, month, reason }: CellKey & { readonly reason: string | null },
): Promise<void> {
  const { caseId, round, state } = row;
  const { tenantId, actor, today } = act;
  await moveLine(em, { tenantId, caseId, insurance, month }, { state: 'rejected', reason });
  await appendCaseEvent(em, {
    ...{ tenantId, caseId, round, kind: 'line', fromState: state, toState: state, actor, reason },
    detail: { insurance, month, state: 'rejected' },
    onDay: today,
  });
}
