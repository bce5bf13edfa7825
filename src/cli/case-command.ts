/** `buduan case`: back-payment cases by days left, one with what is signed, and what people decide about it. */
import { setTimeout as wait } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { CASE_STATES, type CaseState } from '../backpay/case-states.js';
import { CaseDeadlines } from '../backpay/case-deadlines.js';
import { listCases, readCase, readCaseHistory, type CaseView } from '../backpay/cases.reader.js';
import { DecideCases, type CaseRequest, type DecideOutcome } from '../backpay/decide-cases.js';
import type { CaseAct } from '../backpay/move-case.js';
import { ProposeCases } from '../backpay/propose-cases.js';
import { type Refusal, refusalText } from '../backpay/refusal-text.js';
import { HubError } from '../domain/hub-error.js';
import type { Day } from '../domain/month.js';
import { registerCaseMetricsCommand } from './case-metrics-command.js';
import { tellCase, tellCases, tellHistory } from './case-text.js';
import { registerEvidenceCommand } from './evidence/evidence-command.js';
import { registerReceiptCommands } from './receipt-commands.js';
import { findPerson } from './find-person.js';
import { dayOption, limitOption, uuidArgument } from './option-parsers.js';
import { languageOption } from './policy/open-policy.js';
import type { OpenHub } from './open-hub.js';
import { hubCommand, withHub, type CommandContext, type HubOptions } from './with-hub.js';
import { todayOf } from './hub-today.js';

interface DayOptions extends HubOptions {
  readonly asOf?: Day;
}

interface ListOptions extends DayOptions {
  readonly state?: CaseState;
  readonly person?: string;
  readonly limit: number;
}

interface ShowOptions extends DayOptions {
  readonly lang: 'zh' | 'en';
}

interface ActOptions extends DayOptions {
  readonly by: string;
  readonly reason?: string;
  readonly hash?: string;
  readonly acceptUnverified?: boolean;
  readonly reference?: string;
}

interface ProposeOptions extends DayOptions {
  readonly by: string;
  readonly employee?: boolean;
}

export function registerCaseCommand(program: Command): void {
  const cases = program.command('case').description('back-payment cases: asked about, confirmed, approved, sent, paid');
  dated(cases, 'list', 'the cases with the fewest days left first')
    .addOption(new Option('--state <state>', 'only cases in this state').choices(CASE_STATES))
    .option('--person <person>', 'only this person: an id, connection:key, or an identity number')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 100)
    .action(listCommand);
  dated(cases, 'show', 'what a case would send, why, and the hash that is signed')
    .argument('<case>', 'which one', uuidArgument)
    .addOption(languageOption())
    .action(showCommand);
  dated(cases, 'history', 'every move of a case').argument('<case>', 'which one', uuidArgument).action(historyCommand);
  dated(cases, 'propose', 'propose a case for a person whose months lack money')
    .argument('<person>', 'an id, connection:key, or an identity number')
    .requiredOption('--by <name>', 'who proposes; goes into the audit trail')
    .option('--employee', 'the employee asks for it; HR approves it then')
    .action(proposeCommand);
  for (const verb of VERBS) registerVerb(cases, verb);
  dated(cases, 'due', 'what the day makes due: expires, reminds, escalates, sends what waited').action(dueCommand);
  registerReceiptCommands(cases);
  registerCaseMetricsCommand(cases);
  registerEvidenceCommand(cases);
}

interface Verb {
  readonly name: string;
  readonly description: string;
  /** Which further options it takes. */
  readonly takes: readonly ('hash' | 'reason' | 'unverified' | 'reference')[];
  readonly run: (decide: DecideCases, request: CaseRequest, options: ActOptions) => Promise<DecideOutcome>;
}

const VERBS: readonly Verb[] = [
  {
    name: 'ask',
    description: 'ask the employee to confirm',
    takes: [],
    run: (decide, request) => decide.ask(request),
  },
  {
    name: 'confirm',
    description: 'the employee agrees to exactly what the hash names',
    takes: ['hash'],
    run: (decide, request, { hash = '' }) => decide.confirm({ ...request, hash, evidence: { way: 'command' } }),
  },
  {
    name: 'decline',
    description: 'the employee declines',
    takes: ['hash', 'reason'],
    run: (decide, request, { hash = '' }) => decide.decline({ ...request, hash, evidence: { way: 'command' } }),
  },
  {
    name: 'approve',
    description:
      'approve exactly what the hash names; not by who prepared it. It leaves at once where a connection takes it',
    takes: ['hash', 'unverified'],
    run: (decide, request, { hash = '', acceptUnverified = false }) =>
      decide.approve({ ...request, hash, acceptsUnverified: acceptUnverified }),
  },
  {
    name: 'return',
    description: 'give it back to HR with a reason',
    takes: ['hash', 'reason'],
    run: (decide, request, { hash = '' }) => decide.sendBack({ ...request, hash }, 'returned'),
  },
  {
    name: 'refuse',
    description: 'refuse it with a reason',
    takes: ['hash', 'reason'],
    run: (decide, request, { hash = '' }) => decide.sendBack({ ...request, hash }, 'refused'),
  },
  {
    name: 'submit',
    description: 'send an approved case, or note the receipt of who carried it there',
    takes: ['reference'],
    run: (decide, request, { reference = null }) => decide.submit({ ...request, reference }),
  },
  {
    name: 'withdraw',
    description: 'withdraw a case that has not left',
    takes: ['reason'],
    run: (decide, request) => decide.withdraw(request),
  },
  {
    name: 'reject',
    description: 'who carried the application there was sent away with it; its months are free again',
    takes: ['reason'],
    run: (decide, request) => decide.reject(request),
  },
  {
    name: 'reopen',
    description: 'what was said to be paid never arrived, or came back: the case is proposed anew',
    takes: ['reason'],
    run: (decide, request) => decide.reopen(request),
  },
];

