/** `buduan plan`: what a brake holds and why, and the decision of a second person about exactly that. */
import type { Command } from 'commander';
import { HubError } from '../domain/hub-error.js';
import type { PulledBrake } from '../push/brakes.js';
import { DecidePlan } from '../push/decide-plan.js';
import { listPlannedChanges, listPlans, readPlan, type PlanView } from '../push/plans.reader.js';
import { limitOption, uuidArgument } from './option-parsers.js';
import type { Terminal } from './terminal.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface ListOptions extends HubOptions {
  readonly all?: boolean;
  readonly limit: number;
}

interface ShowOptions extends HubOptions {
  readonly limit: number;
}

interface DecideOptions extends HubOptions {
  readonly by: string;
  readonly hash: string;
}

export function registerPlanCommand(program: Command): void {
  const plan = program.command('plan').description('what would be sent, where a brake holds it, and who lets it go');
  hubCommand(plan, 'list', 'plans that a brake holds, newest first; with --all every plan')
    .option('--all', 'also plans that left, were approved or rejected')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 20)
    .action(listCommand);
  const shown = hubCommand(plan, 'show', 'why a plan is held, its figures, and what exactly it would send');
  shown
    .argument('[plan]', 'default: the newest that a brake holds', uuidArgument)
    .option('--limit <count>', 'at most this many changes, 1–1000', limitOption, 50)
    .action(showCommand);
  for (const [name, decision, description] of DECISIONS) {
    hubCommand(plan, name, description)
      .argument('<plan>', 'which one', uuidArgument)
      .requiredOption('--hash <hash>', 'the hash that "plan show" printed: the decision is about exactly that')
      .requiredOption('--by <name>', 'who decides; goes into the audit trail')
      .action((planId: string, options: DecideOptions) => decideCommand(planId, decision, options));
  }
}

const DECISIONS = [
  ['approve', 'approved', 'let exactly this plan go on; not by the one who started its run'],
  ['reject', 'rejected', 'give up what this plan holds'],
] as const;

async function listCommand(options: ListOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const filter = {
      tenantId: tenant.id,
      state: options.all === true ? null : ('suspended' as const),
      limit: options.limit,
    };
    const plans = await hub.database.inTenant(tenant.id, (em) => listPlans(em, filter));
    terminal.table(
      ['plan', 'made', 'state', 'because', 'operations', 'run started by', 'decided by'],
      plans.map((each) => [
        ...[each.planId, each.createdAt.toISOString(), each.state, each.reasons.join(', ')],
        ...[each.operations, each.startedBy ?? '', each.decidedBy ?? ''],
      ]),
    );
    terminal.json({ plans });
  });
}

async function showCommand(named: string | undefined, options: ShowOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const found = await hub.database.inTenant(tenant.id, async (em) => {
      const newest = { tenantId: tenant.id, state: 'suspended' as const, limit: 1 };
      const planId = named ?? (await listPlans(em, newest))[0]?.planId;
      if (planId === undefined) return null;
      const plan = await readPlan(em, tenant.id, planId);
      return (
        plan && { plan, changes: await listPlannedChanges(em, { tenantId: tenant.id, planId, limit: options.limit }) }
      );
    });
    if (found === null) {
      if (named !== undefined) throw unknownPlan(named);
      terminal.say('No plan is held.');
      terminal.json({ plan: null, changes: [] });
      return;
    }
    tellPlan(terminal, found.plan);
    terminal.table(
      ['connection', 'kind', 'owner', 'object', 'shows', 'would show'],
      found.changes.map((each) => [
        ...[each.connectionId, each.kind, each.ownerKey, each.objectKey],
        ...[JSON.stringify(each.seen), JSON.stringify(each.desired)],
      ]),
    );
    if (found.plan.held > found.changes.length)
      terminal.say(`… and ${found.plan.held - found.changes.length} more: --limit`);
    tellDecision(terminal, found.plan);
    terminal.json(found);
  });
}

function tellPlan(terminal: Terminal, plan: PlanView): void {
  terminal.say(`plan ${plan.planId} · ${plan.state} · run ${plan.runId} started by ${plan.startedBy ?? 'unknown'}`);
  for (const brake of plan.pulled) terminal.say(`  ${brakeText(brake)}`);
  terminal.say(
    `  persons ${plan.persons ?? 'not counted'}, worse status ${plan.worse}, changed base ${plan.rebased}, operations ${plan.operations}, held ${plan.held}`,
  );
  terminal.table(
    ['connection', 'kind', 'state', 'count'],
    plan.kinds.map((each) => [each.connectionId, each.kind, each.state, each.count]),
  );
}

function brakeText({ reason, about, own, total, limit }: PulledBrake): string {
  const within = `${own} here, ${total} in 24 hours, ${limit ?? 0} allowed`;
  switch (reason) {
    case 'first-run':
      return `first-run: nobody has approved a plan yet that rests on ${about.join(', ')}`;
    case 'worse-status':
      return `worse-status: persons with a worse status: ${within}`;
    case 'bases':
      return `bases: persons with a changed base: ${within}`;
    case 'money':
      return `money: fen of ${about.join(', ')}: ${within}`;
  }
}

function tellDecision(terminal: Terminal, plan: PlanView): void {
  if (plan.state !== 'suspended') return;
  terminal.say(`hash ${plan.hash}`);
  terminal.say(`  buduan plan approve ${plan.planId} --hash ${plan.hash} --by NAME`);
  terminal.say(`  buduan plan reject ${plan.planId} --hash ${plan.hash} --by NAME`);
}

async function decideCommand(planId: string, decision: 'approved' | 'rejected', options: DecideOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const request = { tenantId: tenant.id, planId, decision, actor: options.by, hash: options.hash };
    const moved = await hub.app.get(DecidePlan).decide(request);
    terminal.say(
      decision === 'approved'
        ? `${moved} operations go on. The next run, or a running hub, sends what may leave.`
        : `${moved} operations were given up. The next run plans again what still differs.`,
    );
    terminal.json({ planId, decision, moved });
  });
}

function unknownPlan(planId: string): HubError {
  return new HubError({
    code: 'unknown-plan',
    next: 'fix-config',
    message: `There is no plan ${planId}; "buduan plan list --all" shows those there are.`,
  });
}
