/** How findings are told at a terminal. */
import { formatYuan, fen } from '../domain/fen.js';
import type { BillEvidence } from '../reconcile/cell.js';
import type { FindingView } from '../reconcile/findings.reader.js';
import type { FindingShown } from '../reconcile/show-finding.js';
import type { SourceWord } from '../reconcile/source-words.js';
import type { Terminal } from './terminal.js';

export function tellFindings(terminal: Terminal, findings: readonly FindingView[]): void {
  terminal.table(
    ['finding', 'situation', 'person', 'insurance', 'months', 'since', 'closed', 'set aside until'],
    findings.map((each) => [
      ...[each.findingId, each.situation, each.idMasked, each.insurance, each.months.join(' ')],
      ...[dayOf(each.openedAt), each.closedAt === null ? '' : dayOf(each.closedAt), each.setAside?.until ?? ''],
    ]),
  );
}

export function tellFinding(terminal: Terminal, finding: FindingShown): void {
  const { findingId, situation, idMasked, employmentId, insurance, detail } = finding;
  terminal.say(`finding ${findingId} · ${situation} · ${idMasked} · employment ${employmentId} · ${insurance}`);
  terminal.say(`opened ${finding.openedAt.toISOString()} by run ${finding.openedRunId}`);
  terminal.say(
    finding.closedAt === null
      ? 'open: it closes when a read shows it no more'
      : `closed ${finding.closedAt.toISOString()} by run ${finding.closedRunId ?? ''}: its data showed it no more`,
  );
  terminal.table(
    ['month', 'kind', 'paid on', 'expected base', 'effect', 'payers'],
    detail.months.map((each) => [
      ...[each.month, each.kind ?? '', yuan(each.paidBaseFen), yuan(each.expectedBaseFen)],
      ...[yuan(each.effectFen), each.payers?.join(' ') ?? ''],
    ]),
  );
  for (const { month, bill } of detail.months) if (bill !== undefined) terminal.say(`  ${month} ${billText(bill)}`);
  for (const { month, words = [] } of detail.months)
    for (const word of words) terminal.say(`  ${month} ${word.connectionId} (${word.role}) said ${wordText(word)}`);
  terminal.table(
    ['record', 'read', 'unchanged since', 'gone'],
    finding.reads.map((each) => [
      `${each.connectionId}/${each.stream}/${each.ownerKey}`,
      ...[each.readAt, each.unchangedSince, each.goneAt].map((at) => at?.toISOString() ?? ''),
    ]),
  );
  tellNow(terminal, finding);
  for (const { kind, by, at, reason, until } of finding.marks)
    terminal.say(`${at.toISOString()} ${kind} by ${by}${until === null ? '' : ` until ${until}`}: ${reason}`);
}

function tellNow(terminal: Terminal, { now }: FindingShown): void {
  if (now === null) return;
  terminal.say(`by what is stored now, as of ${now.asOf}, policy ${now.policyVersion}:`);
  terminal.table(
    ['month', 'insurance', 'situation', 'expected base', 'owed', 'paid on', 'paid', 'sources'],
    now.months.map((each) => [
      ...[each.month, each.insurance, each.situation ?? 'not concluded', yuan(each.expectedBaseFen)],
      each.owed === null ? 'unknown' : formatYuan(fen(each.owed.employeeFen + each.owed.employerFen)),
      ...[yuan(each.paidBaseFen), yuan(each.paidFen)],
      each.claims.paid.map(({ connectionId, won }) => `${connectionId}${won ? '*' : ''}`).join(' '),
    ]),
  );
}

/** Both figures to the fen. */
function billText({ connectionId, billIds, orderIds, charged, expected, paidIn }: BillEvidence): string {
  const both = ({ employeeFen, employerFen }: BillEvidence['charged']): string =>
    `employee ${formatYuan(employeeFen)}, employer ${formatYuan(employerFen)}`;
  return [
    `bill ${billIds.join(' ')} of ${connectionId} charges ${both(charged)}`,
    ...(expected === null ? [] : [`right are ${both(expected)}`]),
    ...(paidIn === null ? [] : [`due ${formatYuan(paidIn.dueFen)}, paid in ${formatYuan(paidIn.paidFen)}`]),
    orderIds.length === 0 ? 'no order' : `order ${orderIds.join(' ')}`,
  ].join('; ');
}

/** Without the keys that say where it stands. */
function wordText({ connectionId: _c, role: _r, ownerKey: _o, stream, ...said }: SourceWord): string {
  const parts = Object.entries(said).map(([key, value]) => {
    const isMoney = key.endsWith('Fen') && typeof value === 'number';
    return isMoney ? `${key.slice(0, -3)} ${formatYuan(fen(value))}` : `${key} ${String(value)}`;
  });
  return `${stream}: ${parts.join(', ')}`;
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function yuan(amount: number | null | undefined): string {
  return amount === undefined ? '' : amount === null ? 'unknown' : formatYuan(fen(amount));
}
