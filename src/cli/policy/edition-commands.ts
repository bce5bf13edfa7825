/** `buduan policy pull`, `versions`, `approve`, `impact` and `apply-impact`: how a new edition comes in and what it changes. */
import type { Command } from 'commander';
import { formatYuan, fen } from '../../domain/fen.js';
import { HubError } from '../../domain/hub-error.js';
import type { Day } from '../../domain/month.js';
import { diffPolicies } from '../../policy/diff-policies.js';
import { readEditions } from '../../policy/packs/editions.reader.js';
import { packVersionOf } from '../../policy/packs/pack-version.js';
import { PolicyEditions } from '../../policy/packs/policy-editions.js';
import { PolicyBooks } from '../../policy/policy-books.js';
import type { ImpactTotals } from '../../reconcile/policy-impact-totals.js';
import { readImpact, readImpactPersons } from '../../reconcile/policy-impact.reader.js';
import { PolicyImpacts } from '../../reconcile/policy-impacts.js';
import type { OpenHub } from '../open-hub.js';
import { dayOption, limitOption } from '../option-parsers.js';
import { policyVersionOf } from '../run-once.js';
import { type HubOptions, hubCommand, withHub } from '../with-hub.js';
import { sayDiff } from './diff-command.js';
import { fetchPack } from './fetch-pack.js';
import { today } from './open-policy.js';

interface DecideOptions extends HubOptions {
  readonly by: string;
  readonly asOf?: Day;
}

interface ImpactOptions extends HubOptions {
  readonly limit: number;
}

export function registerEditionCommands(policy: Command): void {
  const decision = (name: string, description: string): Command =>
    hubCommand(policy, name, description)
      .requiredOption('--by <name>', 'who does it; goes into the audit trail')
      .option('--as-of <day>', 'judge the impact as on this day (default: today)', dayOption);
  decision('pull <source>', 'take in a signed pack from a file or an address, and show what it would change').action(
    pullCommand,
  );
  hubCommand(policy, 'versions', 'editions that were taken in, and which one counts').action(versionsCommand);
  decision('approve <version>', 'put an edition in force for a tenant; by another person than who pulled it').action(
    approveCommand,
  );
  hubCommand(policy, 'impact <version>', 'who, which months and how many fen an edition touches')
    .option('--limit <count>', 'persons shown at most, 1–1000', limitOption, 20)
    .action(impactCommand);
  decision('apply-impact <version>', 'judge the touched persons again, in one run').action(applyCommand);
}

async function pullCommand(source: string, options: DecideOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const asOf = options.asOf ?? today();
    const before = hub.app.get(PolicyBooks).forTenant(tenant.id);
    const fetched = await fetchPack(source, hub);
    const editions = hub.app.get(PolicyEditions);
    const pulled = await editions.pull(fetched.archive, { source: fetched.source, by: options.by, asOf });
    const after = await editions.bookOf(tenant.id, pulled.version);
    const diff = diffPolicies(before, after);
    const impact = await hub.app.get(PolicyImpacts).preview({ tenantId: tenant.id, before, after, asOf });
    sayDiff(terminal, diff);
    terminal.say(`${tenant.id}: ${impactText(impact)}`);
    terminal.say(
      pulled.activatedFor.includes(tenant.id)
        ? `Edition ${pulled.version} counts for ${tenant.id} from now on, as its configuration says.`
        : `Edition ${pulled.version} waits: buduan policy approve ${pulled.version} --tenant ${tenant.id} --by <another person>`,
    );
    terminal.json({ ...pulled, diff, impact });
  });
}

async function versionsCommand(options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const active = (await hub.app.get(PolicyEditions).refresh(tenant.id)).version;
    const shipped = hub.app.get(PolicyBooks).shippedVersion;
    const editions = await hub.database.inTenant(tenant.id, (em) => readEditions(em, tenant.id));
    terminal.say(`${tenant.id} works by ${active}; ${shipped} came with the program`);
    terminal.table(
      ['version', 'pulled by', 'at', 'from', 'key', 'approved by', 'at'],
      editions.map((each) => [
        each.version,
        each.pulledBy,
        each.pulledAt.toISOString(),
        each.source,
        each.keyId,
        each.approvedBy ?? '',
        each.activatedAt?.toISOString() ?? '',
      ]),
    );
    terminal.json({ tenant: tenant.id, active, shipped, editions });
  });
}

