/** Which findings a person has: what the cells say, one finding per employment, insurance and situation. */
import { fen, type Fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import type { Month } from '../domain/month.js';
import type { FindingSituation } from '../domain/situation.js';
import type { BillFinding } from './bill-findings.js';
import type { Cell, MonthEvidence } from './cell.js';
import type { EmploymentConflict } from './conflicts.js';
import { keepsWords, type SourceWord } from './source-words.js';

/** Findings that concern an employment as a whole name no insurance. */
export const EVERY_INSURANCE = '*';

/** Amounts in fen; ids of the records behind it as `connection/stream/owner key`; never a name or an identity number. */
export interface FindingDetail {
  readonly months: readonly MonthEvidence[];
  /** Sum over the months; null as soon as one is unknown. > 0: to be paid in, < 0: to be given back. */
  readonly effectFen: Fen | null;
  readonly evidence: readonly string[];
}

export interface JudgedFinding {
  readonly employmentId: string;
  readonly insurance: Insurance | typeof EVERY_INSURANCE;
  readonly situation: FindingSituation;
  /** Oldest first. */
  readonly months: readonly Month[];
  readonly detail: FindingDetail;
}

/** The name under which a person has at most one open finding. */
export function findingKey(finding: Pick<JudgedFinding, 'employmentId' | 'insurance' | 'situation'>): string {
  return `${finding.employmentId}\n${finding.insurance}\n${finding.situation}`;
}

interface FindingInput {
  readonly cells: readonly Cell[];
  readonly conflicts: readonly EmploymentConflict[];
  readonly bills: readonly BillFinding[];
  readonly evidence: () => readonly string[];
  /** What every source said; insurance null = the employment as a whole. */
  readonly words: (insurance: Insurance | null, month: Month) => readonly SourceWord[];
}

/** Cells come in order of employment, insurance and month, and so do the findings. Costs nothing for a person without any. */
export function groupFindings({ cells, conflicts, bills, evidence, words }: FindingInput): readonly JudgedFinding[] {
  if (conflicts.length + bills.length === 0 && cells.every((cell) => cell.findings.length === 0)) return [];
  const groups = new Map<string, Group>();
  for (const cell of cells) {
    for (const { situation, evidence: month } of cell.findings) add(groups, { ...cell, situation }, month);
  }
  for (const { employmentId, findings } of conflicts) {
    for (const { situation, evidence: month } of findings)
      add(groups, { employmentId, insurance: EVERY_INSURANCE, situation }, month);
  }
  for (const { evidence: month, ...of } of bills) add(groups, of, month);
  const sources = evidence();
  return [...groups.values()].map(({ of, months }) => ({
    employmentId: of.employmentId,
    insurance: of.insurance,
    situation: of.situation,
    months: months.map(({ month }) => month),
    detail: { months: withWords(of, months, words), effectFen: sumOf(months), evidence: sources },
  }));
}

function withWords(
  { insurance, situation }: GroupKey,
  months: readonly MonthEvidence[],
  words: FindingInput['words'],
): readonly MonthEvidence[] {
  if (!keepsWords(situation)) return months;
  const of = insurance === EVERY_INSURANCE ? null : insurance;
  return months.map((each) => ({ ...each, words: words(of, each.month) }));
}

type GroupKey = Pick<JudgedFinding, 'employmentId' | 'insurance' | 'situation'>;

interface Group {
  readonly of: GroupKey;
  readonly months: MonthEvidence[];
}

function add(groups: Map<string, Group>, of: GroupKey, month: MonthEvidence): void {
  const key = findingKey(of);
  const group = groups.get(key);
  if (group === undefined) groups.set(key, { of, months: [month] });
  else group.months.push(month);
}

function sumOf(months: readonly MonthEvidence[]): Fen | null {
  let sum = 0;
  for (const { effectFen } of months) {
    if (effectFen === null) return null;
    sum += effectFen;
  }
  return fen(sum);
}
