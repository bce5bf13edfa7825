/** What people may do with a case: ask, confirm, decline, approve, return, refuse, submit, withdraw, reject, reopen; each one transaction. */
import { Inject, Injectable } from '@nestjs/common';
import { cleanForeignWords } from '../domain/foreign-words.js';
import type { Day } from '../domain/month.js';
import { IdentityVault } from '../platform/crypto/identity-vault.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { cellKey, readInputsOfPerson } from '../reconcile/back-payment.reader.js';
import { RECONCILE_SETTINGS, type ReconcileSettings } from '../reconcile/reconcile-settings.js';
import { BACKPAY_SETTINGS, type BackpaySettings } from './backpay-settings.js';
import { type AnswerEvidence, insertApproval, insertConfirmation } from './case-log.store.js';
import { type Receipt, keepReceipt } from './case-receipts.js';
import { OPEN_STATES, SENT_STATES, type CaseState, isOneOf } from './case-states.js';
import { inCaseTransaction } from './case-transaction.js';
import { type CaseRow, UNSIGNED, linesOfCase, lockCase, lockPerson } from './case.store.js';
import { findPersonOfCase } from './cases.reader.js';
import { type CaseAct, moveCase } from './move-case.js';
import { type CaseDesk, ask, refreshCase } from './refresh-case.js';
import { refuseLine } from './refuse-line.js';
import { paidAfterRefusal } from './refused-applications.js';
import { reopenCase } from './reopen-case.js';
import { refsBefore } from './shown-applications.js';

export type CaseRefusal =
  | { readonly outcome: 'unknown-case' }
  /** `needs`: the states in which it could be done. */
  | { readonly outcome: 'wrong-state'; readonly state: CaseState; readonly needs: readonly CaseState[] }
  /** The hash is not that of what would be sent: somebody looked at an older version. */
  | { readonly outcome: 'wrong-hash'; readonly hash: string | null }
  /** Who prepared, asked or confirmed may not approve. */
  | { readonly outcome: 'same-person' }
  /** Figures that nobody confirmed; approving takes saying so. */
  | { readonly outcome: 'unverified'; readonly figures: readonly string[] }
  /** Whatever was signed is void; the case has been asked about anew, or ended. */
  | { readonly outcome: 'changed'; readonly state: CaseState; readonly reason: string }
  | { readonly outcome: 'too-late'; readonly lastDay: Day }
  | { readonly outcome: 'too-early'; readonly firstDay: Day }
  /** No source may be trusted now: nothing is signed or sent on it. */
  | { readonly outcome: 'inconclusive'; readonly reason: string }
  /** Nobody takes it by machine: the receipt of who carried it there is needed. */
  | { readonly outcome: 'reference-needed' }
  /** The bureau's books show money of its months. */
  | { readonly outcome: 'money-shown' }
  /** Not a person but that connection says what became of it. */
  | { readonly outcome: 'told-by-connection'; readonly connectionId: string };

export type DecideOutcome = { readonly outcome: 'moved'; readonly state: CaseState } | CaseRefusal;

export interface CaseRequest {
  readonly caseId: string;
  readonly act: CaseAct;
}

export interface SigningRequest extends CaseRequest {
  /** Of exactly what was shown; hex. */
  readonly hash: string;
}

@Injectable()
export class DecideCases {
  constructor(
    @Inject(Database) readonly database: Database,
    @Inject(Jobs) readonly jobs: Jobs,
    @Inject(RECONCILE_SETTINGS) private readonly reconcile: ReconcileSettings,
    @Inject(BACKPAY_SETTINGS) private readonly settings: BackpaySettings,
    @Inject(IdentityVault) private readonly vault: IdentityVault,
  ) {}

  /** HR asks the employee; a returned case is thereby proposed anew. */
  async ask(request: CaseRequest): Promise<DecideOutcome> {
    return this.onFreshCase(request, ['proposed', 'returned'], async (desk, row) => {
      const proposed =
        row.state === 'returned'
          ? await moveCase(desk, row, {
              to: 'proposed',
              change: { round: row.round + 1, ...UNSIGNED },
              act: desk.act,
            })
          : row;
      return moved(await ask(desk, proposed));
    });
  }

  /** The employee agrees to exactly what carries the hash; the approval is requested with it. */
  async confirm(request: SigningRequest & { readonly evidence: AnswerEvidence }): Promise<DecideOutcome> {
    return this.onFreshCase(request, ['awaiting-employee'], async (desk, row) => {
      if (row.contentHash !== request.hash) return wrongHash(row);
      await insertConfirmation(desk.em, { ...signed(desk, row, request), answer: 'confirmed' });
      const change = { confirmedBy: desk.act.actor, confirmedHash: request.hash };
      const confirmed = await moveCase(desk, row, { to: 'confirmed', change, act: desk.act });
      const asked = { ...desk.act, actor: 'hub', reason: 'the employee agreed' };
      return moved(await moveCase(desk, confirmed, { to: 'awaiting-approval', act: asked }));
    });
  }