async function approveCommand(version: string, options: DecideOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const asOf = options.asOf ?? today();
    const editions = hub.app.get(PolicyEditions);
    const beforeVersion = packVersionOf((await editions.refresh(tenant.id)).version);
    await editions.approve({ tenantId: tenant.id, version, by: options.by, asOf });
    // A working hub computes it too; whoever approves should not have to wait for one.
    const fact = { fact: 'PolicyPublished', tenantId: tenant.id, version, beforeVersion, asOf } as const;
    const impact = await hub.app.get(PolicyImpacts).onPolicyPublished(fact);
    terminal.say(`Edition ${version} counts for ${tenant.id} from now on: ${impactText(impact)}.`);
    if (impact.persons > 0)
      terminal.say(
        `buduan policy impact ${version} shows whom; buduan policy apply-impact ${version} judges them again.`,
      );
    terminal.json({ tenant: tenant.id, version, approvedBy: options.by, impact });
  });
}

async function impactCommand(version: string, options: ImpactOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { impact, persons } = await hub.database.inTenant(tenant.id, async (em) => ({
      impact: await readImpact(em, tenant.id, version),
      persons: await readImpactPersons(em, tenant.id, { version, limit: options.limit }),
    }));
    if (impact === null) throw notComputed(version);
    const { appliedBy, runId } = impact;
    terminal.say(`${impact.beforeVersion} → ${version}, as on ${impact.asOf}: ${impactText(impact)}`);
    terminal.table(
      ['person', 'month', 'insurance', 'kind', 'base charged', 'base', 'employee', 'employer'],
      persons.flatMap(({ personId, months }) =>
        months.map((each) =>
          each.kind === 'unknown'
            ? [personId, each.month, each.insurance, `unknown: ${each.missing.join(', ')}`, '', '', '', '']
            : [
                personId,
                each.month,
                each.insurance,
                each.kind,
                formatYuan(each.chargedBaseFen),
                formatYuan(each.baseFen),
                formatYuan(each.employeeFen),
                formatYuan(each.employerFen),
              ],
        ),
      ),
    );
    terminal.say(appliedBy === null ? 'Not applied yet.' : `Applied by ${appliedBy} in run ${runId ?? ''}.`);
    terminal.json({ impact, persons });
  });
}

async function applyCommand(version: string, options: DecideOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const applied = await applyImpact(hub, { ...options, version, tenant });
    terminal.say(`${applied.persons} persons are judged again in run ${applied.runId}, as soon as a hub works.`);
    terminal.json({ tenant: tenant.id, version, ...applied });
  });
}

interface ApplyParts extends DecideOptions {
  readonly version: string;
}

async function applyImpact(
  hub: OpenHub,
  {
    version,
    by,
    asOf,
    tenant,
  }: Omit<ApplyParts, 'tenant'> & { readonly tenant: Parameters<typeof policyVersionOf>[1] },
): Promise<{ readonly runId: string; readonly persons: number }> {
  await hub.app.get(PolicyEditions).refresh(tenant.id);
  return hub.app.get(PolicyImpacts).apply({
    tenantId: tenant.id,
    version,
    by,
    asOf: asOf ?? today(),
    policyVersion: policyVersionOf(hub, tenant),
  });
}

function impactText({
  persons,
  months,
  employeeFen,
  employerFen,
  unknown,
}: Omit<ImpactTotals, 'employeeFen' | 'employerFen'> & {
  readonly employeeFen: number;
  readonly employerFen: number;
}): string {
  const money = `${formatYuan(fen(employeeFen))} yuan for employees, ${formatYuan(fen(employerFen))} for employers`;
  const open = unknown === 0 ? '' : `; ${unknown} months lack a figure`;
  return persons === 0 ? 'no charged month changes' : `${persons} persons, ${months} charged months, ${money}${open}`;
}

function notComputed(version: string): HubError {
  return new HubError({
    code: 'no-impact',
    next: 'retry',
    message: `No impact of edition ${version.slice(0, 20)} was computed yet; approve it, and let a hub work ("buduan start", or the next run).`,
  });
}
