/** How a case that left learns its result: from the ledger, from what bureau and agency show, and at last from the bureau's own books. */
import { Inject, Injectable } from '@nestjs/common';
import type { FindingClosed, OperationSettled } from '../domain/facts.js';
import { type Clock, dayInZone } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { CLOCK } from '../platform/platform.module.js';
import { cellKey, readBackPaymentInputs } from '../reconcile/back-payment.reader.js';
import { RECONCILE_SETTINGS, type ReconcileSettings } from '../reconcile/reconcile-settings.js';
import { BACKPAY_SETTINGS, type BackpaySettings } from './backpay-settings.js';
import { appendCaseEvent } from './case-log.store.js';
import { OPEN_STATES, SENT_STATES, isOneOf } from './case-states.js';
import { type ShownLine, caseTarget, judgeLine, pathTo } from './case-result.js';
import {
  type CaseRow,
  type CellKey,
  linesOfCase,
  lockCase,
  lockCasesOfPerson,
  lockPerson,
  moveLine,
  updateCase,
} from './case.store.js';
import { findPersonOfCase } from './cases.reader.js';
import { type CaseAct, moveCase } from './move-case.js';
import { type CaseDesk, refreshCase } from './refresh-case.js';
import { shownFor } from './shown-applications.js';

@Injectable()
export class FollowCases {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RECONCILE_SETTINGS) private readonly reconcile: ReconcileSettings,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
  ) {}

  /** Safe to repeat and in any order: every look starts from what is stored and shown now. */
  async onFindingClosed(fact: FindingClosed): Promise<void> {
    for (const personId of fact.personIds) await this.look(personId, { ...fact, actor: 'hub', today: fact.asOf });
  }

  /** The ledger's word. What it does not know a person must find out; nothing is sent again from here. */
  async onOperationSettled(fact: OperationSettled): Promise<void> {
    await this.database.inTenant(fact.tenantId, async (em) => {
      const personId = await findPersonOfCase(em, fact.tenantId, fact.caseId);
      if (personId === null || !(await lockPerson(em, fact.tenantId, personId))) return;
      const row = await lockCase(em, fact.tenantId, fact.caseId);
      if (row === null || !isOneOf(row.state, SENT_STATES)) return;
      const today = row.submittedOn ?? dayInZone(this.clock.now());
      const act: CaseAct = { tenantId: fact.tenantId, actor: 'hub', today, detail: { code: fact.code } };
      const { remoteRef } = fact;
      for (const line of fact.state === 'acknowledged' ? fact.refused : [])
        await moveLine(em, { tenantId: fact.tenantId, caseId: fact.caseId, ...line }, 'rejected');
      switch (fact.state) {
        case 'acknowledged':
          if (row.state !== 'submitting') return;
          await moveCase({ em, jobs: this.jobs }, row, {
            to: 'submitted',
            change: { remoteRef, attention: null },
            act,
          });
          return;
        case 'rejected':
        case 'cancelled':
          if (row.state !== 'submitting') return;
          await moveCase({ em, jobs: this.jobs }, row, {
            to: 'rejected',
            act: { ...act, reason: fact.code ?? fact.state },
          });
          return;
        case 'unknown':
        case 'needs-human':
        case 'dead': {
          if (row.state !== 'submitting') return;
          const attention = `${fact.state}: ${fact.code ?? ''}`;
          if (row.attention === attention) return;
          await updateCase(em, { tenantId: fact.tenantId, caseId: row.caseId, state: row.state }, { attention });
          await appendCaseEvent(em, { ...act, ...noteOf(row, attention), onDay: today, detail: {} });
        }
      }
    });
  }

  private async look(personId: string, of: CaseAct): Promise<void> {
    const act: CaseAct = { tenantId: of.tenantId, actor: 'hub', today: of.today };
    await this.database.inTenant(act.tenantId, async (em) => {
      if (!(await lockPerson(em, act.tenantId, personId))) return;
      const cases = await lockCasesOfPerson(em, act.tenantId, personId);
      const followed = cases.filter(({ state }) => isFollowed(state));
      if (followed.length === 0) return;
      const asked = { tenantId: act.tenantId, personId, asOf: act.today };
      const inputs = await readBackPaymentInputs(em, this.reconcile, asked);
      if (inputs === null) return;
      const desk: CaseDesk = { em, jobs: this.jobs, act, rules: this.settings.tenantRules(act.tenantId), inputs };
      for (const row of followed) {
        if (isOneOf(row.state, OPEN_STATES)) {
          if (inputs.inconclusive === null && !inputs.isFrozen) await refreshCase(desk, row);
        } else await this.follow(desk, row);
      }
    });
  }

  private async follow(desk: CaseDesk, row: CaseRow): Promise<void> {
    const { em, act, inputs } = desk;
    const lines: ShownLine[] = [];
    let isRefused = false;
    for (const line of await linesOfCase(em, act.tenantId, row.caseId)) {
      const judged = judgeLine(line, shownFor(inputs, row, line), { isPaid: inputs.paid.has(cellKey(line)) });
      lines.push(judged);
      isRefused ||= judged.state === 'rejected' && line.state !== 'rejected';
      if (judged.state !== line.state)
        await moveLine(em, { tenantId: act.tenantId, caseId: row.caseId, ...keyOf(line) }, judged.state);
    }
    const target = caseTarget(lines, { isConclusive: inputs.inconclusive === null });
    let at = row;
    for (const to of target === null ? [] : pathTo(row.state, target, lines)) {
      const attention = to === 'partially-accepted' ? 'some months were refused' : null;
      const detail = { shown: lines.map(({ insurance, month, state }) => `${insurance} ${month} ${state}`) };
      const reason = to === 'verified' ? 'a read of the bureau shows the months' : 'as bureau or agency shows it';
      at = await moveCase(desk, at, { to, change: { attention }, act: { ...act, reason, detail } });
    }
    // Refused months are free again: whoever proposes cases looks at the person once more.
    if (isRefused)
      await this.jobs.post(em, {
        ...{ fact: 'FindingOpened', tenantId: act.tenantId, runId: inputs.runId, asOf: act.today },
        personIds: [row.personId],
      });
    if (at.state === 'verified' && row.state !== 'verified')
      await this.jobs.post(em, { fact: 'CaseVerified', tenantId: act.tenantId, caseId: row.caseId });
  }
}

function isFollowed(state: CaseRow['state']): boolean {
  return isOneOf(state, OPEN_STATES) || isOneOf(state, SENT_STATES);
}

function keyOf({ insurance, month }: CellKey): CellKey {
  return { insurance, month };
}

function noteOf(row: CaseRow, reason: string) {
  const { caseId, round, state } = row;
  return { caseId, round, kind: 'escalated' as const, fromState: state, toState: state, reason };
}
