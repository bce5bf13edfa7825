/** `buduan risk`: who is likely to have a gap next, and why. For people to look at; nothing is judged or sent by it. */
import type { Command } from 'commander';
import type { Day } from '../domain/month.js';
import { dayInZone, systemClock } from '../platform/clock/clock.js';
import { LIKELY_FROM } from '../reconcile/gap-risk.js';
import { listGapRisks } from '../reconcile/list-gap-risks.js';
import { readPersons } from '../sync/persons.reader.js';
import { dayOption, limitOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface RiskOptions extends HubOptions {
  readonly asOf?: Day;
  readonly limit: number;
}

export function registerRiskCommand(program: Command): void {
  hubCommand(program, 'risk', 'who is likely to have a gap next, with the reasons; nothing is judged or sent by it')
    .option('--as-of <day>', 'as seen on this day, YYYY-MM-DD (default: today in China)', dayOption)
    .option('--limit <count>', 'at most this many persons, 1–1000', limitOption, 50)
    .action(riskCommand);
}

async function riskCommand(options: RiskOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const asOf = options.asOf ?? dayInZone(systemClock.now());
    const risks = await listGapRisks(hub.database, { tenantId: tenant.id, asOf, limit: options.limit });
    const ids = risks.highest.map(({ personId }) => personId);
    const people = await hub.database.inTenant(tenant.id, (em) => readPersons(em, tenant.id, ids));
    terminal.table(
      ['score', 'person', 'why'],
      risks.highest.map(({ score, personId, reasons }) => [
        score,
        people.get(personId)?.idMasked ?? personId,
        reasons.map(({ code, points, seen }) => `${code} +${points} (${seen.join(' ')})`).join(', '),
      ]),
    );
    terminal.say(
      `${risks.likely} of ${risks.persons} persons are likely to have a gap (score ${LIKELY_FROM} and more).`,
    );
    terminal.json({ asOf, ...risks });
  });
}
