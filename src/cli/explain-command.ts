/** `buduan explain`: why this figure, why this status, whose word counted. */
import { Option, type Command } from 'commander';
import type { Month } from '../domain/month.js';
import { ExplainPerson } from '../reconcile/explain-person.js';
import { findPerson } from './find-person.js';
import { monthOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface ExplainOptions extends HubOptions {
  readonly person: string;
  readonly month?: Month;
  readonly lang: 'zh' | 'en';
}

export function registerExplainCommand(program: Command): void {
  hubCommand(program, 'explain', 'inputs, rule, figures, sources and whose word counted, for one person')
    .requiredOption('--person <person>', 'a person id, connection:key, or an identity number')
    .option('--month <month>', 'only this month, YYYY-MM', monthOption)
    .addOption(new Option('--lang <language>', 'language of the text').choices(['zh', 'en']).default('zh'))
    .action(explainCommand);
}

async function explainCommand(options: ExplainOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const person = await findPerson(hub, tenant.id, options.person);
    const explanation = await hub.app
      .get(ExplainPerson)
      .explain({ tenantId: tenant.id, personId: person.personId, month: options.month ?? null, asOf: null });
    terminal.say(person.idMasked);
    for (const line of explanation.text[options.lang]) terminal.say(line);
    terminal.json({ idMasked: person.idMasked, ...explanation });
  });
}