  async decline(request: SigningRequest & { readonly evidence: AnswerEvidence }): Promise<DecideOutcome> {
    return this.onCase(request, ['awaiting-employee'], async (desk, row) => {
      if (row.contentHash !== request.hash) return wrongHash(row);
      await insertConfirmation(desk.em, { ...signed(desk, row, request), answer: 'declined' });
      return moved(await moveCase(desk, row, { to: 'declined', act: desk.act }));
    });
  }

  /** By another person than who prepared, asked or confirmed. What a connection takes leaves at once, if its window is open. */
  async approve(request: SigningRequest & { readonly acceptsUnverified: boolean }): Promise<DecideOutcome> {
    return this.onFreshCase(request, ['awaiting-approval'], async (desk, row, firstDay) => {
      const refusal = checkerRefusal(row, request);
      if (refusal !== null) return refusal;
      await insertApproval(desk.em, { ...signed(desk, row, request), decision: 'approved', reason: null });
      const change = { approvedBy: desk.act.actor, approvedHash: request.hash };
      const approved = await moveCase(desk, row, { to: 'approved', change, act: desk.act });
      const isOpen = firstDay === null || firstDay <= desk.act.today;
      if (approved.content?.connectionId == null || !isOpen) return moved(approved);
      return moved(await this.send({ ...desk, act: { ...desk.act, actor: 'hub' } }, approved));
    });
  }

  /** Back to HR with a reason. */
  async sendBack(request: SigningRequest, decision: 'returned' | 'refused'): Promise<DecideOutcome> {
    return this.onCase(request, ['awaiting-approval'], async (desk, row) => {
      const refusal = checkerRefusal(row, { ...request, acceptsUnverified: true });
      if (refusal !== null) return refusal;
      const reason = desk.act.reason ?? null;
      await insertApproval(desk.em, { ...signed(desk, row, request), decision, reason });
      return moved(await moveCase(desk, row, { to: decision, act: desk.act }));
    });
  }

  /** Sends an approved case, or, where no connection takes it, notes the receipt of who carried it there. */
  async submit(request: CaseRequest & { readonly reference: string | null }): Promise<DecideOutcome> {
    return this.onFreshCase(request, ['approved'], async (desk, row, firstDay) => {
      if (row.content?.connectionId == null) return carried(desk, row, { ...request, firstDay });
      if (firstDay !== null && firstDay > desk.act.today) return { outcome: 'too-early', firstDay };
      return moved(await this.send(desk, row));
    });
  }

  /** Keeps the receipt of who carried it there; where no connection takes the application it counts as sent with it. */
  async attach(
    request: CaseRequest & { readonly receipt: Receipt; readonly reference: string | null },
  ): Promise<DecideOutcome> {
    const keep = (desk: CaseDesk, row: CaseRow): Promise<void> =>
      keepReceipt(desk.em, this.vault, { ...request, act: desk.act, row });
    return this.onCase(request, ['approved', ...SENT_STATES], async (desk, row) => {
      if (row.state !== 'approved') {
        await keep(desk, row);
        return moved(row);
      }
      if (row.content?.connectionId != null) return { outcome: 'wrong-state', state: row.state, needs: SENT_STATES };
      return this.whenFresh(desk, row, async (_desk, _row, firstDay) => {
        const outcome = await carried(desk, row, { ...request, firstDay });
        if (outcome.outcome === 'moved') await keep(desk, row);
        return outcome;
      });
    });
  }

  async withdraw(request: CaseRequest): Promise<DecideOutcome> {
    return this.onCase(request, OPEN_STATES, async (desk, row) =>
      moved(await moveCase(desk, row, { to: 'withdrawn', act: desk.act })),
    );
  }

  /** Who carried an application there was sent away with it. Of what a connection took, that connection tells. */
  async reject(request: CaseRequest): Promise<DecideOutcome> {
    return this.onCase(request, ['submitted'], async (desk, row) => {
      const { em, act } = desk;
      const connectionId = row.content?.connectionId ?? null;
      if (connectionId !== null) return { outcome: 'told-by-connection', connectionId };
      const lines = await linesOfCase(em, act.tenantId, row.caseId);
      if (lines.some((line) => desk.inputs.paid.has(cellKey(line)))) return { outcome: 'money-shown' };
      const reason = cleanForeignWords(act.reason ?? '');
      for (const line of lines) await refuseLine(em, { row, act }, { ...line, reason });
      return moved(await moveCase(desk, row, { to: 'rejected', change: { refusal: reason }, act }));
    });
  }

  /**
   * What no list shows and a person of HR knows: what was said to be paid never arrived, or came back. Who records it thereby
   * prepares the next round, and so does not approve it.
   */
  async reopen(request: CaseRequest): Promise<DecideOutcome> {
    return this.onCase(request, ['paid'], async (desk, row) => {
      const lines = await linesOfCase(desk.em, desk.act.tenantId, row.caseId);
      if (lines.every((line) => line.state === 'rejected' || desk.inputs.paid.has(cellKey(line))))
        return { outcome: 'money-shown' };
      return moved(await reopenCase(desk, row, { act: desk.act, change: { proposedBy: desk.act.actor } }));
    });
  }

