/** How findings, an HR clerk or an employee become cases: one per employment with unpaid months, however many ask at once. */
import { Inject, Injectable } from '@nestjs/common';
import type { FindingOpened } from '../domain/facts.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { type EmploymentInputs, readBackPaymentInputs } from '../reconcile/back-payment.reader.js';
import { RECONCILE_SETTINGS, type ReconcileSettings } from '../reconcile/reconcile-settings.js';
import { BACKPAY_SETTINGS, type BackpaySettings } from './backpay-settings.js';
import { DEAD_STATES, OPEN_STATES, PAID_STATES, isOneOf } from './case-states.js';
import {
  type CaseOrigin,
  type CaseRow,
  type CellKey,
  lockCasesOfPerson,
  lockPerson,
  reopenLines,
  takenCells,
} from './case.store.js';
import { type Draft, draftCase } from './draft-case.js';
import { type CaseAct, moveCase } from './move-case.js';
import { type CaseDesk, ask, connectionsFor, openCase, refreshCase } from './refresh-case.js';

export interface ProposeRequest {
  readonly personId: string;
  readonly origin: CaseOrigin;
  readonly act: CaseAct;
  /** Only these months of these insurances; null = all that lack money. */
  readonly only: readonly CellKey[] | null;
}

export type ProposeOutcome =
  /** `made`: cases that this call made or changed; `standing`: those that were there already. */
  | { readonly outcome: 'proposed'; readonly made: readonly string[]; readonly standing: readonly string[] }
  | { readonly outcome: 'unknown-person' }
  | { readonly outcome: 'nothing-to-pay' }
  /** Unknown is not unpaid: no case is made before the sources are read completely. */
  | { readonly outcome: 'inconclusive'; readonly reason: string };

@Injectable()
export class ProposeCases {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(RECONCILE_SETTINGS) private readonly reconcile: ReconcileSettings,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
  ) {}

  /** Safe to repeat: what a case stands for already, or was answered on the same inputs, is left alone. */
  async onFindingOpened(fact: FindingOpened): Promise<void> {
    const made: string[] = [];
    for (const personId of fact.personIds) {
      const act: CaseAct = { tenantId: fact.tenantId, actor: 'hub', today: fact.asOf, reason: 'finding' };
      const outcome = await this.propose({ personId, origin: 'finding', act, only: null });
      if (outcome.outcome === 'proposed') made.push(...outcome.made);
    }
    if (made.length > 0)
      this.settings.log.info(
        { tenantId: fact.tenantId, runId: fact.runId, cases: made.length },
        'back-payment cases made or changed',
      );
  }

  /** One transaction per person, one after the other for one person. An employee who asks has thereby agreed to be asked. */
  async propose(request: ProposeRequest): Promise<ProposeOutcome> {
    const { tenantId } = request.act;
    return this.database.inTenant(tenantId, async (em) => {
      if (!(await lockPerson(em, tenantId, request.personId))) return { outcome: 'unknown-person' };
      const asked = { tenantId, personId: request.personId, asOf: request.act.today };
      const inputs = await readBackPaymentInputs(em, this.reconcile, asked);
      if (inputs === null) return { outcome: 'unknown-person' };
      if (inputs.isFrozen) return { outcome: 'inconclusive', reason: 'frozen' };
      if (inputs.inconclusive !== null) return { outcome: 'inconclusive', reason: inputs.inconclusive };
      return proposeAll(
        { em, jobs: this.jobs, act: request.act, rules: this.settings.tenantRules(tenantId), inputs },
        request,
      );
    });
  }
}

async function proposeAll(desk: CaseDesk, request: ProposeRequest): Promise<ProposeOutcome> {
  const cases = await lockCasesOfPerson(desk.em, desk.act.tenantId, request.personId);
  const made: string[] = [];
  const standing: string[] = [];
  for (const row of cases.filter((each) => isOneOf(each.state, OPEN_STATES))) {
    const refreshed = await refreshCase(desk, row);
    (refreshed.outcome === 'changed' ? made : standing).push(row.caseId);
  }
  for (const row of await contradicted(desk, cases)) {
    await reopen(desk, row);
    made.push(row.caseId);
  }
  for (const employment of desk.inputs.employments) {
    const taken = await takenCells(desk.em, desk.act.tenantId, request.personId);
    const draft = draftCase(employment, { ...request, connections: connectionsFor(desk), taken });
    if (draft === null || (request.origin === 'finding' && wasAnswered(cases, draft))) continue;
    const row = await openCase(desk, draft, request);
    if (request.origin === 'employee' && row.state === 'proposed') await ask(desk, row);
    made.push(row.caseId);
  }
  if (made.length === 0 && standing.length === 0) return heldElsewhere(desk, cases);
  return { outcome: 'proposed', made, standing };
}

/** Nothing was made because cases that have left hold the months, or because nothing lacks money. */
function heldElsewhere({ inputs }: CaseDesk, cases: readonly CaseRow[]): ProposeOutcome {
  const standing = cases.filter(({ state }) => !isOneOf(state, DEAD_STATES)).map(({ caseId }) => caseId);
  if (standing.length === 0 || inputs.employments.length === 0) return { outcome: 'nothing-to-pay' };
  return { outcome: 'proposed', made: [], standing };
}

/** Paid as far as was known, and now a complete read shows the months as lacking again. */
async function contradicted({ em, act, inputs }: CaseDesk, cases: readonly CaseRow[]): Promise<readonly CaseRow[]> {
  const paid = cases.filter(({ state }) => isOneOf(state, PAID_STATES));
  if (paid.length === 0) return [];
  const lacking = inputs.employments.flatMap(({ gaps }: EmploymentInputs) => gaps);
  const taken = await takenCells(em, act.tenantId, paid[0]?.personId ?? '');
  return paid.filter(({ caseId }) =>
    taken.some(
      (cell) =>
        cell.caseId === caseId &&
        lacking.some(({ insurance, month }) => insurance === cell.insurance && month === cell.month),
    ),
  );
}

async function reopen(desk: CaseDesk, row: CaseRow): Promise<void> {
  const act = { ...desk.act, actor: 'hub', reason: 'a complete read of the bureau shows the months as unpaid again' };
  const reopened = await moveCase(desk, row, { to: 'reopened', act });
  await reopenLines(desk.em, act.tenantId, row.caseId);
  await refreshCase({ ...desk, act }, reopened);
}

/** Declined, refused, withdrawn or too late, and nothing is different since: the machine does not ask twice. */
function wasAnswered(cases: readonly CaseRow[], draft: Draft): boolean {
  return cases.some(
    (row) =>
      isOneOf(row.state, DEAD_STATES) && row.employmentId === draft.employmentId && row.inputsHash === draft.inputsHash,
  );
}
