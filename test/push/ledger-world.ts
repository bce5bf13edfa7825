/** A small world for the ledger: one tenant, targets that answer as told, corrections written as reconcile would. */
import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type {
  Connection,
  QueryOutcome,
  WriteClass,
  WriteItem,
  WriteKind,
  WriteOutcome,
  WriteRequest,
} from '../../src/connectors/port.js';
import { canMove } from '../../src/domain/state-machine.js';
import { type Clock, systemClock } from '../../src/platform/clock/clock.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { silentLog } from '../../src/platform/log/log.js';
import type { BrakeRules } from '../../src/push/brakes.js';
import { DecideOperations } from '../../src/push/decide-operations.js';
import { DecidePlan } from '../../src/push/decide-plan.js';
import { OPERATION_MACHINE, type OperationState } from '../../src/push/operation-states.js';
import { PlanOperations } from '../../src/push/plan-operations.js';
import type { PushSettings } from '../../src/push/push-settings.js';
import { PushFreeze } from '../../src/push/push-freeze.js';
import { SendOperations } from '../../src/push/send-operations.js';
import { openTestDatabase, type TestDatabase } from '../support/test-database.js';

export const TENANT = 'company-a';
export const CONNECTION = 'payroll';

export interface TargetOptions {
  readonly kind?: WriteKind;
  readonly writeClass?: WriteClass;
  readonly batch?: number;
}

/** A target in memory: every request is recorded; `answer` decides what the sender hears. */
export class FakeTarget {
  readonly requests: WriteItem[][] = [];
  /** What the target did, by idempotency key: more than one entry for a key is a double effect. */
  readonly effects: string[] = [];
  answer: (item: WriteItem) => WriteOutcome = (item) => this.accept(item);
  found: QueryOutcome = 'cannot-tell';
  beforeAnswer: () => Promise<void> = () => Promise.resolve();
  /** Called with every question after the outcome of an operation. */
  asked: () => void = () => undefined;

  constructor(private readonly options: TargetOptions) {}

  accept(item: WriteItem): WriteOutcome {
    this.effects.push(item.idempotencyKey);
    return { operationId: item.operationId, outcome: 'accepted', remoteRef: null };
  }

  connection(): Connection {
    const { kind = 'status', writeClass = { type: 'overwrite' }, batch = 100 } = this.options;
    return {
      tenantId: TENANT,
      connectionId: CONNECTION,
      declaration: {
        id: 'fake',
        version: '1.0.0',
        role: 'payroll',
        reads: [],
        writes: [{ kind, class: writeClass, batch }],
      },
      check: () => Promise.resolve({ ok: true, detail: '' }),
      read: () => {
        throw new Error('not read in these tests');
      },
      write: async (request: WriteRequest) => {
        this.requests.push([...request.items]);
        await this.beforeAnswer();
        return request.items.map((item) => this.answer(item));
      },
      query: () => {
        this.asked();
        return Promise.resolve(this.found);
      },
      close: () => Promise.resolve(),
    };
  }
}