  /** Submitting and the fact that makes push send are one transaction: neither without the other. */
  private async send(desk: CaseDesk, row: CaseRow): Promise<CaseRow> {
    const sending = await moveCase(desk, row, {
      to: 'submitting',
      change: { submittedOn: desk.act.today, pastRefs: refsBefore(desk.inputs, row), refusal: null },
      act: desk.act,
    });
    await this.jobs.post(desk.em, {
      fact: 'CaseApproved',
      tenantId: desk.act.tenantId,
      caseId: row.caseId,
      hash: row.approvedHash ?? '',
      asOf: desk.act.today,
    });
    return sending;
  }

  /** Only while the inputs are known, unchanged and in time; `firstDay`: when the channel's window opens. */
  private onFreshCase(request: CaseRequest, needs: readonly CaseState[], work: FreshWork): Promise<DecideOutcome> {
    return this.onCase(request, needs, (desk, row) => this.whenFresh(desk, row, work));
  }

  private async whenFresh(desk: CaseDesk, row: CaseRow, work: FreshWork): Promise<DecideOutcome> {
    if (desk.inputs.isFrozen) return { outcome: 'inconclusive', reason: 'frozen' };
    if (desk.inputs.inconclusive !== null) return { outcome: 'inconclusive', reason: desk.inputs.inconclusive };
    if (row.lastDay !== null && row.lastDay < desk.act.today) {
      const late = { ...desk.act, actor: 'hub', reason: `the last day to apply was ${row.lastDay}` };
      await moveCase(desk, row, { to: 'expired', act: late });
      return { outcome: 'too-late', lastDay: row.lastDay };
    }
    const paid = await paidAfterRefusal(desk.em, desk.act.tenantId, { row, inputs: desk.inputs });
    if (paid !== null) return { outcome: 'inconclusive', reason: 'refused-and-paid' };
    const refreshed = await refreshCase(desk, row);
    if (refreshed.outcome === 'changed')
      return { outcome: 'changed', state: refreshed.row.state, reason: refreshed.reason };
    return work(desk, row, refreshed.draft.firstDay);
  }

  private async onCase(
    { caseId, act }: CaseRequest,
    needs: readonly CaseState[],
    work: (desk: CaseDesk, row: CaseRow) => Promise<DecideOutcome>,
  ): Promise<DecideOutcome> {
    return inCaseTransaction(this, act.tenantId, async (writer) => {
      const { em } = writer;
      // Person first, then case: the order in which proposals take their locks.
      const personId = await findPersonOfCase(em, act.tenantId, caseId);
      if (personId === null || !(await lockPerson(em, act.tenantId, personId))) return { outcome: 'unknown-case' };
      const row = await lockCase(em, act.tenantId, caseId);
      if (row === null) return { outcome: 'unknown-case' };
      if (!isOneOf(row.state, needs)) return { outcome: 'wrong-state', state: row.state, needs };
      const asked = { tenantId: act.tenantId, personId, asOf: act.today };
      const inputs = await readInputsOfPerson(em, this.reconcile, asked);
      if (inputs === null) return { outcome: 'inconclusive', reason: 'not-judged' };
      return work({ ...writer, act, rules: this.settings.tenantRules(act.tenantId), inputs }, row);
    });
  }
}

type FreshWork = (desk: CaseDesk, row: CaseRow, firstDay: Day | null) => Promise<DecideOutcome>;

/** By a person, with the number on the receipt. */
async function carried(
  desk: CaseDesk,
  row: CaseRow,
  { reference, firstDay }: { readonly reference: string | null; readonly firstDay: Day | null },
): Promise<DecideOutcome> {
  if (firstDay !== null && firstDay > desk.act.today) return { outcome: 'too-early', firstDay };
  if (reference === null) return { outcome: 'reference-needed' };
  const change = { submittedOn: desk.act.today, remoteRef: reference, refusal: null };
  const sending = await moveCase(desk, row, { to: 'submitting', change, act: desk.act });
  return moved(await moveCase(desk, sending, { to: 'submitted', act: desk.act }));
}

function checkerRefusal(
  row: CaseRow,
  request: SigningRequest & { readonly acceptsUnverified: boolean },
): CaseRefusal | null {
  const { actor } = request.act;
  if (row.contentHash !== request.hash) return wrongHash(row);
  if ([row.proposedBy, row.requestedBy, row.confirmedBy].includes(actor)) return { outcome: 'same-person' };
  if (row.advice.doubtful.length > 0 && !request.acceptsUnverified)
    return { outcome: 'unverified', figures: row.advice.doubtful };
  return null;
}

function signed<R extends SigningRequest>(desk: CaseDesk, row: CaseRow, request: R) {
  const { tenantId, actor } = desk.act;
  return { ...request, tenantId, actor, caseId: row.caseId, round: row.round };
}

function wrongHash({ contentHash }: CaseRow): CaseRefusal {
  return { outcome: 'wrong-hash', hash: contentHash };
}

function moved({ state }: CaseRow): DecideOutcome {
  return { outcome: 'moved', state };
}
