/** What the demo says to people. */
import pc from 'picocolors';
import { addFen, formatYuan, ZERO_FEN, type Fen } from '../../domain/fen.js';
import type { Insurance } from '../../domain/insurance.js';
import type { PersonExplanation } from '../../reconcile/explain-judgement.js';
import type { RunSummary } from '../run-summary.js';
import type { Terminal } from '../terminal.js';
import type { SandboxProcess } from './sandbox-process.js';

interface Tally {
  readonly expected: number;
  readonly ok: number;
  readonly missing: number;
  readonly wrong: number;
  readonly extra: number;
  readonly duplicated: number;
}

export interface SandboxReport extends Tally {
  readonly bySystem: Readonly<Record<string, Tally>>;
  readonly samples: readonly unknown[];
}

/** 李某: his status, the advice in both languages and his own part in yuan. */
export interface Li {
  readonly status: string;
  readonly situations: readonly string[];
  readonly advice: { readonly zh: readonly string[]; readonly en: readonly string[] };
  /** Decimal yuan; pension and medical are the story's 1,440.00 and 360.00. */
  readonly employeeYuan: Readonly<Partial<Record<Insurance | 'pensionAndMedical', string>>>;
  readonly applyBy: string | null;
}

export function liOf(explanation: PersonExplanation): Li {
  const advice = explanation.advice[0];
  const parts = new Map<Insurance, Fen>();
  for (const cell of advice?.cells ?? []) {
    if (cell.employee.known)
      parts.set(cell.insurance, addFen(parts.get(cell.insurance) ?? ZERO_FEN, cell.employee.fen));
  }
  const together = addFen(parts.get('pension') ?? ZERO_FEN, parts.get('medical') ?? ZERO_FEN);
  return {
    status: explanation.status,
    situations: [...new Set(explanation.findings.map((finding) => finding.situation))],
    advice: { zh: advice?.text.zh ?? [], en: advice?.text.en ?? [] },
    employeeYuan: {
      ...Object.fromEntries([...parts].map(([insurance, amount]) => [insurance, formatYuan(amount)])),
      pensionAndMedical: formatYuan(together),
    },
    applyBy: advice?.lastDay ?? null,
  };
}

export function tellOpening(terminal: Terminal, sandbox: SandboxProcess, employees: number): void {
  terminal.say(pc.bold('不断 buduan: one night of company A'));
  terminal.say(`${employees} employees, five branches, four systems in a process of their own (pid ${sandbox.pid}):`);
  for (const [system, url] of Object.entries(sandbox.urls)) terminal.say(`  ${system.padEnd(11)} ${url}`);
  terminal.say(`As of 2023-03-20, judging 2022-09 to 2023-02. Reading:`);
}

export function tellFirstRun(terminal: Terminal, run: RunSummary): void {
  terminal.say(`${run.persons} persons judged in ${run.seconds} s.`);
  terminal.table(['status', 'persons'], Object.entries(run.statuses));
  terminal.table(['open findings', 'count'], Object.entries(run.findings));
  const rows = Object.entries(run.corrections).flatMap(([system, kinds]) =>
    Object.entries(kinds).map(([kind, count]) => [system, kind, count]),
  );
  terminal.table(['system', 'corrections sent', 'count'], rows);
  if (run.quarantined > 0)
    terminal.say(`${run.quarantined} rows could not be understood and wait in quarantine, with their reasons.`);
}

export function tellLi(terminal: Terminal, li: Li): void {
  terminal.say(pc.bold('\n李某, Shenzhen, hired 2023-03-06:'));
  for (const line of li.advice.zh) terminal.say(`  ${line}`);
  for (const line of li.advice.en) terminal.say(pc.dim(`  ${line}`));
}

export function tellSecondRun(terminal: Terminal, run: RunSummary): void {
  terminal.say(
    `Second run: ${run.judged} persons had changed and were judged again, ${run.sent} corrections sent, ${run.seconds} s.`,
  );
}

export function tellReport(terminal: Terminal, report: SandboxReport): void {
  terminal.say(pc.bold('\nWhat the four systems say of it now, against their truth:'));
  const rows = Object.entries(report.bySystem).map(([system, tally]) => [system, ...countsOf(tally)]);
  terminal.table(
    ['system', 'expected', 'ok', 'missing', 'wrong', 'extra', 'duplicated'],
    [...rows, ['together', ...countsOf(report)]],
  );
}

function countsOf({ expected, ok, missing, wrong, extra, duplicated }: Tally): readonly number[] {
  return [expected, ok, missing, wrong, extra, duplicated];
}