export interface LedgerWorld {
  readonly test: TestDatabase;
  readonly target: FakeTarget;
  readonly plan: PlanOperations;
  readonly send: SendOperations;
  readonly freeze: PushFreeze;
  readonly decide: DecideOperations;
  readonly decidePlan: DecidePlan;
  readonly runId: string;
  person(): Promise<string>;
  correct(wish: Wish): Promise<void>;
  vanish(personId: string): Promise<void>;
  planAll(): ReturnType<PlanOperations['onCorrectionPlanned']>;
  /** As after a webhook: these persons alone. */
  planOf(...personIds: readonly string[]): ReturnType<PlanOperations['onCorrectionPlanned']>;
  sendAll(): Promise<void>;
  states(): Promise<readonly string[]>;
  /** Makes every waiting operation due now. */
  wait(): Promise<void>;
  sql(text: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface Wish {
  readonly personId: string;
  readonly desired: Readonly<Record<string, string | number>>;
  readonly seen?: Readonly<Record<string, string | null>>;
  readonly kind?: WriteKind;
  readonly movesMoney?: 'yes' | 'no';
}

export interface WorldOptions extends TargetOptions {
  readonly automaticKinds?: readonly string[];
  readonly brakes?: Partial<BrakeRules>;
  readonly clock?: Clock;
}

/** Brakes that no test pulls by chance. */
const QUIET_BRAKES: BrakeRules = {
  worseStatus: { persons: 20, percent: 2 },
  bases: { persons: 1000, percent: 100 },
  moneyTimesMedian: 1000,
  firstRun: 'send',
};

export async function openLedgerWorld(options: WorldOptions = {}): Promise<LedgerWorld> {
  const test = await openTestDatabase();
  const { database } = test;
  const jobs = new Jobs({ database, url: test.url, log: silentLog() });
  const target = new FakeTarget(options);
  const connection = target.connection();
  const registry = { open: () => connection };
  const settings: PushSettings = {
    log: silentLog(),
    clock: options.clock ?? systemClock,
    tenantRules: () => ({
      automaticKinds: options.automaticKinds ?? [],
      brakes: { ...QUIET_BRAKES, ...options.brakes },
    }),
  };
  const runId = uuidv7();
  const sql: LedgerWorld['sql'] = (text, parameters = []) =>
    database.inTenant(TENANT, (em) => em.query(text, [...parameters]));
  await database.acrossTenants((em) =>
    em.query('INSERT INTO buduan.tenant (tenant_id, name) VALUES ($1, $1)', [TENANT]),
  );
  await sql(
    `INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role) VALUES ($1, $2, 'fake', '1', 'payroll')`,
    [TENANT, CONNECTION],
  );
  await sql(
    `INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version, started_by)
     VALUES ($1, $2, 'full', 'manual', 'succeeded', '2023-03-20', false, 'p', 'Lin')`,
    [TENANT, runId],
  );
  const freeze = new PushFreeze(database, jobs, settings);
  const send = new SendOperations(database, jobs, registry as never, settings, freeze);
  const plan = new PlanOperations(database, jobs, settings);
  return {
    test,
    target,
    plan,
    send,
    freeze,
    runId,
    sql,
    decide: new DecideOperations(database, jobs),
    decidePlan: new DecidePlan(database, jobs, settings),
    person: async () => {
      const personId = uuidv7();
      await sql(
        `INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked) VALUES ($1, $2::uuid, 'resident-id', ''::bytea, decode(replace($2::text, '-', ''), 'hex'), '****')`,
        [TENANT, personId],
      );
      return personId;
    },
    correct: (wish) => writeCorrection(sql, runId, wish),
    vanish: async (personId) => {
      await sql('DELETE FROM buduan.correction WHERE tenant_id = $1 AND person_id = $2', [TENANT, personId]);
    },
    planAll: () => plan.onCorrectionPlanned({ fact: 'CorrectionPlanned', tenantId: TENANT, runId, personIds: null }),
    planOf: (...personIds) =>
      plan.onCorrectionPlanned({ fact: 'CorrectionPlanned', tenantId: TENANT, runId, personIds }),
    sendAll: () => send.onOperationsDue({ fact: 'OperationsDue', tenantId: TENANT, connectionId: CONNECTION }),
    states: async () =>
      (await sql('SELECT state FROM buduan.operation ORDER BY created_at, operation_id')).map((row) =>
        String(row['state']),
      ),
    wait: async () => {
      await sql(
        `UPDATE buduan.operation SET next_attempt_at = now() - interval '1 second' WHERE next_attempt_at IS NOT NULL`,
      );
    },
    close: () => test.close(),
  };
}

async function writeCorrection(sql: LedgerWorld['sql'], runId: string, wish: Wish): Promise<void> {
  const kind = wish.kind ?? 'status';
  const hash = createHash('sha256')
    .update(JSON.stringify([kind, wish.personId, wish.desired]))
    .digest();
  await sql(
    `INSERT INTO buduan.correction (tenant_id, connection_id, kind, owner_key, object_key, person_id, desired, seen, payload_hash, moves_money, reason, run_id)
     VALUES ($1, $2, $3, $4::text, '', $4::uuid, $5, $6, $7, $8, '{}', $9)
     ON CONFLICT (tenant_id, connection_id, kind, owner_key, object_key) DO UPDATE SET desired = excluded.desired, payload_hash = excluded.payload_hash`,
    [
      TENANT,
      CONNECTION,
      kind,
      wish.personId,
      JSON.stringify(wish.desired),
      JSON.stringify(wish.seen ?? { status: 'gap' }),
      hash,
      wish.movesMoney === 'yes',
      runId,
    ],
  );
}

/** Closes the world; the moves that its ledger recorded and the table of the state machine does not allow. */
export async function closeAndListIllegalMoves(world: LedgerWorld): Promise<readonly unknown[]> {
  const moves = await world.sql('SELECT DISTINCT from_state, to_state FROM buduan.operation_event');
  await world.close();
  return moves.filter(
    (move) => !canMove(OPERATION_MACHINE, move['from_state'] as OperationState, move['to_state'] as OperationState),
  );
}
