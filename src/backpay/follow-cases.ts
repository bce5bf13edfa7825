/** How a case that left learns its result: from the ledger, from what bureau and agency show, and at last from the bureau's own books. */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { FindingClosed, OperationSettled } from '../domain/facts.js';
import { cleanForeignWords } from '../domain/foreign-words.js';
import { type Clock, dayInZone } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { CLOCK } from '../platform/platform.module.js';
import {
  type PersonInputs,
  type ShownApplication,
  cellKey,
  readBackPaymentInputs,
} from '../reconcile/back-payment.reader.js';
import { RECONCILE_SETTINGS, type ReconcileSettings } from '../reconcile/reconcile-settings.js';
import { BACKPAY_SETTINGS, type BackpaySettings } from './backpay-settings.js';
import { type ToldBill, billAttention, billedLine, isAboutBill } from './billed-lines.js';
import { appendCaseEvent } from './case-log.store.js';
import { type CaseState, OPEN_STATES, SENT_STATES, isOneOf } from './case-states.js';
import { type ShownLine, caseTarget, judgeLine, pathTo, refusalOf } from './case-result.js';
import {
  type CaseRow,
  type CellKey,
  type StoredLine,
  changeCase,
  findPersonsWithCases,
  linesOfCase,
  lockCase,
  lockCasesOfPersons,
  lockPerson,
  lockPersonsOfCases,
  moveLine,
} from './case.store.js';
import { inCaseTransaction } from './case-transaction.js';
import { findPersonOfCase } from './cases.reader.js';
import { inGroups } from './in-groups.js';
import { type CaseAct, moveCase } from './move-case.js';
import { type CaseDesk, refreshCase } from './refresh-case.js';
import { refuseLine } from './refuse-line.js';
import { paidAfterRefusal, shownForMonths, withRefused } from './refused-applications.js';
import { reopenCase } from './reopen-case.js';
import { shownFor } from './shown-applications.js';

const SAYS_BOTH = 'was refused and is told as paid now';
const FOLLOWED_STATES = [...OPEN_STATES, ...SENT_STATES];

