/** `buduan findings`: what somebody or something must act on. */
import { Option, type Command } from 'commander';
import { FINDING_SITUATIONS, type FindingSituation } from '../domain/situation.js';
import { countFindings, listFindings, type FindingFilter } from '../reconcile/findings.reader.js';
import { findPerson } from './find-person.js';
import { limitOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface FindingsOptions extends HubOptions {
  readonly situation?: FindingSituation;
  readonly person?: string;
  readonly limit: number;
}

export function registerFindingsCommand(program: Command): void {
  hubCommand(program, 'findings', 'open findings by situation; with --situation or --person, each of them')
    .addOption(new Option('--situation <situation>', 'only findings of this kind').choices(FINDING_SITUATIONS))
    .option('--person <person>', 'only this person: an id, connection:key, or an identity number')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 100)
    .action(findingsCommand);
}

async function findingsCommand(options: FindingsOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const person = options.person === undefined ? null : await findPerson(hub, tenant.id, options.person);
    const lists = options.situation !== undefined || person !== null;
    const filter: FindingFilter = {
      tenantId: tenant.id,
      limit: options.limit,
      ...(options.situation === undefined ? {} : { situations: [options.situation] }),
      ...(person === null ? {} : { personId: person.personId }),
    };
    const { counts, findings } = await hub.database.inTenant(tenant.id, async (em) => ({
      counts: await countFindings(em, tenant.id),
      findings: lists ? await listFindings(em, filter) : [],
    }));
    if (!lists)
      terminal.table(
        ['situation', 'findings', 'persons'],
        counts.map((each) => [each.situation, each.findings, each.persons]),
      );
    else
      terminal.table(
        ['situation', 'person', 'insurance', 'months', 'since'],
        findings.map((each) => [
          each.situation,
          each.idMasked,
          each.insurance,
          each.months.join(' '),
          each.openedAt.toISOString().slice(0, 10),
        ]),
      );
    terminal.json({ counts, findings });
  });
}
