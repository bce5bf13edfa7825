/** How a case is opened again on contrary evidence: what was signed is void, its months are looked at anew, and nothing of its former round may leave. */
import { type CaseChange, type CaseRow, UNSIGNED, reopenLines } from './case.store.js';
import { type CaseAct, moveCase } from './move-case.js';
import { type CaseDesk, refreshCase } from './refresh-case.js';

/** Who says so, and what: kept with the move. */
export interface ContraryEvidence {
  readonly act: CaseAct;
  readonly change?: CaseChange;
}

/**
 * From `paid`, `verified` or `closed`. The next round is proposed at once where the sources may be trusted, else with the
 * first look at which they may. Its application leaves when push has closed the operations of the former round.
 */
export async function reopenCase(desk: CaseDesk, row: CaseRow, evidence: ContraryEvidence): Promise<CaseRow> {
  const { em, inputs } = desk;
  const { act, change = {} } = evidence;
  const { tenantId } = act;
  const { caseId, personId, round } = row;
  const reopened = await moveCase(desk, row, {
    to: 'reopened',
    change: { ...UNSIGNED, attention: null, ...change },
    act,
  });
  await reopenLines(em, tenantId, caseId);
  await desk.jobs.post(em, { fact: 'CaseReopened', tenantId, caseId, personId, round });
  if (inputs.isFrozen || inputs.inconclusive !== null) return reopened;
  return (await refreshCase(desk, reopened)).row;
}
