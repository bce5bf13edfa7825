/** How findings, an HR clerk or an employee become cases: one per employment with unpaid months, however many ask at once. */
import { Inject, Injectable } from '@nestjs/common';
import type { FindingOpened } from '../domain/facts.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { type EmploymentInputs, type PersonInputs, readBackPaymentInputs } from '../reconcile/back-payment.reader.js';
import { RECONCILE_SETTINGS, type ReconcileSettings } from '../reconcile/reconcile-settings.js';
import { BACKPAY_SETTINGS, type BackpaySettings } from './backpay-settings.js';
import { DEAD_STATES, OPEN_STATES, PAID_STATES, isOneOf } from './case-states.js';
import {
  type CaseOrigin,
  type CaseRow,
  type CellKey,
  lockCasesOfPersons,
  lockPersonsOfCases,
  takenCells,
} from './case.store.js';
import { inCaseTransaction } from './case-transaction.js';
import { type Draft, draftCase } from './draft-case.js';
import { inGroups } from './in-groups.js';
import type { CaseAct } from './move-case.js';
import { type CaseDesk, ask, connectionsFor, openCase, refreshCase } from './refresh-case.js';
import { reopenCase } from './reopen-case.js';

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
    @Inject(Database) readonly database: Database,
    @Inject(Jobs) readonly jobs: Jobs,
    @Inject(RECONCILE_SETTINGS) private readonly reconcile: ReconcileSettings,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
  ) {}

  /** Safe to repeat: what a case stands for already, or was answered on the same inputs, is left alone. */
  async onFindingOpened(fact: FindingOpened): Promise<void> {
    const act: CaseAct = { tenantId: fact.tenantId, actor: 'hub', today: fact.asOf, reason: 'finding' };
    let cases = 0;
    await inGroups(fact.personIds, async (personIds) => {
      const outcomes = await this.proposeEach(personIds, { origin: 'finding', act, only: null });
      for (const outcome of outcomes.values()) if (outcome.outcome === 'proposed') cases += outcome.made.length;
    });
    if (cases > 0)
      this.settings.log.info(
        { tenantId: fact.tenantId, runId: fact.runId, cases },
        'back-payment cases made or changed',
      );
  }

  /** One after the other for one person. An employee who asks has thereby agreed to be asked. */
  async propose({ personId, ...request }: ProposeRequest): Promise<ProposeOutcome> {
    return (await this.proposeEach([personId], request)).get(personId) ?? { outcome: 'unknown-person' };
  }

  /** In one transaction; persons whom nobody knows are absent. */
  private async proposeEach(
    personIds: readonly string[],
    request: Omit<ProposeRequest, 'personId'>,
  ): Promise<ReadonlyMap<string, ProposeOutcome>> {
    const { act } = request;
    const { tenantId } = act;
    return inCaseTransaction(this, tenantId, async (writer) => {
      const { em } = writer;
      const known = await lockPersonsOfCases(em, tenantId, personIds);
      const asked = { tenantId, personIds: known, asOf: act.today };
      const inputs = await readBackPaymentInputs(em, this.reconcile, asked);
      const cases = await lockCasesOfPersons(em, tenantId, [...inputs.keys()]);
      const rules = this.settings.tenantRules(tenantId);
      const outcomes = new Map<string, ProposeOutcome>();
      for (const [personId, of] of inputs) {
        const reason = whyNothing(of);
        const desk = { ...writer, act, rules, inputs: of };
        const outcome: ProposeOutcome =
          reason === null
            ? await proposeAll(desk, { ...request, personId }, cases.get(personId) ?? [])
            : { outcome: 'inconclusive', reason };
        outcomes.set(personId, outcome);
      }
      return outcomes;
    });
  }
}

function whyNothing({ isFrozen, inconclusive }: PersonInputs): string | null {
  return isFrozen ? 'frozen' : inconclusive;
}

async function proposeAll(desk: CaseDesk, request: ProposeRequest, cases: readonly CaseRow[]): Promise<ProposeOutcome> {
  const made: string[] = [];
  const standing: string[] = [];
  for (const row of cases.filter((each) => isOneOf(each.state, OPEN_STATES))) {
    const refreshed = await refreshCase(desk, row);
    (refreshed.outcome === 'changed' ? made : standing).push(row.caseId);
  }
  for (const row of await contradicted(desk, cases)) {
    const reason = 'a complete read of the bureau shows the months as unpaid again';
    await reopenCase(desk, row, { act: { ...desk.act, actor: 'hub', reason } });
    made.push(row.caseId);
  }
  for (const employment of desk.inputs.employments) {
    const holdsAny = cases.length + made.length > 0;
    const taken = holdsAny ? await takenCells(desk.em, desk.act.tenantId, request.personId) : [];
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

/** Declined, refused, withdrawn or too late, and nothing is different since: the machine does not ask twice. */
function wasAnswered(cases: readonly CaseRow[], draft: Draft): boolean {
  return cases.some(
    (row) =>
      isOneOf(row.state, DEAD_STATES) && row.employmentId === draft.employmentId && row.inputsHash === draft.inputsHash,
  );
}