function registerVerb(cases: Command, verb: Verb): void {
  const command = dated(cases, verb.name, verb.description)
    .argument('<case>', 'which one', uuidArgument)
    .requiredOption('--by <name>', 'who acts; goes into the audit trail');
  if (verb.takes.includes('hash'))
    command.requiredOption('--hash <hash>', 'the hash that "case show" printed: the decision is about exactly that');
  if (verb.takes.includes('reason')) command.requiredOption('--reason <text>', 'why');
  if (verb.takes.includes('unverified'))
    command.option('--accept-unverified', 'the figures that nobody confirmed were looked at');
  if (verb.takes.includes('reference'))
    command.option('--reference <receipt>', 'the receipt, where no connection takes the application');
  command.action((caseId: string, options: ActOptions) => actCommand(verb, caseId, options));
}

function dated(parent: Command, name: string, description: string): Command {
  return hubCommand(parent, name, description).option('--as-of <day>', 'the day of acting (default: today)', dayOption);
}

async function listCommand(options: ListOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const person = options.person === undefined ? null : await findPerson(hub, tenant.id, options.person);
    const cases = await hub.database.inTenant(tenant.id, (em) =>
      listCases(em, {
        ...{ tenantId: tenant.id, today: dayOf(hub, options), limit: options.limit },
        ...(options.state === undefined ? {} : { states: [options.state] }),
        ...(person === null ? {} : { personId: person.personId }),
      }),
    );
    tellCases(terminal, cases);
    terminal.json({ cases });
  });
}

async function showCommand(caseId: string, options: ShowOptions): Promise<void> {
  await withHub(options, async (context) => {
    const view = await viewOf(context, caseId, options);
    tellCase(context.terminal, view, options.lang);
    context.terminal.json({ case: view });
  });
}

async function historyCommand(caseId: string, options: DayOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const events = await hub.database.inTenant(tenant.id, (em) => readCaseHistory(em, tenant.id, caseId));
    if (events.length === 0) throw refused({ outcome: 'unknown-case' });
    tellHistory(terminal, events);
    terminal.json({ events });
  });
}

async function proposeCommand(asked: string, options: ProposeOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { personId } = await findPerson(hub, tenant.id, asked);
    const isEmployee = options.employee === true;
    const actor = isEmployee ? `employee:${personId}` : options.by;
    const act = { tenantId: tenant.id, actor, today: dayOf(hub, options) };
    const origin = isEmployee ? 'employee' : 'hr';
    const outcome = await hub.app.get(ProposeCases).propose({ personId, origin, act, only: null });
    if (outcome.outcome !== 'proposed') throw refused(outcome);
    for (const caseId of outcome.made) terminal.say(`made      ${caseId}`);
    for (const caseId of outcome.standing) terminal.say(`standing  ${caseId}`);
    terminal.json(outcome);
  });
}

async function actCommand(verb: Verb, caseId: string, options: ActOptions): Promise<void> {
  await withHub(options, async (context) => {
    const { hub, terminal, tenant } = context;
    await hub.work();
    const reason = options.reason ?? null;
    const act: CaseAct = { tenantId: tenant.id, actor: options.by, today: dayOf(hub, options), reason };
    const outcome = await verb.run(hub.app.get(DecideCases), { caseId, act }, options);
    if (outcome.outcome !== 'moved') throw refused(outcome);
    const { state } = outcome.state === 'submitting' ? await sentView(context, caseId, options) : outcome;
    terminal.say(`Case ${caseId} is ${state}.`);
    terminal.json({ caseId, state });
  });
}

async function dueCommand(options: DayOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const counts = await hub.app.get(CaseDeadlines).tick(tenant.id, dayOf(hub, options));
    terminal.table(['due', 'cases'], Object.entries(counts));
    terminal.json(counts);
  });
}

const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 30_000;

/** Waits a little for the answer of bureau or agency; a slower one is followed by the next run or a running hub. */
async function sentView(context: CommandContext, caseId: string, options: DayOptions): Promise<CaseView> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const view = await viewOf(context, caseId, options);
    if (view.state !== 'submitting' || view.attention !== null || waitedMs >= PATIENCE_MS) return view;
    await wait(LOOK_EVERY_MS);
  }
}

async function viewOf({ hub, tenant }: CommandContext, caseId: string, options: DayOptions): Promise<CaseView> {
  const asked = { tenantId: tenant.id, caseId, today: dayOf(hub, options) };
  const view = await hub.database.inTenant(tenant.id, (em) => readCase(em, asked));
  if (view === null) throw refused({ outcome: 'unknown-case' });
  return view;
}

function dayOf(hub: OpenHub, { asOf }: DayOptions): Day {
  return asOf ?? todayOf(hub);
}

function refused(refusal: Refusal): HubError {
  return new HubError({ code: refusal.outcome, next: 'ask-person', message: refusalText(refusal) });
}
