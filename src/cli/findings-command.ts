/** `buduan findings`: what somebody or something must act on, with its evidence, and what HR says of it. */
import { Option, type Command } from 'commander';
import { INSURANCES } from '../domain/insurance.js';
import type { Day, Month } from '../domain/month.js';
import { FINDING_SITUATIONS, type FindingSituation } from '../domain/situation.js';
import { countFindings, listFindings, type FindingFilter } from '../reconcile/findings.reader.js';
import { MarkFindings } from '../reconcile/mark-findings.js';
import { ShowFinding } from '../reconcile/show-finding.js';
import { findPerson } from './find-person.js';
import { tellFinding, tellFindings } from './finding-text.js';
import { dayOption, limitOption, monthOption, uuidArgument } from './option-parsers.js';
import { hubCommand, withHub, type CommandContext, type HubOptions } from './with-hub.js';
import { todayOf } from './hub-today.js';

interface FindingsOptions extends HubOptions {
  readonly situation?: FindingSituation;
  readonly person?: string;
  readonly limit: number;
}

interface ListOptions extends FindingsOptions {
  readonly state: 'open' | 'closed' | 'all';
  readonly insurance?: string;
  readonly connection?: string;
  readonly from?: Month;
  readonly to?: Month;
  readonly run?: string;
  readonly aside?: 'only' | 'without';
  readonly after?: string;
}

interface MarkOptions extends HubOptions {
  readonly by: string;
  readonly reason: string;
  readonly until: Day;
}

export function registerFindingsCommand(program: Command): void {
  const findings = filtered(
    hubCommand(program, 'findings', 'open findings by situation; with --situation or --person, each of them'),
  )
    .action(findingsCommand)
    // Options behind the name of a subcommand are the subcommand's.
    .enablePositionalOptions();
  filtered(hubCommand(findings, 'list', 'each finding, in the order of opening'))
    .addOption(new Option('--state <state>', 'which').choices(['open', 'closed', 'all']).default('open'))
    .addOption(
      new Option('--insurance <insurance>', 'also those of an employment as a whole').choices([...INSURANCES, '*']),
    )
    .option('--connection <id>', 'that rest on a record of this connection')
    .option('--from <month>', 'with a month from this one on, YYYY-MM', monthOption)
    .option('--to <month>', 'with a month up to this one, YYYY-MM', monthOption)
    .option('--run <run>', 'that this run opened or closed', uuidArgument)
    .addOption(
      new Option('--aside <which>', 'those set aside: only them, or without them').choices(['only', 'without']),
    )
    .option('--after <finding>', 'behind this one, to turn the page', uuidArgument)
    .action(listCommand);
  hubCommand(findings, 'show', 'what every source says of it, when that was read, figures, what closed it')
    .argument('<finding>', 'which one', uuidArgument)
    .action(showCommand);
  marking(findings, 'set-aside', 'leave it for a while with a reason; it stays open and closes by data alone')
    .requiredOption('--until <day>', 'the last day on which that counts, a year ahead at most', dayOption)
    .action(setAsideCommand);
  marking(findings, 'take-back', 'what was set aside asks to be acted on again').action(takeBackCommand);
}

function filtered(command: Command): Command {
  return command
    .addOption(new Option('--situation <situation>', 'only findings of this kind').choices(FINDING_SITUATIONS))
    .option('--person <person>', 'only this person: an id, connection:key, or an identity number')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 100);
}

function marking(parent: Command, name: string, description: string): Command {
  return hubCommand(parent, name, description)
    .argument('<finding>', 'which one', uuidArgument)
    .requiredOption('--by <name>', 'who says so; goes into the audit trail')
    .requiredOption('--reason <text>', 'why');
}

async function findingsCommand(options: FindingsOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const person = options.person === undefined ? null : await findPerson(hub, tenant.id, options.person);
    const lists = options.situation !== undefined || person !== null;
    const filter = filterOf({ hub, tenant }, options, person?.personId ?? null);
    const { counts, findings } = await hub.database.inTenant(tenant.id, async (em) => ({
      counts: await countFindings(em, tenant.id),
      findings: lists ? await listFindings(em, filter) : [],
    }));
    if (!lists)
      terminal.table(
        ['situation', 'findings', 'persons'],
        counts.map((each) => [each.situation, each.findings, each.persons]),
      );
    else tellFindings(terminal, findings);
    terminal.json({ counts, findings });
  });
}

async function listCommand(options: ListOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const person = options.person === undefined ? null : await findPerson(hub, tenant.id, options.person);
    const { state, insurance, connection, from, to, run, aside, after } = options;
    const filter: FindingFilter = {
      ...filterOf({ hub, tenant }, options, person?.personId ?? null),
      state,
      ...(insurance === undefined ? {} : { insurance }),
      ...(connection === undefined ? {} : { connectionId: connection }),
      ...(from === undefined ? {} : { fromMonth: from }),
      ...(to === undefined ? {} : { lastMonth: to }),
      ...(run === undefined ? {} : { runId: run }),
      ...(aside === undefined ? {} : { isSetAside: aside === 'only' }),
      ...(after === undefined ? {} : { after }),
    };
    const findings = await hub.database.inTenant(tenant.id, (em) => listFindings(em, filter));
    tellFindings(terminal, findings);
    const last = findings.length === options.limit ? findings.at(-1)?.findingId : undefined;
    if (last !== undefined) terminal.say(`Perhaps more: --after ${last}`);
    terminal.json({ findings });
  });
}

async function showCommand(findingId: string, options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const shown = await hub.app.get(ShowFinding).show({ tenantId: tenant.id, findingId, today: todayOf(hub) });
    tellFinding(terminal, shown);
    terminal.json({ finding: shown });
  });
}

async function setAsideCommand(findingId: string, options: MarkOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { by: actor, reason, until } = options;
    const request = { tenantId: tenant.id, findingId, actor, reason, until, today: todayOf(hub) };
    await hub.app.get(MarkFindings).setAside(request);
    terminal.say(`Finding ${findingId} is set aside until ${until}. It stays open until data shows that it is gone.`);
    terminal.json({ findingId, setAside: true, until });
  });
}

async function takeBackCommand(findingId: string, options: Omit<MarkOptions, 'until'>): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { by: actor, reason } = options;
    await hub.app.get(MarkFindings).takeBack({ tenantId: tenant.id, findingId, actor, reason, today: todayOf(hub) });
    terminal.say(`Finding ${findingId} asks to be acted on again.`);
    terminal.json({ findingId, setAside: false, until: null });
  });
}

function filterOf(
  { hub, tenant }: Pick<CommandContext, 'hub' | 'tenant'>,
  { situation, limit }: FindingsOptions,
  personId: string | null,
): FindingFilter {
  return {
    ...{ tenantId: tenant.id, limit, today: todayOf(hub) },
    ...(situation === undefined ? {} : { situations: [situation] }),
    ...(personId === null ? {} : { personId }),
  };
}
