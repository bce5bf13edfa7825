/** How cases are told at a terminal. */
import { formatYuan, fen } from '../domain/fen.js';
import type { CaseEventView, CaseSummary, CaseView } from '../backpay/cases.reader.js';
import { CHANNEL_WORDS, INSURANCE_WORDS, type Language } from '../policy/wording.js';
import { isInsurance } from '../domain/insurance.js';
import type { Terminal } from './terminal.js';

export function tellCases(terminal: Terminal, cases: readonly CaseSummary[]): void {
  terminal.table(
    ['days left', 'case', 'state', 'person', 'months', 'insurances', 'employee', 'employer', 'through', 'look'],
    cases.map((each) => [
      ...[each.daysLeft ?? '–', each.caseId, each.state, each.idMasked, each.months.join(' ')],
      ...[each.insurances.join(' '), yuan(each.employeeFen), yuan(each.employerFen)],
      ...[each.connectionId ?? each.channel ?? '–', each.attention ?? ''],
    ]),
  );
}

export function tellCase(terminal: Terminal, view: CaseView, language: Language): void {
  const { caseId, state, round, idMasked, lastDay, daysLeft, respondBy } = view;
  terminal.say(`case ${caseId} · ${state} · round ${round} · ${idMasked} · employment ${view.employmentId}`);
  terminal.say(`last day to apply ${lastDay ?? 'not known'}${daysLeft === null ? '' : ` (${daysLeft} days left)`}`);
  if (state === 'awaiting-employee') terminal.say(`the employee has until ${respondBy ?? ''}`);
  if (view.attention !== null) terminal.say(`LOOK: ${view.attention}`);
  if (view.refusal !== null) terminal.say(`refused by bureau or agency: ${view.refusal}`);
  for (const sentence of view.advice.text[language]) terminal.say(`  ${sentence}`);
  terminal.table(
    ['month', 'insurance', 'base', 'employee', 'employer', 'late fee', 'state', 'refused because'],
    view.lines.map((line) => [
      ...[line.month, isInsurance(line.insurance) ? INSURANCE_WORDS[line.insurance][language] : line.insurance],
      ...[yuan(line.baseFen), yuan(line.employeeFen), yuan(line.employerFen), yuan(line.lateFeeFen), line.state],
      line.reason ?? '',
    ]),
  );
  if (view.totals !== null) {
    const { employeeFen, employerFen, lateFeeFen } = view.totals;
    const fee = `late fee if paid on ${view.content?.lateFeeOn ?? ''} ${yuan(lateFeeFen)} (borne by the employer)`;
    terminal.say(`employee ${yuan(employeeFen)} · employer ${yuan(employerFen)} · ${fee}`);
  }
  if (view.content !== null) {
    const { channel, connectionId, policyVersion } = view.content;
    terminal.say(
      `through ${CHANNEL_WORDS[channel][language]} (${connectionId ?? 'no connection: a person carries it'})`,
    );
    terminal.say(`policy ${policyVersion}`);
  }
  for (const key of view.advice.missing) terminal.say(`missing  ${key}`);
  tellSignatures(terminal, view);
}

function tellSignatures(terminal: Terminal, view: CaseView): void {
  const { proposedBy, requestedBy, confirmedBy, approvedBy, remoteRef } = view;
  const told = { proposed: proposedBy, asked: requestedBy, confirmed: confirmedBy, approved: approvedBy };
  for (const [what, who] of Object.entries(told)) if (who !== null) terminal.say(`${what.padEnd(9)} by ${who}`);
  if (remoteRef !== null) terminal.say(`application ${remoteRef}`);
  if (view.hash !== null) terminal.say(`hash ${view.hash}`);
}

export function tellHistory(terminal: Terminal, events: readonly CaseEventView[]): void {
  terminal.table(
    ['day', 'from', 'to', 'round', 'by', 'why'],
    events.map((each) => [
      ...[each.onDay, each.from ?? '', each.kind === 'moved' ? (each.to ?? '') : `(${each.kind})`],
      ...[each.round, each.actor, each.reason ?? ''],
    ]),
  );
}

function yuan(amount: number | null): string {
  return amount === null ? 'unknown' : formatYuan(fen(amount));
}