@Injectable()
export class FollowCases {
  constructor(
    @Inject(Database) readonly database: Database,
    @Inject(Jobs) readonly jobs: Jobs,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RECONCILE_SETTINGS) private readonly reconcile: ReconcileSettings,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
  ) {}

  /** Safe to repeat and in any order: every look starts from what is stored and shown now. */
  async onFindingClosed(fact: FindingClosed): Promise<void> {
    const act: CaseAct = { tenantId: fact.tenantId, actor: 'hub', today: fact.asOf };
    await inGroups(fact.personIds, (personIds) => this.look(personIds, act));
  }

  /** The ledger's word. What it does not know a person must find out; nothing is sent again from here. */
  async onOperationSettled(fact: OperationSettled): Promise<void> {
    await inCaseTransaction(this, fact.tenantId, async (writer) => {
      const { em } = writer;
      const personId = await findPersonOfCase(em, fact.tenantId, fact.caseId);
      if (personId === null || !(await lockPerson(em, fact.tenantId, personId))) return;
      const row = await lockCase(em, fact.tenantId, fact.caseId);
      if (row === null || !isOneOf(row.state, SENT_STATES)) return;
      // What the ledger tells late of a former round is no news of this one.
      if (fact.round !== null && fact.round !== row.round) return;
      const today = row.submittedOn ?? dayInZone(this.clock.now());
      const act: CaseAct = { tenantId: fact.tenantId, actor: 'hub', today, detail: { code: fact.code } };
      const { remoteRef } = fact;
      for (const { reason, ...line } of fact.state === 'acknowledged' ? fact.refused : [])
        await refuseLine(em, { row, act }, { ...line, reason: cleanForeignWords(reason ?? '') });
      switch (fact.state) {
        case 'acknowledged':
          if (row.state !== 'submitting') return;
          await moveCase(writer, row, {
            to: 'submitted',
            change: { remoteRef, attention: null },
            act,
          });
          return;
        case 'rejected':
        case 'cancelled':
          if (row.state !== 'submitting') return;
          await moveCase(writer, row, {
            to: 'rejected',
            change: { refusal: cleanForeignWords(fact.reason ?? '') },
            act: { ...act, reason: whyRefused(fact) },
          });
          return;
        case 'unknown':
        case 'needs-human':
        case 'dead': {
          if (row.state !== 'submitting') return;
          const attention = `${fact.state}: ${fact.code ?? ''}`;
          await raise(em, { row, act }, { attention, kind: 'escalated' });
        }
      }
    });
  }

  private async look(personIds: readonly string[], act: CaseAct): Promise<void> {
    const { tenantId } = act;
    await inCaseTransaction(this, tenantId, async (writer) => {
      const { em } = writer;
      const concerned = await findPersonsWithCases(em, tenantId, { personIds, states: FOLLOWED_STATES });
      if (concerned.length === 0) return;
      const locked = await lockPersonsOfCases(em, tenantId, concerned);
      const cases = await lockCasesOfPersons(em, tenantId, locked);
      const asked = { tenantId, personIds: locked, asOf: act.today };
      const rules = this.settings.tenantRules(tenantId);
      for (const [personId, inputs] of await readBackPaymentInputs(em, this.reconcile, asked)) {
        const desk: CaseDesk = { ...writer, act, rules, inputs };
        for (const row of cases.get(personId) ?? []) {
          if (isOneOf(row.state, SENT_STATES)) await this.follow(desk, row);
          else if (isOneOf(row.state, OPEN_STATES)) await this.followOpen(desk, row);
        }
      }
    });
  }

  /** Not sent, or sent once and reopened: as its inputs are, and looked at by a person while a refused application is told as paid. */
  private async followOpen(desk: CaseDesk, row: CaseRow): Promise<void> {
    const { em, act, inputs } = desk;
    const { tenantId } = act;
    const refusedRefs = withRefused(row.refusedRefs, shownForMonths(inputs, row));
    if (refusedRefs.length > row.refusedRefs.length) await changeCase(em, tenantId, { row, change: { refusedRefs } });
    const paid = await paidAfterRefusal(em, tenantId, { row, inputs });
    if (paid !== null) {
      const attention = `application ${paid} ${SAYS_BOTH}: nothing is sent before the office says which is so`;
      return raise(em, { row, act }, { attention, kind: 'escalated' });
    }
    if (row.attention?.includes(SAYS_BOTH) === true)
      await changeCase(em, tenantId, { row, change: { attention: null } });
    if (inputs.inconclusive === null && !inputs.isFrozen) await refreshCase(desk, row);
  }

  private async follow(desk: CaseDesk, row: CaseRow): Promise<void> {
    const { em, act, inputs } = desk;
    const stored = await linesOfCase(em, act.tenantId, row.caseId);
    const { lines, bills, shown } = judgeLines(inputs, row, stored);
    const refusedRefs = withRefused(row.refusedRefs, shown);
    const target = caseTarget(lines, { isConclusive: inputs.inconclusive === null });
    const path = target === null ? [] : pathTo(row.state, target, lines);
    if (path[0] === 'reopened') return this.takeBack(desk, { ...row, refusedRefs }, lines);
    const isRefused = await this.moveLines(desk, row, { stored, lines });
    const refusal = refusalOf(lines);
    let at = row;
    for (const to of path) {
      const attention = to === 'partially-accepted' ? 'some months were refused' : null;
      const detail = { shown: lines.map(shownText), refused: lines.flatMap(refusedWords), ...billDetail(bills) };
      const told = to === 'rejected' || to === 'partially-accepted' ? refusal : null;
      const shows = whoShows(to, bills);
      const reason = told === null ? shows : `${shows}: ${told}`;
      at = await moveCase(desk, at, { to, change: { attention, refusal }, act: { ...act, reason, detail } });
    }
    if (at.refusal !== refusal || refusedRefs.length > row.refusedRefs.length)
      await changeCase(em, act.tenantId, { row: at, change: { refusal, refusedRefs } });
    await this.tellBill(desk, at, billAttention(lines, bills));
    // Refused months are free again: whoever proposes cases looks at the person once more.
    if (isRefused)
      await this.jobs.post(em, {
        ...{ fact: 'FindingOpened', tenantId: act.tenantId, runId: inputs.runId, asOf: act.today },
        personIds: [row.personId],
      });
    if (at.state === 'verified' && row.state !== 'verified')
      await this.jobs.post(em, {
        fact: 'CaseVerified',
        tenantId: act.tenantId,
        caseId: row.caseId,
        personId: row.personId,
        round: row.round,
      });
  }

  /** True = a line is refused now that was not. */
  private async moveLines(
    { em, act }: CaseDesk,
    row: CaseRow,
    { stored, lines }: { readonly stored: readonly StoredLine[]; readonly lines: readonly ShownLine[] },
  ): Promise<boolean> {
    let isRefused = false;
    for (const [place, judged] of lines.entries()) {
      const line = stored[place];
      const isNewlyRefused = judged.state === 'rejected' && line?.state !== 'rejected';
      isRefused ||= isNewlyRefused;
      if (isNewlyRefused || (judged.state === 'rejected' && judged.reason !== line?.reason))
        await refuseLine(em, { row, act }, judged);
      else if (judged.state !== line?.state)
        await moveLine(em, { tenantId: act.tenantId, caseId: row.caseId, ...keyOf(judged) }, judged);
    }
    return isRefused;
  }

  /** Bureau or agency said that it was paid and says now that all of it was refused. The months stay this case's. */
  private async takeBack(desk: CaseDesk, row: CaseRow, lines: readonly ShownLine[]): Promise<void> {
    const refusal = refusalOf(lines);
    const shows = 'bureau or agency shows as refused what it had shown as paid';
    const reason = refusal === null ? shows : `${shows}: ${refusal}`;
    const detail = { shown: lines.map(shownText), refused: lines.flatMap(refusedWords), refs: row.refusedRefs };
    const { refusedRefs } = row;
    await reopenCase(desk, row, { act: { ...desk.act, reason, detail }, change: { refusal, refusedRefs } });
  }

  /** A bill of another amount is for a person to look at, until a bill that may be believed or the bureau says otherwise; noted once. */
  private async tellBill({ em, act, inputs }: CaseDesk, row: CaseRow, attention: string | null): Promise<void> {
    if (attention !== null) return raise(em, { row, act }, { attention, kind: 'note' });
    const areTold = inputs.billsTold.has(row.content?.connectionId ?? '');
    if (areTold && isAboutBill(row.attention)) await changeCase(em, act.tenantId, { row, change: { attention } });
  }
}

