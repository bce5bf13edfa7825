/** `buduan operations`: what the ledger holds, and a person's decisions about it. */
import { Option, type Command } from 'commander';
import { HubError } from '../domain/hub-error.js';
import { DecideOperations, type Decision } from '../push/decide-operations.js';
import { OPERATION_STATES, type OperationState } from '../push/operation-states.js';
import { countOperations, listOperations, readOperationHistory } from '../push/operations.reader.js';
import { limitOption } from './option-parsers.js';
import { hubCommand, withHub, type HubOptions } from './with-hub.js';

interface ListOptions extends HubOptions {
  readonly state?: OperationState;
  readonly connection?: string;
  readonly limit: number;
}

interface DecideOptions extends HubOptions {
  readonly by: string;
  readonly all?: boolean;
}

export function registerOperationsCommand(program: Command): void {
  const operations = program.command('operations').description('the ledger of what was and will be sent');
  hubCommand(operations, 'list', 'operations by connection, kind and state; with --state, each of them')
    .addOption(new Option('--state <state>', 'only operations in this state').choices(OPERATION_STATES))
    .option('--connection <id>', 'only operations to this connection')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 100)
    .action(listCommand);
  hubCommand(operations, 'history <operation>', 'every move of one operation').action(historyCommand);
  for (const [decision, description] of DECISIONS) {
    hubCommand(operations, `${decision} [operations...]`, description)
      .requiredOption('--by <name>', 'who decides; goes into the audit trail')
      .option('--all', 'every operation it can apply to')
      .action((ids: string[], options: DecideOptions) => decideCommand(decision, ids, options));
  }
}

const DECISIONS: readonly (readonly [Decision, string])[] = [
  ['approve', 'let held operations that move money leave; binds the approval to exactly what will be sent'],
  ['replay', 'send dead, rejected and undecided operations again'],
  ['cancel', 'give operations up'],
];

async function listCommand(options: ListOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const { counts, operations } = await hub.database.inTenant(tenant.id, async (em) => ({
      counts: await countOperations(em, tenant.id, null),
      operations: options.state === undefined ? [] : await listOperations(em, listFilter(tenant.id, options)),
    }));
    terminal.table(
      ['connection', 'kind', 'state', 'count'],
      counts.map((each) => [each.connectionId, each.kind, each.state, each.count]),
    );
    if (options.state !== undefined) {
      const rows = operations.map((each) => [
        each.operationId,
        each.connectionId,
        each.kind,
        each.ownerKey,
        each.objectKey,
        each.attempt,
        each.outcomeCode ?? '',
        each.outcomeMessage ?? '',
      ]);
      terminal.table(['operation', 'connection', 'kind', 'owner', 'object', 'tries', 'code', 'message'], rows);
    }
    terminal.json({ counts, operations });
  });
}

function listFilter(tenantId: string, options: ListOptions): Parameters<typeof listOperations>[1] {
  const states = options.state === undefined ? {} : { states: [options.state] };
  const connection = options.connection === undefined ? {} : { connectionId: options.connection };
  return { tenantId, ...states, ...connection, limit: options.limit };
}

async function historyCommand(operationId: string, options: HubOptions): Promise<void> {
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const events = await hub.database.inTenant(tenant.id, (em) => readOperationHistory(em, tenant.id, operationId));
    terminal.table(
      ['at', 'from', 'to', 'fence', 'reason'],
      events.map((each) => [each.at.toISOString(), each.fromState, each.toState, each.fence, each.reason ?? '']),
    );
    terminal.json({ operationId, events });
  });
}

async function decideCommand(decision: Decision, ids: readonly string[], options: DecideOptions): Promise<void> {
  if ((ids.length === 0) === (options.all !== true)) {
    throw new HubError({
      code: 'which-operations',
      next: 'fix-config',
      message: 'Name the operations, or say --all; not both and not neither.',
    });
  }
  await withHub(options, async ({ hub, terminal, tenant }) => {
    const request = {
      tenantId: tenant.id,
      decision,
      actor: options.by,
      operationIds: options.all === true ? null : ids,
    };
    const moved = await hub.app.get(DecideOperations).decide(request);
    terminal.say(`${moved} operations: ${decision}. The next run, or a running hub, sends what may leave.`);
    terminal.json({ decision, moved });
  });
}
