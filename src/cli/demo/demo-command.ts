/** `buduan demo`: one night of company A before your eyes, on four running sandbox systems and the trial database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { day } from '../../domain/month.js';
import { readEnvironment } from '../../platform/config/environment.js';
import { loadHubConfig } from '../../platform/config/hub-config.js';
import { createLog } from '../../platform/log/log.js';
import { ExplainPerson } from '../../reconcile/explain-person.js';
import { EXIT } from '../exit-codes.js';
import { findPerson } from '../find-person.js';
import { openHub, type OpenHub } from '../open-hub.js';
import { runOnce } from '../run-once.js';
import type { RunSummary } from '../run-summary.js';
import { showProgress } from '../read-progress.js';
import { createTerminal, type Terminal } from '../terminal.js';
import {
  liOf,
  tellFirstRun,
  tellLi,
  tellOpening,
  tellReport,
  tellSecondRun,
  type Li,
  type SandboxReport,
} from './demo-text.js';
import { playBackPayment, type BackPaymentStory } from './back-payment-story.js';
import { startSandboxProcess, type SandboxProcess } from './sandbox-process.js';
import { sandboxVariables } from './sandbox-variables.js';

const EMPLOYEES = 1200;
const SEED = 20230320;
const AS_OF = day('2023-03-20');
const LI = 'payroll:E000001';

export function registerDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('one night of company A: 1,200 employees, four sandbox systems, the trial database')
    .option('--json', 'one JSON object at the end, progress to standard error')
    .action(demoCommand);
}

interface DemoOutcome {
  readonly first: RunSummary;
  readonly second: RunSummary;
  readonly li: Li;
  readonly backPayment: BackPaymentStory;
  readonly report: SandboxReport;
}

async function demoCommand(options: { readonly json?: boolean }): Promise<void> {
  const terminal = createTerminal(options);
  const startedMs = performance.now();
  const cleanUp = new CleanUp();
  const end = (): void => void cleanUp.all().finally(() => process.exit(130));
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const outcome = await playDemo(terminal, cleanUp);
    const seconds = Number(((performance.now() - startedMs) / 1000).toFixed(1));
    terminal.say(`\n${seconds} s. Nothing is left running. Next: README.md, "Connect your own systems".`);
    terminal.json(jsonOf(outcome, seconds));
    process.exitCode = isRight(outcome) ? EXIT.done : EXIT.failed;
  } finally {
    await cleanUp.all();
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

async function playDemo(terminal: Terminal, cleanUp: CleanUp): Promise<DemoOutcome> {
  const dataDir = await mkdtemp(join(tmpdir(), 'buduan-demo-'));
  cleanUp.add(() => rm(dataDir, { recursive: true, force: true }));
  const sandbox = await startSandboxProcess({ employees: EMPLOYEES, seed: SEED, profile: 'demo' });
  cleanUp.add(() => sandbox.stop());
  tellOpening(terminal, sandbox, EMPLOYEES);
  const hub = await openDemoHub(sandbox, dataDir);
  cleanUp.add(() => hub.close());
  await hub.work();
  const first = await night(hub, terminal);
  const li = await explainLi(hub);
  tellFirstRun(terminal, first);
  tellLi(terminal, li);
  const second = await night(hub, terminal);
  tellSecondRun(terminal, second);
  const person = await findPerson(hub, hub.config.tenants[0]?.id ?? '', LI);
  const backPayment = await playBackPayment({ hub, sandbox, terminal, personId: person.personId, from: AS_OF });
  const report = await sandbox.ask<SandboxReport>('report');
  tellReport(terminal, report);
  return { first, second, li, backPayment, report };
}

async function openDemoHub(sandbox: SandboxProcess, dataDir: string): Promise<OpenHub> {
  const file = fileURLToPath(new URL('../../../examples/demo/hub.yaml', import.meta.url));
  const config = loadHubConfig(file, sandboxVariables(sandbox.urls));
  const { logLevel } = readEnvironment();
  return openHub({ ...config, dataDir }, createLog({ level: logLevel ?? 'error' }));
}

async function night(hub: OpenHub, terminal: Terminal): Promise<RunSummary> {
  const [tenant] = hub.config.tenants;
  if (tenant === undefined) throw new Error('The demo configuration has no tenant.');
  const progress = showProgress(process.stderr);
  try {
    return await runOnce(hub, {
      tenant,
      asOf: AS_OF,
      dryRun: false,
      onProgress: progress.onProgress,
      onPhase: (phase) => (phase === 'judge' ? progress.stop() : undefined),
    });
  } finally {
    progress.stop();
    terminal.say('');
  }
}

/** 李某 of Shenzhen, the employee of the story: employee 0 of every sandbox. */
async function explainLi(hub: OpenHub): Promise<Li> {
  const tenantId = hub.config.tenants[0]?.id ?? '';
  const person = await findPerson(hub, tenantId, LI);
  return liOf(
    await hub.app.get(ExplainPerson).explain({ tenantId, personId: person.personId, month: null, asOf: null }),
  );
}

function jsonOf({ first, second, li, backPayment, report }: DemoOutcome, seconds: number): unknown {
  const { persons, findings, corrections } = first;
  const { bySystem, samples: _, ...sums } = report;
  return {
    persons,
    findings,
    corrections,
    report: { ...sums, bySystem },
    secondRun: { sent: second.sent, judged: second.judged, state: second.state },
    li,
    backPayment,
    seconds,
  };
}

function isRight({ second, report, backPayment }: DemoOutcome): boolean {
  const isPaidOnce = backPayment.state === 'closed' && backPayment.paidTwice === 0;
  return isPaidOnce && second.sent === 0 && report.missing + report.wrong + report.extra + report.duplicated === 0;
}

/** What must be ended, in reverse order, exactly once. */
class CleanUp {
  private readonly steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  async all(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) await step();
  }
}
