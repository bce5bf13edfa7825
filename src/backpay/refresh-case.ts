/** How a case follows its inputs: made from them, voided and asked anew when they change, ended when nothing is left to pay. */
import { v7 as newId } from 'uuid';
import { HubError } from '../domain/hub-error.js';
import { type Day, addDays } from '../domain/month.js';
import type { PersonInputs } from '../reconcile/back-payment.reader.js';
import type { TenantCaseRules } from './backpay-settings.js';
import type { ChannelConnection } from './case-content.js';
import { type Draft, draftCase } from './draft-case.js';
import {
  type CaseOrigin,
  type CaseRow,
  type CellKey,
  UNSIGNED,
  deleteLines,
  insertCase,
  insertLines,
  linesOfCase,
  takenCells,
} from './case.store.js';
import type { CaseWriter } from './case-transaction.js';
import { type CaseAct, moveCase } from './move-case.js';

/** Everything a verb looked at inside its transaction. */
export interface CaseDesk extends CaseWriter {
  readonly act: CaseAct;
  readonly rules: TenantCaseRules;
  readonly inputs: PersonInputs;
}

export type Refreshed =
  | { readonly outcome: 'unchanged'; readonly row: CaseRow; readonly draft: Draft }
  /** Whatever was signed is void; `reason` says why. */
  | { readonly outcome: 'changed'; readonly row: CaseRow; readonly reason: string };

/** States in which the employee has been asked, so that a change asks again. */
const ASKED: readonly CaseRow['state'][] = ['awaiting-employee', 'confirmed', 'awaiting-approval', 'approved'];

/** The draft of a case as of today, from what lacks money and no other case holds; null = nothing is left. */
export async function draftOf(desk: CaseDesk, row: CaseRow): Promise<Draft | null> {
  const { em, act, inputs } = desk;
  const employment = inputs.employments.find(({ employmentId }) => employmentId === row.employmentId);
  if (employment === undefined) return null;
  const others = await takenCells(em, act.tenantId, row.personId);
  const taken = others.filter(({ caseId }) => caseId !== row.caseId);
  // Who asked for some months only is asked about those.
  const only = row.origin === 'finding' ? null : await linesOfCase(em, act.tenantId, row.caseId);
  return draftCase(employment, { personId: row.personId, connections: connectionsFor(desk), only, taken });
}

/** Those that know the person. */
export function connectionsFor({ rules, inputs }: CaseDesk): readonly ChannelConnection[] {
  return rules.connections.filter(({ connectionId }) => inputs.knownAt.has(connectionId));
}

/** Compares an open case with its inputs of today. Unknown inputs change nothing; the caller decides what they forbid. */
export async function refreshCase(desk: CaseDesk, row: CaseRow): Promise<Refreshed> {
  const draft = await draftOf(desk, row);
  if (draft === null) return ended(desk, row, 'the sources show no month any more that lacks money');
  if (draft.inputsHash === row.inputsHash && row.state !== 'reopened') return { outcome: 'unchanged', row, draft };
  return changed(desk, row, draft);
}

async function ended(desk: CaseDesk, row: CaseRow, reason: string): Promise<Refreshed> {
  // Nobody answered anything: should the same months lack money again, they are proposed again.
  const change = { inputsHash: '' };
  const act = { ...desk.act, actor: 'hub', reason };
  const moved = await moveCase(desk, row, { to: 'withdrawn', change, act });
  return { outcome: 'changed', row: moved, reason };
}

async function changed(desk: CaseDesk, row: CaseRow, draft: Draft): Promise<Refreshed> {
  const reason = await whatChanged(desk, row, draft);
  const act = { ...desk.act, actor: 'hub', reason };
  const wasAsked = ASKED.includes(row.state);
  if (draft.verdict === 'refused') {
    const moved = await moveCase(desk, row, { to: 'expired', change: { advice: draft.advice }, act });
    return { outcome: 'changed', row: moved, reason };
  }
  await deleteLines(desk.em, { ...row, tenantId: act.tenantId });
  await writeLines(desk, row, draft);
  const reproposed = await propose({ ...desk, act }, row, draft);
  const asked = wasAsked && draft.verdict === 'ready' ? await ask({ ...desk, act }, reproposed) : reproposed;
  return { outcome: 'changed', row: asked, reason };
}

