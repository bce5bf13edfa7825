/** `buduan case link` and `buduan person link`: the address of an employee's page, and ending one. */
import { InvalidArgumentError, type Command } from 'commander';
import { EmployeeLinks, type MadeLink } from '../employee/employee-links.js';
import { findPerson } from './find-person.js';
import { loginName } from './login-name.js';
import { uuidArgument } from './option-parsers.js';
import { hubCommand, withHub, type CommandContext, type HubOptions } from './with-hub.js';

interface LinkOptions extends HubOptions {
  readonly days: number;
  readonly by: string;
}

const DEFAULT_DAYS = 7;

export function registerLinkCommands(program: Command): void {
  const ofCase = groupOf(program, 'case', 'back-payment cases');
  hubCommand(ofCase, 'link', 'asks the employee: makes the address of his page and ends former ones; shown once')
    .argument('<case>', 'which one', uuidArgument)
    .option('--days <days>', 'how long it opens, 1–30', daysOption, DEFAULT_DAYS)
    .option('--by <name>', 'who asks; goes into the audit trail', loginName())
    .action((caseId: string, options: LinkOptions) =>
      withHub(options, async (context) => {
        const { by, days } = options;
        tell(
          context,
          await context.hub.app.get(EmployeeLinks).forCase({ tenantId: context.tenant.id, caseId, by, days }),
        );
      }),
    );
  hubCommand(ofCase, 'end-link', 'ends the address of an employee’s page at once')
    .argument('<link>', 'the id that was shown when it was made', uuidArgument)
    .option('--by <name>', 'who ends it; goes into the audit trail', loginName())
    .action((linkId: string, options: LinkOptions) =>
      withHub(options, async ({ hub, terminal, tenant }) => {
        await hub.app.get(EmployeeLinks).revoke({ tenantId: tenant.id, linkId, by: options.by });
        terminal.say(`Link ${linkId} opens nothing any more.`);
        terminal.json({ linkId, revoked: true });
      }),
    );
  hubCommand(
    groupOf(program, 'person', 'one person'),
    'link',
    'a page where an employee sees his record and asks for a back-payment',
  )
    .requiredOption('--person <person>', 'a person id, connection:key, or an identity number')
    .option('--days <days>', 'how long it opens, 1–30', daysOption, DEFAULT_DAYS)
    .option('--by <name>', 'who makes it; goes into the audit trail', loginName())
    .action((options: LinkOptions & { readonly person: string }) =>
      withHub(options, async (context) => {
        const { by, days } = options;
        const tenantId = context.tenant.id;
        const { personId } = await findPerson(context.hub, tenantId, options.person);
        tell(context, await context.hub.app.get(EmployeeLinks).forPerson({ tenantId, personId, by, days }));
      }),
    );
}

function tell({ terminal }: CommandContext, made: MadeLink): void {
  terminal.say(made.link);
  terminal.note(
    `Link ${made.linkId}, opens until ${made.expiresAt.toISOString()} for who knows the last four of the identity number.`,
  );
  terminal.json(made);
}

/** The group of that name, made where nobody has made it yet. */
function groupOf(program: Command, name: string, description: string): Command {
  return program.commands.find((each) => each.name() === name) ?? program.command(name).description(description);
}

function daysOption(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 30) throw new InvalidArgumentError('expected 1 to 30 days');
  return days;
}
