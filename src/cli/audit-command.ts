/** `buduan audit`: what was done by whom, whether that trail is whole, and its head to be kept elsewhere. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { HubError } from '../domain/hub-error.js';
import { listAuditEvents, readAuditHead } from '../platform/audit/audit-events.reader.js';
import { readHead, writeHead } from '../platform/audit/kept-head.js';
import { type ChainReport, verifyAuditChain } from '../platform/audit/verify-audit-chain.js';
import { systemClock } from '../platform/clock/clock.js';
import { systemCode } from '../platform/config/config-error.js';
import { EXIT } from './exit-codes.js';
import { limitOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface ListOptions extends HubOptions {
  readonly action?: string;
  readonly actor?: string;
  readonly object?: string;
  readonly before?: number;
  readonly limit: number;
}

export function registerAuditCommand(program: Command): void {
  const audit = program.command('audit').description('what was done by whom, and whether that trail is whole');
  hubCommand(audit, 'head', 'where the trail ends now; keep it outside the database').action(headCommand);
  hubCommand(
    audit,
    'verify',
    'whether nothing was edited, put in, left out, swapped or cut off; exit code 5 when it was',
  )
    .option('--head <file>', 'a head that was kept, as "audit head" printed it')
    .action(verifyCommand);
  hubCommand(audit, 'list', 'events, newest first')
    .option('--action <prefix>', 'only actions that begin so, for example case. or operation.approve')
    .option('--actor <name>', 'only what this one did')
    .option('--object <object>', 'only about this, for example operation/0197…')
    .option('--before <number>', 'only events before this one: the next page', numberOption)
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 50)
    .action(listCommand);
}

/** One line of JSON with and without --json: it is made to be redirected into a file. */
async function headCommand(options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const head = await hub.database.inTenant(tenant.id, (em) => readAuditHead(em, tenant.id));
    const kept = writeHead(head, { tenant: tenant.id, at: systemClock.now() });
    terminal.say(JSON.stringify(kept));
    terminal.json(kept);
  });
}

async function verifyCommand(options: HubOptions & { readonly head?: string }): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const kept = options.head === undefined ? undefined : readHead(readText(options.head), tenant.id);
    const report = await hub.database.inTenant(tenant.id, (em) => verifyAuditChain(em, tenant.id, kept));
    terminal.say(reportText(report));
    if (report.intact && kept === undefined)
      terminal.note('Without --head nobody can say whether its end was cut off or all of it written anew.');
    terminal.json(
      report.intact
        ? { ...report, head: report.head?.hash.toString('hex') ?? null, againstHead: kept !== undefined }
        : report,
    );
    if (!report.intact) process.exitCode = EXIT.needsPerson;
  });
}

function reportText(report: ChainReport): string {
  return report.intact
    ? `The trail is whole: ${report.events} events.`
    : `The trail is broken at event ${report.eventNo}: ${report.reason}.`;
}

async function listCommand({ action, actor, object, before, limit, ...options }: ListOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const filter = { tenantId: tenant.id, action, actor, object, before, limit };
    const events = await hub.database.inTenant(tenant.id, (em) => listAuditEvents(em, filter));
    terminal.table(
      ['number', 'at', 'who', 'did', 'to', 'detail'],
      events.map((each) => [
        ...[each.eventNo, each.at.toISOString(), each.actor, each.action, each.object],
        JSON.stringify(each.detail),
      ]),
    );
    terminal.json({ events });
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new HubError({
      code: 'bad-head',
      next: 'fix-config',
      message: `The kept head ${file} cannot be read (${systemCode(error)}).`,
    });
  }
}

function numberOption(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected the number of an event');
  return value;
}
