/** `buduan approvals`: everything that waits for a second person, and the decision about exactly that. */
import { Option, type Command } from 'commander';
import { DecideCases } from '../../backpay/decide-cases.js';
import { HubError } from '../../domain/hub-error.js';
import { PolicyEditions } from '../../policy/packs/policy-editions.js';
import { packVersionOf } from '../../policy/packs/pack-version.js';
import { DecideOperations } from '../../push/decide-operations.js';
import { DecidePlan } from '../../push/decide-plan.js';
import { limitOption } from '../option-parsers.js';
import { languageOption } from '../policy/open-policy.js';
import type { Terminal } from '../terminal.js';
import { type CommandContext, type HubOptions, hubCommand, withHub } from '../with-hub.js';
import { APPROVAL_KINDS, type Approval, type ApprovalKind, parseApprovalId } from './approval.js';
import { decideApproval } from './decide-approval.js';
import { type ApprovalShown, listApprovals, readApproval } from './list-approvals.js';
import { todayOf } from '../hub-today.js';

interface ListOptions extends HubOptions {
  readonly kind?: ApprovalKind;
  readonly limit: number;
  readonly after?: string;
  readonly lang: 'zh' | 'en';
}

interface ShowOptions extends HubOptions {
  readonly lang: 'zh' | 'en';
}

interface DecideOptions extends HubOptions {
  readonly by: string;
  readonly hash: string;
  readonly reason?: string;
  readonly acceptUnverified?: boolean;
}

export function registerApprovalsCommand(program: Command): void {
  const approvals = program.command('approvals').description('everything that waits for a second person');
  hubCommand(approvals, 'list', 'plans, operations, cases and editions that wait, the longest wait first')
    .addOption(new Option('--kind <kind>', 'only this kind').choices(APPROVAL_KINDS))
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 100)
    .option('--after <place>', '"next" of the page before')
    .addOption(languageOption())
    .action(listCommand);
  hubCommand(approvals, 'show', 'what exactly waits, with all that is to be looked at (as JSON)')
    .argument('<approval>', 'its id, as the list shows it')
    .addOption(languageOption())
    .action(showCommand);
  deciding(approvals, 'approve', 'let exactly this happen; not by who made it')
    .option('--accept-unverified', 'the figures that nobody confirmed were looked at')
    .action((id: string, options: DecideOptions) => decideCommand(id, 'approve', options));
  deciding(approvals, 'reject', 'give it up')
    .requiredOption('--reason <text>', 'why')
    .action((id: string, options: DecideOptions) => decideCommand(id, 'reject', options));
}

function deciding(parent: Command, name: string, description: string): Command {
  return hubCommand(parent, name, description)
    .argument('<approval>', 'its id, as the list shows it')
    .requiredOption('--hash <hash>', 'as the list showed it: the decision is about exactly that')
    .requiredOption('--by <name>', 'who decides; goes into the audit trail');
}

async function listCommand(options: ListOptions): Promise<void> {
  await withHub(options, async (context) => {
    const { kind, after, limit, lang } = options;
    const of = await tenantOf(context);
    const page = { ...of, limit, ...(kind === undefined ? {} : { kind }), ...(after === undefined ? {} : { after }) };
    const found = await context.hub.database.inTenant(of.tenantId, (em) => listApprovals(em, page));
    context.terminal.table(
      ['approval', 'since', 'until', 'what', 'not by'],
      found.approvals.map((each) => [
        ...[each.id, each.since.toISOString(), each.deadline ?? '', each.what[lang], each.makers.join(', ')],
      ]),
    );
    if (found.next !== null) context.terminal.say(`More: --after ${found.next}`);
    context.terminal.json(found);
  });
}

async function showCommand(id: string, options: ShowOptions): Promise<void> {
  await withHub(options, async (context) => {
    const shown = await find(context, id);
    if (shown === null) throw notWaiting();
    tell(context.terminal, shown, options.lang);
    context.terminal.json({ approval: shown });
  });
}

function tell(terminal: Terminal, approval: ApprovalShown, lang: 'zh' | 'en'): void {
  const { id, what, since, deadline, hash, makers, unverified } = approval;
  terminal.say(`${id} · ${what[lang]}`);
  terminal.say(`waits since ${since.toISOString()}${deadline === null ? '' : `, until ${deadline}`}`);
  terminal.say(`not by ${makers.length === 0 ? 'anybody in particular' : makers.join(', ')}`);
  for (const figure of unverified) terminal.say(`unverified  ${figure}`);
  terminal.say(`hash ${hash}`);
  terminal.say(`  ${moreOf(approval)}`);
}

/** What shows the rest for people. */
function moreOf({ kind, id }: Approval): string {
  const key = id.slice(id.indexOf(':') + 1);
  switch (kind) {
    case 'plan':
      return `buduan plan show ${key}`;
    case 'operation':
      return `buduan operations history ${key}`;
    case 'case':
      return `buduan case show ${key}`;
    case 'policy-edition':
      return `buduan policy impact ${key}`;
  }
}

async function decideCommand(id: string, decision: 'approve' | 'reject', options: DecideOptions): Promise<void> {
  await withHub(options, async (context) => {
    const of = parseApprovalId(id);
    if (of === null) throw notWaiting();
    const { app } = context.hub;
    const deciders = {
      ...{ plans: app.get(DecidePlan), operations: app.get(DecideOperations) },
      ...{ cases: app.get(DecideCases), editions: app.get(PolicyEditions) },
    };
    const { by: actor, hash, reason = null, acceptUnverified = false } = options;
    const asked = { tenantId: context.tenant.id, of, decision, actor, reason, today: todayOf(context.hub) };
    const request = { ...asked, hash: hash.trim().toLowerCase(), acceptsUnverified: acceptUnverified };
    const outcome = await decideApproval(deciders, request, await find(context, id));
    if (outcome.outcome === 'refused')
      throw new HubError({ code: outcome.code, next: 'ask-person', message: outcome.message });
    context.terminal.say(
      decision === 'approve'
        ? `${id} is approved. A running hub, or the next run, does what may be done now.`
        : `${id} is rejected.`,
    );
    context.terminal.json({ id, decision });
  });
}

async function find(context: CommandContext, id: string): Promise<ApprovalShown | null> {
  const of = parseApprovalId(id);
  if (of === null) return null;
  const asked = { ...(await tenantOf(context)), of, today: todayOf(context.hub) };
  return context.hub.database.inTenant(asked.tenantId, (em) => readApproval(em, asked));
}

async function tenantOf({ hub, tenant }: CommandContext) {
  const { version } = await hub.app.get(PolicyEditions).refresh(tenant.id);
  return { tenantId: tenant.id, policyVersion: packVersionOf(version) };
}

function notWaiting(): HubError {
  return new HubError({
    code: 'unknown-approval',
    next: 'fix-config',
    message: 'Nothing of this id waits for an approval; "buduan approvals list" shows what does.',
  });
}
