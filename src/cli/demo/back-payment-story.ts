/** How Li gets back to 正常 before your eyes: asked, confirmed, approved, sent, three working days at the bureau, verified everywhere. */
import pc from 'picocolors';
import { setTimeout as wait } from 'node:timers/promises';
import { CaseDeadlines } from '../../backpay/case-deadlines.js';
import { type CaseEventView, type CaseView, listCases, readCase, readCaseHistory } from '../../backpay/cases.reader.js';
import type { CaseMetrics } from '../../backpay/case-metrics.js';
import { readCaseMetrics } from '../../backpay/case-metrics.reader.js';
import { type DecideOutcome, DecideCases } from '../../backpay/decide-cases.js';
import { refusalText } from '../../backpay/refusal-text.js';
import { type Fen, addFen, fen, formatYuan } from '../../domain/fen.js';
import { HubError } from '../../domain/hub-error.js';
import { type Day, addDays } from '../../domain/month.js';
import { tellCaseMetrics } from '../case-metrics-command.js';
import type { OpenHub } from '../open-hub.js';
import { runPerson } from '../run-persons.js';
import type { Terminal } from '../terminal.js';
import type { SandboxProcess } from './sandbox-process.js';

export interface BackPaymentStory {
  readonly caseId: string;
  readonly state: string;
  readonly employeeYuan: { readonly pensionAndMedical: string; readonly together: string };
  readonly timeline: readonly {
    readonly day: string;
    readonly state: string;
    readonly by: string;
    readonly why: string | null;
  }[];
  /** What payroll, attendance and agency show of him at the end, by the sandbox's own word. */
  readonly shown: Readonly<Record<string, string | null>>;
  readonly paidTwice: number;
  readonly metrics: CaseMetrics;
}

export interface StoryRequest {
  readonly hub: OpenHub;
  readonly sandbox: SandboxProcess;
  readonly terminal: Terminal;
  readonly personId: string;
  readonly from: Day;
}

/** Judgements make cases in jobs of their own. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;
const DAYS_AT_THE_BUREAU = 3;
const NEXT_DAY = 4;

export async function playBackPayment(request: StoryRequest): Promise<BackPaymentStory> {
  const { hub, sandbox, terminal, personId, from } = request;
  const tenantId = hub.config.tenants[0]?.id ?? '';
  const found = await until(async () => {
    const filter = { tenantId, today: from, personId, limit: 1 };
    return (await hub.database.inTenant(tenantId, (em) => listCases(em, filter)))[0] ?? null;
  });
  const show = async (): Promise<CaseView> => {
    const asked = { tenantId, caseId: found.caseId, today: from };
    const view = await hub.database.inTenant(tenantId, (em) => readCase(em, asked));
    if (view === null) throw missing(found.caseId);
    return view;
  };
  const proposed = await show();
  tellCase(terminal, proposed);
  await sign({ ...request, tenantId, show });
  for (let passed = 1; passed <= NEXT_DAY; passed += 1) {
    const today = addDays(from, passed);
    if (passed <= DAYS_AT_THE_BUREAU) await sandbox.tell('day', { day: today });
    const asked = { connectionId: null, asOf: today, startedBy: 'demo' };
    const [tenant] = hub.config.tenants;
    if (tenant === undefined) throw missing(found.caseId);
    await runPerson(hub, { tenant, personId, ...asked });
    if (passed === DAYS_AT_THE_BUREAU) await until(async () => ((await show()).state === 'verified' ? true : null));
    await hub.app.get(CaseDeadlines).tick(tenantId, today);
  }
  const events = await hub.database.inTenant(tenantId, (em) => readCaseHistory(em, tenantId, found.caseId));
  tellTimeline(terminal, events);
  const asOf = { tenantId, today: addDays(from, NEXT_DAY) };
  const metrics = await hub.database.inTenant(tenantId, (em) => readCaseMetrics(em, asOf));
  tellCaseMetrics(terminal, metrics);
  const { shows } = await sandbox.ask<{ shows: Readonly<Record<string, string | null>> }>('shows?index=0');
  const { paidTwice } = await sandbox.ask<{ paidTwice: number }>('back-payments');
  terminal.say(
    `He shows as ${Object.entries(shows)
      .map(([system, status]) => `${status ?? 'nothing'} in ${system}`)
      .join(', ')}.`,
  );
  return {
    ...{ caseId: found.caseId, state: (await show()).state, employeeYuan: partsOf(proposed), shown: shows, paidTwice },
    metrics,
    timeline: events.flatMap((event) =>
      event.to === null ? [] : [{ day: event.onDay, state: event.to, by: event.actor, why: event.reason }],
    ),
  };
}

interface Signing extends StoryRequest {
  readonly tenantId: string;
  readonly show: () => Promise<CaseView>;
}

/** HR asks, Li confirms, a second person approves: two acts of HR, one of the employee. */
async function sign({ hub, tenantId, personId, from, show }: Signing): Promise<void> {
  const decide = hub.app.get(DecideCases);
  const { caseId, hash } = await show();
  const by = (actor: string) => ({ caseId, act: { tenantId, actor, today: from } });
  const signed = { hash: hash ?? '' };
  must(await decide.ask(by('HR Wang')));
  must(await decide.confirm({ ...by(`employee:${personId}`), ...signed, evidence: { way: 'demo' } }));
  must(await decide.approve({ ...by('HR Chen'), ...signed, acceptsUnverified: true }));
  await until(async () => ((await show()).state === 'submitted' ? true : null));
}

function must(outcome: DecideOutcome): void {
  if (outcome.outcome === 'moved') return;
  throw new HubError({ code: outcome.outcome, next: 'bug', message: `The demo stopped: ${refusalText(outcome)}` });
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
    const found = await look();
    if (found !== null) return found;
    await wait(LOOK_EVERY_MS);
  }
  throw new HubError({
    code: 'demo-stalled',
    next: 'bug',
    message: `The demo waited ${PATIENCE_MS / 1000} s for a case to move; the log says what failed.`,
  });
}

function partsOf({ lines }: CaseView): BackPaymentStory['employeeYuan'] {
  const sum = (of: readonly (number | null)[]): Fen => addFen(...of.map((amount) => fen(amount ?? 0)));
  const main = lines.filter(({ insurance }) => insurance === 'pension' || insurance === 'medical');
  return {
    pensionAndMedical: formatYuan(sum(main.map(({ employeeFen }) => employeeFen))),
    together: formatYuan(sum(lines.map(({ employeeFen }) => employeeFen))),
  };
}

function tellCase(terminal: Terminal, view: CaseView): void {
  const { pensionAndMedical, together } = partsOf(view);
  terminal.say(pc.bold('\nHis case, from the finding to 正常:'));
  terminal.say(
    `  employee ${together} yuan (pension and medical ${pensionAndMedical}), employer ${formatYuan(fen(view.employerFen ?? 0))}, ${view.daysLeft ?? 0} day left to apply`,
  );
  terminal.say(`  signed is ${view.hash ?? ''}`);
}

function tellTimeline(terminal: Terminal, events: readonly CaseEventView[]): void {
  terminal.table(
    ['day', 'state', 'by', 'why'],
    events.map(({ onDay, to, actor, reason }) => [
      onDay,
      to ?? '',
      actor.startsWith('employee:') ? '李某' : actor,
      reason ?? '',
    ]),
  );
}

function missing(caseId: string): HubError {
  return new HubError({ code: 'demo-case', next: 'bug', message: `The demo lost its case ${caseId}.` });
}