async function whatChanged({ em, act }: CaseDesk, row: CaseRow, draft: Draft): Promise<string> {
  if (row.state === 'reopened') return 'the bureau does not show the money';
  const before = await linesOfCase(em, act.tenantId, row.caseId);
  const cells = (lines: readonly CellKey[]): string => lines.map((line) => `${line.insurance} ${line.month}`).join();
  const changes: string[] = [];
  if (cells(before) !== cells(draft.lines)) changes.push('months or insurances');
  else if (JSON.stringify(before.map(amounts)) !== JSON.stringify(draft.lines.map(amounts))) changes.push('amounts');
  if (row.content?.channel !== draft.content?.channel || row.content?.connectionId !== draft.content?.connectionId)
    changes.push('channel');
  if (row.content?.policyVersion !== draft.content?.policyVersion) changes.push('policy');
  return `changed: ${changes.length === 0 ? 'rules' : changes.join(', ')}`;
}

function amounts(line: Draft['lines'][number]): readonly (number | null)[] {
  return [line.baseFen, line.employeeFen, line.employerFen];
}

/** A new round with the draft's content; `detected` while a figure is missing. Nothing that was signed before counts. */
async function propose(desk: CaseDesk, row: CaseRow, draft: Draft): Promise<CaseRow> {
  const { act } = desk;
  const cleared = {
    round: row.state === 'detected' ? row.round : row.round + 1,
    ...UNSIGNED,
    submittedOn: null,
    remoteRef: null,
    attention: null,
  };
  const fresh = {
    content: draft.content,
    contentHash: draft.contentHash,
    inputsHash: draft.inputsHash,
    advice: draft.advice,
    lastDay: draft.lastDay,
  };
  if (draft.verdict === 'ready') return moveCase(desk, row, { to: 'proposed', change: { ...cleared, ...fresh }, act });
  if (row.state === 'detected') return row;
  const back =
    row.state === 'proposed' || row.state === 'reopened'
      ? row
      : await moveCase(desk, row, { to: 'proposed', change: cleared, act });
  return moveCase(desk, back, { to: 'detected', change: { ...cleared, ...fresh, round: back.round }, act });
}

/** From `proposed`: the employee has until `respondBy`. Who asks is the maker; another person approves. */
export async function ask(desk: CaseDesk, row: CaseRow): Promise<CaseRow> {
  const { act, rules } = desk;
  const soon = addDays(act.today, rules.answerDays);
  const respondBy: Day = row.lastDay !== null && row.lastDay < soon ? row.lastDay : soon;
  const maker = act.actor === 'hub' || act.actor === `employee:${row.personId}` ? null : act.actor;
  return moveCase(desk, row, { to: 'awaiting-employee', change: { respondBy, requestedBy: maker }, act });
}

export interface NewCaseRequest {
  readonly personId: string;
  readonly origin: CaseOrigin;
}

/** A case in `detected`, `proposed` or, where no channel takes it any more, `expired` with the reasons. */
export async function openCase(desk: CaseDesk, draft: Draft, { personId, origin }: NewCaseRequest): Promise<CaseRow> {
  const { em, act, inputs } = desk;
  const { tenantId, actor } = act;
  const caseId = newId();
  const { employmentId, inputsHash, advice } = draft;
  const row = await insertCase(em, tenantId, {
    caseId,
    ...{ personId, employmentId, origin, proposedBy: actor, inputsHash, advice, runId: inputs.runId },
  });
  await writeLines(desk, row, draft);
  if (draft.verdict === 'refused')
    return moveCase(desk, row, { to: 'expired', act: { ...act, reason: 'no channel takes it' } });
  return propose(desk, row, draft);
}

async function writeLines({ em, act }: CaseDesk, row: CaseRow, draft: Draft): Promise<void> {
  if (await insertLines(em, { ...row, tenantId: act.tenantId }, draft.lines)) return;
  throw new HubError({
    code: 'case-overlaps',
    next: 'retry',
    message: `Another live case of person ${row.personId} took one of the same months meanwhile; the case is made again without them.`,
    detail: { personId: row.personId },
  });
}