/** Every line as it is shown now, what the agency's bills say of them, and the applications that show it. Pure. */
function judgeLines(
  inputs: PersonInputs,
  row: CaseRow,
  stored: readonly StoredLine[],
): {
  readonly lines: readonly ShownLine[];
  readonly bills: readonly ToldBill[];
  readonly shown: readonly ShownApplication[];
} {
  const shown = stored.map((line) => shownFor(inputs, row, line));
  const told = stored.map((line, place) => billedLine(inputs, { row, shown: shown[place] ?? [] }, line));
  const lines = stored.map((line, place) => {
    const applications = shown[place] ?? [];
    const words = told[place]?.outcome === 'charged' ? [...applications, PAID_BY_BILL] : applications;
    return judgeLine(line, words, { isPaid: inputs.paid.has(cellKey(line)) });
  });
  const bills = stored.flatMap((line, place): readonly ToldBill[] => {
    const bill = told[place];
    return bill === undefined || bill.outcome === 'nothing' ? [] : [{ ...keyOf(line), ...bill }];
  });
  return { lines, bills, shown: shown.flat() };
}

/** As if the agency's list showed it. */
const PAID_BY_BILL = { state: 'paid', reason: null } as const;

function whoShows(to: CaseState, bills: readonly ToldBill[]): string {
  if (to === 'verified') return 'a read of the bureau shows the months';
  const charged = bills.flatMap((bill) => (bill.outcome === 'charged' ? bill.billIds : []));
  if (to !== 'paid' || charged.length === 0) return 'as bureau or agency shows it';
  return `as bureau or agency shows it, by bill ${[...new Set(charged)].sort().join(', ')}`;
}

/** The code a machine would look for, then the words. */
function whyRefused({ code, state, reason }: OperationSettled): string {
  const words = cleanForeignWords(reason ?? '');
  return words === null ? (code ?? state) : `${code ?? state}: ${words}`;
}

function billDetail(bills: readonly ToldBill[]): Readonly<Record<string, readonly string[]>> {
  if (bills.length === 0) return {};
  return {
    bills: bills.map(
      ({ insurance, month, outcome, billIds }) => `${insurance} ${month} ${outcome} ${billIds.join(', ')}`,
    ),
  };
}

function shownText({ insurance, month, state }: ShownLine): string {
  return `${insurance} ${month} ${state}`;
}

function refusedWords({ insurance, month, state, reason }: ShownLine) {
  return state === 'rejected' ? [{ insurance, month, reason }] : [];
}

function keyOf({ insurance, month }: CellKey): CellKey {
  return { insurance, month };
}

/** Shows the case to a person; noted in its history once. */
async function raise(
  em: EntityManager,
  { row, act }: { readonly row: CaseRow; readonly act: CaseAct },
  { attention, kind }: { readonly attention: string; readonly kind: 'escalated' | 'note' },
): Promise<void> {
  if (row.attention === attention) return;
  const { caseId, round, state } = row;
  const { tenantId, actor, today } = act;
  await changeCase(em, tenantId, { row, change: { attention } });
  await appendCaseEvent(em, {
    ...{ tenantId, caseId, round, kind, fromState: state, toState: state, actor, reason: attention },
    onDay: today,
    detail: {},
  });
}
